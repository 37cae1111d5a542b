"""A playbook as plain data (mappings, lists, texts, numbers): for YAML, JSON, hash and diff.

Keys stand in the order of the language; what equals its default is left out. Conditions are in
canonical form, points are numbers. A step is its kind with its first setting, the others beside it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection

from leadwise.card.condition_format import format_condition
from leadwise.card.model import Card
from leadwise.card.plain import Plain, plain_card, plain_number
from leadwise.card.values import format_duration
from leadwise.playbooks.conditions.names import BOOKED
from leadwise.playbooks.language.tree import Branch, branches_of, needed_ids
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    Condition,
    EventTrigger,
    Goal,
    MessageTrigger,
    Playbook,
    Rule,
    Safety,
    ScheduleTrigger,
    ScoreTrigger,
    Step,
    TaskTrigger,
    Trigger,
)
from leadwise.playbooks.shapes import SHAPES, Setting

_BAND = BandTrigger()
_SAFETY = Safety()


def plain_playbook(playbook: Playbook, ids: Collection[str] | None = None) -> dict[str, Plain]:
    """The whole playbook. `ids` are those of steps that are written; those that the parser makes
    by itself are not, if it is not given."""
    written = needed_ids(playbook.steps) if ids is None else ids
    return _given(
        playbook=playbook.id,
        version=playbook.number,
        label=None if playbook.label == playbook.id else playbook.label,
        about=playbook.about or None,
        language=None if playbook.language == "en" else playbook.language,
        starts=[_trigger(one) for one in playbook.triggers],
        when=_condition(playbook.when),
        measures=_measures(playbook),
        steps=_steps(branches_of(playbook), written),
        goals=[_goal(one) for one in playbook.goals] or None,
        safety=_safety(playbook.safety) or None,
    )


def content_hash(playbook: Playbook) -> str:
    """SHA-256 (64 hexadecimal digits) of the canonical JSON without spaces, in UTF-8.

    Layout, comments and how a condition was spaced do not count; all else does.
    """
    plain = plain_playbook(playbook, {step.id for step in playbook.steps})
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def plain_step(step: Step) -> Plain:
    """A step without its branches, with its id."""
    return _step(Branch(step, {}), (step.id,))


def _given(**parts: Plain) -> dict[str, Plain]:
    """A mapping of what is not None. `is` and such words are written `is_`."""
    return {key.rstrip("_"): value for key, value in parts.items() if value is not None}


def _condition(condition: Condition | None) -> str | None:
    return None if condition is None else format_condition(condition.tree)


def _points(hundredths: int | None) -> int | float | None:
    return None if hundredths is None else plain_number(hundredths)


def _measures(playbook: Playbook) -> Plain:
    if not playbook.measures:
        return None
    # A card of nothing else: measures are written as cards write them.
    card = Card(id="card", version=1, dimensions=(), measures=playbook.measures)
    return plain_card(card)["measures"]


def _trigger(trigger: Trigger) -> dict[str, Plain]:
    match trigger:
        case BandTrigger(enters, leaves, causes):
            named: dict[str, Plain] = _given(
                enters=list(enters) or None,
                leaves=list(leaves) or None,
                causes=None if causes == _BAND.causes else list(causes),
            )
            return {"band": named}
        case ScoreTrigger(up, down, back):
            falls, far = _points(down), _points(back) if back else None
            return {"score": _given(rises_past=_points(up), falls_below=falls, back=far)}
        case EventTrigger():
            return _event(trigger)
        case AnswerTrigger(question, state, frame):
            return {"answer": _given(question=question, is_=state, frame=frame)}
        case TaskTrigger(kind, state):
            return {"task": _given(kind=kind, state=state)}
        case ScheduleTrigger(cron, zone):
            return _given(schedule=cron, zone=None if zone == "UTC" else zone)
        case MessageTrigger(source):
            return {"message": source}


def _event(event: EventTrigger) -> dict[str, Plain]:
    head: dict[str, Plain] = {"event": event.event}
    if event.event == BOOKED:
        head = {"booked": True}
    return head | _given(where=_condition(event.where))


def _goal(goal: Goal) -> dict[str, Plain]:
    if goal.event is not None:
        made, label = _event(goal.event), goal.event.event.replace("_", " ")
    elif goal.outcome is not None:
        made, label = {"outcome": goal.outcome}, f"outcome {goal.outcome}"
    else:
        text = _condition(goal.condition) or ""
        made, label = {"when": text}, text
    written = goal.condition.text if goal.condition else label
    return made if goal.label in (label, written) else {**made, "label": goal.label}


def _safety(safety: Safety) -> dict[str, Plain]:
    again = safety.again_after_us
    return _given(
        again=None if again is None else "always" if again == 0 else format_duration(again),
        settle=_duration(safety.settle_us),
        a_day=safety.a_day,
        over=None if safety.over == _SAFETY.over else safety.over,
        cool_down=_duration(safety.cool_down_us),
        group=safety.group,
        quiet=None if safety.quiet else False,
        caps=None if safety.caps else False,
        still=_condition(safety.still),
    )


def _duration(microseconds: int) -> str | None:
    return format_duration(microseconds) if microseconds else None


# Steps ----------------------------------------------------------------------------------------


def _steps(branches: list[Branch], ids: Collection[str]) -> list[Plain]:
    return [_step(branch, ids) for branch in branches]


def _step(branch: Branch, ids: Collection[str]) -> Plain:
    step = branch.step
    first, *others = SHAPES[step.kind].settings
    made: dict[str, Plain]
    values: dict[str, Plain] = {
        one.name: _setting(step, one)
        for one in (first, *others)
        if one.type != "steps"
        and one.name in step.settings
        and (one.required or step.settings[one.name] != one.default)
    }
    if first.name in values:
        made = {step.kind: values.pop(first.name), **_head(step, ids), **values}
    else:
        made = {step.kind: values or None, **_head(step, ids)}
    for name, row in branch.branches.items():
        made[name] = _steps(row, ids)
    return step.kind if made == {step.kind: None} else made


def _head(step: Step, ids: Collection[str]) -> dict[str, Plain]:
    return _given(
        id=step.id if step.id in ids else None,
        label=step.label,
        failed=None if step.failed == "stop" else step.failed,
    )


def _setting(step: Step, setting: Setting) -> Plain:
    value = step.settings[setting.name]
    match value:
        case Condition():
            return format_condition(value.tree)
        case EventTrigger(event, None):
            return event
        case EventTrigger(event, where):
            return _given(on=event, where=_condition(where))
        case tuple():
            return [_rule(item) if isinstance(item, Rule) else str(item) for item in value]
        case dict():
            return dict(value)
        case int() if setting.type == "duration":
            return format_duration(value)
        case bool() | int() | str():
            return value
    return str(value)


def _rule(rule: Rule) -> Plain:
    to: Plain = rule.to[0] if len(rule.to) == 1 else list(rule.to)
    return _given(when=format_condition(rule.when.tree), to=to)
