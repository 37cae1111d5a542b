"""How likely a lead is to come to the goal, in words: where the live card was calibrated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.report.chance import Chance, chance
from leadwise.store.cards import CardVersion
from leadwise.store.studies import calibration_of
from leadwise.web.pages.texts import Texts
from leadwise.web.pages.visit import Visit

DAY_US = 86_400_000_000
NEARLY_HALF = 0.4
"""From here on people say so many in 10, below it 1 in so many."""


@dataclass(frozen=True, slots=True)
class Likely:
    """`about` is the probability as people say it, `between` its 95 percent interval, `goal` what
    it is the probability of."""

    about: str
    between: str
    goal: str


def calibration_for(
    connection: Connection, visit: Visit, version: CardVersion | None
) -> Mapping[str, Any] | None:
    """The calibration of a version for the goal of the settings; None: there is none."""
    if version is None:
        return None
    return calibration_of(connection, version.id, visit.site.settings.learning.goal)


def likely(
    visit: Visit, calibration: Mapping[str, Any] | None, hundredths: int | None
) -> Likely | None:
    """What a computed score (hundredths) means; None without a calibration or a score."""
    found = chance(calibration, hundredths)
    if found is None or calibration is None:
        return None
    texts = visit.texts
    return Likely(about(texts, found), between(texts, found), _goal(visit, calibration))


def about(texts: Texts, found: Chance) -> str:
    """`about 1 in 4`, `about 6 in 10`; never none and never all."""
    if found.value >= NEARLY_HALF:
        some = min(round(found.value * 10), 9)
        return texts.say("about %(some)s in 10", some=texts.number(some))
    many = 1 / found.value
    digits = 0 if many < 20 else -1 if many < 200 else -2
    return texts.say("about 1 in %(many)s", many=texts.number(round(many, digits), 0))


def between(texts: Texts, found: Chance) -> str:
    """`18% to 31%`; never 0 and never 100 percent."""
    return texts.say("%(low)s to %(high)s", low=_percent(texts, found.low),
                     high=_percent(texts, found.high))  # fmt: skip


def _percent(texts: Texts, share: float) -> str:
    edge = min(share, 1 - share)
    if edge >= 0.01:
        return texts.percent(min(max(share, 0.01), 0.99))
    return texts.percent(min(max(share, 0.001), 0.999), 1)


def _goal(visit: Visit, calibration: Mapping[str, Any]) -> str:
    texts, goal = visit.texts, visit.site.settings.learning.goal
    horizon = calibration.get("horizon_us")
    days = round(float(horizon) / DAY_US) if horizon else None
    if goal == "sales_qualified":
        said = texts.say("qualified by sales")
    else:
        said = texts.say("won")
    if days is None:
        return said
    return texts.count("%(goal)s within %(num)s day", "%(goal)s within %(num)s days", days,
                       goal=said)  # fmt: skip
