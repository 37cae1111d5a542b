"""From what somebody wants, in words, to a text that checks.

    drafted = draft("When a lead from Spain asks for a demo, ...", around, writer.write)
    print(drafted.text, drafted.problems)

The writer is told the language and the names that there are. What is wrong with its text goes back
to it, place by place; what is still wrong after the last try is told with the text, for a person
can mend it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from leadwise.card import parse as parse_card
from leadwise.card.model import Card
from leadwise.errors import Problem, UserError
from leadwise.playbooks.drafting.instructions import card_instructions, playbook_instructions
from leadwise.playbooks.language.parse import parse as parse_playbook

Kind: TypeAlias = Literal["playbook", "card"]
Writer: TypeAlias = Callable[[str, str], str]
"""Instructions and a prompt to an answer."""
TRIES = 4
MOST_WISH = 8_000
"""Signs of a wish: more is a document, and no wish."""
MOST_PROBLEMS = 12
_FENCED = re.compile(r"```[a-zA-Z]*[ \t]*\n(.*?)```", re.S)


@dataclass(frozen=True, slots=True)
class Around:
    """What a draft is written for: the card by which leads are scored, and the names that there are
    of templates, connections and playbooks (None: not known, so not checked)."""

    card: Card | None = None
    templates: tuple[str, ...] | None = None
    connections: tuple[str, ...] | None = None
    playbooks: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft: it can be used where no problem is an error. `tries` is how often was written."""

    kind: Kind
    text: str
    problems: tuple[Problem, ...]
    tries: int = 1

    @property
    def fine(self) -> bool:
        return not any(one.severity == "error" for one in self.problems)


def draft(
    wish: str, around: Around, write: Writer, kind: Kind = "playbook", tries: int = TRIES
) -> Drafted:
    """The draft. UserError (`empty-wish`, `long-wish`); what the writer raises goes on."""
    wish = wish.strip()
    if not wish:
        raise UserError(
            "empty-wish", "Nothing is said of what the draft is to do.",
            hint='Say it in words: leadwise draft "When a lead asks for a demo, ..."',
        )  # fmt: skip
    if len(wish) > MOST_WISH:
        raise UserError(
            "long-wish", f"What is said has {len(wish):,} signs; at most {MOST_WISH:,} are taken.",
            hint="Say the gist; details can be written into the draft.",
        )  # fmt: skip
    told = instructions(kind, around)
    best: Drafted | None = None
    prompt = _wanted(wish)
    for attempt in range(1, tries + 1):
        found = replace(checked(kind, text_in(write(told, prompt)), around), tries=attempt)
        if best is None or _errors(found) <= _errors(best):
            best = found
        if found.fine:
            return found
        prompt = _mend(wish, found)
    assert best is not None
    return replace(best, tries=tries)


def instructions(kind: Kind, around: Around) -> str:
    """What the writer is told of the language."""
    if kind == "card":
        return card_instructions()
    return playbook_instructions(
        around.card, around.templates, around.connections, around.playbooks
    )


def checked(kind: Kind, text: str, around: Around) -> Drafted:
    """A text with all that is wrong with it."""
    if kind == "card":
        return Drafted(kind, text, parse_card(text).problems)
    parsed = parse_playbook(
        text, card=around.card, templates=around.templates, connections=around.connections,
        playbooks=around.playbooks,
    )  # fmt: skip
    return Drafted(kind, text, parsed.problems)


def text_in(answer: str) -> str:
    """The file in an answer: what stands in its longest block of code, else all of it."""
    blocks = [block for block in _FENCED.findall(answer) if block.strip()]
    text = max(blocks, key=len) if blocks else answer
    return text.strip("\n") + "\n"


def _wanted(wish: str) -> str:
    return f"What is wanted, in somebody's words:\n\n{wish}\n"


def _mend(wish: str, found: Drafted) -> str:
    """The text again with what is wrong in it."""
    shown = [one for one in found.problems if one.severity == "error"][:MOST_PROBLEMS]
    told = "\n".join(
        f"- line {one.where.line or 1}: {one.message}" + (f" ({one.hint})" if one.hint else "")
        for one in shown
    )
    return (
        f"{_wanted(wish)}\nYou wrote:\n\n```yaml\n{found.text}```\n\nIt is refused:\n{told}\n\n"
        "Write the whole file again without these faults.\n"
    )


def _errors(found: Drafted) -> int:
    return sum(one.severity == "error" for one in found.problems)
