"""The one query: a card becomes a SQLGlot tree that gives the ledger of every moment asked."""

from leadwise.plan.compile import compile_ledger
from leadwise.plan.lines import Line, lines
from leadwise.plan.relations import ALWAYS, FOREVER, Asked, At, Each
from leadwise.plan.render import DIALECTS, RENDERED, RUN, render

__all__ = [
    "ALWAYS",
    "DIALECTS",
    "FOREVER",
    "RENDERED",
    "RUN",
    "Asked",
    "At",
    "Each",
    "Line",
    "compile_ledger",
    "lines",
    "render",
]
