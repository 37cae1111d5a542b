"""Words and cells that reports share."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from babel.dates import format_skeleton
from babel.numbers import format_currency

from leadwise.card.values import SECOND
from leadwise.report.intervals import Ratio, Share, Spread
from leadwise.web.pages.reports.asked import Asked
from leadwise.web.pages.reports.figures import Cell
from leadwise.web.pages.visit import Visit

PRECISE_BELOW, FINE_BELOW = 0.1, 0.01
NEAR_ONE = 2
"""Below so many times as often it matters on which side of 1 a number is."""
MINUTES_OF_AN_HOUR, MINUTES_OF_A_DAY = 60, 1_440
NOTHING = "–"


def text(said: str) -> Cell:
    """A cell of words."""
    return Cell(said, said)


def whole(visit: Visit, number: int) -> Cell:
    """A cell of a whole number."""
    return Cell(number, visit.texts.number(number))


def decimal(visit: Visit, number: float | None, digits: int = 1) -> Cell:
    """A cell of a number, empty for None."""
    if number is None:
        return Cell(None, NOTHING)
    return Cell(round(number, 6), visit.texts.number(number, digits))


def rate(visit: Visit, share: float | None) -> Cell:
    """A cell of a share."""
    return Cell(None, NOTHING) if share is None else Cell(round(share, 6), percent(visit, share))


def percent(visit: Visit, share: float) -> str:
    """A share as percent, finer where it is small."""
    small = abs(share)
    digits = 0 if small in (0, 1) or small >= PRECISE_BELOW else 1 if small >= FINE_BELOW else 2
    return visit.texts.percent(share, digits)


def share_cells(visit: Visit, share: Share) -> tuple[Cell, Cell, Cell, Cell, Cell]:
    """Hits, of how many, the share, the ends of its interval."""
    low, high = share.interval or (None, None)
    return (
        whole(visit, share.hits), whole(visit, share.of), rate(visit, share.rate),
        rate(visit, low), rate(visit, high),
    )  # fmt: skip


def bar(label: str, share: Share, shown: str) -> dict[str, object] | None:
    """A bar of a share with its interval; None where there is nobody."""
    if share.interval is None:
        return None
    low, high = share.interval
    return {"label": label, "value": share.rate, "low": low, "high": high, "shown": shown}


def of_all(visit: Visit, share: Share) -> str:
    """`12 of 40 (30 %)`."""
    _ = visit.texts.say
    values = {"hits": visit.texts.number(share.hits), "all": visit.texts.number(share.of)}
    if share.rate is None:
        return _("%(hits)s of %(all)s", **values)
    return _("%(hits)s of %(all)s (%(rate)s)", rate=percent(visit, share.rate), **values)


def times(visit: Visit, value: float) -> str:
    """How many times as often, to the precision that it has."""
    return visit.texts.number(value, 2 if value < NEAR_ONE else 1 if value < 10 else 0)


def days(visit: Visit, value: float) -> str:
    """A number of days."""
    _ = visit.texts.say
    said = visit.texts.number(value, 0 if value >= 10 else 1)
    return _("%(days)s days", days=said)


def minutes(visit: Visit, value: float) -> str:
    """A length of time given in minutes, in the unit that people say it in."""
    _ = visit.texts.say
    if value < 2 * MINUTES_OF_AN_HOUR:
        return _("%(minutes)s min", minutes=visit.texts.number(value, 0))
    if value < 2 * MINUTES_OF_A_DAY:
        hours = visit.texts.number(value / MINUTES_OF_AN_HOUR, 1)
        return _("%(hours)s h", hours=hours)
    return days(visit, value / MINUTES_OF_A_DAY)


def money(visit: Visit, hundredths: float, currency: str) -> str:
    """An amount of a currency, without cents, its sign where the language has it."""
    locale = visit.texts.locale
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return format_currency(
        round(hundredths / 100), currency, locale=locale, format=pattern, currency_digits=False
    )


def month(visit: Visit, at_us: int) -> str:
    """The month that begins at an instant."""
    at = datetime.fromtimestamp(at_us / SECOND, visit.zone)
    return format_skeleton("yMMM", at, tzinfo=visit.zone, locale=visit.texts.language)


def spread_cells(visit: Visit, found: Spread | None) -> tuple[Cell, ...]:
    """How many, first quartile, median, third quartile, the ends of the median's interval."""
    if found is None:
        return whole(visit, 0), *[decimal(visit, None)] * 5
    each = (found.first, found.median, found.third, found.low, found.high)
    return whole(visit, found.count), *(decimal(visit, value) for value in each)


def ratio_text(visit: Visit, found: Ratio) -> str:
    """`2.1 times (1.2 to 3.8)`."""
    _ = visit.texts.say
    value = times(visit, found.value)
    if found.low is None or found.high is None:
        return _("%(value)s times", value=value)
    return _("%(value)s times (%(low)s to %(high)s)", value=value, low=times(visit, found.low),
             high=times(visit, found.high))  # fmt: skip


def goal_words(visit: Visit, goal: str) -> str:
    """What leads came to, in words: `12 % of them were won`."""
    _ = visit.texts.say
    said = {"accepted": _("accepted by sales"), "qualified": _("qualified by sales"),
            "won": _("won")}  # fmt: skip
    return said[goal]


def horizon_days(asked: Asked) -> int:
    """The days in which a lead may reach the goal."""
    return asked.scope.horizon_us // (86_400 * SECOND)


def period_words(visit: Visit, asked: Asked) -> str:
    """The period, with its days as the visit's zone has them."""
    first = visit.texts.date(asked.scope.start_us, visit.zone)
    last = visit.texts.date(asked.scope.end_us - 1, visit.zone)
    return visit.texts.say("%(first)s to %(last)s", first=first, last=last)


def asked_words(visit: Visit, asked: Asked, choices: Collection[str]) -> list[tuple[str, str]]:
    """What was asked besides the period, for paper, on which the form is not: (field, choice)."""
    _, scope = visit.texts.say, asked.scope
    goals = {"won": _("Won"), "qualified": _("Qualified by sales"),
             "accepted": _("Accepted by sales")}  # fmt: skip
    card = asked.card if scope.version_id is not None else None
    said = {
        _("Goal"): goals[scope.goal] if "goal" in choices else None,
        _("Within"): visit.texts.count("%(num)s day", "%(num)s days", horizon_days(asked))
        if "horizon" in choices else None,
        _("Card"): _("%(card)s, version %(number)s", card=card.name, number=card.number)
        if card else None,
        _("Leads now in band"): asked.label(scope.band) if scope.band else None,
        _("Owner"): _("Nobody") if scope.owner_id == 0 else asked.owner(scope.owner_id or 0),
        _("First event from"): scope.source,
    }  # fmt: skip
    return [(name, text) for name, text in said.items() if text]


def few_note(visit: Visit, *shares: Share) -> tuple[str, ...]:
    """A note where a figure rests on few leads."""
    if any(share.of and share.few for share in shares):
        _ = visit.texts.say
        return (_("Some of these are fewer than 30 leads: take them as a hint, the intervals say "
                  "how wide a hint."),)  # fmt: skip
    return ()
