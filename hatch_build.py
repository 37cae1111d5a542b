"""Puts the scripts of the pages into what is built: a wheel, or an editable installation."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class Assets(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's is generic only for types
    """Asks assets/bring.py for them."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - as called
        """Called by hatchling before it builds."""
        runpy.run_path(str(Path(self.root) / "assets" / "bring.py"))["bring"]()
