"""The steps of a playbook one inside another again, as its file has them; and their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

from leadwise.playbooks.model import Playbook, Step
from leadwise.playbooks.shapes import SHAPES


@dataclass(frozen=True, slots=True)
class Branch:
    """A step with the rows of steps that are its branches, by the names of their settings."""

    step: Step
    branches: dict[str, list[Branch]]


def branches_of(playbook: Playbook) -> list[Branch]:
    """The outermost row of steps."""
    return _row(playbook.steps, 0, len(playbook.steps))


def walk(branches: Sequence[Branch]) -> Iterator[Branch]:
    """Each step before those of its branches."""
    for branch in branches:
        yield branch
        for inner in branch.branches.values():
            yield from walk(inner)


def branch_places(step: Step) -> dict[str, int]:
    """Where the branches of a step begin, in the order of its shape."""
    return {
        setting.name: cast("int", step.settings[setting.name])
        for setting in SHAPES[step.kind].settings
        if setting.type == "steps" and setting.name in step.settings
    }


def _row(steps: Sequence[Step], start: int, end: int) -> list[Branch]:
    made: list[Branch] = []
    at = start
    while at < end:
        step = steps[at]
        # The last step of a row goes on behind the row; its branches end where the row does.
        after = step.next if step.next <= end else end
        places = branch_places(step)
        ends = [*list(places.values())[1:], after]
        inner = {
            name: _row(steps, begins, ends[number])
            for number, (name, begins) in enumerate(places.items())
        }
        made.append(Branch(step, inner))
        at = after
    return made


def named(kinds: Sequence[tuple[str, str]]) -> list[str]:
    """The ids of steps, given (kind, the id that it has or nothing): the first of a kind bears its
    name, then come `mail_2`, `mail_3`; one that is taken is left out."""
    taken = {given for _, given in kinds if given}
    numbers: dict[str, int] = {}
    made: list[str] = []
    for kind, given in kinds:
        name = given
        while not name:
            number = numbers[kind] = numbers.get(kind, 0) + 1
            name = kind if number == 1 else f"{kind}_{number}"
            name = "" if name in taken else name
        taken.add(name)
        made.append(name)
    return made


def needed_ids(steps: Sequence[Step], kept: Collection[str] = ()) -> frozenset[str]:
    """The ids that a file must give, so that its steps get these; with those of `kept`."""
    needed = {step.id for step in steps if step.id in kept}
    while True:
        made = named([(step.kind, step.id if step.id in needed else "") for step in steps])
        more = {step.id for step, name in zip(steps, made, strict=True) if step.id != name}
        if not more - needed:
            return frozenset(needed)
        needed |= more
