"""A playbook in plain English: what starts it, what it does step by step, what ends it and holds it
back. For people who decide whether it may run."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.card.model import Card
from leadwise.card.values import format_duration, format_hundredths
from leadwise.playbooks.conditions.names import OWN_EVENTS
from leadwise.playbooks.language.tree import Branch, branches_of
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    Condition,
    EventTrigger,
    Goal,
    MessageTrigger,
    Playbook,
    Safety,
    ScheduleTrigger,
    ScoreTrigger,
    TaskTrigger,
    Trigger,
)
from leadwise.playbooks.words.conditions import condition_words
from leadwise.playbooks.words.schedules import schedule_words
from leadwise.playbooks.words.steps import step_words

_STATES = {"unknown": "was not answered", "failed": "was not answered as wished",
           "known": "was answered"}  # fmt: skip
_TASK = {"done": "was done", "refused": "was refused", "overdue": "is overdue"}
_BRANCHES = {
    "late": "If it is not in time", "missing": "If it never came", "refused": "If the answer is no",
    "then": "If so", "otherwise": "Otherwise",
}  # fmt: skip
_GOES_ON = {"go on": "if it fails, the run goes on", "ask": "if it fails, a person is asked"}


def describe(playbook: Playbook, card: Card | None = None) -> str:
    """The whole playbook, with line breaks; with a card in the words of its labels."""
    labels = labels_of(card)
    head = playbook.label if playbook.label == playbook.id else f"{playbook.label} ({playbook.id})"
    made = [f"{head}, version {playbook.number}"]
    if playbook.about:
        made += [playbook.about]
    made += ["", f"It starts {start_words(playbook, labels)}.", ""]
    made += _steps(branches_of(playbook), "", "", labels)
    if ends := goal_words(playbook, labels):
        made += ["", ends]
    made += ["", *safety_words(playbook.safety, playbook.triggers, labels)]
    return "\n".join(made) + "\n"


def labels_of(card: Card | None) -> dict[str, str]:
    """What people call the fields and measures of a card, where they have labels."""
    if card is None:
        return {}
    named = [(one.name, one.label) for one in card.fields]
    named += [(one.name, one.label) for one in card.measures]
    return {name: label for name, label in named if label}


def _listed(texts: list[str], word: str) -> str:
    if len(texts) == 2:
        return f"{texts[0]} {word} {texts[1]}"
    return ", ".join(texts[:-1]) + (f", {word} " if texts[1:] else "") + texts[-1]


def start_words(playbook: Playbook, labels: Mapping[str, str]) -> str:
    """`when a lead enters the band hot, if country is es`."""
    starts = _listed([trigger_words(one, labels) for one in playbook.triggers], "or")
    if playbook.when is None:
        return starts
    return f"{starts}, if {condition_words(playbook.when.tree, labels)}"


def goal_words(playbook: Playbook, labels: Mapping[str, str]) -> str:
    """What ends it early, in a sentence; empty where nothing does."""
    goals = [_goal(one, labels) for one in playbook.goals]
    return f"It ends early, well, as soon as {_listed(goals, 'or')}." if goals else ""


def trigger_words(trigger: Trigger, labels: Mapping[str, str]) -> str:
    """One start: `when a lead enters the band hot`."""
    match trigger:
        case BandTrigger(enters, leaves, causes):
            return "when a lead " + _band(enters, leaves) + _causes(causes)
        case ScoreTrigger(up, down, back):
            word = f"falls below {format_hundredths(down or 0)}"
            if up is not None:
                word = f"rises past {format_hundredths(up)}"
            far = f" (again only after it was {format_hundredths(back)} back)" if back else ""
            return f"when the score {word}{far}"
        case EventTrigger():
            return f"when {event_words(trigger, labels)}"
        case AnswerTrigger(question, state, frame):
            of = f" of the frame {frame}" if frame else ""
            return f"when a conversation was read and the question {question}{of} {_STATES[state]}"
        case TaskTrigger(kind, state):
            return f"when a task{f' ({kind})' if kind else ''} of the lead {_TASK[state]}"
        case ScheduleTrigger(cron, zone):
            return f"for every such lead {schedule_words(cron)} ({zone})"
        case MessageTrigger(source):
            return f"when a message comes in at {source}"


def _band(enters: tuple[str, ...], leaves: tuple[str, ...]) -> str:
    said = [f"{word} the band {_listed(list(bands), 'or')}"
            for word, bands in (("enters", enters), ("leaves", leaves)) if bands]  # fmt: skip
    return " or ".join(said)


def _causes(causes: tuple[str, ...]) -> str:
    if causes == BandTrigger().causes:
        return ""
    named = [f"{'an' if one[0] in 'aeiou' else 'a'} {one}" for one in causes]
    return f" (because of {_listed(named, 'or')})"


def event_words(event: EventTrigger, labels: Mapping[str, str]) -> str:
    """`the lead booked a meeting`; `'page_viewed' happens, where url is like ...`."""
    said = OWN_EVENTS.get(event.event) or f"'{event.event}' happens"
    if event.where is None:
        return said
    return f"{said}, where {condition_words(event.where.tree, labels)}"


def _goal(goal: Goal, labels: Mapping[str, str]) -> str:
    if goal.event is not None:
        return event_words(goal.event, labels)
    if goal.outcome is not None:
        return f"the outcome is {goal.outcome.replace('_', ' ')}"
    return _said(goal.condition, labels)


def _said(condition: Condition | None, labels: Mapping[str, str]) -> str:
    return condition_words(condition.tree, labels) if condition else ""


def _steps(
    row: list[Branch], number: str, indent: str, labels: Mapping[str, str], first: int = 1
) -> list[str]:
    made: list[str] = []
    for i, branch in enumerate(row, first):
        here, step = f"{number}{i}", branch.step
        said = step_words(step, labels)
        if step.label:
            said = f"{step.label}: {said[:1].lower()}{said[1:]}"
        failed = f"; {_GOES_ON[step.failed]}" if step.failed in _GOES_ON else ""
        ended = not failed and said.rstrip('"').endswith((".", "?", "!"))
        made.append(f"{indent}{here}. {said}{failed}{'' if ended else '.'}")
        following = 1
        for name, inner in branch.branches.items():
            made.append(f"{indent}   {_BRANCHES[name]}:")
            made += _steps(inner, f"{here}.", f"{indent}   ", labels, following)
            following += len(inner)
    return made


def safety_words(
    safety: Safety, triggers: tuple[Trigger, ...], labels: Mapping[str, str]
) -> list[str]:
    """One sentence for each thing that holds it back."""
    again = safety.again_after_us
    made = [
        "A lead goes through it once only." if again is None
        else "A lead goes through it each time that it starts." if again == 0
        else f"A lead goes through it again after {format_duration(again)} at the earliest."
    ]  # fmt: skip
    if all(isinstance(one, MessageTrigger) for one in triggers):
        made = ["Each message goes through it once."]
    if safety.settle_us:
        made.append(f"What starts it must have held for {format_duration(safety.settle_us)}.")
    if safety.a_day is not None:
        rest = "the others wait" if safety.over == "wait" else "the others are left out"
        made.append(f"At most {safety.a_day} leads start in a day; {rest}.")
    if safety.cool_down_us:
        made.append(
            f"It does not start within {format_duration(safety.cool_down_us)} after another "
            f"playbook of the group {safety.group}."
        )
    if safety.still is not None:
        made.append(f"The run stops when it is no longer so that {_said(safety.still, labels)}.")
    ignored = [word for word, kept in (("quiet hours", safety.quiet), ("caps", safety.caps))
               if not kept]  # fmt: skip
    if ignored:
        made.append(f"It does not keep to {' and '.join(ignored)}.")
    return made
