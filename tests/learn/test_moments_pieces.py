"""A training row says what the ledger and its evidence say, asked at the same moment."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from leadwise.asking.instants import microseconds
from leadwise.asking.population import Moment, ask, load_moments, population
from leadwise.card import load
from leadwise.card.model import StateCriterion
from leadwise.learn.moments import widened
from leadwise.learn.moments.known import known_of
from leadwise.learn.moments.looks import narrow
from leadwise.learn.moments.pieces import asked_of, bands_at, pieces_of
from leadwise.plan import Each, compile_evidence, count_name
from leadwise.plan.lines import column_name

EVERYTHING = Path(__file__).parents[2] / "examples" / "everything"


def test_rows_agree_with_ledger_and_evidence() -> None:
    card = load(EVERYTHING / "card.yaml")
    files = (EVERYTHING / "leads.csv", EVERYTHING / "events.csv")
    with population(card, *files) as of:
        ids = known_of(of, None).ids
        days = ["2026-05-20", "2026-06-30"]
        at = np.repeat([microseconds(day, "day") for day in days], len(ids))
        leads = ids.take(np.tile(np.arange(len(ids)), 2))
        found = asked_of(of, leads, at)
        bands = bands_at(of, leads, at)
        pairs = zip(leads.to_pylist(), at.tolist(), strict=True)
        load_moments(of, [Moment(lead, as_of, as_of) for lead, as_of in pairs])
        ledger = ask(of, Each()).sort_by("_moment")
        evidence = of.engine.query(compile_evidence(card, Each())).sort_by("_moment")
    assert found.score.tolist() == ledger["score"].to_pylist()
    names = [band.id for band in card.bands]
    assert [names[place] for place in found.band] == ledger["band"].to_pylist()
    assert bands.tolist() == found.band.tolist()
    assert len(set(found.score.tolist())) > 3
    for name in found.values.column_names:
        assert found.values[name].to_pylist() == evidence[name].to_pylist(), name
    pieces = pieces_of(card)
    for criterion in card.criteria:
        mine = [n for n, piece in enumerate(pieces) if piece.criterion == criterion.id]
        line = ledger[column_name(criterion.id)].to_numpy()
        if isinstance(criterion, StateCriterion):
            assert (found.pieces[:, mine].sum(axis=1) == 1).all()
            points = np.array([pieces[n].points for n in mine])
            assert (found.pieces[:, mine] @ points == line).all()
        else:
            given = np.floor(found.pieces[:, mine[0]] * criterion.points + 0.5000001)
            assert given.tolist() == line.tolist(), criterion.id
            if criterion.when is None and not criterion.half_life:
                counted = evidence[count_name(criterion.id)].to_pylist()
                assert found.pieces[:, mine[0]].tolist() == counted


def test_bands_are_asked_without_what_they_do_not_need() -> None:
    card = load(EVERYTHING / "card.yaml")
    assert narrow(widened(card)) == card
