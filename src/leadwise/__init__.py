"""Leadwise: lead scoring from a card in plain text, with reasons that add up."""

from leadwise.api import check, compare, evaluate, explain, forecast, history, load, score
from leadwise.errors import CardError, LeadwiseError, UserError

__all__ = [
    "CardError",
    "LeadwiseError",
    "UserError",
    "check",
    "compare",
    "evaluate",
    "explain",
    "forecast",
    "history",
    "load",
    "score",
]
