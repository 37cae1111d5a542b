"""What a reading shows in a terminal: an answer a row, each with the quotes that prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.table import Table
from rich.text import Text

from leadwise.cli.qualify_words import STATUS, value_in_words
from leadwise.cli.screen import grid, plain, say, show
from leadwise.cli.words import counted, number
from leadwise.qualify.answer import Answer, Reading
from leadwise.qualify.conversation.opening import Opened
from leadwise.qualify.fields import Fact, facts_of
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.talk import Conversation

_CHANNELS = {"call": "call", "email_thread": "e-mail thread", "chat": "chat"}
_COLOURS = {"stated": "green", "none": "red", "contradicted": "yellow", "not_discussed": "dim"}


def show_qualified(name: str, opened: Opened, frame: Frame, reading: Reading) -> None:
    """The conversation, its answers, the fields that would be written, and the time it took."""
    talk = opened.conversation
    say(name, "bold")
    say(f"{_CHANNELS[talk.channel]} of {talk.held_on} · {counted(len(talk.turns), 'turn')}", "dim")
    for side in ("buyer", "seller", "other"):
        names = dict.fromkeys(turn.speaker for turn in talk.turns if turn.side == side)
        if people := "; ".join(one for one in names if one):
            say(f"{side}: {people}", "dim")
    say()
    table = grid()
    table.add_column("question", no_wrap=True)
    table.add_column("answer", overflow="fold", ratio=2)
    table.add_column("sure", justify="right", no_wrap=True)
    table.add_column("what was said", overflow="fold", ratio=3)
    for answer in reading.answers:
        _add(table, frame, talk, answer)
    show(table)
    say()
    if facts := facts_of(frame, reading.answers):
        say(f"Writes {_facts(facts)}.")
    for one in reading.refused:
        say(f"Refused: an answer to {one.question} whose quote is not in the conversation.")
    say(f"Read under {frame.name} by {reading.reader} in {reading.seconds:.2f} s.", "dim")


def _add(table: Table, frame: Frame, talk: Conversation, answer: Answer) -> None:
    question = frame.question(answer.question)
    told = STATUS[answer.status]
    if answer.status == "stated":
        told = value_in_words(question.kind, answer.value) or told
    sure = "" if answer.status == "not_discussed" else f"{answer.confidence:.0%}"
    table.add_row(
        plain(said(question.label, "en") or question.id),
        Text(plain(told), _COLOURS[answer.status]),
        sure,
        plain("\n".join(_quote(talk, one.turn, one.text) for one in answer.quotes), keep="\n")
        or Text(plain(answer.why), "dim"),
    )


def _quote(talk: Conversation, turn: int, text: str) -> str:
    words = " ".join(text.split())
    name = talk.turns[turn].speaker.partition(" (")[0]
    return f"“{words}” {name}, turn {turn + 1}"


def _facts(facts: Mapping[str, Fact]) -> str:
    return ", ".join(f"{name} {_fact(value)}" for name, value in facts.items())


def _fact(value: Fact) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    return "(no longer known)" if value is None else value


def show_all(found: Sequence[tuple[str, Opened, Reading]], frame: Frame) -> None:
    """One reading after another."""
    for place, (name, opened, reading) in enumerate(found):
        if place:
            say("\n")
        show_qualified(name, opened, frame, reading)
