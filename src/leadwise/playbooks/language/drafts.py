"""Steps as they stand in the file, one inside another: reading `steps:`, and naming them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, cast

from leadwise.card.nearest import suggestion
from leadwise.card.source import Mapping as Table
from leadwise.card.source import Path, Scalar, Sequence, shorten
from leadwise.errors import Problem
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.language.settings import read_setting
from leadwise.playbooks.language.tree import named
from leadwise.playbooks.model import StepKind
from leadwise.playbooks.shapes import SHAPES, Setting

COMMON = ("id", "label", "failed")
FAILED = ("stop", "go on", "ask")
MOST_STEPS = 500
OTHER_STEPS = {
    "email": "mail", "send": "mail", "sleep": "wait", "delay": "wait", "pause": "wait",
    "branch": "if", "condition": "if", "switch": "if", "call": "task", "todo": "task",
    "slack": "notify", "message": "notify", "alert": "notify", "http": "webhook", "post": "webhook",
    "update": "change", "set": "change", "meeting": "book", "approval": "approve", "exit": "end",
    "transcript": "fetch", "sync": "push", "owner": "assign",
}  # fmt: skip
"""Words of other tools for our steps."""


@dataclass
class Draft:
    """A step of the file. `paths` says where each written setting stands; `branches` are its
    settings of type `steps`, in the order of the shape."""

    kind: StepKind
    path: Path
    line: int
    id: str = ""
    label: str | None = None
    failed: Literal["stop", "go on", "ask"] = "stop"
    settings: dict[str, object] = field(default_factory=dict)
    paths: dict[str, Path] = field(default_factory=dict)
    branches: dict[str, list[Draft]] = field(default_factory=dict)


def read_steps(found: Reading, path: Path) -> list[Draft]:
    """The steps of a list and of all branches in it, with their ids."""
    drafts = _steps(found, path)
    _name(found, drafts)
    return drafts


def all_of(drafts: list[Draft]) -> Iterator[Draft]:
    """Each step before those of its branches, in the order of the file's shape."""
    for draft in drafts:
        yield draft
        for branch in draft.branches.values():
            yield from all_of(branch)


def _steps(found: Reading, path: Path) -> list[Draft]:
    one = isinstance(found.node(path), Table)
    read = [_step(found, item) for item in found.items(path, alone=one)]
    return [draft for draft in read if draft is not None]


def _step(found: Reading, path: Path) -> Draft | None:
    node = found.node(path)
    if isinstance(node, Scalar):
        return _word(found, node, path)
    if not isinstance(node, Table):
        message = f"expected a step, found {node.kind}"
        found.add(Problem("wrong-type", message, "write it as - wait: 3 days", found.place(path)))
        return None
    kind = _kind(found, node, path)
    if kind is None:
        return None
    draft = Draft(kind, path, node.line)
    settings = {setting.name: setting for setting in SHAPES[kind].settings}
    for name, at in _places(found, kind, node, path).items():
        if name == "id":
            draft.paths["id"] = at
            draft.id = found.value("name", at) or ""
        elif name == "label":
            draft.label = found.value("text", at)
        elif name == "failed":
            draft.failed = cast("Literal['stop', 'go on', 'ask']", found.word(FAILED, at) or "stop")
        else:
            _setting(found, draft, settings[name], at)
    _complete(found, draft)
    return draft


def _word(found: Reading, node: Scalar, path: Path) -> Draft | None:
    """A step that is only its kind: `- end`."""
    if node.text in SHAPES:
        draft = Draft(cast("StepKind", node.text), path, node.line)
        _complete(found, draft)
        return draft
    message = f"there is no step '{shorten(node.text)}'" if node.text else "this step is empty"
    hint = suggestion(node.text, SHAPES, "write it as - wait: 3 days")
    found.add(Problem("unknown-step", message, hint, found.place(path)))
    return None


def _kind(found: Reading, node: Table, path: Path) -> StepKind | None:
    """The key that says what step it is. `wait` is a setting of `task`, too."""
    names = [key.text for key, _ in node.entries]
    kinds = [name for name in names if name in SHAPES]
    several = [
        kind
        for kind in kinds
        if not any(
            kind in {setting.name for setting in SHAPES[cast("StepKind", other)].settings}
            for other in kinds
            if other != kind
        )
    ]
    if len(several) == 1:
        return cast("StepKind", several[0])
    if several:
        message = f"this step is '{several[0]}' and '{several[1]}' at once"
        hint = "put - before each, so that each is a step of its own"
        found.add(Problem("step-kind", message, hint, found.key((*path, several[1]))))
        return None
    odd = next((name for name in names if name not in COMMON), None)
    where = found.key((*path, odd)) if odd else found.place(path)
    message = f"there is no step '{shorten(odd)}'" if odd else "this step does not say what it does"
    hint = suggestion(odd or "", SHAPES, f"the steps are {', '.join(SHAPES)}")
    if odd and odd.lower() in OTHER_STEPS:
        hint = f"write {OTHER_STEPS[odd.lower()]}:"
    found.add(Problem("unknown-step", message, hint, where))
    return None


def _places(found: Reading, kind: StepKind, node: Table, path: Path) -> dict[str, Path]:
    """Where each setting stands: beside the kind, or in the mapping below it."""
    shape = SHAPES[kind]
    names = [setting.name for setting in shape.settings]
    owner = f"a step '{kind}'"
    made: dict[str, Path] = {}
    below = found.node((*path, kind))
    if isinstance(below, Table):
        made |= found.keys((*path, kind), owner, (*names, *COMMON))
    elif not (isinstance(below, Scalar) and below.is_nothing):
        made[names[0]] = (*path, kind)
    for key, _ in node.entries:
        at: Path = (*path, key.text)
        if key.text == kind:
            continue
        if key.text not in names and key.text not in COMMON:
            found.unknown_key(path, key.text, owner, (*names, *COMMON))
        elif key.text in made:
            message = f"this step has '{key.text}' twice"
            hint = f"what stands behind {kind}: is its '{names[0]}'"
            found.add(Problem("duplicate-key", message, hint, found.key(at)))
        else:
            made[key.text] = at
    return made


def _setting(found: Reading, draft: Draft, setting: Setting, at: Path) -> None:
    draft.paths[setting.name] = at
    if setting.type == "steps":
        branch = _steps(found, at)
        if not branch and not found.items(at, alone=True):
            message = f"the branch '{setting.name}' has no steps"
            hint = "add a step, or remove it: without it the run goes on"
            found.add(Problem("empty-branch", message, hint, found.key(at)))
        draft.branches[setting.name] = branch
        return
    if setting.type in ("values", "choices", "list", "rules") and _is_empty(found, at):
        message = f"'{setting.name}' is empty"
        found.add(Problem("missing-key", message, "add at least one", found.key(at)))
        return
    value = read_setting(found, setting, at)
    if value is not None:
        draft.settings[setting.name] = value


def _is_empty(found: Reading, at: Path) -> bool:
    match found.node(at):
        case Scalar() as scalar:
            return scalar.is_nothing
        case Table(entries):
            return not entries
        case Sequence(items):
            return not items


def _complete(found: Reading, draft: Draft) -> None:
    """What must be there is; what has a default gets it. Branches come in the shape's order."""
    for setting in SHAPES[draft.kind].settings:
        if setting.required and setting.name not in draft.paths:
            message = f"a step '{draft.kind}' has no '{setting.name}'"
            hint = f"{setting.about[:1].lower()}{setting.about[1:].rstrip('.')}"
            where = found.place(draft.path)
            found.add(Problem("missing-key", message, f"add {setting.name}: {hint}", where))
        elif setting.default is not None and setting.name not in draft.paths:
            draft.settings[setting.name] = setting.default
    order = [setting.name for setting in SHAPES[draft.kind].settings]
    draft.branches = {name: draft.branches[name] for name in order if name in draft.branches}


def _name(found: Reading, drafts: list[Draft]) -> None:
    """Ids: those given must differ; the others are made of the kind and a number."""
    taken: set[str] = set()
    for draft in all_of(drafts):
        if draft.id and draft.id in taken:
            message = f"another step has the id '{draft.id}'"
            where = found.place(draft.paths["id"])
            found.add(Problem("duplicate-id", message, "ids of steps are unique", where))
        taken.add(draft.id)
    steps = list(all_of(drafts))
    for draft, name in zip(steps, named([(d.kind, d.id) for d in steps]), strict=True):
        draft.id = name
