"""What changed from one playbook to another, in words: one sentence a change."""

from __future__ import annotations

from leadwise.card.plain import Plain
from leadwise.card.scalars import quoted
from leadwise.playbooks.language.plain import plain_playbook, plain_step
from leadwise.playbooks.language.tree import Branch, branches_of
from leadwise.playbooks.model import Playbook, Step
from leadwise.playbooks.shapes import SHAPES

_HEAD = ("playbook", "version", "label", "about", "language", "when")


def diff(old: Playbook, new: Playbook) -> tuple[str, ...]:
    """Every change, empty where the playbooks mean the same. Steps are told apart by their ids; one
    with a new id and all else alike is renamed."""
    one, two = plain_playbook(old), plain_playbook(new)
    found: list[str] = []
    for key in _HEAD:
        found += _value("playbook", "id" if key == "playbook" else key, one.get(key), two.get(key))
    found += _row("start", one.get("starts"), two.get("starts"))
    found += _mapping("measure", one.get("measures"), two.get("measures"))
    found += _steps(old, new)
    found += _row("goal", one.get("goals"), two.get("goals"))
    found += _mapping("safety", one.get("safety"), two.get("safety"))
    return tuple(found)


def _row(word: str, old: Plain, new: Plain) -> list[str]:
    """Parts without names: those that are gone, those that came."""
    before = old if isinstance(old, list) else []
    after = new if isinstance(new, list) else []
    found = [f"removed {word} {_shown(part)}" for part in before if part not in after]
    found += [f"added {word} {_shown(part)}" for part in after if part not in before]
    if not found and before != after:
        found.append(f"{word}s stand in another order")
    return found


def _mapping(what: str, old: Plain, new: Plain) -> list[str]:
    before = old if isinstance(old, dict) else {}
    after = new if isinstance(new, dict) else {}
    found: list[str] = []
    for key in dict.fromkeys([*before, *after]):
        found += _value(what, key, before.get(key), after.get(key))
    return found


def _value(what: str, key: str, old: Plain, new: Plain) -> list[str]:
    if old == new:
        return []
    if key in ("label", "about"):
        word = "added" if old is None else "removed" if new is None else "changed"
        return [f"{what}: {key} {word}"]
    if old is None:
        return [f"{what}: added {key} {_shown(new)}"]
    if new is None:
        return [f"{what}: removed {key} {_shown(old)}"]
    return [f"{what}: {key} from {_shown(old)} to {_shown(new)}"]


def _shown(value: Plain) -> str:
    """A value as a sentence shows it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_shown, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value if value.replace("_", "").replace("-", "").isalnum() else quoted(value)
    return "null" if value is None else str(value)


# Steps ----------------------------------------------------------------------------------------


def _steps(old: Playbook, new: Playbook) -> list[str]:
    before, after = _placed(old), _placed(new)
    found: list[str] = []
    gone = {name: step for name, step in before.items() if name not in after}
    former: dict[str, str] = {}
    for name, (step, _) in after.items():
        if name in before:
            continue
        alike = next((o for o, (was, _) in gone.items() if _bare(was) == _bare(step)), None)
        if alike is None:
            found.append(f"added step '{name}' ({_summary(step)})")
        else:
            del gone[alike]
            former[name] = alike
            found.append(f"renamed step '{alike}' to '{name}'")
    found += [f"removed step '{name}' ({_summary(step)})" for name, (step, _) in gone.items()]
    for name, (step, _) in after.items():
        if name in before:
            found += _changed(f"step '{name}'", before[name][0], step)
    return found + _moved(before, after, former)


def _placed(playbook: Playbook) -> dict[str, tuple[Step, str]]:
    """Each step by its id, with the branch that it is in (`if: then`; empty: the outermost)."""
    found: dict[str, tuple[Step, str]] = {}

    def note(row: list[Branch], where: str) -> None:
        for branch in row:
            found[branch.step.id] = (branch.step, where)
            for name, inner in branch.branches.items():
                note(inner, f"{branch.step.id}: {name}")

    note(branches_of(playbook), "")
    return found


def _moved(
    before: dict[str, tuple[Step, str]], after: dict[str, tuple[Step, str]], former: dict[str, str]
) -> list[str]:
    """Steps that stand in another branch, or in another order in theirs."""
    found: list[str] = []
    kept = [(name, former.get(name, name)) for name in after if former.get(name, name) in before]
    own = {was: name for name, was in kept}
    branches: dict[str, list[str]] = {}
    for name, was in kept:
        where, old = after[name][1], before[was][1]
        branches.setdefault(where, []).append(name)
        owner, _, branch = old.partition(": ")
        same = f"{own.get(owner, owner)}: {branch}" if branch else old
        if where != same:
            found.append(f"step '{name}' moved to {_branch(where)}, from {_branch(old)}")
    for where, names in branches.items():
        order = [own.get(was, was) for was in before if own.get(was) in names]
        if order != names and not any(f"step '{name}' moved" in line for name in names
                                      for line in found):  # fmt: skip
            of = f" of {_branch(where)}" if where else ""
            found.append(f"the steps{of} stand in another order")
    return found


def _branch(where: str) -> str:
    owner, _, branch = where.partition(": ")
    return f"branch '{branch}' of '{owner}'" if branch else "the steps"


def _bare(step: Step) -> Plain:
    plain = plain_step(step)
    return {k: v for k, v in plain.items() if k != "id"} if isinstance(plain, dict) else plain


def _summary(step: Step) -> str:
    """What a step does, in few words."""
    plain = _bare(step)
    if not isinstance(plain, dict):
        return step.kind
    value = plain.get(step.kind)
    return step.kind if value is None else f"{step.kind} {_shown(value)}"


def _changed(what: str, old: Step, new: Step) -> list[str]:
    """What changed in one step that both have."""
    if old.kind != new.kind:
        return [f"{what}: {_summary(old)} is now {_summary(new)}"]
    one, two = _settings(old), _settings(new)
    found: list[str] = []
    for key in dict.fromkeys([*one, *two]):
        found += _value(what, key, one.get(key), two.get(key))
    branches = {s.name for s in SHAPES[old.kind].settings if s.type == "steps"}
    for name in sorted(branches):
        if (name in old.settings) != (name in new.settings):
            found.append(f"{what}: {'removed' if name in old.settings else 'added'} branch {name}")
    return found


def _settings(step: Step) -> dict[str, Plain]:
    """Its settings by their names, however they are written."""
    plain = _bare(step)
    if not isinstance(plain, dict):
        return {}
    made = {key: value for key, value in plain.items() if key != step.kind}
    below = plain.get(step.kind)
    if isinstance(below, dict):
        return below | made
    first = SHAPES[step.kind].settings[0].name
    return made if below is None else {first: below, **made}
