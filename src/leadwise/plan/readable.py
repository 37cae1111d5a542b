"""The query laid out for reading: one named step after the other, each with a line above it."""

from __future__ import annotations

from sqlglot import exp

from leadwise.plan.render import render


def readable(query: exp.Expr, dialect: str) -> str:
    """What `render(query, dialect)` says, over many lines and with a comment for each step."""
    steps = query.args.get("with_")
    if steps is None:
        return render(query, dialect, pretty=True)
    answer = query.copy()
    answer.set("with_", None)
    written = ",\n\n".join(_step(query, n, dialect) for n in range(len(steps.expressions)))
    return f"WITH\n{written}\n\n-- The answer.\n{render(answer, dialect, pretty=True)}"


def _step(query: exp.Expr, place: int, dialect: str) -> str:
    step = query.args["with_"].expressions[place].copy()
    about = " ".join(" ".join(step.pop_comments() or ()).split())
    text = render(step, dialect, pretty=True)
    return f"-- {about}\n{text}" if about else text
