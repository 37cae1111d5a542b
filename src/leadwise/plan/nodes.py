"""The few SQL nodes that a plan is made of; everything else of SQL stays out.

Names are always quoted and user text only ever becomes a literal node. Every function returns a new
node, so that one node never stands in two places of a tree.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from sqlglot import exp

Node: TypeAlias = exp.Expr
DAY_US = 86_400_000_000
HALF_UP = "0.5000001"


def column(name: str, table: str | None = None) -> Node:
    return exp.column(name, table=table, quoted=True)


def named(node: Node, name: str) -> Node:
    return exp.alias_(node, name, quoted=True)


def relation(name: str) -> exp.Table:
    """A table or step in FROM; quoted like every name, as Snowflake would else read capitals."""
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def nested(query: exp.Query, name: str) -> exp.Subquery:
    """A query in FROM under a name."""
    alias = exp.TableAlias(this=exp.to_identifier(name, quoted=True))
    return exp.Subquery(this=query, alias=alias)


def whole(value: int) -> Node:
    """A whole number of any size up to 64 bits."""
    literal = exp.Literal.number(abs(value))
    return exp.Neg(this=literal) if value < 0 else literal


def big(node: Node) -> Node:
    return exp.cast(node, exp.DataType.Type.BIGINT)  # a text would be parsed each time


def double(node: Node) -> Node:
    return exp.cast(node, exp.DataType.Type.DOUBLE)


def number(value: float) -> Node:
    """A double: engines read bare decimals as exact numbers, which 0.1 + 0.2 = 0.3 shows."""
    literal = exp.Literal.number(repr(abs(value)))
    return double(exp.Neg(this=literal) if value < 0 else literal)


def text(value: str) -> Node:
    return exp.Literal.string(value)


def literal(value: str | int) -> Node:
    return text(value) if isinstance(value, str) else whole(value)


def remainder(left: Node, right: Node) -> Node:
    """What is left of dividing whole numbers; it has the sign of the left one."""
    return exp.Mod(this=wrapped(left), expression=wrapped(right))


def null(kind: str) -> Node:
    return exp.cast(exp.null(), kind)


def case(branches: Iterable[tuple[Node, Node]], otherwise: Node | None = None) -> Node:
    node = exp.Case()
    for condition, value in branches:
        node = node.when(condition, value, copy=False)
    return node.else_(otherwise, copy=False) if otherwise is not None else node


def when(condition: Node, value: Node, otherwise: Node | None = None) -> Node:
    return case([(condition, value)], otherwise)


def wrapped(node: Node) -> Node:
    """The node in parentheses, unless it stands for itself (sqlglot counts AND and OR as calls)."""
    simple = (exp.Column, exp.Literal, exp.Cast, exp.Case, exp.Func, exp.Paren)
    alone = isinstance(node, simple) and not isinstance(node, exp.Connector)
    return node if alone else exp.Paren(this=node)


def add(parts: Sequence[Node]) -> Node:
    """The sum; a whole 0 for none."""
    if not parts:
        return big(whole(0))
    total = wrapped(parts[0])
    for part in parts[1:]:
        total = exp.Add(this=total, expression=wrapped(part))
    return total


def minus(left: Node, right: Node) -> Node:
    return exp.Sub(this=wrapped(left), expression=wrapped(right))


def times(left: Node, right: Node) -> Node:
    return exp.Mul(this=wrapped(left), expression=wrapped(right))


def over(left: Node, right: Node) -> Node:
    """Division of doubles; the caller sees to it that both are."""
    return exp.Div(this=wrapped(left), expression=wrapped(right))


def equal(left: Node, right: Node) -> Node:
    return exp.EQ(this=left, expression=right)


def less(left: Node, right: Node) -> Node:
    return exp.LT(this=left, expression=right)


def at_most(left: Node, right: Node) -> Node:
    return exp.LTE(this=left, expression=right)


def more(left: Node, right: Node) -> Node:
    return exp.GT(this=left, expression=right)


def at_least(left: Node, right: Node) -> Node:
    return exp.GTE(this=left, expression=right)


def is_null(node: Node) -> Node:
    return exp.Is(this=wrapped(node), expression=exp.null())


def is_known(node: Node) -> Node:
    return exp.Not(this=is_null(node))


def all_of(parts: Sequence[Node]) -> Node:
    return exp.and_(*parts, copy=False) if len(parts) > 1 else parts[0]


def any_of(parts: Sequence[Node]) -> Node:
    return exp.or_(*parts, copy=False) if len(parts) > 1 else parts[0]


def either(node: Node, fallback: Node) -> Node:
    return exp.Coalesce(this=node, expressions=[fallback])


def among(node: Node, values: Sequence[str]) -> Node:
    if len(values) == 1:
        return equal(node, text(values[0]))
    return exp.In(this=node, expressions=[text(value) for value in values])


def smaller(left: Node, right: Node) -> Node:
    """The smaller of two that are not NULL. LEAST is written differently in every engine."""
    return when(at_most(left, right), left.copy(), right.copy())


def larger(left: Node, right: Node) -> Node:
    return when(at_least(left, right), left.copy(), right.copy())


def least_of(parts: Sequence[Node]) -> Node:
    """The least of several that are not NULL."""
    if len(parts) == 1:
        return parts[0]
    return exp.Least(this=parts[0], expressions=list(parts[1:]), ignore_nulls=True)


def greatest_of(parts: Sequence[Node]) -> Node:
    """The greatest of several that are not NULL."""
    return exp.Greatest(this=parts[0], expressions=list(parts[1:]), ignore_nulls=True)


def floor(node: Node) -> Node:
    return exp.Floor(this=node)


def rounded(node: Node) -> Node:
    """A double of hundredths as a whole number, half going up, for negative ones too."""
    return big(floor(exp.Add(this=wrapped(node), expression=double(exp.Literal.number(HALF_UP)))))


def count(node: Node) -> Node:
    return exp.Count(this=node)


def total(node: Node) -> Node:
    return exp.Sum(this=node)


def least(node: Node) -> Node:
    return exp.Min(this=node)


def greatest(node: Node) -> Node:
    return exp.Max(this=node)


def halved(age: Node, half_life: int) -> Node:
    """What is left of one occurrence: 2^(-age / half_life), 0 after 60 half-lives.

    PostgreSQL raises an underflow on powers far below that, and none of it could show anyway.
    """
    power = exp.Pow(
        this=number(0.5), expression=over(double(wrapped(age)), number(float(half_life)))
    )
    return when(less(age.copy(), whole(60 * half_life)), power, number(0.0))


def rank(partition: Sequence[Node], latest_first: Sequence[Node]) -> Node:
    """1 for the latest row of each partition, 2 for the next, and so on."""
    order = exp.Order(expressions=[exp.Ordered(this=node, desc=True) for node in latest_first])
    return exp.Window(this=exp.RowNumber(), partition_by=list(partition), order=order)
