"""What the checks of a card share: the card, its places, and the problems found so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from leadwise.card.model import Card
from leadwise.card.source import Path, Source
from leadwise.errors import Place, Problem


@dataclass
class Inspection:
    """One run of the checks.

    `lost`: names that faults of shape cut out, not to be complained about; `unread`: conditions
    that could not be read; `whole`: nothing was cut out and everything was read.
    """

    card: Card
    source: Source
    lost: frozenset[str] = frozenset()
    unread: frozenset[Path] = frozenset()
    whole: bool = True
    problems: list[Problem] = field(default_factory=list)

    def is_lost(self, name: str) -> bool:
        """Whether a name that is not known may have been cut out with a faulty part."""
        return name in self.lost or "*" in self.lost

    def error(self, code: str, message: str, hint: str, path: Path) -> None:
        """An error at the value of a path."""
        self.add(code, message, hint, self.source.place(path))

    def error_at_key(self, code: str, message: str, hint: str, path: Path) -> None:
        """An error at the key of a path."""
        self.add(code, message, hint, self.source.key_place(path))

    def warning(self, code: str, message: str, hint: str, path: Path) -> None:
        """Something doubtful, at the key of a path."""
        self.add(code, message, hint, self.source.key_place(path), "warning")

    def add(
        self,
        code: str,
        message: str,
        hint: str,
        where: Place,
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        self.problems.append(Problem(code, message, hint, where, severity))
