"""Experiments: a challenger at the gate, and what follow-up brings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.learn.experiments import uplift_of
from leadwise.learn.refinement.uplift import Uplift
from leadwise.store.cards import CardVersion, with_status
from leadwise.store.experiments import (
    LARGEST_SHARE,
    SMALLEST_SHARE,
    Experiment,
    begin_experiment,
    end_experiment,
    list_experiments,
)
from leadwise.store.studies import Study
from leadwise.web.pages.learning.asked import Asked, asked_of, state_of
from leadwise.web.pages.learning.kinds import tabs
from leadwise.web.pages.learning.numbers import (
    Document,
    Span,
    number_of,
    part_of,
    share,
    span_of,
    spanned,
)
from leadwise.web.pages.studio.people import named
from leadwise.web.pages.studio.running import Running, running
from leadwise.web.pages.visit import Visit

ADDRESS = "/learning/experiments"
LONGEST_NAME = 100
MOST_SHOWN = 20
"""Experiments, the newest."""
USUAL_SHARE = 10
"""Percent."""
WRONG = 422


@dataclass(frozen=True, slots=True)
class Challenger:
    """A shadow card at the gate: what the last study of it found, how far one is."""

    version: CardVersion
    asked: Asked
    done: Study | None
    now: Running | None
    waits: bool
    failed: Study | None
    open: bool
    verdict: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """What follow-up brings in a band, in words."""

    band: str
    treated: str
    treated_share: str
    held: str
    held_share: str
    uplift: str
    says: str


@dataclass(frozen=True, slots=True)
class Holdout:
    """An experiment with its rows, that of all first."""

    of: Experiment
    bands: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def verdict(self) -> str:
        """What it comes to over all."""
        return self.rows[0].says if self.rows else ""


def show_experiments(visit: Visit) -> Response:
    """The page."""
    return _page(visit, {"name": "", "share": str(USUAL_SHARE)}, set(), {}, 200)


def _page(
    visit: Visit, typed: dict[str, str], chosen: set[str], faults: dict[str, str], status: int
) -> Response:
    asked = asked_of(visit, "gate")
    shadows = visit.read(lambda c: with_status(c, "lead", "shadow"))
    experiments = visit.read(list_experiments)[:MOST_SHOWN]
    card = asked.live.card if asked.live is not None else None
    labels = {band.id: band.label or band.id for band in card.bands} if card else {}
    return visit.page(
        "learning/experiments.html", status=status, tabs=tabs(visit, "experiments"),
        challengers=[_challenger(visit, replace(asked, version=version)) for version in shadows],
        holdouts=[_holdout(visit, one, labels) for one in experiments], live=asked.live,
        bands=list(reversed(labels.items())), typed=typed, chosen=chosen, faults=faults,
        named=named(visit), has_jobs=visit.site.api.jobs is not None,
        most=round(LARGEST_SHARE * 100),
    )  # fmt: skip


def _challenger(visit: Visit, asked: Asked) -> Challenger:
    version, state = asked.version, state_of(visit, asked)
    assert version is not None
    document = (state.done.document if state.done is not None else None) or {}
    gate = part_of(document, "gate")
    stale = asked.live is None or document.get("champion_id") != asked.live.id
    return Challenger(
        version, asked, state.done,
        running(visit.texts, state.now[1]) if state.now is not None else None,
        state.now is not None, state.failed, bool(gate.get("open")) and not stale,
        _verdict(visit, gate, stale=stale) if state.done is not None else "",
        _figures(visit, gate) if state.done is not None else (),
    )  # fmt: skip


def _verdict(visit: Visit, gate: Document, *, stale: bool) -> str:
    _ = visit.texts.say
    if stale:
        return _("Another card is live now than the one it was held against: ask again.")
    gap = span_of(gate.get("auc"))
    told = {"gap": spanned(visit, gap, 3, plus=True)}
    if gate.get("open"):
        return _("The gate is open: the challenger orders better (AUC %(gap)s).", **told)
    if gap.below:
        return _("The gate is shut: the challenger orders worse (AUC %(gap)s).", **told)
    if gap.told and not gap.above:
        return _("The gate is shut: the challenger cannot be told from the live card "
                 "(AUC %(gap)s).", **told)  # fmt: skip
    return _("The gate is shut: too few outcomes have come in since both cards were made.")


def _figures(visit: Visit, gate: Document) -> tuple[tuple[str, str], ...]:
    _ = visit.texts.say
    count = {name: visit.texts.number(number_of(gate.get(name)) or 0, 0)
             for name in ("rows", "won")}  # fmt: skip
    return (
        (_("AUC of the live card"), spanned(visit, span_of(gate.get("champion")))),
        (_("AUC of the challenger"), spanned(visit, span_of(gate.get("challenger")))),
        (_("Difference of AUC"), spanned(visit, span_of(gate.get("auc")), 3, plus=True)),
        (_("Difference of average precision"),
         spanned(visit, span_of(gate.get("precision")), 3, plus=True)),
        (_("Moments since both were made, and how many came to the goal"),
         _("%(rows)s, %(won)s", **count)),
    )  # fmt: skip


def _holdout(visit: Visit, of: Experiment, labels: dict[str, str]) -> Holdout:
    _, found = uplift_of(visit.site.store, of.id)
    bands = tuple(labels.get(band, band) for band in of.bands)
    return Holdout(of, bands, tuple(_row(visit, one, labels) for one in found))


def _row(visit: Visit, one: Uplift, labels: dict[str, str]) -> Row:
    _ = visit.texts.say
    name = _("All of them") if one.band == "all" else labels.get(one.band, one.band)
    ends = [None if isnan(each) else each
            for each in (one.uplift.value, one.uplift.low, one.uplift.high)]  # fmt: skip
    gap = Span(*ends)
    return Row(
        name, visit.texts.number(one.treated), _rate(visit, one.treated_won, one.treated),
        visit.texts.number(one.held_out), _rate(visit, one.held_out_won, one.held_out),
        _points(visit, gap), _says(visit, gap, one),
    )  # fmt: skip


def _rate(visit: Visit, won: int, of: int) -> str:
    return share(visit, won / of) if of else "–"


def _points(visit: Visit, gap: Span) -> str:
    """A difference of shares in percentage points, with its interval."""
    if gap.value is None:
        return "–"
    in_points = Span(*(None if each is None else each * 100
                       for each in (gap.value, gap.low, gap.high)))  # fmt: skip
    span = spanned(visit, in_points, 1, plus=True)
    return visit.texts.say("%(span)s percentage points", span=span)


def _says(visit: Visit, gap: Span, one: Uplift) -> str:
    _ = visit.texts.say
    if not one.held_out:
        return _("Nothing can be said yet: nobody was left alone.")
    if not one.treated:
        return _("Nothing can be said yet: nobody was followed up.")
    told = {"gap": _points(visit, gap)}
    if gap.above:
        return _("Follow-up brings deals: %(gap)s more of the leads.", **told)
    if gap.below:
        return _("Follow-up costs deals: %(gap)s of the leads.", **told)
    return _("Follow-up cannot be told from leaving leads alone: %(gap)s.", **told)


def begin(visit: Visit) -> Response:
    """Start leaving some leads alone; with faults the page again, as it was filled in."""
    _, form = visit.texts.say, visit.form
    typed = {"name": str(form.get("name", "")).strip()[: LONGEST_NAME + 1],
             "share": str(form.get("share", "")).strip()[:20]}  # fmt: skip
    chosen = {str(each) for each in form.getlist("bands")}
    live = asked_of(visit, "gate").live
    known = [band.id for band in live.card.bands] if live is not None else []
    bands = [band for band in known if band in chosen]
    faults: dict[str, str] = {}
    part = _percent(visit, typed["share"])
    if not typed["name"] or len(typed["name"]) > LONGEST_NAME or not typed["name"].isprintable():
        faults["name"] = _("Give it a name of at most %(most)s letters.", most=LONGEST_NAME)
    if part is None:
        faults["share"] = _("Give a number of at least %(least)s and at most %(most)s.",
                            least=visit.texts.number(SMALLEST_SHARE * 100, 1),
                            most=round(LARGEST_SHARE * 100))  # fmt: skip
    if not bands:
        faults["bands"] = _("Tick at least one band.")
    if part is not None and not faults:
        try:
            visit.write(
                lambda c: begin_experiment(
                    c, typed["name"], part, bands, by=visit.who.actor, now_us=visit.now_us
                )
            )
        except UserError as error:
            if error.code != "experiment-name":
                raise
            faults["name"] = _("There was an experiment of this name: take another one.")
    if faults:
        return _page(visit, typed, chosen, faults, WRONG)
    return visit.go(ADDRESS, _("It runs: from now on some leads of these bands are left alone."))


def _percent(visit: Visit, said: str) -> float | None:
    try:
        value = visit.texts.read_number(said.removesuffix("%").strip()) / 100
    except ValueError:
        return None
    return value if SMALLEST_SHARE <= value <= LARGEST_SHARE else None


def end(visit: Visit) -> Response:
    """Whoever was left alone is in the queue again."""
    _ = visit.texts.say
    number = visit.number("id")
    ended: Any = visit.write(
        lambda c: end_experiment(c, number, by=visit.who.actor, now_us=visit.now_us)
    )
    return visit.go(ADDRESS, _("It is ended: everybody is in the queue again.") if ended else "")
