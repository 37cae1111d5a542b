"""Models: the same text always, contributions that add up, titles read, settings that hold."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from leadwise.card import parse
from leadwise.card.model import Card
from leadwise.errors import UserError
from leadwise.learn.models import (
    Loaded,
    ModelLearner,
    Options,
    explain,
    facts_of,
    features_of,
    learn_model,
    load,
    stored_from,
    table_of,
)
from leadwise.learn.models.additive import Setting, _fit, read_additive, written
from leadwise.learn.models.features import DAY_US
from leadwise.learn.models.tried import parts, plain_auc
from leadwise.learn.rows import Rows
from tests.learn.made import rows_of

TEXT = """
card: sales
version: 2
fields:
  created_at: time
  employees: number
  industry: {type: choice, choices: [bank, farm, school, shop]}
  opted_in: boolean
  title: text
  model_old: number
dimensions:
  - id: fit
    criteria:
      - {id: large, when: employees >= 100, points: 10}
bands: [{id: cold}, {id: warm, from: 5}]
"""
RANKS = ("VP", "Head of", "Director,", "Junior", "Assistant", "Intern")
WORK = ("Sales", "Données", "Einkauf", "Marketing", "Operations", "Finance", "IT", "Legal", "HR")


def card() -> Card:
    found = parse(TEXT).card
    assert found is not None
    return found


def leads(count: int, seed: int = 0, *, signal: bool = True) -> Rows:
    """Won for size, industry and the rank in the title; shops need a large size (a pair)."""
    draw = np.random.default_rng(seed)
    employees = np.round(10 ** draw.uniform(0, 3.5, count))
    industry = draw.choice(["bank", "farm", "school", "shop"], count)
    opted = draw.random(count) < 0.7
    rank, work = draw.choice(len(RANKS), count), draw.choice(WORK, count)
    title = [f"{RANKS[r]} {w} {n % 7}" for n, (r, w) in enumerate(zip(rank, work, strict=True))]
    odds = -1.6 + 0.5 * np.log10(employees) + 0.5 * opted - 1.2 * (rank >= 3)
    odds += 1.0 * (industry == "bank") - 0.8 * (industry == "farm")
    odds += np.where(industry == "shop", 1.5 * (employees > 100) - 0.5, 0.0)
    won = draw.random(count) < 1 / (1 + np.exp(-(odds if signal else -1.0)))
    unknown = draw.random(count) < 0.1
    as_of = 20_454 * DAY_US + (np.arange(count) * 120 // count) * DAY_US
    values = {
        "created_at": pa.array(as_of - draw.integers(0, 30, count) * DAY_US),
        "employees": pa.array(employees, pa.float64(), mask=unknown),
        "industry": pa.array(industry),
        "opted_in": pa.array(opted.astype(np.int64)),
        "title": pa.array(title, pa.string(), mask=draw.random(count) < 0.05),
        "model_old": pa.array(odds),
    }
    return rows_of(10.0 * (employees >= 100), won, card=card(), values=values)


@pytest.fixture(scope="module", params=["logistic", "ebm", "lightgbm"])
def learned(request: pytest.FixtureRequest) -> Loaded:
    options = Options(monotone={"employees": "rising", "opted_in": "falling"})
    return load(learn_model(request.param, leads(900), options, "first"))


def test_a_model_orders_later_leads(learned: Loaded) -> None:
    later = leads(1500, seed=1)
    assert plain_auc(learned(later), later.won) > 0.7


def test_its_text_gives_the_same_model_back(learned: Loaded) -> None:
    text = learned.stored.as_text()
    again = stored_from(text)
    assert again.as_text() == text
    assert again.sha256 == learned.stored.sha256
    later = leads(300, seed=2)
    assert np.array_equal(load(again)(later), learned(later))


def test_contributions_add_up_and_name_the_values(learned: Loaded) -> None:
    later = leads(200, seed=3)
    found = explain(learned, later.values, later.as_of_us, top=3, labels={"title": "Job title"})
    for one, raw in zip(found, learned(later), strict=True):
        assert one.raw == raw
        assert one.base + sum(line.log_odds for line in one.lines) == pytest.approx(raw, abs=1e-9)
        assert len([line for line in one.lines if line.fields]) <= 3
        own = [line for line in one.lines if len(line.fields) == 1]
        assert len({line.fields for line in own}) == len(own)  # words of a title are one line
    said = " | ".join(str(line) for one in found for line in one.lines)
    assert "Job title VP" in said
    assert "employees unknown: " in said


def test_one_lead_alone_scores_as_among_all(learned: Loaded) -> None:
    later = leads(50, seed=4)
    features = learned.stored.features
    for n in range(10):
        row = later.values.slice(n, 1).to_pylist()[0]
        alone = features.of_lead(row, int(later.as_of_us[n]))
        assert learned.model.raw(alone)[0] == learned(later)[n]


def test_what_is_to_rise_rises(learned: Loaded) -> None:
    row = leads(50, seed=5).values.slice(0, 1).to_pylist()[0]
    many = [row | {"employees": float(n)} for n in (1, 5, 20, 80, 200, 1000, 3000)]
    table = table_of(learned.stored.features, many)
    raw = learned.raw(table, np.full(len(many), 20_460 * DAY_US))
    assert (np.diff(raw) >= -1e-12).all()
    assert raw[-1] > raw[0]
    both = table_of(learned.stored.features, [row | {"opted_in": n} for n in (0, 1)])
    assert np.diff(learned.raw(both, np.full(2, 20_460 * DAY_US)))[0] <= 1e-12  # though they win


def test_the_fact_is_a_percentage_known_since_now(learned: Loaded) -> None:
    later = leads(50, seed=6)
    fact = facts_of(learned, later.values, later.as_of_us, 77)
    assert (fact.field, fact.known_us) == ("model_first", 77)
    assert ((fact.percent > 0) & (fact.percent < 100)).all()
    assert np.array_equal(np.argsort(fact.percent, kind="stable")[-1:], [np.argmax(learned(later))])


def test_the_same_rows_give_the_same_text() -> None:
    rows, options = leads(200), Options(without=frozenset({"title"}))
    for kind in ("lightgbm", "ebm"):
        first, second = (learn_model(kind, rows, options).as_text() for _ in range(2))
        assert first == second


def test_an_ebm_is_read_as_its_library_reads_it() -> None:
    rows = leads(500)
    features = features_of(rows)
    x = features.of_rows(rows)
    made = _fit(x, rows.won, features, Setting(3, 40, 2), Options())
    text = written(made)
    assert any(len(term["columns"]) == 2 for term in json.loads(text)["terms"])
    x = np.vstack([x, np.full((1, x.shape[1]), np.nan)])
    theirs = made.predict_proba(x)[:, 1]
    ours = 1 / (1 + np.exp(-read_additive(text).raw(x)))
    assert np.abs(theirs - ours).max() < 1e-12


def test_columns_are_those_of_the_rows_learned_from() -> None:
    rows = leads(500)
    features = features_of(rows, frozenset({"opted_in"}))
    assert features.fields == ("created_at", "employees", "industry", "title")  # no model_old
    assert {"title: vp", "title: head", "title: donnees"} <= set(features.names)
    assert "title: head of" not in features.names  # wherever "head" is
    row = {"industry": "casino", "employees": 250.0, "title": "VP of nothing", "created_at": 0}
    found = dict(zip(features.names, features.of_lead(row, 12 * DAY_US)[0], strict=True))
    assert np.isnan(found["industry"])  # unseen
    assert (found["employees"], found["created_at"]) == (250.0, 12.0)
    assert (found["title: vp"], found["title: head"]) == (1.0, 0.0)


def test_later_rows_are_foretold_from_rows_that_were_over() -> None:
    rows = leads(1000)
    for split in parts(rows, 10 * DAY_US):
        over = rows.when_us[split.known].max() + 10 * DAY_US
        assert over <= rows.when_us[split.ahead].min()
    assert len(parts(rows, 10 * DAY_US)) == 3


def test_what_cannot_be_learned_is_refused() -> None:
    rows = leads(300)
    cases = [
        ("learn-few", lambda: learn_model("lightgbm", rows.take(np.arange(80)))),
        ("learn-one-class", lambda: learn_model("ebm", rows.take(~rows.won))),
        ("learn-monotone", lambda: learn_model("ebm", rows, Options({"title": "rising"}))),
        ("model-name", lambda: learn_model("ebm", rows, name="My model")),
        ("model-text", lambda: stored_from('{"format": 99}')),
        ("learn-nothing", lambda: learn_model("ebm", rows, Options(without=frozenset(
            rows.values.column_names)))),
    ]  # fmt: skip
    for code, refused in cases:
        with pytest.raises(UserError) as error:
            refused()
        assert error.value.code == code
    model = ModelLearner("logistic").learn(rows)
    with pytest.raises(UserError) as error:
        model.raw(rows.values.drop_columns(["title"]), rows.as_of_us)
    assert error.value.code == "model-field"
