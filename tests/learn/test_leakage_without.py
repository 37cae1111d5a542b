"""Rows without what gives the outcome away."""

from __future__ import annotations

import pyarrow as pa
import pytest

from leadwise.asking.population import population
from leadwise.card import parse
from leadwise.errors import UserError
from leadwise.learn.leakage import without
from leadwise.learn.moments import Watch, training_rows

TEXT = """
card: small
version: 1
fields: {size: number, paid: number, country: text}
events: {visited: {}, signed: {}}
measures:
  visits: {on: visited, count: all}
  deeds: {on: any, count: all}
dimensions:
  - id: fit
    criteria:
      - {id: large, when: size > 9, points: 5}
      - {id: payer, when: paid > 0 or size > 1000, points: 9}
      - {id: keen, when: visits > 1, points: 3}
      - {id: active, when: deeds > 1, points: 3}
  - id: end
    criteria:
      - {id: signature, on: signed, points: 50}
adjustments:
  - {id: home, when: country = 'es', percent: 10}
  - {id: rich, when: paid > 100, percent: 10}
"""


def test_everything_made_of_it_goes_too() -> None:
    card = parse(TEXT).card
    assert card is not None
    leads = pa.table(
        {"lead_id": ["a", "b"], "size": [5, 50], "paid": [0, 7], "country": ["es", "fr"]}
    )
    with population(card, leads) as of:
        rows = training_rows(of, {"a": (False, None), "b": (True, None)}, Watch(1)).rows
    left = without(rows, ["paid", "signed"])
    assert left.values.column_names == ["size", "country", "visits"]
    assert [criterion.id for criterion in left.card.criteria] == ["large", "keen"]
    assert [dimension.id for dimension in left.card.dimensions] == ["fit"]
    assert [one.id for one in left.card.adjustments] == ["home"]
    assert [event.name for event in left.card.events] == ["visited"]
    assert {piece.criterion for piece in left.piece_names} == {"large", "keen", "home"}
    assert left.pieces.shape == (2, len(left.piece_names))
    assert left.pieces[:, 0].tolist() == [0, 1]
    assert left.score.tolist() == rows.score.tolist()
    with pytest.raises(UserError) as error:
        without(rows, ["paidd"])
    assert error.value.code == "learn-without"
