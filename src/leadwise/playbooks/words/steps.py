"""One step in plain English, without a full stop; its branches are not said. Values of templates
stand between brackets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from leadwise.card.values import format_duration
from leadwise.playbooks.conditions.names import OWN_EVENTS
from leadwise.playbooks.model import Condition, EventTrigger, Rule, Step, StepKind
from leadwise.playbooks.words.conditions import condition_words

_VALUE = re.compile(r"\{\{-?\s*([A-Za-z_][\w.]*).*?\}\}", re.S)
_OTHER = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.S)
Labels: TypeAlias = Mapping[str, str]


def step_words(step: Step, labels: Labels) -> str:
    """`Send the mail welcome to the lead`; texts stand between quotes."""
    return _KINDS[step.kind](_Settings(step), labels)


class _Settings:
    """The settings of a step, as words."""

    def __init__(self, step: Step):
        self.of = step.settings

    def has(self, name: str) -> bool:
        return self.of.get(name) not in (None, False, "", ())

    def text(self, name: str) -> str:
        return shown(str(self.of.get(name, "")))

    def quoted(self, name: str) -> str:
        text = self.text(name)
        return f'"{text}"' if len(text) <= 100 else f'"{text[:97]}..."'

    def duration(self, name: str) -> str:
        value = self.of.get(name)
        return format_duration(value) if isinstance(value, int) else ""

    def names(self, name: str, word: str = "and") -> str:
        value = self.of.get(name)
        texts = [str(item) for item in value] if isinstance(value, (tuple, dict)) else []
        return ", ".join(texts[:-1]) + (f" {word} " if texts[1:] else "") + "".join(texts[-1:])

    def add(self, text: str, name: str) -> str:
        """The text where the setting is there."""
        return text if self.has(name) else ""


def shown(template: str) -> str:
    """A template as a sentence has it: `Call [lead name]`, `[at of book]`."""
    return " ".join(_OTHER.sub("", _VALUE.sub(_value_words, template)).split())


def _value_words(found: re.Match[str]) -> str:
    root, *rest = found[1].split(".")
    if root == "step" and len(rest) > 1:
        named = [word for word in rest[1:] if word != "fields"] or rest[1:]
        return f"[{' '.join(named).replace('_', ' ')} of {rest[0].replace('_', ' ')}]"
    return f"[{' '.join([root, *rest]).replace('_', ' ')}]"


def who(text: str) -> str:
    """People as a sentence names them."""
    if text == "owner":
        return "the lead's owner"
    if text == "team":
        return "the whole team"
    if text.startswith("role:"):
        return f"everybody with the role {text.removeprefix('role:').replace('_', ' ')}"
    return text


def _mail(s: _Settings, _: Labels) -> str:
    to = s.text("to") if s.has("to") else "the lead"
    said = f"Send the mail {s.text('template')} to {to}"
    said += s.add(f", from {s.text('from')}", "from")
    said += s.add(f", with what came of {s.names('attach')} attached", "attach")
    if s.of.get("kind") == "transactional":
        said += " (as an answer: it goes to those who want no marketing, too)"
    if s.of.get("unsure") == "send again":
        said += "; where it is not sure that it went out, send it again"
    return said


def _wait(s: _Settings, labels: Labels) -> str:
    event = s.of.get("event")
    if isinstance(event, EventTrigger):
        said = OWN_EVENTS.get(event.event) or f"'{event.event}' happens"
        if event.where:
            said += f", where {condition_words(event.where.tree, labels)}"
        return f"Wait until {said}" + s.add(f", for {s.duration('at_most')} at most", "at_most")
    if s.has("until"):
        return f"Wait until {s.text('until')}"
    return f"Wait for {s.duration('for')}"


def _if(s: _Settings, labels: Labels) -> str:
    condition = s.of.get("condition")
    if isinstance(condition, Condition):
        return f"Look whether {condition_words(condition.tree, labels)}"
    if s.has("is"):
        return f"Look whether {s.text('text')} is {s.names('is', 'or')}"
    return f"Look whether there is {s.text('text')}"


def _task(s: _Settings, _: Labels) -> str:
    kind = s.text("kind")
    said = f"Give {who(s.text('to'))} a task ({kind}): {s.quoted('title')}"
    said += s.add(f", due within {s.duration('due')}", "due")
    waits = any(s.has(name) for name in ("wait", "late", "refused"))
    return said + (", and wait until it is done" if waits else "")


def _assign(s: _Settings, labels: Labels) -> str:
    by = s.text("by")
    if by == "nobody":
        return "Take the lead from its owner"
    if by == "account owner":
        return "Give the lead to whoever owns the other leads of its company"
    if by == "territory":
        rules = s.of.get("rules")
        said = [
            f"to {' or '.join(map(who, rule.to))} if {condition_words(rule.when.tree, labels)}"
            for rule in (rules if isinstance(rules, tuple) else ())
            if isinstance(rule, Rule)
        ]
        return f"Give the lead by territory: {'; '.join(said)}"
    people = s.of.get("among")
    named = " or ".join(map(who, people)) if isinstance(people, tuple) else "the team"
    ways = {"round robin": "whoever's turn it is", "capacity": "whoever has the most room"}
    again = ", also where it has an owner" if s.has("again") else ""
    return f"Give the lead to {ways[by]} among {named}{again}"


def _notify(s: _Settings, _: Labels) -> str:
    told = [who(s.text("to"))] if s.has("to") else []
    if s.has("by"):
        told.append(s.text("by") + s.add(f" ({s.text('channel')})", "channel"))
    return f"Tell {' and '.join(told)}: {s.quoted('text')}"


def _change(s: _Settings, _: Labels) -> str:
    names = s.names("values")
    if not s.has("in"):
        return f"Write {names} into the lead's record"
    return f"Write {names} into its {s.text('noun')} in {s.text('in')}"


def _create(s: _Settings, _: Labels) -> str:
    return f"Make a {s.text('noun')} in {s.text('in')}, with {s.names('values')}"


def _book(s: _Settings, _: Labels) -> str:
    at = f"at {s.text('at')}" if s.has("at") else "at the first time that is free for both"
    said = f"Book a meeting of {s.text('minutes')} minutes in {s.text('in')}, {at}"
    return said + f", called {s.quoted('title')}" + s.add(f", with {s.names('people')}", "people")


def _fetch(s: _Settings, _: Labels) -> str:
    said = f"Fetch the transcript of the call at {s.text('of')} from {s.text('from')}"
    return said + f", looking every {s.duration('every')} for {s.duration('at_most')} at most"


def _qualify(s: _Settings, _: Labels) -> str:
    frame = s.add(f" by the frame {s.text('frame')}", "frame")
    doubt = f"those under {s.text('sure')} percent are doubtful"
    return f"Read the conversation into answers{frame}; {doubt}"


def _webhook(s: _Settings, _: Labels) -> str:
    return f"Call {s.text('url')}" + s.add(f" with {s.names('body')}", "body")


def _enrich(s: _Settings, _: Labels) -> str:
    said = f"Ask {s.text('from')} for facts of the {s.text('of')}"
    return f"{said}, if it was not asked within {s.duration('fresh')}"


def _classify(s: _Settings, _: Labels) -> str:
    return f"Put {s.quoted('text')} into one of {s.names('into', 'or')}, else {s.text('otherwise')}"


def _extract(s: _Settings, _: Labels) -> str:
    return f"Read {s.names('fields')} out of {s.quoted('text')}"


def _search(s: _Settings, _: Labels) -> str:
    return f"Look in {s.names('in')} for what answers {s.quoted('for')}"


def _approve(s: _Settings, _: Labels) -> str:
    said = f"Ask {who(s.text('of'))} for a yes: {s.quoted('question')}"
    return f"{said}, for {s.duration('within')}; then it counts as a no"


def _start(s: _Settings, _: Labels) -> str:
    waits = ", and wait until it ended" if s.has("wait") else ""
    return f"Start the playbook {s.text('playbook')} for the lead{waits}"


def _convert(s: _Settings, _: Labels) -> str:
    said = f"Record that the lead is {s.text('to').replace('_', ' ')}"
    return said + s.add(f": {s.quoted('reason')}", "reason")


def _end(s: _Settings, _: Labels) -> str:
    return "End here" + s.add(f": {s.text('why')}", "why")


_KINDS: Mapping[StepKind, Callable[[_Settings, Labels], str]] = {
    "mail": _mail, "wait": _wait, "if": _if, "task": _task, "assign": _assign, "notify": _notify,
    "change": _change, "create": _create, "book": _book, "fetch": _fetch, "qualify": _qualify,
    "webhook": _webhook, "enrich": _enrich, "classify": _classify, "extract": _extract,
    "search": _search, "approve": _approve, "start": _start, "convert": _convert, "end": _end,
    "push": lambda s, _: f"Write the lead's score to {s.text('to')} now",
    "stop": lambda s, _: f"Stop the playbook {s.text('playbook')} for the lead",
    "file": lambda s, _: f"Write {s.quoted('text')} as {s.text('name')} into {s.text('in')}",
}  # fmt: skip
