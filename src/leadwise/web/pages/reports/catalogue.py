"""The reports that there are: name, question, what can be chosen, and who answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leadwise.errors import UserError
from leadwise.web.pages.reports import (
    calibration,
    conversion,
    cycle,
    engagement,
    lift,
    response,
    returns,
    velocity,
)
from leadwise.web.pages.reports.asked import Asked
from leadwise.web.pages.reports.figures import Report
from leadwise.web.pages.visit import Visit


def N_(text: str) -> str:  # noqa: N802 - as gettext's tools know it
    """Marks a text that is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` is the last part of its address; `choices` are the fields that matter besides the
    period and which leads; `title` and `asks` are texts of the catalogue of languages."""

    name: str
    title: str
    asks: str
    make: Callable[[Visit, Asked], Report]
    choices: frozenset[str]


KINDS = (
    Kind("conversion", N_("Conversion"), N_("Do high bands convert better than low ones?"),
         conversion.report, frozenset({"goal", "horizon", "card"})),
    Kind("velocity", N_("Lead velocity"), N_("How do leads go through the stages, and where do "
         "they stay?"), velocity.report, frozenset()),
    Kind("engagement", N_("Engagement"), N_("Which share of the leads we know does anything?"),
         engagement.report, frozenset()),
    Kind("cycle", N_("Sales cycle"), N_("How long does a sale take?"),
         cycle.report, frozenset({"start", "card"})),
    Kind("response", N_("Response time"), N_("Are leads called in the time allowed?"),
         response.report, frozenset({"goal", "horizon", "card"})),
    Kind("return", N_("Return"), N_("What does an hour of calls bring, and what time is saved?"),
         returns.report, frozenset({"card"})),
    Kind("calibration", N_("Calibration"), N_("Does what scores say come true?"),
         calibration.report, frozenset({"goal", "horizon", "card"})),
    Kind("lift", N_("Lift of criteria"), N_("Which criteria tell winners from others?"),
         lift.report, frozenset({"goal", "card"})),
)  # fmt: skip


def kind_of(visit: Visit, name: str) -> Kind:
    """The report of this name. UserError (`no-such-page`) where there is none."""
    found = next((kind for kind in KINDS if kind.name == name), None)
    if found is None:
        _ = visit.texts.say
        raise UserError(
            "no-such-page", _("There is no such report."),
            hint=_("The list of reports has those that there are."),
        )  # fmt: skip
    return found
