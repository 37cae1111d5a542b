"""What has changed is said with numbers; what has not is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from leadwise.card.model import Card, Variable
from leadwise.learn.calibration.fit import calibrate
from leadwise.learn.drift.model import Workload
from leadwise.learn.drift.shift import numbers, texts
from leadwise.learn.drift.watch import by_month, drift, label_delay
from leadwise.learn.rows import Piece, Rows
from tests.learn.made import DAY_US, rows_of

CARD = Card("c", 1, (), fields=(Variable("size", "number", "size"),
                                Variable("source", "choice", "source")))  # fmt: skip


def span(n: int, seed: int, *, size: float = 0, web: float = 0.5, fired: float = 0.1) -> Rows:
    lot = np.random.default_rng(seed)
    score = lot.normal(50, 15, n)
    values = {"size": lot.normal(size, 1, n),
              "source": np.where(lot.random(n) < web, "web", "fair")}  # fmt: skip
    rows = rows_of(score, lot.random(n) < 0.2, card=CARD, values=dict(values))
    pieces = (lot.random((n, 1)) < fired).astype(float)
    return replace(rows, pieces=pieces, piece_names=(Piece("demo", "occurrence", 0, 100),))


def test_psi_is_what_its_formula_gives() -> None:
    before = np.repeat(np.arange(2.0), 500)
    after = np.repeat(np.arange(2.0), [250, 750])
    found = numbers("x", before, after)
    assert found.psi == pytest.approx(0.25 * np.log(1.5) - 0.25 * np.log(0.5), abs=0.01)
    assert [(b.before, b.after) for b in found.bins] == [(0.5, 0.25), (0.5, 0.75)]


def test_few_rows_pass_the_old_step_by_chance_and_are_not_called_changed() -> None:
    lot = np.random.default_rng(0)
    wrong = classic = 0
    for _ in range(60):
        found = numbers("x", lot.normal(size=60), lot.normal(size=60))
        classic += found.psi > 0.10
        wrong += found.verdict != "steady"
    assert classic > 30
    assert wrong <= 4


def test_unknown_and_new_values_are_seen() -> None:
    before = np.random.default_rng(1).normal(size=1000)
    after = np.where(np.arange(1000) < 400, np.nan, before)
    found = numbers("x", before, after)
    assert found.verdict == "changed"
    assert found.bins[-1].name == "unknown"
    assert found.bins[-1].after == pytest.approx(0.4)
    words = texts("y", pa.array(["a"] * 500 + [None] * 500), pa.array(["b"] * 900 + ["c"] * 100))
    assert words.verdict == "changed"
    assert {b.name for b in words.bins} == {"a", "b", "c", "unknown"}
    assert numbers("z", before[:0], before).verdict == "too few"


def test_steady_leads_raise_no_alert() -> None:
    found = drift(span(3000, 1), span(3000, 2), workload=Workload(10, 11, 10))
    assert found.alerts == ()


def test_each_change_is_named_with_its_remedy() -> None:
    after = span(3000, 2, size=2, web=0.05, fired=0)
    found = drift(span(3000, 1), after, workload=Workload(10, 40, 10),
                  delay=label_delay(np.full(9, 5 * DAY_US), np.full(9, 20 * DAY_US)))  # fmt: skip
    kinds = [(alert.kind, alert.name) for alert in found.alerts]
    assert kinds == [("field", "size"), ("field", "source"), ("silent", "demo"),
                     ("capacity", "hot leads"), ("delay", "outcomes")]  # fmt: skip
    assert f"counted for {found.silent[0].before:.1%}" in found.alerts[2].text
    assert found.silent[0].before == pytest.approx(0.1, abs=0.02)
    assert all(alert.remedy for alert in found.alerts)


def test_a_rare_criterion_is_not_silent_by_chance() -> None:
    assert drift(span(3000, 1, fired=0.002), span(300, 2, fired=0)).silent == ()


def test_months_in_which_too_much_was_said_are_off() -> None:
    rows = span(6000, 3)
    score = rows.score / 100.0
    calibration = calibrate(score, rows.won, rows.lead)
    month = np.arange(6000) // 2000
    names = ["2026-01", "2026-02", "2026-03"]
    assert [m.off for m in by_month(rows, calibration, score, month, names)] == [False] * 3
    fallen = replace(rows, won=rows.won & ((month < 2) | (np.arange(6000) % 3 == 0)))
    found = by_month(fallen, calibration, score, month, names)
    assert [m.off for m in found] == [False, False, True]
    alert = drift(rows, rows, months=found).alerts[0]
    assert alert.kind == "calibration"
    assert "fewer than chance allows" in alert.text
