"""What a run measured, part by part; a part that did not run is empty."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bench.learn.funnels import Coverage
from bench.learn.held import Held
from bench.learn.simulated import Null
from bench.process import Run

READING = "reading"
"""How the names of the stages begin that bring files into memory."""


@dataclass(frozen=True)
class Size:
    """The whole chain in a process of its own: what it took, what it said of itself, and how many
    other processes wanted to run in the minute before."""

    leads: int
    events: int
    run: Run
    said: dict[str, Any]
    busy: float

    @property
    def stages(self) -> list[tuple[str, float, float, int]]:
        """Name, seconds, processor seconds, bytes held at most by its end."""
        return [tuple(stage) for stage in self.said["stages"]]

    @property
    def measured(self) -> list[tuple[str, float, float, int]]:
        """The stages from moments to report: the files were read before."""
        return [stage for stage in self.stages if not stage[0].startswith(READING)]

    @property
    def seconds(self) -> float:
        """From moments to report."""
        return sum(stage[1] for stage in self.measured)

    @property
    def processor(self) -> float:
        """The same on all cores."""
        return sum(stage[2] for stage in self.measured)


@dataclass
class Results:
    bank: list[Held] = field(default_factory=list)
    offers: list[Held] = field(default_factory=list)
    correlated: list[Held] = field(default_factory=list)
    null: list[Null] = field(default_factory=list)
    funnels: list[Coverage] = field(default_factory=list)
    size: list[Size] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: dict[str, str] = field(default_factory=dict)
    """When each part that there is was measured."""
