"""When: every mention of a date or a length of time in a text, relative to a day.

"by the end of next month", "vor Weihnachten", "de aquí a dos meses", "mi-octobre", "kolmannella
neljänneksellä", "KW 36", "six weeks before the move in March". Words stand in `words/dates/`.
Own grammar, because dateparser's search finds half of such mentions (no quarters, halves, feasts,
calendar weeks, "end of", "mid-"), and takes "end of June" for a day of June: of the 91 phrases of
tests/qualify/test_dates.py it gets 21 (version of November 2026), at 13 ms each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from leadwise.qualify.embedded.time import periods
from leadwise.qualify.embedded.time.links import When, leads, weekdays, years
from leadwise.qualify.embedded.time.phrases import (
    Clock,
    Length,
    coming,
    length_of,
    period_of,
    value_of,
)
from leadwise.qualify.embedded.time.words import Lexeme, lexemes

_GAP = re.compile(r"[\s,'’.\-–(]*(?:[ld]['’])?")
_CONTENT = frozenset(
    "month weekday unit season feast now urgent quarter halfyear duration date year".split()
)
_ONE_OF = frozenset("month season feast now urgent quarter halfyear date".split())


def mentions(text: str, language: str, day: date, fiscal: int = 1) -> list[When]:
    """Every mention of a text, in order. `fiscal` is the month that the fiscal year begins in."""
    clock = Clock(day, fiscal)
    found: list[When] = []
    for cluster in _clusters(lexemes(text, language), text):
        found += _phrases(cluster, clock, language, text)
    found = years(weekdays(found, text), day)
    return leads(found, text, day)


def fiscal_start(texts: Iterable[str], language: str) -> int:
    """The month in which the fiscal year begins, where somebody says so; 0 where nobody does."""
    for text in texts:
        words = lexemes(text, language)
        place = next((n for n, one in enumerate(words) if one.value in ("fiscal", "year")), None)
        if place is None:
            continue
        months = [int(one.number) for one in words if one.kind == "month"]
        edges = {one.value for one in words if one.kind == "edge"}
        if words[place].value == "year":
            # "our year ends in June": only with the verb and the month right after it
            near = [one for one in words[place + 1 :] if one.start - words[place].end < 30]
            months = [int(one.number) for one in near if one.kind == "month"]
            edges = {one.value for one in near[:1] if one.kind == "edge"}
            if not months or not edges:
                continue
        if len(months) == 2 and months[1] % 12 == (months[0] - 1) % 12:
            return months[0]
        if len(months) == 1 and edges & {"start"} and not edges & {"end"}:
            return months[0]
        if len(months) == 1 and edges == {"end"}:
            return months[0] % 12 + 1
    return 0


def months_until(day: date, last: date) -> float:
    """Months as they are labelled: days / 30.44, whole, to the nearest half below one month."""
    months = max((last - day).days, 0) / 30.44
    return round(months * 2) / 2 if months < 1 else float(int(months + 0.5))


def _clusters(words: list[Lexeme], text: str) -> list[list[Lexeme]]:
    """Words of time with nothing but spaces between them."""
    clusters: list[list[Lexeme]] = []
    for one in words:
        last = clusters[-1][-1] if clusters else None
        near = last is not None and (
            one.start <= last.end or _GAP.fullmatch(text, last.end, one.start)
        )
        if near:
            clusters[-1].append(one)
        else:
            clusters.append([one])
    return [one for one in clusters if any(w.kind in _CONTENT | {"ord", "num"} for w in one)]


def _segments(cluster: list[Lexeme], language: str) -> list[tuple[bool, list[Lexeme]]]:
    """A cluster's phrases, each with whether a word like "or" joins it to the one before."""
    found: list[tuple[bool, list[Lexeme]]] = [(False, [])]
    for place, one in enumerate(cluster):
        bag = found[-1][1]
        kinds = {word.kind for word in bag}
        if one.kind == "join" or (one.value in ("by", "at") and _between_counts(cluster, place)):
            after = [w for w in cluster[place + 1 :] if w.kind != "fill"][:1]
            counting = (
                bool(bag)
                and bag[-1].kind in ("num", "ord", "few")
                and any(w.kind in ("num", "ord", "few") for w in after)
            )
            if kinds & _CONTENT and not counting:
                found.append((True, []))
            continue
        if one.kind == "fill":
            continue
        held = bool(kinds & _CONTENT)
        begins = one.kind == "pre" and held and not _follows(one, language)
        clash = one.kind in _ONE_OF and bool(kinds & _ONE_OF)
        clash = clash or (
            one.kind in ("num", "few")
            and bool(kinds & {"unit", "duration", "date"})
            and not kinds & {"month"}
            and value_of(bag, "unit") != "weekno"
        )
        clash = clash or (one.kind == "edge" and held and "edge" in kinds)
        if begins or (clash and held):
            found.append((clash and not begins and one.kind in kinds, []))
        weak = one.value in ("within", "at") and any(word.kind == "pre" for word in bag)
        if one.kind == "pre" and not held and not weak and not _follows(one, language):
            found[-1][1].clear()  # "locked in by May", "passée avant le 14": not of this phrase
        found[-1][1].append(one)
    return [one for one in found if one[1]]


def _between_counts(cluster: list[Lexeme], place: int) -> bool:
    """ "zwei bis drei Monate": a "by" that joins."""
    beside = cluster[max(place - 1, 0) : place] + cluster[place + 1 : place + 2]
    return len(beside) == 2 and all(one.kind in ("num", "few") for one in beside)


def _follows(word: Lexeme, language: str) -> bool:
    """Whether a word stands after what it belongs to: "ago", "from now", the Finnish ones."""
    return word.value in ("ago", "hence") or (language == "fi" and word.value != "before")


def _phrases(cluster: list[Lexeme], clock: Clock, language: str, text: str) -> list[When]:
    found: list[When] = []
    waiting: tuple[Length, Lexeme] | None = None
    for joined, bag in _segments(cluster, language):
        pre = _bound(bag)
        when = _when(bag, clock, language, text, pre)
        if waiting and pre in ("before", "after") and found:
            length, first = waiting
            if when is None and not any(one.kind in _CONTENT for one in bag):
                found[-1] = replace(found[-1], kind="lead" if pre == "before" else "length",
                                    end=bag[-1].end, bound=pre)  # fmt: skip
                waiting = None
                continue
            if when is not None and when.first and when.last:
                anchor = period_of(bag, clock, text)
                if anchor is not None:
                    day = (
                        length.before(anchor.first)
                        if pre == "before"
                        else length.after(anchor.last)
                    )
                    found[-1] = When(first.start, when.end, "until", day, day, "day", bound=pre)
                    waiting = None
                    continue
        waiting = None
        if when is None:
            continue
        if when.kind in ("length", "within") and when.length:
            waiting = (when.length, bag[0])
        if joined and found and (merged := _merged(found[-1], when)):
            found[-1] = merged
        else:
            found.append(when)
    return found


def _bound(bag: list[Lexeme]) -> str:
    """What stands before or after the phrase; the stronger of two ("not later than by")."""
    pres = [one.value for one in bag if one.kind == "pre"]
    for value in ("since", "ago", "per", "after", "before", "hence", "by", "within"):
        if value in pres:
            return value
    return ""


def _when(bag: list[Lexeme], clock: Clock, language: str, text: str, pre: str) -> When | None:
    start, end = bag[0].start, bag[-1].end
    if pre == "per":
        return None
    length = length_of(bag)
    period = period_of(bag, clock, text) if not _counts(bag, length) else None
    if period is None and length is None:
        if days := coming(bag, text):
            return When(start, end, "within", clock.day, clock.day + timedelta(days=days), "week")
        length = _implied(bag, language, pre)
    if period is not None and coming(bag, text) and period.grain in ("week", "month", "day"):
        last = clock.day + timedelta(days=coming(bag, text))
        return When(start, end, "within", clock.day, last, "week", bound=pre)
    if period is not None:
        return _bounded(bag, period, clock, pre, start, end)
    if length is None:
        return None
    rel = value_of(bag, "rel")
    if pre in ("ago", "since") or rel == "last" or (pre == "before" and language == "de"):
        return When(start, end, "past", length=length, bound=pre)
    said = text[start:end].lower()
    from_now = (
        pre in ("within", "hence", "before") or rel == "next" or said.startswith(("d'ici", "d’ici"))
    )
    if from_now or _inessive(bag, language, text):
        return When(start, end, "within", clock.day, length.after(clock.day), "day", length, pre)
    return When(start, end, "length", length=length, bound=pre)


def _counts(bag: list[Lexeme], length: Length | None) -> bool:
    """Whether a phrase is a length and no date: "two weeks", but not "two weeks" in "May"."""
    if length is None:
        return False
    kinds = {one.kind for one in bag}
    return not kinds & {"month", "season", "feast", "quarter", "halfyear", "date", "now", "weekday"}


def _implied(bag: list[Lexeme], language: str, pre: str) -> Length | None:
    """Finnish has no article: "kuukauden sisällä" is within one month."""
    if language == "fi" and pre in ("within", "hence"):
        unit = next((one for one in bag if one.kind == "unit"), None)
        return length_of([Lexeme(0, 0, "num", "word", 1.0), unit]) if unit else None
    return None


def _inessive(bag: list[Lexeme], language: str, text: str) -> bool:
    """ "kahdessa viikossa": the case says within."""
    return language == "fi" and any(
        one.kind in ("unit", "duration") and text[one.start : one.end].endswith(("ssa", "ssä"))
        for one in bag
    )


def _bounded(
    bag: list[Lexeme], period: periods.Period, clock: Clock, pre: str, start: int, end: int
) -> When:
    edge = value_of(bag, "edge")
    first, last, kind = period.first, period.last, "until"
    if pre in ("ago", "since") or last < clock.day:
        kind = "past"
    elif pre == "after":
        kind, last = "open", max(period.last, period.first + timedelta(days=30))
    elif pre == "before":
        last = periods.before(period, edge)
        first = min(first, last)
    elif pre == "by":
        last = periods.until(period, edge)
    return When(start, end, kind, first, max(last, clock.day) if kind == "until" else last,
                period.grain, bound=pre)  # fmt: skip


def _merged(one: When, other: When) -> When | None:
    """ "in April or May": to the later."""
    if one.kind == other.kind == "until" and one.last and other.last and one.first:
        if other.last >= one.first:
            return replace(one, end=other.end, last=max(one.last, other.last))
        return None
    if one.kind in ("length", "within") and other.kind in ("length", "within") and other.length:
        return replace(other, start=one.start)
    return None
