"""What a run measured, part by part; a part that did not run is empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.learn.funnels import Coverage
from bench.learn.held import Held
from bench.learn.simulated import Null
from bench.process import Run


@dataclass(frozen=True)
class Size:
    """The whole chain in a process of its own: what it took, and what it said of itself."""

    leads: int
    events: int
    run: Run
    said: dict[str, Any]

    @property
    def stages(self) -> list[tuple[str, float, int]]:
        """Name, seconds, bytes held at most by its end."""
        return [(name, seconds, peak) for name, seconds, peak in self.said["stages"]]

    @property
    def seconds(self) -> float:
        """Of the stages from moments to report: the files were read before."""
        return sum(seconds for name, seconds, _ in self.stages if not name.startswith("reading"))


@dataclass
class Results:
    bank: list[Held] = field(default_factory=list)
    offers: list[Held] = field(default_factory=list)
    correlated: list[Held] = field(default_factory=list)
    null: list[Null] = field(default_factory=list)
    funnels: list[Coverage] = field(default_factory=list)
    size: list[Size] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
