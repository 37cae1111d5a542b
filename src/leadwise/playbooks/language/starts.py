"""What starts a playbook, and the goals that end it: reading `starts:` and `goals:`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from croniter import croniter

from leadwise.card.nearest import listing, suggestion
from leadwise.card.source import Mapping as Table
from leadwise.card.source import Path
from leadwise.errors import Problem
from leadwise.playbooks.conditions.names import BOOKED
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.language.zones import read_zone
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    EventTrigger,
    Goal,
    MessageTrigger,
    ScheduleTrigger,
    ScoreTrigger,
    TaskTrigger,
    Trigger,
)
from leadwise.qualify.frame.shipped import NAMES as FRAMES
from leadwise.qualify.frame.shipped import shipped_frame
from leadwise.store.outcomes import KINDS as OUTCOMES

CAUSES = ("event", "fact", "time", "card", "import", "merge", "correction", "override")
TASK_KINDS = ("call", "to-do", "review", "hand-over", "approval")
TASK_STATES = ("done", "refused", "overdue")
ANSWER_STATES = ("unknown", "failed", "known")
BESIDE = {"event": ("where",), "form": ("where",), "booked": ("where",), "schedule": ("zone",)}
"""What may stand beside the word that says what kind of start it is."""


def read_starts(found: Reading, path: Path) -> list[tuple[Path, Trigger]]:
    """The triggers with their paths, in the order of the file."""
    paths = found.items(path, alone=_is_one(found, path))
    return [(item, one) for item in paths if (one := _start(found, item)) is not None]


def _is_one(found: Reading, path: Path) -> bool:
    return isinstance(found.node(path), Table)


def _start(found: Reading, path: Path) -> Trigger | None:
    kind = _kind(found, path, tuple(STARTS), "a start")
    if kind is None:
        return None
    keys = found.keys(path, "this start", (kind, *BESIDE.get(kind, ())))
    return STARTS[kind](found, keys, (*path, kind))


def _kind(found: Reading, path: Path, kinds: tuple[str, ...], what: str) -> str | None:
    """Which of the words stands in a mapping; told where none or several do."""
    node = found.node(path)
    names = [key.text for key, _ in node.entries] if isinstance(node, Table) else []
    given = [name for name in names if name in kinds]
    if len(given) == 1:
        return given[0]
    if given:
        message = f"this is {what} by '{given[0]}' and by '{given[1]}' at once"
        hint = "put - before each, so that each is one of its own"
    else:
        near = next((s for s in (suggestion(n, kinds, "") for n in names) if s), "")
        message = f"this is not {what}: none of {', '.join(kinds)} stands here"
        hint = near or f"write it as {kinds[0]}: ..."
    found.add(Problem("start-kind", message, hint, found.place(path)))
    return None


def _band(found: Reading, _: Mapping[str, Path], at: Path) -> Trigger | None:
    if not isinstance(found.node(at), Table):
        enters = found.texts("id", at)
        if enters:
            return BandTrigger(enters=enters)
        _nothing(found, at, "band")
        return None
    keys = found.keys(at, "'band'", ("enters", "leaves", "causes"))
    enters = found.texts("id", keys["enters"]) if "enters" in keys else ()
    leaves = found.texts("id", keys["leaves"]) if "leaves" in keys else ()
    if not enters and not leaves:
        _nothing(found, at, "band")
        return None
    if "causes" not in keys:
        return BandTrigger(enters, leaves)
    read = [found.word(CAUSES, item) for item in found.items(keys["causes"], alone=True)]
    return BandTrigger(enters, leaves, tuple(one for one in read if one))


def _nothing(found: Reading, at: Path, kind: str) -> None:
    examples = {
        "band": "write band: {enters: [hot]}, or leaves:",
        "score": "write score: {rises_past: 90}, or falls_below:",
        "booked": "write booked: true, or remove it",
    }
    message = f"this '{kind}' says nothing that could start it"
    found.add(Problem("start-kind", message, examples[kind], found.key(at)))


def _score(found: Reading, _: Mapping[str, Path], at: Path) -> Trigger | None:
    keys = found.keys(
        at, "'score'", ("rises_past", "falls_below", "back"),
        hint="write score: {rises_past: 90}, or falls_below:",
    )  # fmt: skip
    read = {name: found.value("points", path) for name, path in keys.items()}
    up, down, back = read.get("rises_past"), read.get("falls_below"), read.get("back") or 0
    if not keys:
        return None
    if "rises_past" not in keys and "falls_below" not in keys:
        _nothing(found, at, "score")
        return None
    if "rises_past" in keys and "falls_below" in keys:
        message = "this start has both 'rises_past' and 'falls_below'"
        hint = "write two starts, each with - before it"
        found.add(Problem("start-kind", message, hint, found.key(keys["falls_below"])))
    if back < 0:
        message = "'back' is how far the score must go back, so it is never negative"
        found.add(Problem("out-of-bounds", message, "write 5", found.place(keys["back"])))
    return ScoreTrigger(up, down, back)


def _event(found: Reading, keys: Mapping[str, Path], at: Path) -> EventTrigger | None:
    if isinstance(found.node(at), Table):
        message = "expected the name of an event, found a mapping"
        hint = "write event: page_viewed, and where: with its condition beside it"
        found.add(Problem("wrong-type", message, hint, found.place(at)))
        return None
    name = found.value("name", at)
    where = found.condition(keys["where"], name) if "where" in keys else None
    return None if name is None else EventTrigger(name, where)


def _booked(found: Reading, keys: Mapping[str, Path], at: Path) -> EventTrigger | None:
    if found.yes(at) is False:
        _nothing(found, at, "booked")
        return None
    return EventTrigger(BOOKED, found.condition(keys["where"], BOOKED) if "where" in keys else None)


def read_event(found: Reading, at: Path) -> EventTrigger | None:
    """An event as a step has it: its name, or `{on: name, where: condition}`."""
    if not isinstance(found.node(at), Table):
        return _event(found, {}, at)
    keys = found.keys(at, "this event", ("on", "where"), ("on",))
    return _event(found, keys, keys["on"]) if "on" in keys else None


def _answer(found: Reading, _: Mapping[str, Path], at: Path) -> Trigger | None:
    keys = found.keys(
        at, "'answer'", ("question", "is", "frame"), ("question", "is"),
        hint="write answer: {question: budget, is: unknown}",
    )  # fmt: skip
    question = found.value("id", keys["question"]) if "question" in keys else None
    state = found.word(ANSWER_STATES, keys["is"]) if "is" in keys else None
    frame = found.value("id", keys["frame"]) if "frame" in keys else None
    if question and frame in FRAMES:
        known = [one.id for one in shipped_frame(frame).questions]
        if question not in known:
            hint = suggestion(question, known, f"its questions are {listing(known)}")
            message = f"frame '{frame}' has no question '{question}'"
            found.add(Problem("unknown-question", message, hint, found.place(keys["question"])))
    return AnswerTrigger(question, cast("Any", state), frame) if question and state else None


def _task(found: Reading, _: Mapping[str, Path], at: Path) -> Trigger | None:
    keys = found.keys(
        at, "'task'", ("kind", "state"), ("state",), "write task: {kind: call, state: overdue}"
    )
    kind = found.word(TASK_KINDS, keys["kind"]) if "kind" in keys else None
    state = found.word(TASK_STATES, keys["state"]) if "state" in keys else None
    return TaskTrigger(kind, cast("Any", state)) if state else None


def _schedule(found: Reading, keys: Mapping[str, Path], at: Path) -> Trigger | None:
    cron = found.value("text", at)
    zone = read_zone(found, keys["zone"]) if "zone" in keys else "UTC"
    if cron is not None and (len(cron.split()) != 5 or not croniter.is_valid(cron)):
        message = f"'{cron}' is not a time of cron"
        hint = 'write minute, hour, day, month, weekday: "0 9 * * 1" is Monday at nine'
        found.add(Problem("bad-schedule", message, hint, found.place(at)))
        return None
    return ScheduleTrigger(cron, zone) if cron and zone else None


def _message(found: Reading, _: Mapping[str, Path], at: Path) -> Trigger | None:
    source = found.value("text", at)
    return MessageTrigger(source) if source else None


STARTS: Mapping[str, Callable[[Reading, Mapping[str, Path], Path], Trigger | None]] = {
    "band": _band, "score": _score, "event": _event, "form": _event, "booked": _booked,
    "answer": _answer, "task": _task, "schedule": _schedule, "message": _message,
}  # fmt: skip
"""The words that say what kind of start it is, in the order in which the docs have them."""
GOALS = ("event", "booked", "outcome", "when")


def read_goals(found: Reading, path: Path) -> list[tuple[Path, Goal]]:
    """The goals with their paths, in the order of the file."""
    paths = found.items(path, alone=_is_one(found, path))
    return [(item, one) for item in paths if (one := _goal(found, item)) is not None]


def _goal(found: Reading, path: Path) -> Goal | None:
    kind = _kind(found, path, GOALS, "a goal")
    if kind is None:
        return None
    keys = found.keys(path, "this goal", (kind, "label", *BESIDE.get(kind, ())))
    at = (*path, kind)
    label = found.value("text", keys["label"]) if "label" in keys else None
    if kind == "outcome":
        outcome = found.word(OUTCOMES, at)
        return Goal(label or f"outcome {outcome}", outcome=outcome) if outcome else None
    if kind == "when":
        condition = found.condition(at)
        return Goal(label or condition.text, condition=condition) if condition else None
    event = _booked(found, keys, at) if kind == "booked" else _event(found, keys, at)
    return Goal(label or event.event.replace("_", " "), event=event) if event else None
