"""The live part of docs/performance.md, and the same on the screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from bench.live.bars import judged, kept_up
from bench.live.results import Publishing, Rate, Results, Wait, share
from bench.page import machine

Row = tuple[str, ...]

SURVIVES = {
    ("SQLite", "process"): "a killed process (synchronous NORMAL)",
    ("SQLite", "power"): "power loss (synchronous FULL, group commit)",
    ("PostgreSQL", "process"): "a killed process (synchronous_commit off)",
    ("PostgreSQL", "power"): "power loss (synchronous_commit on, fsync)",
}
RATES = (
    "side", "store", "acknowledged events survive", "sent", "acknowledged a second",
    "scored a second", "server's processor microseconds an event", "loader's",
)  # fmt: skip
WAITS = (
    "store", "acknowledged events survive", "sent", "events a second", "really sent",
    "answered: p50, p99, max ms", "readable after the 200: p50, p99, max ms",
    "server's processor microseconds an event",
)  # fmt: skip
GROWTH = ("leads", "events", "scored a second", "server's processor microseconds an event")
PUBLISHING = (
    "leads", "events", "publishing, seconds", "file benchmark", "writing alone",
    "making the mirror before", "peak GB",
)  # fmt: skip
BARS = ("bar", "measured", "allowed", "")


def _rate(rate: Rate) -> Row:
    return (
        rate.side, rate.store, SURVIVES[rate.store, rate.durability], rate.shape,
        f"{rate.acknowledged_rate:,.0f}", f"{rate.scored_rate:,.0f}", f"{rate.cost * 1e6:.0f}",
        f"{rate.loader / rate.events * 1e6:.1f}",
    )  # fmt: skip


def _wait(wait: Wait) -> Row:
    sent = f"{wait.sent:,.0f}" + ("" if kept_up(wait) else f" ({wait.unread} scores never came)")
    return (
        wait.store, SURVIVES[wait.store, wait.durability], wait.shape, f"{wait.wanted:,.0f}", sent,
        _spread(wait.answers), _spread(wait.readable), f"{wait.processor / wait.events * 1e6:.0f}",
    )  # fmt: skip


def _spread(seconds: Sequence[float]) -> str:
    return ", ".join(f"{share(seconds, part) * 1000:.1f}" for part in (0.5, 0.99, 1.0))


def _publishing(each: Publishing) -> Row:
    return (
        f"{each.leads:,}", f"{each.events:,}", f"{each.whole:.1f}", f"{each.file:.1f}",
        f"{each.writing:.1f}", f"{each.mirror:.1f}", f"{each.peak / 1e9:.2f}",
    )  # fmt: skip


def tables(results: Results) -> list[tuple[str, Row, list[Row]]]:
    """Title, headings and rows of each table that has any."""
    growth: list[Row] = [
        (f"{g.leads:,}", f"{g.events:,}", f"{g.rate.scored_rate:,.0f}", f"{g.rate.cost * 1e6:.0f}")
        for g in results.growth
    ]
    found: list[tuple[str, Row, list[Row]]] = [
        ("Events a second", RATES, [_rate(rate) for rate in results.rates]),
        ("From an event to its score", WAITS, [_wait(wait) for wait in results.waits]),
        ("The cost of an event by the size of the store", GROWTH, growth),
        ("Publishing a card", PUBLISHING, [_publishing(each) for each in results.publishing]),
    ]
    return [table for table in found if table[2]]


def bars(results: Results) -> list[Row]:
    return [
        (each.text, each.measured, each.allowed, "met" if each.met else "**missed**")
        for each in judged(results)
    ]


def show(console: Console, results: Results, *, judge: bool) -> None:
    """The tables on the screen; the bars mean nothing at small sizes."""
    found = tables(results)
    if judge:
        found.append(("The bars", BARS, bars(results)))
    for title, headings, rows in found:
        table = Table(*headings, title=title)
        for row in rows:
            table.add_row(*(cell.strip("*") for cell in row))
        console.print(table)


def page(results: Results) -> str:
    """The text of the live part."""
    today = datetime.now(UTC).date().isoformat()
    used = ", ".join(f"{name} {version(name)}" for name in ("uvicorn", "sqlalchemy", "psycopg"))
    about = "\n".join(f"- {name}: {text}" for name, text in machine() if name != "libraries")
    parts = [INTRODUCTION.format(today=today), f"{about}\n- libraries: {used}"]
    parts.append("### The bars\n\n" + _markdown(BARS, bars(results)))
    for title, headings, rows in tables(results):
        parts.append(f"### {title}\n\n{_markdown(headings, rows)}\n\n{NOTES[title]}")
    return "\n\n".join(parts)


def _markdown(headings: Row, rows: list[Row]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


INTRODUCTION = """## The live system

Written by `make bench-live` on {today}: the service as `leadwise serve` runs it, on loopback, with
the card of 25 criteria that the files above are scored by. The loader is a process of its own and
shares the two cores, so the server's processor time stands beside the clock's. What is sent is made
ahead (`bench/live/stream.py`): 45 percent page views with a browser's context, 28 percent opens and
clicks of mails, which the bot gate judges beside the lead's other mail events, the rest product and
sales events; message ids are UUIDs; nothing is sent twice."""

NOTES = {
    "Events a second": """A run ends when no touched lead waits for its score: `acknowledged` counts
to the last 200, `scored` to that end. Every store holds 10,000 leads with 20 events each before.
Leads that several batches touch before the scorer comes to them are scored once for all of these.
The peer (`bench/live/naive.py`) runs on the same server software with the same requests, stores
every event once with an index by lead, as durable as Leadwise does, and does
`update lead set points = points + n`: no windows, limits, fading, facts, identities, ledger or bot
gate, and a changed rule never reaches the points that were given.""",
    "From an event to its score": """Every event is of another lead than the 10,000 before it: a
request of its own, as a server sends that waits for nothing, or one of ten in a request, as clients
send that gather events for a moment. A reader on a connection of its own asks for the scores of all
leads whose event was answered, every 3 ms; a wait is from the answer's arrival at the loader to the
reading that had a score worked out since. `answered` counts from when a request was due.""",
    "The cost of an event by the size of the store": """SQLite, a killed process survived, batches
of 100 over 20 leads drawn evenly from all; every lead has 5 events before. In a larger store the
pages that an event needs are seldom in memory already.""",
    "Publishing a card": """SQLite. Publishing scores everybody over the columnar mirror while the
old card serves, then changes over in one transaction; the mirror was up to date before. The file
benchmark is the row "Leadwise, the card as it stands" above, run before and after; the writing is
that of the same scores into the same store without asking for them.""",
}
