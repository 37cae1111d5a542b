"""What gives the outcome away is named; what is merely telling is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from leadwise.asking.instants import DAY_US
from leadwise.asking.outcomes import read_outcomes
from leadwise.asking.population import Population, population
from leadwise.card import load
from leadwise.card.model import Card, Event, ValueType, Variable
from leadwise.engines.entry.dataset import Dataset
from leadwise.errors import UserError
from leadwise.learn.leakage import (
    Suspect,
    require_clean,
    suspects,
    suspects_in_history,
)
from leadwise.learn.leakage.bounds import area, purity, wilson
from leadwise.learn.moments import Watch, training_rows
from leadwise.learn.rows import Floats, Rows, Truths

BANK = Path(__file__).parents[2] / "examples" / "bank-telemarketing"
TYPES: dict[str, ValueType] = {"double": "number", "string": "text", "int64": "boolean"}
START = 20_000 * DAY_US


def rows_of(won: Truths, **columns: object) -> Rows:
    values = pa.table(columns)
    fields = tuple(Variable(f.name, TYPES[str(f.type)], f.name) for f in values.schema)
    n = len(won)
    place = np.arange(n)
    return Rows(
        card=Card("made", 1, (), fields=fields), lead=place, lead_id=pa.array(place.astype(str)),
        as_of_us=place, when_us=place, why=np.full(n, "once"), won=won, score=place,
        band=np.zeros(n, np.int64), pieces=np.zeros((n, 0)), piece_names=(), values=values,
    )  # fmt: skip


def known_where(mask: Truths, values: Floats) -> pa.Array:
    return pa.array(values, mask=~mask)


def test_bounds() -> None:
    # Newcombe 1998, Statistics in Medicine 17:857-872, table I: 81 of 263 and 0 of 20.
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert purity(0, 2000, 0.1) == "never"
    assert purity(3, 2000, 0.1) == "never"
    assert purity(0, 200, 0.1) is None
    assert purity(500, 500, 0.3) == "always"
    assert purity(330, 500, 0.1) is None
    value, low, high = area(np.array([3.0, 2, 2, 1]), np.array([True, True, False, False]))
    assert value == 0.875
    assert low < value < high


def test_what_is_too_good_is_named() -> None:
    chance = np.random.default_rng(1)
    won = chance.random(2000) < 0.2
    noise = chance.random(2000)
    honest = won * 1.0 + chance.normal(0, 0.8, 2000)  # an AUC of about 0.81
    rows = rows_of(
        won,
        commission=np.where(won, 100 + noise, noise),
        contract=known_where(won & (noise < 0.8), noise),
        stage=np.where(won, "signed", np.where(noise < 0.5, "talks", "open")),
        serial=np.array([f"id-{n}" for n in range(2000)]),
        honest=honest,
        answered=known_where(noise < np.where(won, 0.9, 0.4), noise),
        noise=noise,
    )
    found = {suspect.name: suspect for suspect in suspects(rows)}
    assert {name: one.kind for name, one in found.items()} == {
        "commission": "too good",
        "contract": "filled only after",
        "stage": "too good",
    }
    n = int(won.sum())
    assert f"{n:,} of {n:,}" in found["stage"].evidence
    # What is known since before the moment may be as good as it likes, short of perfect.
    believed = {suspect.name for suspect in suspects(rows, dated_facts=True)}
    assert believed == {"commission", "stage"}


@pytest.mark.parametrize("n", [100, 3000])
def test_chance_alone_is_not_accused(n: int) -> None:
    chance = np.random.default_rng(n)
    columns: dict[str, object] = {f"x{k}": chance.random(n) for k in range(20)}
    columns |= {f"t{k}": chance.choice(list("abcdefgh"), n) for k in range(20)}
    columns |= {f"m{k}": known_where(chance.random(n) < 0.3, chance.random(n)) for k in range(20)}
    assert suspects(rows_of(chance.random(n) < 0.1, **columns)) == ()


def test_a_field_or_event_that_is_the_outcome() -> None:
    n = 60
    leads = [f"l{k:02}" for k in range(n)]
    came = START + np.arange(n) * DAY_US
    won = np.arange(n) % 3 == 0
    decided = came + 20 * DAY_US
    card = Card(
        "made", 1, (),
        fields=(Variable("contract", "text", "contract"), Variable("size", "number", "size"),
                Variable("closed", "time", "closed"), Variable("seen", "time", "seen")),
        events=(Event("signed"), Event("visited"), Event("asked")),
    )  # fmt: skip
    never = 2**62
    facts = pa.table(
        {
            "lead_id": leads * 2,
            "from_us": [*came, *(decided + DAY_US)],
            "until_us": [*(decided + DAY_US), *([never] * n)],
            "size": [1.0] * n + [2.0] * n,
            "contract": [None] * n + ["x"] * n,
            "seen": [*came] * 2,
            "closed": [*decided] * 2,
        }
    )
    signed = [k for k in range(n) if won[k]]
    events = pa.table(
        {
            "lead_id": [leads[k] for k in signed] + leads + [leads[k] for k in signed],
            "event": ["signed"] * len(signed) + ["visited"] * n + ["asked"] * len(signed),
            "at_us": [*decided[signed], *decided, *(came[signed] + DAY_US)],
            "received_us": [*decided[signed], *decided, *(came[signed] + DAY_US)],
        }
    )
    outcomes = {lead: (bool(w), int(at)) for lead, w, at in zip(leads, won, decided, strict=True)}
    with Dataset.from_arrow(card, pa.table({"lead_id": leads}), facts, events) as dataset:
        of = Population(card, dataset, dataset.engine)
        found = {s.name: (s.kind, s.evidence) for s in suspects_in_history(of, outcomes)}
        assert suspects_in_history(of, dict.fromkeys(leads, (True, None))) == ()
    # "asked" happens to the won alone as well, but weeks before; everybody is "visited".
    assert {name: kind for name, (kind, _) in found.items()} == {
        "contract": "written after",
        "closed": "tells the outcome",
        "signed": "tells the outcome",
    }
    assert "60 of 60 decided leads (100%)" in found["contract"][1]
    assert "at the decision or after it for 20" in found["signed"][1]


def test_the_bank_s_duration_and_nothing_honest() -> None:
    file = BANK / "bank-additional-full.csv.gz"
    outcomes = read_outcomes(file, columns={"lead_id": "#row", "outcome": "y"})
    card = load(BANK / "card.yaml")
    lasted = Variable("lasted", "number", "duration")
    card = Card(card.id, 1, card.dimensions, fields=(*card.fields, lasted), bands=card.bands)
    with population(card, file, columns={"lead_id": "#row"}) as of:
        built = training_rows(of, outcomes, Watch(DAY_US), in_order=True)
    found = suspects(built.rows)
    assert [(suspect.name, suspect.kind) for suspect in found] == [("lasted", "too good")]
    assert "0 of 2,092" in found[0].evidence
    assert any("duration" in note for note in built.notes)


def test_refused_unless_allowed() -> None:
    found = [
        Suspect("paid", "too good", "'paid' says it."),
        Suspect("signed", "tells the outcome", "'signed' is it."),
    ]
    require_clean(found, ["paid", "signed"])
    require_clean([])
    with pytest.raises(UserError) as error:
        require_clean(found, ["paid"])
    assert error.value.code == "leakage"
    assert "'signed' is it." in error.value.message
    assert "'paid'" not in error.value.message
    assert "--without signed" in error.value.hint
    assert "--allow signed" in error.value.hint
