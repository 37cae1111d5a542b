"""The tree written for an engine: sqlglot's own generator, after the few rewritings listed here.

| engine | what is rewritten |
|---|---|
| DuckDB | TRANSLATE becomes LOWER where that is the same and quicker |
| SQLite | LIKE becomes GLOB (case matters), TRANSLATE becomes LOWER (A to Z only there) |
| PostgreSQL, SQLite | barrier steps stay MATERIALIZED |
| DuckDB | the barrier of `sums` stays, the others are left out |
| every other | MATERIALIZED is left out: their planners do not copy expressions into each other |
| BigQuery | LIKE ... ESCAPE becomes backslashes |
"""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from leadwise.plan import nodes
from leadwise.plan.nodes import Node

RUN = ("duckdb", "sqlite", "postgres", "spark")
RENDERED = ("snowflake", "bigquery", "databricks")
DIALECTS = (*RUN, *RENDERED)
BARRIERS = ("postgres", "sqlite")
# DuckDB writes sums out again under each aggregate over the answer (30 s in place of 2 for a count
# by band), but not through one barrier, which costs the plain answer nothing.
ONE_BARRIER = (("duckdb", "sums"),)

_TEXTS = "leadwise texts"
Tree = TypeVar("Tree", bound=exp.Expr)


def render(query: exp.Expr, dialect: str, *, pretty: bool = False) -> str:
    """The SQL text of a plan's tree for one of `DIALECTS`; comments only where it is `pretty`."""
    texts: dict[str, str] | None = None if pretty else query.meta.get(_TEXTS)
    if texts is None:
        return _render(query, dialect, pretty)
    if dialect not in texts:
        texts[dialect] = _render(query, dialect, pretty)
    return texts[dialect]


def finished(query: Tree) -> Tree:
    """The tree, which nobody will change or copy: its text is worked out once for each dialect.

    Writing a tree takes ten times as long as asking it of one lead.
    """
    query.meta[_TEXTS] = {}
    return query


def _render(query: exp.Expr, dialect: str, pretty: bool) -> str:
    tree = query.copy()
    for step in tree.find_all(exp.CTE):
        if dialect not in BARRIERS and (dialect, step.alias) not in ONE_BARRIER:
            step.set("materialized", None)
    if dialect == "sqlite":
        # One after the other: below a node that was replaced, transform looks no further.
        tree = tree.transform(_glob_for_like).transform(_lower_for_translate)
    if dialect == "duckdb":
        tree = tree.transform(_quick_lower)
    if dialect == "bigquery":
        tree = tree.transform(_backslash_for_escape)
    return tree.sql(dialect=dialect, pretty=pretty, comments=pretty)


def _quick_lower(node: Node) -> Node:
    """DuckDB's LOWER folds every script but is ten times as quick as TRANSLATE: it serves for texts
    that have as many bytes as characters, which are those of A to Z and other plain signs."""
    if not isinstance(node, exp.Translate):
        return node
    plain = exp.EQ(
        this=exp.Anonymous(this="STRLEN", expressions=[node.this.copy()]),
        expression=exp.Length(this=node.this.copy()),
    )
    return nodes.when(plain, exp.Lower(this=node.this.copy()), node)


def _lower_for_translate(node: Node) -> Node:
    return exp.Lower(this=node.this) if isinstance(node, exp.Translate) else node


def _glob_for_like(node: Node) -> Node:
    if isinstance(node, exp.Escape):
        like = node.this
        pattern = _glob(like.expression.name, node.expression.name)
        return exp.Glob(this=like.this, expression=nodes.text(pattern))
    if isinstance(node, exp.Like) and not isinstance(node.parent, exp.Escape):
        return exp.Glob(this=node.this, expression=nodes.text(_glob(node.expression.name, None)))
    return node


def _glob(pattern: str, escape: str | None) -> str:
    """A LIKE pattern as a GLOB pattern; GLOB's own signs are put in brackets."""
    written, signs = [], iter(pattern)
    for sign in signs:
        if sign == escape:
            sign = next(signs)
            written.append(_literal_glob(sign))
        elif sign in "%_":
            written.append("*" if sign == "%" else "?")
        else:
            written.append(_literal_glob(sign))
    return "".join(written)


def _literal_glob(sign: str) -> str:
    return f"[{sign}]" if sign in "*?[" else sign


def _backslash_for_escape(node: Node) -> Node:
    if not isinstance(node, exp.Escape):
        return node
    escape, pattern = node.expression.name, node.this.expression.name
    written = pattern.replace("\\", "\\\\").replace(escape, "\\")
    return exp.Like(this=node.this.this, expression=nodes.text(written))
