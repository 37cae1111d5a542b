"""Which steps are surely, and which perhaps, done before each: what is never reached, and results
of steps that are not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadwise.playbooks.language.drafts import Draft

ALWAYS_BRANCHES = ("then", "otherwise")


@dataclass(frozen=True, slots=True)
class Before:
    """Ids of the steps that were done before one: in every case, and in some."""

    sure: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()


@dataclass
class Flow:
    """`before` by a step's id; `unreached`: steps that no run comes to (the first of each row)."""

    before: dict[str, Before] = field(default_factory=dict)
    unreached: list[Draft] = field(default_factory=list)


def flow_of(drafts: list[Draft]) -> Flow:
    """Follows all ways through the steps."""
    flow = Flow()
    _follow(flow, drafts, Before())
    return flow


def _follow(flow: Flow, drafts: list[Draft], here: Before) -> Before | None:
    """What is done at the end of a row; None where no run comes there."""
    reached: Before | None = here
    ended = False
    for draft in drafts:
        if reached is None:
            if not ended:
                flow.unreached.append(draft)
            ended, reached = True, here  # told once, and then looked at as if it were reached
        flow.before[draft.id] = reached
        reached = _step(flow, draft, reached)
    return None if ended else reached


def _step(flow: Flow, draft: Draft, here: Before) -> Before | None:
    maybe = here.maybe | {draft.id}
    done = Before(here.sure | ({draft.id} if draft.failed != "go on" else set()), maybe)
    if draft.kind == "end":
        return None
    ends = [_follow(flow, branch, done) for branch in draft.branches.values()]
    if not _always_branches(draft.branches):
        ends.append(done)
    left = [end for end in ends if end is not None]
    if not left:
        return None
    sure = frozenset.intersection(*(end.sure for end in left))
    return Before(sure, frozenset().union(*(end.maybe for end in left)))


def _always_branches(branches: Mapping[str, list[Draft]]) -> bool:
    """Whether a run surely takes one of the branches, rather than what stands below them."""
    return all(name in branches for name in ALWAYS_BRANCHES)
