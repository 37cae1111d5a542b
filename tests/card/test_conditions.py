"""Reading and writing of conditions: precedence, places, refusals."""

from __future__ import annotations

import pytest

from leadwise.card import ConditionError, format_condition, parse_condition
from leadwise.card.expression import (
    And,
    Arithmetic,
    Between,
    Comparison,
    In,
    IsNull,
    Name,
    Negative,
    Not,
    Number,
    Or,
    Text,
)

A, B, C = Name("a"), Name("b"), Name("c")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a or b and c", Or((A, And((B, C))))),
        ("not a and b", And((Not(A), B))),
        ("not a = b", Not(Comparison("=", A, B))),
        ("a and (b and c)", And((A, B, C))),
        ("a or b or c", Or((A, B, C))),
        ("a - b - c > 1", Comparison(">", Arithmetic("-", Arithmetic("-", A, B), C), Number(1))),
        ("a + b * c = 1", Comparison("=", Arithmetic("+", A, Arithmetic("*", B, C)), Number(1))),
        ("-a * b < 0", Comparison("<", Arithmetic("*", Negative(A), B), Number(0))),
        ("a between 1 and 2 and b", And((Between(A, Number(1), Number(2)), B))),
        ("a != 'x'", Comparison("<>", A, Text("x"))),
        ("a = 'it''s'", Comparison("=", A, Text("it's"))),
        ("a IN (1, -2)", In(A, (Number(1), Negative(Number(2))))),
        ("a Not In ('x')", In(A, (Text("x"),), negated=True)),
        ("a IS NOT NULL", IsNull(A, negated=True)),
        ("a\n  =\t1e3", Comparison("=", A, Number(1000))),
    ],
)
def test_precedence(text: str, tree: object) -> None:
    assert parse_condition(text) == tree


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("(a) = ((1))", "a = 1"),
        ("(a or b) and c", "(a or b) and c"),
        ("a or (b and c)", "a or b and c"),
        ("a - (b - c) > 1.50", "a - (b - c) > 1.5"),
        ("(a * b) + c > 1", "a * b + c > 1"),
        ("- (-5) < a", "-(-5) < a"),
        ("a NOT BETWEEN 1 AND 2", "a not between 1 and 2"),
        ("not (a = b)", "not a = b"),
        ("(not a) = b", "(not a) = b"),
        ("a = 100000000000000000000", "a = 1e+20"),
        ("COALESCE(a,0)>1", "coalesce(a, 0) > 1"),
    ],
)
def test_canonical_form(text: str, written: str) -> None:
    assert format_condition(parse_condition(text)) == written
    assert parse_condition(written) == parse_condition(text)


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("a == 1", "double-equals", (2, 4)),
        ('a = "x"', "double-quoted", (4, 7)),
        ("a = null", "equals-null", (2, 8)),
        ("a <> null", "equals-null", (2, 9)),
        ("a = 'x", "text-not-closed", (4, 6)),
        ("a = 'x'; delete", "sql-statement", (7, 8)),
        ("a = 'x' --", "sql-comment", (8, 10)),
        ("a - -b > --1", "sql-comment", (9, 11)),
        ("a /* x */ = 1", "sql-comment", (2, 4)),
        ("a > .5", "bad-number", (4, 6)),
        ("a > 5.", "bad-number", (4, 6)),
        ("a > 007", "bad-number", (4, 7)),
        ("a > 5px", "bad-number", (4, 7)),
        ("a > 1e999", "bad-number", (4, 9)),
        ("a > +5", "condition-syntax", (4, 5)),
        ("len(a) > 1", "unknown-function", (0, 3)),
        ("lower(a, b) = 'x'", "wrong-arguments", (0, 11)),
        ("contains(a, b)", "wrong-arguments", (0, 14)),
        ("lower() = 'x'", "wrong-arguments", (0, 7)),
        ("a in (select b)", "not-in-language", (6, 12)),
        ("exists (select 1)", "not-in-language", (0, 6)),
        ("case when a then 1 end", "not-in-language", (0, 4)),
        ("a in ()", "condition-syntax", (6, 7)),
        ("a in (b)", "condition-syntax", (6, 7)),
        ("a in (null)", "condition-syntax", (6, 10)),
        ("a like b", "condition-syntax", (7, 8)),
        ("a like 'x' escape '!'", "not-in-language", (11, 17)),
        ("a is true", "condition-syntax", (5, 9)),
        ("a < b < c", "condition-syntax", (6, 7)),
        ("a and", "condition-syntax", (5, 5)),
        ("and a", "condition-syntax", (0, 3)),
        ("(a", "condition-syntax", (2, 2)),
        ("a)", "condition-syntax", (1, 2)),
        ("a b", "condition-syntax", (2, 3)),
        ("a || b", "condition-syntax", (2, 4)),
        ("!a", "condition-syntax", (0, 1)),
        ("Job_Title = 'x'", "bad-name", (0, 9)),
        ("größe > 1", "bad-name", (0, 5)),
        ("a = \N{FULLWIDTH DIGIT ONE}", "bad-number", (4, 5)),
        ("a = not b", "condition-syntax", (4, 7)),
        ("a.b = 1", "bad-number", (1, 3)),
        ("", "empty-condition", (0, 0)),
    ],
)
def test_refusals(text: str, code: str, span: tuple[int, int]) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    assert (caught.value.code, caught.value.span) == (code, span)
    assert caught.value.message


def test_near_functions_are_suggested() -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition("start_with(a, 'x')")
    assert caught.value.hint == "did you mean 'starts_with'?"


@pytest.mark.parametrize(
    "text",
    ["(" * 60 + "a" + ")" * 60, "not " * 60 + "a", "lower(" * 60 + "a" + ")" * 60,
     "-(" * 60 + "a" + ")" * 60, "a" + " + a" * 200 + " > 1"],
)  # fmt: skip
def test_depth_is_bounded(text: str) -> None:
    with pytest.raises(ConditionError) as caught:
        parse_condition(text)
    assert caught.value.code == "condition-too-deep"


def test_length_is_bounded_and_long_lists_are_fine() -> None:
    listed = ", ".join(f"'{i}'" for i in range(1000))
    assert len(parse_condition(f"a in ({listed})").values) == 1000
    with pytest.raises(ConditionError) as caught:
        parse_condition("a = '" + "x" * 10_000 + "'")
    assert caught.value.code == "condition-too-long"


def test_spans_say_where_each_part_stands() -> None:
    tree = parse_condition("a = 1 and lower(b) like 'x%'")
    assert isinstance(tree, And)
    assert [item.span for item in tree.items] == [(0, 5), (10, 28)]
