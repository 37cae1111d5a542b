"""Return: value won for an hour of calls, by band; and the time that scores save."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadwise.report.returns import Return, hours_saved, returns
from leadwise.store.report_outcomes import calls_by_band, wins_by_band
from leadwise.web.pages.reports.asked import Asked
from leadwise.web.pages.reports.figures import Cell, Figure, Report, Table
from leadwise.web.pages.reports.words import decimal, money, text, whole
from leadwise.web.pages.visit import Visit

NEVER = "\0never"
"""The group of leads that were won without a call; no band has such an id."""
ASSUMED = {"leads": 5.0, "days": 20.0, "people": 50.0}
"""Leads a person looks up a day, working days a month, people. The minutes are a setting."""
MOST = 100_000.0


@dataclass(frozen=True, slots=True)
class Saved:
    """The form of the time saved: what was typed, what is wrong with it, what it comes to."""

    given: dict[str, str]
    faults: dict[str, str]
    hours: str


def report(visit: Visit, asked: Asked) -> Report:
    """Value an hour for each currency."""
    _, scope = visit.texts.say, asked.scope
    calls, wins = visit.read(
        lambda connection: (calls_by_band(connection, scope), wins_by_band(connection, scope))
    )
    placed = [(NEVER if band is None else band, *rest) for band, *rest in wins]
    found = returns(calls, placed, asked.bands)  # type: ignore[arg-type]  # as rows have them
    if not calls and not wins:
        return Report(
            number="–", meaning=_("No call and no sale is recorded in this period."),
            empty=_("Say “called” or “no answer” in the queue, and “won” with its value: then "
                    "this shows what an hour of calls brings in each band."),
        )  # fmt: skip
    currencies = sorted({currency for each in found for currency in each.values})
    minutes = visit.site.settings.team.call_minutes
    says = _says(visit, asked, found, currencies, minutes)
    rates = [value for each in found for currency in currencies[:1]
             if (value := each.an_hour(currency, minutes)) is not None]  # fmt: skip
    number = money(visit, max(rates), currencies[0]) if rates else "–"
    return Report(number, says, tuple(
        _figure(visit, asked, found, currency, minutes,
                _says(visit, asked, found, [currency] if currency else [], minutes))
        for currency in currencies or [""]
    ))  # fmt: skip


def _label(visit: Visit, asked: Asked, band: str) -> str:
    _ = visit.texts.say
    if band == NEVER:
        return _("Won without a call")
    return asked.label(band) if band else _("No band")


def _says(
    visit: Visit, asked: Asked, found: Sequence[Return], currencies: Sequence[str], minutes: int
) -> str:
    _ = visit.texts.say
    if not currencies:
        calls = sum(each.calls for each in found)
        return visit.texts.count(
            "%(num)s call is recorded, and no sale with a value.",
            "%(num)s calls are recorded, and no sale with a value.", calls,
        )  # fmt: skip
    said = []
    for currency in currencies:
        rates = [(each.band, value) for each in found
                 if (value := each.an_hour(currency, minutes)) is not None]  # fmt: skip
        if not rates:
            said.append(_("What was won in %(currency)s took no recorded call.",
                          currency=currency))  # fmt: skip
            continue
        band, best = max(rates, key=lambda pair: pair[1])
        said.append(_("An hour of calls to “%(band)s” won %(money)s.",
                      band=_label(visit, asked, band),
                      money=money(visit, best, currency)))  # fmt: skip
        others = [(name, value) for name, value in rates if name != band and value]
        if others:
            name, value = max(others, key=lambda pair: pair[1])
            said.append(_("To “%(band)s”: %(money)s.", band=_label(visit, asked, name),
                          money=money(visit, value, currency)))  # fmt: skip
    return " ".join(said)


def _figure(
    visit: Visit, asked: Asked, found: Sequence[Return], currency: str, minutes: int, says: str
) -> Figure:
    _ = visit.texts.say
    rows: list[tuple[Cell, ...]] = []
    bars: list[dict[str, object]] = []
    for each in found:
        sales, value = each.sold(currency)
        hour = each.an_hour(currency, minutes)
        label = _label(visit, asked, each.band)
        rows.append(
            (text(label), whole(visit, each.calls), decimal(visit, each.hours(minutes)),
             whole(visit, sales), whole(visit, each.unvalued),
             _amount(visit, value, currency), _amount(visit, hour, currency))
        )  # fmt: skip
        if hour is not None and currency:
            bars.append({"label": label, "value": hour / 100,
                         "shown": money(visit, hour, currency)})  # fmt: skip
    notes = [_("A lead counts in the band in which it was first called. Calls are those recorded "
               "as “called” or “no answer”, of %(minutes)s minutes each.",
               minutes=minutes)]  # fmt: skip
    if sum(each.sold(currency)[0] + each.unvalued for each in found) < 30:
        notes.append(_("These are few sales: one large one more or less changes everything."))
    named = _("Value an hour, %(currency)s", currency=currency) if currency else _("Calls")
    return Figure(
        title=named,
        says=says,
        read=_("Each bar is the value won in the period for an hour of calls in it. Currencies "
               "are never added up: each has a chart of its own."),
        do=_("Spend the next hour where an hour has brought most; where a low band does as well "
             "as a high one, look at the thresholds in the studio."),
        table=Table(
            f"return-{currency.lower()}" if currency else "return",
            _("Calls, sales and value by band"),
            (_("Band"), _("Calls"), _("Hours"), _("Won"), _("Won, value unknown"),
             _("Value won"), _("Value an hour")),
            tuple(rows),
        ),
        chart="amounts" if bars else "",
        data={"bars": bars, "axis": named},
        notes=tuple(notes),
    )  # fmt: skip


def _amount(visit: Visit, hundredths: float | None, currency: str) -> Cell:
    if hundredths is None or not currency:
        return Cell(None, "–")
    return Cell(round(hundredths / 100, 2), money(visit, hundredths, currency))


def saved(visit: Visit) -> Saved:
    """The form of the time saved, with the numbers of the address or the usual ones."""
    _ = visit.texts.say
    usual = {"minutes": float(visit.site.settings.team.sorting_minutes), **ASSUMED}
    given = {name: visit.query.get(name, f"{number:g}").strip() for name, number in usual.items()}
    faults, numbers = {}, {}
    for name, typed in given.items():
        try:
            numbers[name] = visit.texts.read_number(typed)
        except ValueError:
            numbers[name] = -1.0
        if not 0 <= numbers[name] <= MOST:
            faults[name] = _("Give a number from 0 to 100,000.")
    if faults:
        return Saved(given, faults, "")
    return Saved(given, faults, visit.texts.number(hours_saved(**numbers), 0))
