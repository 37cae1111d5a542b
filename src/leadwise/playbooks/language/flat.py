"""Steps in one row: branches become places, as `model.Playbook.steps` has them."""

from __future__ import annotations

from leadwise.playbooks.language.drafts import Draft
from leadwise.playbooks.model import Step


def flatten(drafts: list[Draft]) -> tuple[Step, ...]:
    """Each step, then its branches, then what stands after it."""
    made: list[Step | None] = []
    _put(drafts, made, None)
    return tuple(step for step in made if step is not None)


def _size(drafts: list[Draft]) -> int:
    return sum(1 + sum(map(_size, draft.branches.values())) for draft in drafts)


def _put(drafts: list[Draft], made: list[Step | None], meet: int | None) -> None:
    """`meet`: where the run goes on after the last; None is behind all steps."""
    for number, draft in enumerate(drafts, 1):
        at = len(made)
        after = at + _size([draft])
        following = meet if number == len(drafts) and meet is not None else after
        made.append(None)
        settings = dict(draft.settings)
        for name, branch in draft.branches.items():
            if branch:
                settings[name] = len(made)
                _put(branch, made, following)
        made[at] = Step(
            draft.id, draft.kind, settings, following, draft.failed, draft.label, draft.line
        )
