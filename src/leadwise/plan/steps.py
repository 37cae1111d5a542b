"""A query as named steps, each a WITH of its own, to be read from top to bottom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from leadwise.plan import nodes


@dataclass(frozen=True, slots=True)
class Step:
    """`barrier` keeps an engine from writing the step's expressions into the steps that read it.

    PostgreSQL and SQLite would otherwise copy a sum into every place that mentions it, and again in
    the next step: a card with a few adjustments would grow a query of millions of terms.
    """

    name: str
    about: str
    query: exp.Query
    barrier: bool = False


def assemble(steps: Sequence[Step], answer: exp.Select) -> exp.Select:
    """The whole query: the steps, then the answer that reads the last of them."""
    for step in steps:
        answer = answer.with_(
            exp.to_identifier(step.name, quoted=True),
            as_=step.query,
            materialized=True if step.barrier else None,
            copy=False,
        )
        answer.args["with_"].expressions[-1].add_comments([step.about])
    return answer


def onward(step: Step | str) -> exp.Select:
    """SELECT * of a step, to which a further step adds its columns."""
    name = step if isinstance(step, str) else step.name
    return exp.select("*").from_(nodes.relation(name))
