"""The learning part of docs/performance.md, and the same on the screen."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from importlib.util import find_spec
from math import isfinite

from rich.console import Console
from rich.table import Table

from bench.learn.bars import judged, told
from bench.learn.funnels import LEADS as FUNNEL_LEADS
from bench.learn.held import Held
from bench.learn.results import Results
from bench.page import machine
from leadwise.learn.judge.interval import Interval

Row = tuple[str, ...]

BARS = ("bar", "measured", "allowed", "")
SIDES = (
    "who", "AUC (95 percent)", "average precision", "ECE", "AUC of the learned card less this one",
    "seconds to learn",
)  # fmt: skip
COVER = ("criterion", "line", "intervals", "hold the truth")
STAGES = ("stage", "seconds", "processor seconds", "GB held at most by its end")
LIBRARIES = ("scikit-learn", "lightgbm", "interpret-core", "scipy", "numpy", "duckdb")


def tables(results: Results) -> list[tuple[str, Row, list[Row], str]]:
    """Title, headings, rows and what is to be said, of each table that has rows."""
    found = [_held("Bank Marketing", held, BANK) for held in results.bank]
    found += [_held("BPIC 2017 offers", held, OFFERS) for held in results.offers]
    found += [_held("Simulated", held, CORRELATED) for held in results.correlated]
    for cover in results.funnels:
        rows = [
            (line.criterion, line.tier, str(line.told), f"{line.share:.1%}")
            for line in cover.lines
        ]  # fmt: skip
        rows.append(("all", "", str(sum(line.told for line in cover.lines)), f"{cover.share:.1%}"))
        said = FUNNELS.format(
            simulations=cover.simulations, rows=f"{cover.rows:,.0f}", won=f"{cover.won:,.0f}",
            leads=f"{FUNNEL_LEADS:,}",
        )  # fmt: skip
        found.append(("Simulated: planted points", COVER, rows, said))
    for size in results.size:
        rows = [
            (name, f"{took:.1f}", f"{work:.1f}", f"{peak / 1e9:.2f}")
            for name, took, work, peak in size.stages
        ]
        rows.append(("from moments to report", f"{size.seconds:.1f}", f"{size.processor:.1f}", ""))
        rows.append(
            ("the whole process", f"{size.run.wall:.1f}", f"{size.run.processor:.1f}",
             f"{size.run.peak / 1e9:.2f}")
        )  # fmt: skip
        said = SIZE.format(
            leads=f"{size.leads:,}", events=f"{size.events:,}", moments=f"{size.said['moments']:,}",
            won=f"{size.said['won']:,}", busy=f"{size.busy:.1f}",
            columns=size.said["columns"],
            verdict=" ".join(size.said["verdict"]),
        )  # fmt: skip
        found.append(("A million moments", STAGES, rows, said))
    return found


def _held(what: str, held: Held, said: str) -> tuple[str, Row, list[Row], str]:
    rows = [
        (
            side.name, _plain(side.auc), f"{side.precision.value:.3f}",
            f"{side.ece:.3f}" if isfinite(side.ece) else "", told(side.less),
            f"{side.seconds:.1f}" if side.seconds else "",
        )
        for side in held.sides
    ]  # fmt: skip
    about = (
        f"{held.learned_from:,} rows learned from ({held.won_before:.1%} won), {held.rows:,} held "
        f"against ({held.won / held.rows:.1%} won)."
    )
    return f"{what}: {held.name}", SIDES, rows, f"{about} {said}"


def _plain(interval: Interval) -> str:
    return f"{interval.value:.3f} ({interval.low:.3f} to {interval.high:.3f})"


def bars(results: Results) -> list[Row]:
    return [
        (each.text, each.measured, each.allowed, "met" if each.met else "**missed**")
        for each in judged(results)
    ]


def show(console: Console, results: Results, *, judge: bool) -> None:
    """The tables on the screen; the bars mean nothing at small sizes."""
    for title, headings, rows, said in tables(results):
        table = Table(*headings, title=title, caption=said)
        for row in rows:
            table.add_row(*row)
        console.print(table)
    for null in results.null:
        console.print("Without any signal:", *null.verdict)
    if judge:
        table = Table(*BARS, title="The bars")
        for row in bars(results):
            table.add_row(*(cell.strip("*") for cell in row))
        console.print(table)


def page(results: Results) -> str:
    """The text of the learning part."""
    today = datetime.now(UTC).date().isoformat()
    used = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    if find_spec("optbinning") is not None:
        used += f", optbinning {version('optbinning')}"
    about = "\n".join(f"- {name}: {text}" for name, text in machine() if name != "libraries")
    parts = [INTRODUCTION.format(today=today, run=_run(results)), f"{about}\n- libraries: {used}"]
    parts += [f"- {note}" for note in results.notes]
    parts.append("### What must hold\n\n" + _markdown(BARS, bars(results)))
    for title, headings, rows, said in tables(results):
        parts.append(f"### {title}\n\n{_markdown(headings, rows)}\n\n{said}")
    for null in results.null:
        quoted = "\n".join(f"> {sentence}" for sentence in null.verdict)
        text = NULL.format(rows=f"{null.rows:,}", repeats=null.repeats)
        parts.append(f"### Simulated: no signal at all\n\n{text}\n\n{quoted}")
    return "\n\n".join(parts)


def _run(results: Results) -> str:
    """Whether all parts are of one run, and when each was measured where they are not."""
    if len(set(results.parts.values())) <= 1:
        return ", all in one run"
    return " (" + ", ".join(f"{part} {when}" for part, when in results.parts.items()) + ", UTC)"


def _markdown(headings: Row, rows: list[Row]) -> str:
    lines = ["| " + " | ".join(headings) + " |", "|" + " --- |" * len(headings)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


INTRODUCTION = """## Learning

Written by `make bench-learn` on {today}{run}: every side learns from the same rows and
is held against the same later ones, with the same fields and measures. The learned card is whole
points in a card that can be read, as `leadwise learn` writes it; nothing was set for any data set.
The peers have the settings that they come with (`bench/learn/peers.py`): logistic regression on
one-hot categories and scaled numbers, LightGBM, the explainable boosting machine (EBM), and naive
Bayes by the formula that Odoo publishes for its CRM, written anew (`bench/learn/naive.py`; Odoo
knows choices only: numbers are given to it in ten groups). Intervals are 95 percent, from drawing
leads again; of two sides they are drawn together. ECE is the calibration error in ten groups of
like size: of the learned card, of the probability that its calibration gives it."""

BANK = """41,188 calls in order of time, without `duration`; a card of opinions starts the learned
one (`examples/bank-telemarketing`); every side is given the seven columns too that it does
without."""
OFFERS = """Offers still open 14 days after they were made; accepted later or not. The data may
not be handed on; one standard error of an AUC is about 0.027 here, so that no single figure is
proof."""
CORRELATED = """Made up (`bench/learn/simulated.py`): six fields say the same thing, each right for
17 leads in 20; four fields say nothing, one number something of its own."""
NULL = """{repeats} pasts of {rows} leads with eleven fields, buyers drawn by lot: how often the
report says that an order predicts stands above. Of the first of them it says:"""
FUNNELS = """{simulations} simulations of {leads} leads, {rows} moments and {won} wins on
average: tiers, a single condition, occurrences within 14 days, and with a half-life of 10 days.
True points are drawn anew each time, from 0 to 2 times those of the card by hand, one in six with
its sign turned. An interval is for the difference to the criterion's reference line, which has
none."""
SIZE = """A process of its own: {leads} leads, {events} events, {moments} moments ({won} won) at
arrival and every 60 days while open, with 25 criteria of every kind and {columns} fields and
measures; changes of band are not looked for. The last fifth of the moments is held against the
earlier ones; the report has 500 or fewer draws, a team of 200 calls a day, and the charts.
Before it began, {busy} other processes wanted
the two cores. Its verdict: {verdict}"""
