"""Reports from plain records: how well a score orders leads, as figures, as text, as a page.

Nothing here reads a file, asks an engine or draws in a terminal: scores and outcomes come in as
Python values, texts and dataclasses go out.
"""

from leadwise.report.evaluation import BandResult, Evaluation, Part, ScoreRange, evaluate
from leadwise.report.html import evaluation_page
from leadwise.report.ranking import Auc, auc
from leadwise.report.terminal import gains_plot, rate_bars

__all__ = [
    "Auc",
    "BandResult",
    "Evaluation",
    "Part",
    "ScoreRange",
    "auc",
    "evaluate",
    "evaluation_page",
    "gains_plot",
    "rate_bars",
]
