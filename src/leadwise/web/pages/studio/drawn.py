"""What the charts of a trial are drawn from, with their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leadwise.asking.instants import DAY_US, moment_of
from leadwise.web.pages.studio.results import Shown
from leadwise.web.pages.texts import Texts


def bands_chart(texts: Texts, shown: Shown) -> dict[str, Any]:
    """Bars: leads in each band under both cards."""
    before, after = card_names(texts)
    sides = [(before, "before")] if shown.old is not None else []
    return {
        "rows": [
            {"band": band.label, "card": name, "side": side, "leads": count}
            for band in shown.bands
            for name, side in [*sides, (after, "after")]
            if (count := getattr(band, side)) is not None
        ],
        "bands": [band.label for band in shown.bands],
        "leads": texts.say("leads"),
    }


def days_chart(texts: Texts, shown: Shown, calls_a_day: int) -> dict[str, Any]:
    """Lines: leads that got hot on each day, with what the team can call."""
    before, after = card_names(texts)
    daily, end_us = shown.result["daily"], shown.result["as_of_us"]
    lines = []
    for place, (name, side) in enumerate(((before, "before"), (after, "after"))):
        points = [
            {"day": day_of(end_us, len(daily), number), "leads": round(pair[place], 2)}
            for number, pair in enumerate(daily)
            if pair[place] is not None
        ]
        if points:
            lines.append({"name": name, "side": side, "points": points})
    return {
        "lines": lines, "capacity": calls_a_day,
        "capacity_label": texts.say("calls a day of the team: %(calls)s",
                                    calls=texts.number(calls_a_day)),
        "leads": texts.say("leads a day"),
    }  # fmt: skip


def day_of(end_us: int, days: int, number: int) -> str:
    """The day (UTC) in which the so-manieth of the days before an instant ended."""
    return moment_of(end_us - (days - 1 - number) * DAY_US).date().isoformat()


def gains_chart(texts: Texts, shown: Shown, goal: Mapping[str, Any]) -> dict[str, Any]:
    """Curves: what share of all successes lies among the best so many leads."""
    before, after = card_names(texts)
    sides = ((before, "before"), (after, "after"))
    return {
        "curves": [
            {"name": name, "side": side, "points": goal[side]["curve"]}
            for name, side in sides
            if goal[side] is not None
        ],
        "chance": texts.say("by chance"),
        "capacity": shown.callable,
        "capacity_label": texts.say("what the team can call"),
        "x": texts.say("share of leads, the best first"),
        "y": texts.say("share of successes"),
    }


def card_names(texts: Texts) -> tuple[str, str]:
    """What the live card and the one tried are called beside each other."""
    return texts.say("live card"), texts.say("this card")
