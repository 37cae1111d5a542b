"""How the queue says what it shows: clocks, trends, reasons, what is worth asking."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from babel.core import Locale
from babel.units import format_unit

from leadwise.asking.estimates import Estimate, estimates
from leadwise.card.model import Card
from leadwise.plan import Line
from leadwise.store.documents import Document
from leadwise.store.queue_rows import DAY_US, QueueRow, Told
from leadwise.web.pages.lead.naming import words
from leadwise.web.pages.texts import Texts

TREND_DAYS = 30
WEEK_US = 7 * DAY_US
WIDE, HIGH = 96, 28
"""Of the line of a trend."""
MOST_REASONS = 2
MOST_QUESTIONS = 2


@dataclass(frozen=True, slots=True)
class Clock:
    """The time for a first answer. `state`: `left`, `over`, `answered`, or `free` without any."""

    state: str
    said: str
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Trend:
    """A small line (`points` of an SVG), what it says, and whether that is up (1) or down (-1)."""

    points: str
    said: str
    way: int


@dataclass(frozen=True, slots=True)
class Reason:
    """A line of the ledger in words; `points` are written with their sign."""

    label: str
    points: str
    down: bool


@dataclass(frozen=True, slots=True)
class Asking:
    """What is worth asking, and the points that knowing it could bring, where that is known.

    `ask` is the open question of a frame that fills it; empty where no frame does.
    """

    label: str
    most: str | None
    ask: str = ""


def clock_of(
    since_us: int, allowed_us: int | None, *, answered: bool, now_us: int, texts: Texts
) -> Clock:
    """What the clock of a lead shows that came into its band at `since_us`."""
    _ = texts.say
    if answered:
        return Clock("answered", _("answered"))
    if allowed_us is None:
        return Clock("free", _("no time promised"))
    until_us = since_us + allowed_us
    said = short_time(abs(until_us - now_us), texts)
    if until_us > now_us:
        return Clock("left", _("%(time)s left", time=said), until_us)
    return Clock("over", _("%(time)s over", time=said), until_us)


def short_time(us: int, texts: Texts) -> str:
    """A length of time in one unit: minutes up to 90, hours up to 48, then days. queue.js does the
    same."""
    minutes = us // 60_000_000
    if minutes <= 90:
        return _written(minutes, "duration-minute", texts.locale)
    if minutes <= 48 * 60:
        return _written(minutes // 60, "duration-hour", texts.locale)
    return _written(minutes // 1440, "duration-day", texts.locale)


@lru_cache(maxsize=2_000)
def _written(number: int, unit: str, locale: Locale) -> str:
    """Kept: a page says the same few of them over and over, and Babel takes its time."""
    return format_unit(number, unit, length="short", locale=locale)


def trend_of(told: Sequence[Told], score: int, now_us: int, texts: Texts) -> Trend:
    """The line of the last month, and how far the score has moved in a week."""
    _ = texts.say
    begun_us = now_us - TREND_DAYS * DAY_US
    known = [one for one in told if one.at_us <= now_us] or [Told(begun_us, score)]
    week_ago = [one for one in known if one.at_us <= now_us - WEEK_US]
    base = week_ago[-1] if week_ago else known[0]
    moved = score - base.score
    new = not week_ago and known[0].at_us > begun_us
    span = short_time(now_us - base.at_us, texts)
    said = {
        (1, False): _("up %(points)s in a week", points=texts.points(moved)),
        (-1, False): _("down %(points)s in a week", points=texts.points(-moved)),
        (0, False): _("unchanged for a week"),
        (1, True): _("up %(points)s in %(span)s", points=texts.points(moved), span=span),
        (-1, True): _("down %(points)s in %(span)s", points=texts.points(-moved), span=span),
        (0, True): _("first scored %(ago)s", ago=texts.ago(base.at_us, now_us)),
    }
    way = (moved > 0) - (moved < 0)
    steps = [(one.at_us, one.score) for one in known] + [(now_us, score)]
    # Of a lead that is new and has not moved there is nothing to draw.
    still = new and all(each == score for _at, each in steps)
    return Trend("" if still else _drawn(steps, begun_us, now_us), said[(way, new)], way)


def reasons_of(told: Sequence[Line], row: QueueRow, texts: Texts) -> tuple[Reason, ...]:
    """The lines of the stored ledger that weigh most, a criterion together with its limit.

    `told` are the card's lines, here and below.
    """
    sums: dict[str, int] = {}
    labels: dict[str, str] = {}
    for line, amount in zip(told, json.loads(row.ledger), strict=True):
        if line.kind in ("criterion", "limit", "adjustment"):
            sums[line.id] = sums.get(line.id, 0) + amount
        if line.kind in ("criterion", "adjustment"):
            labels[line.id] = words(line.id) if line.label == line.id else line.label
    heaviest = sorted((id_ for id_ in sums if sums[id_]), key=lambda id_: -abs(sums[id_]))
    return tuple(
        Reason(labels[id_], texts.points(sums[id_], signed=True), sums[id_] < 0)
        for id_ in heaviest[:MOST_REASONS]
    )


def asking_of(
    card: Card, told: Sequence[Line], row: QueueRow, facts: Document, texts: Texts,
    asks: Mapping[str, tuple[str, str]],
) -> tuple[Asking, ...]:  # fmt: skip
    """What is worth asking first; `asks` are labels and open questions of frames by the fields that
    they fill."""
    if not row.unknown:
        return ()
    names = [line.name for line in told]
    amounts = dict(zip(names, json.loads(row.ledger), strict=True))
    known = {one.name for one in card.fields if facts.get(one.source) is not None}
    found = estimates(card, amounts, json.loads(row.totals), row.unknown.split(), known)
    worth: dict[str, Asking] = {}
    for one in found:
        made = _asking(card, one, texts, asks)
        worth.setdefault(made.ask or made.label, made)
    return tuple(worth.values())[:MOST_QUESTIONS]


def _asking(card: Card, one: Estimate, texts: Texts, asks: Mapping[str, tuple[str, str]]) -> Asking:
    labels = {field.name: field.label or words(field.name) for field in card.fields}
    most = None if one.most is None else texts.points(one.most, signed=True)
    sources = {field.name: field.source for field in card.fields}
    asked = next((asks[sources[n]] for n in one.fields if sources[n] in asks), None)
    if asked is not None:
        return Asking(asked[0], most, asked[1])
    return Asking(", ".join(labels[name] for name in one.fields), most)


def _drawn(steps: Sequence[tuple[int, int]], from_us: int, to_us: int) -> str:
    """A step line: a score holds until the next is told."""
    scores = [score for _, score in steps]
    low, high = min(scores), max(scores)
    span = max(to_us - from_us, 1)

    def x(at_us: int) -> str:
        return f"{max(at_us - from_us, 0) / span * WIDE:.1f}"

    def y(score: int) -> str:
        share = 0.5 if high == low else (score - low) / (high - low)
        return f"{2 + (1 - share) * (HIGH - 4):.1f}"

    points: list[str] = []
    before: int | None = None
    for at_us, score in steps:
        points += [] if before is None else [f"{x(at_us)},{y(before)}"]
        points.append(f"{x(at_us)},{y(score)}")
        before = score
    return " ".join(dict.fromkeys(points))
