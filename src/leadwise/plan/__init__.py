"""The one query: a card becomes a SQLGlot tree that gives the ledger of every moment asked."""

from leadwise.plan.compile import compile_ledger
from leadwise.plan.evidence import compile_evidence, compile_instants, count_name, latest_name
from leadwise.plan.lines import Line, lines
from leadwise.plan.readable import readable
from leadwise.plan.relations import ALWAYS, FOREVER, Asked, At, Each
from leadwise.plan.render import DIALECTS, RENDERED, RUN, finished, render

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
    "compile_evidence",
    "compile_instants",
    "compile_ledger",
    "count_name",
    "finished",
    "latest_name",
    "lines",
    "readable",
    "render",
]
