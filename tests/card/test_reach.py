"""Unreachable tiers are found, and no reachable one is called so."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwise.card import Meaning, Scope, parse_condition
from leadwise.card.model import Variable
from leadwise.card.trial import try_out
from tests.oracle_conditions import Scope as Values
from tests.oracle_conditions import evaluate

SCOPE = Scope(
    "lead",
    {
        "size": Meaning("size", "number", "field"),
        "age": Meaning("age", "number", "field"),
        "role": Meaning("role", "choice", "field", ("vp", "manager", "other")),
        "country": Meaning("country", "text", "field"),
        "opted": Meaning("opted", "boolean", "field"),
        "created": Meaning("created", "time", "field"),
        "visits": Meaning("visits", "number", "measure", count=True),
        "quiet": Meaning("quiet", "number", "measure", moving=True),
    },
)


def winners(*conditions: str) -> tuple[bool, ...]:
    outcome = try_out([parse_condition(c) for c in conditions], SCOPE)
    assert outcome is not None
    return outcome.can_win


@pytest.mark.parametrize(
    "conditions",
    [
        ("size >= 100", "size >= 1000"),
        ("size >= 100", "size between 100 and 200"),
        ("size is not null", "size > 3"),
        ("size > 5 or size <= 5", "size = 4"),
        ("role = 'vp'", "role <> 'vp'", "role in ('vp', 'other')"),
        ("opted", "not opted", "opted is not null"),
        ("country = 'es'", "country in ('es')"),
        ("country <> 'es'", "country = 'fr'"),
        ("visits > 0", "visits >= 1"),
        ("visits < 1", "visits = 0"),
        ("visits is not null", "visits > 3"),
        ("quiet >= 0", "quiet > 60"),
        ("created >= '2026-01-01'", "created > '2026-06-30T12:00:00+02:00'"),
        ("coalesce(size, 0) >= 1", "size > 5"),
        ("days_since(created) > 1", "days_since(created) > 2"),
        ("country like 'a%'", "country like 'a%' and size > 3"),
    ],
)
def test_the_last_tier_is_never_reached(conditions: tuple[str, ...]) -> None:
    won = winners(*conditions)
    assert won[:-1] == (True,) * (len(won) - 1)
    assert not won[-1]


@pytest.mark.parametrize(
    "conditions",
    [
        ("size >= 1000", "size >= 100", "size < 100"),
        ("size > 5", "size > 4.999999", "size is null"),
        ("size > 1 and age > 1", "size > 1", "age > 1", "age is null"),
        ("role = 'vp'", "role = 'manager'", "role = 'other'", "role is null"),
        ("country = 'es'", "country <> 'fr'", "country is null"),
        ("visits > 2.5", "visits > 1.5", "visits = 0"),
        ("country like 'a%'", "country like 'ab%'"),
        ("size > age", "size < age"),
        ("size * 2 > 10", "size > 5"),
        ("quiet > 60", "quiet > 30", "quiet is null"),
        ("created < '2026-01-01'", "created = '2026-01-01'", "created is not null"),
        ("days_since(created) < 0", "days_since(created) < 1"),
        ("coalesce(size, 100) > 50", "size > 20", "size is not null"),
    ],
)
def test_every_tier_is_reached(conditions: tuple[str, ...]) -> None:
    assert all(winners(*conditions))


def test_too_many_combinations_are_not_judged() -> None:
    many = [f"country = 't{i}' and size > {i} and age > {i} and visits > {i}" for i in range(20)]
    assert try_out([parse_condition(c) for c in many], SCOPE) is None


ATOMS = st.sampled_from(
    ["size > 5", "size <= 5", "size between 2 and 7", "size in (1, 5)", "size is null", "opted",
     "not opted", "role = 'vp'", "role <> 'vp'", "role in ('manager', 'other')", "visits > 2",
     "visits = 0", "coalesce(size, 6) > 5", "country = 'es'", "country <> 'fr'", "size > age",
     "age * 2 > 8", "country like 'e%'"]
)  # fmt: skip
CONDITIONS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=4,
)
LEADS = st.fixed_dictionaries(
    {
        "size": st.none() | st.sampled_from([0.0, 1.0, 2.0, 4.9, 5.0, 5.1, 6.5, 7.0, 100.0]),
        "age": st.none() | st.sampled_from([0.0, 4.0, 5.0]),
        "opted": st.none() | st.booleans(),
        "role": st.sampled_from([None, "vp", "manager", "other"]),
        "country": st.sampled_from([None, "es", "fr", "en", "x"]),
        "visits": st.sampled_from([0.0, 1.0, 2.0, 3.0, 9.0]),
    }
)
VARIABLES = {
    name: Variable(name, meaning.type, name, choices=meaning.choices)
    for name, meaning in SCOPE.names.items()
}


@given(st.lists(CONDITIONS, min_size=1, max_size=4), st.lists(LEADS, min_size=20, max_size=20))
@settings(max_examples=150, deadline=None)
def test_no_false_alarm(
    texts: list[str], leads: list[dict[str, float | str | bool | None]]
) -> None:
    """Whatever tier wins for some lead (says the oracle) is said to be able to win."""
    conditions = [parse_condition(text) for text in texts]
    outcome = try_out(conditions, SCOPE)
    if outcome is None:
        return
    for values in leads:
        scope = Values(VARIABLES, dict(values), 0)
        found = [evaluate(condition, scope) for condition in conditions]
        assert all(can for can, value in zip(outcome.can_be_true, found, strict=True) if value)
        if True in found:
            assert outcome.can_win[found.index(True)]
