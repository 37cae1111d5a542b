"""Leadwise: lead scoring from a card in plain text, with reasons that add up.

The functions of `leadwise.api` are here by name. They are imported when first asked for, so that
`leadwise --version` need not wait for three engines.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from leadwise.errors import CardError, LeadwiseError, UserError

if TYPE_CHECKING:
    from leadwise.api import (
        LearningOptions,
        backtest,
        check,
        compare,
        evaluate,
        explain,
        forecast,
        history,
        learn_card,
        load,
        past,
        score,
    )

__all__ = [
    "CardError",
    "LeadwiseError",
    "LearningOptions",
    "UserError",
    "backtest",
    "check",
    "compare",
    "evaluate",
    "explain",
    "forecast",
    "history",
    "learn_card",
    "load",
    "past",
    "score",
]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(import_module("leadwise.api"), name)
    raise AttributeError(f"module 'leadwise' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
