"""The figures in the README are those that the bank's card gives today."""

from __future__ import annotations

import leadwise
from tests.docs.pages import ROOT, section

BANK = ROOT / "examples" / "bank-telemarketing"


def test_the_readme_says_what_evaluate_finds() -> None:
    data = BANK / "bank-additional-full.csv.gz"
    found = leadwise.evaluate(
        BANK / "card.yaml",
        data,
        outcomes=data,
        columns={"lead_id": "#row", "outcome": "y"},
        as_of="2010-12-01",
    )
    assert found.auc is not None
    assert found.better_half is not None
    low, high = (f"{bound:.3f}" for bound in (found.auc.low, found.auc.high))
    figures = section(ROOT / "README.md", "Measured")
    assert f"{found.leads:,} phone contacts" in figures
    assert f"| AUC | {found.auc.value:.3f} (95 percent interval {low} to {high}) |" in figures
    assert f"| {100 * found.better_half:.0f} percent |" in figures
