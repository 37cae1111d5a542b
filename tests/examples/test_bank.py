"""The bank's campaign: the README's figures are those that the card gives on the real data."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import leadwise
from leadwise.card import load
from leadwise.report import Evaluation

BANK = Path(__file__).parents[2] / "examples" / "bank-telemarketing"
CARD, DATA = BANK / "card.yaml", BANK / "bank-additional-full.csv.gz"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    columns = {"lead_id": "#row", "outcome": "y"}
    return leadwise.evaluate(CARD, DATA, outcomes=DATA, columns=columns, as_of="2026-01-01")


def test_nothing_is_used_that_is_known_only_after_the_call() -> None:
    sources = {field.source for field in load(CARD).fields}
    assert not sources & {"duration", "y"}
    assert "campaign" in sources


def test_the_data_is_all_there(evaluation: Evaluation) -> None:
    assert (evaluation.leads, evaluation.conversions) == (41_188, 4_640)
    assert evaluation.notes == ()


def test_the_readme_says_the_auc_and_it_lies_where_a_card_by_hand_should(
    evaluation: Evaluation,
) -> None:
    assert evaluation.auc is not None
    assert 0.77 < evaluation.auc.value < 0.80  # logistic regression gets 0.80
    assert f"AUC {evaluation.auc.value:.3f} " in (BANK / "README.md").read_text()


def test_the_readme_says_what_the_bands_hold(evaluation: Evaluation) -> None:
    rows = re.findall(r"\| ([\d,]+) \| ([\d,]+) \| ([\d.]+) %", (BANK / "README.md").read_text())
    assert rows == [
        (f"{band.leads:,}", f"{band.conversions:,}", f"{100 * (band.precision or 0):.1f}")
        for band in reversed(evaluation.bands)
    ]
    assert evaluation.better_half is not None
    assert (
        f"{evaluation.better_half:.0%}".rstrip("%") + " percent" in (BANK / "README.md").read_text()
    )
