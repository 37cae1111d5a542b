"""The one door to the learners' libraries: they are an extra, loaded when first needed."""

from __future__ import annotations

import importlib
from types import ModuleType

from leadwise.errors import UserError


def require(module: str) -> ModuleType:
    """A module of the extra `learn` (scipy, scikit-learn, lightgbm, interpret). UserError
    (`learn-missing`) where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UserError(
            "learn-missing",
            f"learning needs {module.partition('.')[0]}, which is not installed here",
            hint="pip install 'leadwise[learn]'",
        ) from error
