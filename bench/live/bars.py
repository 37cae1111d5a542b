"""The bars that the live system must clear."""

from __future__ import annotations

from dataclasses import dataclass

from bench.live.programme import BATCH, SINGLE
from bench.live.results import Rate, Results, Wait, share

LEADWISE, PEER = "Leadwise", "points = points + n"
FLAT = 1.5
"""How much dearer an event may be in the largest store, noise included."""


@dataclass(frozen=True)
class Judged:
    """A promise and what was measured of it, as text; `met` says whether it holds."""

    text: str
    measured: str
    allowed: str
    met: bool


def judged(results: Results) -> list[Judged]:
    """A row for each bar that could be judged."""
    return [*_rates(results), *_waits(results), *_growth(results), *_publishing(results)]


def _rates(results: Results) -> list[Judged]:
    rows = []
    own = _rate(results, LEADWISE, "SQLite", "process", BATCH.name)
    if own is not None:
        rows.append(
            Judged(
                f"SQLite, {BATCH.name}, every touched lead scored: at least 5,000 events a second",
                f"{own.scored_rate:,.0f} a second", "at least 5,000", own.scored_rate >= 5_000,
            )
        )  # fmt: skip
    for shape in (BATCH.name, SINGLE.name):
        for store, durability in (("SQLite", "process"), ("PostgreSQL", "power")):
            own = _rate(results, LEADWISE, store, durability, shape)
            peer = _rate(results, PEER, store, durability, shape)
            if own is not None and peer is not None:
                ratio = own.cost / peer.cost
                rows.append(
                    Judged(
                        f"{store}, {shape}: at most 5 times the processor time of a service that "
                        "stores events and adds points",
                        f"{ratio:.2f} times", "at most 5", ratio <= 5,
                    )
                )  # fmt: skip
    return rows


def _rate(results: Results, side: str, store: str, durability: str, shape: str) -> Rate | None:
    wanted = (side, store, durability, shape)
    for rate in results.rates:
        if (rate.side, rate.store, rate.durability, rate.shape) == wanted:
            return rate
    return None


def _waits(results: Results) -> list[Judged]:
    rows = []
    for wait in results.waits:
        if wait.store == "SQLite" and wait.wanted >= 1_000:
            late = share(wait.readable, 0.99)
            rows.append(
                Judged(
                    f"SQLite, {wait.wanted:,.0f} events a second, {wait.shape}: 99 percent of "
                    "the scores readable within 250 ms of the event's 200, the rate held",
                    f"{late * 1000:.0f} ms at {wait.sent:,.0f} a second", "at most 250 ms",
                    late <= 0.25 and kept_up(wait),
                )
            )  # fmt: skip
    return rows


def kept_up(wait: Wait) -> bool:
    """Whether the rate was really held, and every score came."""
    return wait.sent >= 0.97 * wait.wanted and not wait.unread


def _growth(results: Results) -> list[Judged]:
    if len(results.growth) < 2:
        return []
    first, last = results.growth[0], results.growth[-1]
    ratio = last.rate.cost / first.rate.cost
    return [
        Judged(
            f"an event's processor time with {last.leads:,} leads: at most {FLAT:g} times that "
            f"with {first.leads:,}",
            f"{ratio:.2f} times", f"at most {FLAT:g}", ratio <= FLAT,
        )
    ]  # fmt: skip


def _publishing(results: Results) -> list[Judged]:
    rows = []
    for each in results.publishing:
        allowed = 2 * each.file + each.writing
        rows.append(
            Judged(
                f"publishing over {each.leads:,} leads and {each.events:,} events: at most twice "
                "the time of the file benchmark and the writing",
                f"{each.whole:.1f} s", f"at most {allowed:.1f}", each.whole <= allowed,
            )
        )  # fmt: skip
    return rows
