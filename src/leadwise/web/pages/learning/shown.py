"""What a page shows of a study."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from leadwise.web.pages.reports.figures import Figure, Table


@dataclass(frozen=True, slots=True)
class Shown:
    """`number` is the most telling one, `unit` what it counts, `meaning` the short answer, `own`
    goes on with it. `said`, `warnings` and `notes` are sentences of the study, in English. `part`
    is a template below `learning/` with what only this kind has, filled with `values`."""

    number: str
    unit: str
    meaning: str
    figures: tuple[Figure, ...] = ()
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    part: str = ""
    values: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def table(self, key: str) -> Table | None:
        """The table of this key."""
        return next((one.table for one in self.figures if one.table.key == key), None)
