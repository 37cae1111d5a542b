"""The laws of a score, on random cards over random histories.

`make test` looks at a few examples of each, `make laws` at many. What an engine says is compared
with the oracle; the oracle's own answers are held by the conformance corpus.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from leadwise.asking.forecast import BandChange, forecast
from leadwise.asking.population import Moment, Population, ask_each
from leadwise.card import format_card, parse
from leadwise.card.expression import Expression
from leadwise.card.model import Card, Dimension, StateCriterion, Tier
from leadwise.engines import Engine, open_engine
from leadwise.engines.duckdb import DuckDBEngine
from tests.asking_engines import answers, from_files, from_history, on_engine
from tests.file_rows import event_row, fact_row
from tests.histories import NOW, Lead, When, instants, leads, moments, rows_of
from tests.many import of_hundred
from tests.oracle import Answer, Happened, Values, answer
from tests.oracle_conditions import DAY, Scope, evaluate
from tests.oracle_forecast import HOUR, SECOND, jumps
from tests.strategies import FIELDS, cards
from tests.strategies_conditions import Vocabulary, conditions

# Below this two honest computers may round a half-life's sum differently (hundredths).
HONEST = 1e-9


def examples(share: int) -> settings:
    """`share` percent of the profile's examples: some laws cost more than others."""
    return settings(
        max_examples=of_hundred(share),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


@pytest.fixture(scope="module")
def duckdb() -> Iterator[DuckDBEngine]:
    with DuckDBEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def sqlite() -> Iterator[Engine]:
    with open_engine("sqlite") as engine:
        yield engine


@pytest.fixture(scope="module")
def postgres(postgres_url: str) -> Iterator[Engine]:
    with open_engine(postgres_url) as engine:
        yield engine


def by_oracle(card: Card, everybody: list[Lead], asked: list[Moment]) -> list[Answer]:
    known = {lead.id: lead for lead in everybody}
    return [
        answer(card, known[m.lead_id].facts, known[m.lead_id].events, m.as_of_us, m.known_by_us)
        for m in asked
    ]


def everyone(everybody: list[Lead], when: list[When]) -> list[Moment]:
    return [Moment(lead.id, w.as_of_us, w.known_by_us) for lead in everybody for w in when]


def agree(read: Population, everybody: list[Lead], asked: list[Moment]) -> None:
    """The engine says what the oracle says, line by line, and its lines add up to the score."""
    expected = by_oracle(read.card, everybody, asked)
    for moment, said, right in zip(asked, answers(read, asked), expected, strict=True):
        assert sum(said.lines.values()) == said.score
        if right.edge > HONEST:
            assert said == replace(right, edge=0.0), (read.engine.name, moment)


@examples(25)
@given(cards(), leads(), st.lists(moments(), min_size=1, max_size=4))
def test_engines_agree_with_the_oracle(
    duckdb: DuckDBEngine,
    sqlite: Engine,
    postgres: Engine,
    card: Card,
    everybody: list[Lead],
    when: list[When],
) -> None:
    read = from_history(card, everybody, duckdb)
    for engine in (None, sqlite, postgres):
        agree(on_engine(read, engine), everybody, everyone(everybody, when))


@pytest.mark.xdist_group("spark")
@examples(3)
@given(cards(), leads(), st.lists(moments(), min_size=4, max_size=8))
def test_spark_agrees_with_the_oracle(
    duckdb: DuckDBEngine,
    spark_engine: Engine,
    card: Card,
    everybody: list[Lead],
    when: list[When],
) -> None:
    read = from_history(card, everybody, duckdb)
    agree(on_engine(read, spark_engine), everybody, everyone(everybody, when))


@examples(8)
@given(cards(), leads(), moments(), st.data())
def test_order_changes_nothing(
    duckdb: DuckDBEngine, card: Card, everybody: list[Lead], when: When, data: st.DataObject
) -> None:
    asked = everyone(everybody, [when])
    before = answers(from_history(card, everybody, duckdb), asked)
    mixed = [replace(lead, events=data.draw(st.permutations(lead.events))) for lead in everybody]
    assert answers(from_history(card, mixed[::-1], duckdb), asked) == before


@examples(4)
@given(cards(), leads(), moments(), st.data())
def test_duplicates_change_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    duckdb: DuckDBEngine,
    card: Card,
    everybody: list[Lead],
    when: When,
    data: st.DataObject,
) -> None:
    rows = [fact_row(lead.id, at, values) for lead in everybody for at, values in lead.facts]
    events = [event_row(lead.id, e) for lead in everybody for e in lead.events]
    events = [{**row, "message_id": f"m{n}"} for n, row in enumerate(events)]
    again = data.draw(st.lists(st.sampled_from(events), max_size=5)) if events else []
    asked = [m for m in everyone(everybody, [when]) if any(r["lead_id"] == m.lead_id for r in rows)]
    folder = tmp_path_factory.mktemp("duplicates")
    for given_events in (events, events + again):
        agree(from_files(card, rows, given_events, folder, duckdb), everybody, asked)


@examples(12)
@given(cards(ages=False), leads(), st.integers(0, 400 * DAY))
def test_time_alone_changes_nothing_where_nothing_ages(
    duckdb: DuckDBEngine, card: Card, everybody: list[Lead], later: int
) -> None:
    # From a moment on at which everything that lies ahead has happened and is known.
    start = NOW + 30 * DAY
    asked = everyone(everybody, [When(start, start), When(start + later, start + later)])
    found = answers(from_history(card, everybody, duckdb), asked)
    assert found[0::2] == found[1::2]


@examples(10)
@given(cards(), leads(), moments(), st.data())
def test_what_was_not_yet_received_changes_nothing(
    duckdb: DuckDBEngine, card: Card, everybody: list[Lead], when: When, data: st.DataObject
) -> None:
    asked = everyone(everybody, [when])
    before = answers(from_history(card, everybody, duckdb), asked)
    after = [with_news(lead, when, data) for lead in everybody]
    assert answers(from_history(card, after, duckdb), asked) == before


def with_news(lead: Lead, when: When, data: st.DataObject) -> Lead:
    """The same events once more and one more row of facts, all received after the moment."""
    late = st.sampled_from((1, SECOND, DAY))
    news = [
        Happened(e.event, data.draw(instants), when.known_by_us + data.draw(late), e.properties)
        for e in lead.events
    ]
    known = {at for at, _ in lead.facts}
    at = max(when.as_of_us, when.known_by_us) + data.draw(late)
    row = [] if at in known else [(at, data.draw(rows_of(FIELDS)))]
    return Lead(lead.id, [*lead.facts, *row], [*news, *lead.events])


@examples(10)
@given(cards(at_least_bands=1), leads(), moments(), st.data())
def test_nothing_changes_before_stable_until(
    duckdb: DuckDBEngine, card: Card, everybody: list[Lead], when: When, data: st.DataObject
) -> None:
    asked = everyone(everybody, [when])
    rows = ask_each(from_history(card, everybody, duckdb), asked, stable=True).to_pylist()
    for row in rows:
        lead = everybody[row["_moment"]]
        first, last = when.as_of_us // SECOND + 1, (row["stable_until_us"] - 1) // SECOND
        assert row["stable_until_us"] >= when.as_of_us
        if last < first:
            continue
        last = min(last, first + 400 * 24 * HOUR)
        near = [s + d for s in jumps(card, lead.facts, lead.events) for d in (-1, 0, 1)]
        drawn = data.draw(st.lists(st.integers(first, last), max_size=5))
        for second in {first, last, *drawn, *(s for s in near if first <= s <= last)}:
            then = answer(card, lead.facts, lead.events, second * SECOND, when.known_by_us)
            if then.edge > HONEST:
                assert then.band == row["band"], (row, second)


@examples(8)
@given(cards(at_least_bands=1), leads(), st.sampled_from((0, 1, SECOND // 2, -DAY, -2 * DAY)))
def test_forecast_agrees_with_asking(
    duckdb: DuckDBEngine, card: Card, everybody: list[Lead], by: int
) -> None:
    start, horizon = NOW + by, 5 * DAY
    read = from_history(card, everybody, duckdb)
    found = forecast(read, [lead.id for lead in everybody], start, horizon_us=horizon)
    for lead in everybody:
        changes = [change for change in found if change.lead_id == lead.id]
        assert all(start < c.at_us <= start + horizon and c.at_us % SECOND == 0 for c in changes)
        first, last = start // SECOND + 1, (start + horizon) // SECOND
        near = {s + d for s in jumps(card, lead.facts, lead.events) for d in (-1, 0, 1)}
        near |= {c.at_us // SECOND + d for c in changes for d in range(-3, 4)}
        asked = {s for s in near if first <= s <= last} | set(range(first, last + 1, HOUR))
        opening = answer(card, lead.facts, lead.events, start)
        assume(opening.edge > HONEST)
        for second in sorted(asked):
            then = answer(card, lead.facts, lead.events, second * SECOND, start)
            if then.edge > HONEST:
                assert then.band == implied(opening.band, changes, second), (lead.id, second)


def implied(opening: str | None, changes: list[BandChange], second: int) -> str | None:
    """The band that a forecast says a lead has at a second."""
    past = [change for change in changes if change.at_us <= second * SECOND]
    return past[-1].to_band if past else opening


@examples(50)
@given(cards())
def test_a_card_survives_being_written_and_read(card: Card) -> None:
    text = format_card(card)
    again = parse(text)
    if again.card is None:
        assert {problem.code for problem in again.errors} <= {"never-true", "unreachable-tier"}
        return
    assert again.card == card
    assert format_card(again.card) == text


@examples(20)
@given(
    st.lists(conditions(Vocabulary(FIELDS)), min_size=8, max_size=8, unique=True),
    st.lists(rows_of(FIELDS), min_size=30, max_size=30),
    moments(),
)
def test_what_check_calls_never_true_never_is(
    tried: list[Expression], rows: list[Values], when: When
) -> None:
    criteria = tuple(StateCriterion(f"c{n}", (Tier(c, 100),), True) for n, c in enumerate(tried))
    text = format_card(Card("t", 1, (Dimension("d", criteria),), fields=FIELDS))
    variables = {v.name: v for v in FIELDS}
    for problem in parse(text).errors:
        assert problem.code == "never-true"
        assert problem.where.line is not None
        above = "".join(text.splitlines(True)[: problem.where.line])
        refused = tried[int(re.findall(r"id: c(\d)", above)[-1])]
        truths = [evaluate(refused, Scope(variables, row, when.as_of_us)) for row in rows]
        assert True not in truths, refused
