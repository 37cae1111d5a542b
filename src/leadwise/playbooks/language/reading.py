"""Reading the parts of a playbook's file: each with its place, each fault once, none hides another.

A method that answers None has told what is wrong, save where its text says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence as Many
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from leadwise.card.conditions import parse_condition
from leadwise.card.expression import Expression
from leadwise.card.faults import Fault
from leadwise.card.model import ID
from leadwise.card.nearest import suggestion
from leadwise.card.readers import (
    Duration,
    Hundredths,
    Id,
    NameValue,
    TextValue,
    Version,
    Written,
    one_of,
)
from leadwise.card.source import Mapping, Node, Path, Scalar, Sequence, Source, shorten
from leadwise.card.tokens import ConditionError
from leadwise.errors import Place, Problem
from leadwise.playbooks.model import Condition

Kind: TypeAlias = Literal["text", "written", "id", "name", "duration", "points", "version"]
_READERS: dict[Kind, Any] = {
    "text": TextValue, "written": Written, "id": Id, "name": NameValue, "duration": Duration,
    "points": Hundredths, "version": Version,
}  # fmt: skip
_LONGEST_WHOLE = 9
MOST_NAME = 100
"""Signs of an id or a name: they stand in addresses, tables and the keys of others."""
EXAMPLES = {
    "playbook": "add an id: playbook: my-playbook",
    "version": "add version: 1",
    "starts": "add what starts it: starts: {band: hot}",
    "steps": "add steps: with at least one, such as - wait: 3 days",
    "question": "add the id of a question: question: budget",
    "is": "add is: failed, unknown or known",
    "state": "add state: done, refused or overdue",
    "on": "add the event: on: page_viewed",
    "when": "add a condition: when: country = 'es'",
    "to": "add whom: to: anna@example.com, or role:representative",
}
"""What to write for a key that is missing."""
OTHER_WORDS = {
    "trigger": "starts", "triggers": "starts", "on": "starts", "start": "starts", "if": "when",
    "conditions": "when", "where": "when", "name": "label", "description": "about", "do": "steps",
    "actions": "steps", "then": "steps", "goal": "goals", "limits": "safety", "else": "otherwise",
    "timezone": "zone", "tz": "zone", "assignee": "to", "timeout": "at_most", "deadline": "at_most",
}  # fmt: skip
"""Words of other tools for our keys."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition as it stands in the file. `event`: it looks at such events, not at the lead."""

    path: Path
    tree: Expression
    event: str | None = None


@dataclass
class Reading:
    """One file while it is read. `whole`: nothing had to be left out, so that what the parts are
    together may be judged."""

    source: Source
    problems: list[Problem] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether all was read so far."""
        return not any(one.severity == "error" for one in self.problems)

    def add(self, problem: Problem) -> None:
        """Tell of a problem."""
        self.problems.append(problem)

    def node(self, path: Path) -> Node:
        """What stands at a path (there must be something)."""
        return self.source.node(path)

    def place(self, path: Path) -> Place:
        """Where a value stands."""
        return self.source.place(path)

    def key(self, path: Path) -> Place:
        """Where the key of a value stands."""
        return self.source.key_place(path)

    # -- single values ---------------------------------------------------------------------------

    def value(self, kind: Kind, path: Path) -> Any:
        """A value of one of the kinds that cards have, too."""
        found = self._read(_adapter(kind), path)
        if kind in ("id", "name") and found is not None and len(found) > MOST_NAME:
            message = f"this {kind} has {len(found)} characters; the most is {MOST_NAME}"
            hint = "write a shorter one; a label may say more"
            code = "bad-id" if kind == "id" else "bad-name"
            self.add(Problem(code, message, hint, self.place(path)))
            return None
        return found

    def word(self, words: tuple[str, ...], path: Path) -> str | None:
        """One of a few words."""
        found: str | None = self._read(_choosing(words), path)
        return found

    def whole_number(self, path: Path, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        node = self.node(path)
        text = node.text if isinstance(node, Scalar) and node.plain else ""
        if not re.fullmatch(rf"-?[0-9]{{1,{_LONGEST_WHOLE}}}", text):
            message = f"expected a whole number, found {node.kind}"
            self.add(Problem("wrong-type", message, f"write it as {least}", self.place(path)))
            return None
        if not least <= int(text) <= most:
            hint = f"write {least} to {most}"
            self.add(Problem("out-of-bounds", f"{text} is out of bounds", hint, self.place(path)))
            return None
        return int(text)

    def yes(self, path: Path, hint: str = "write true or false, without quotes") -> bool | None:
        """True or false."""
        node = self.node(path)
        if isinstance(node, Scalar) and node.plain and node.text in ("true", "false"):
            return node.text == "true"
        message = f"expected true or false, found {node.kind}"
        self.add(Problem("wrong-type", message, hint, self.place(path)))
        return None

    def condition(self, path: Path, event: str | None = None) -> Condition | None:
        """A condition; its names and types are looked at when all measures are known."""
        text = self.value("text", path)
        if text is None:
            return None
        try:
            tree = parse_condition(text)
        except ConditionError as error:
            where = self.source.inside(path, error.span[0])
            self.add(Problem(error.code, error.message, error.hint, where))
            return None
        self.asked.append(Asked(path, tree, event))
        return Condition(text, tree)

    # -- lists and mappings ----------------------------------------------------------------------

    def items(self, path: Path, *, alone: bool = False) -> list[Path]:
        """The paths of a list's items; `alone`: one item may stand for a list of it."""
        node = self.node(path)
        if isinstance(node, Sequence):
            return [(*path, i) for i in range(len(node.items))]
        if isinstance(node, Scalar) and node.is_nothing:
            return []
        if alone:
            return [path]
        message = f"expected a list (lines that start with -), found {node.kind}"
        self.add(Problem("wrong-type", message, "put - before each item", self.place(path)))
        return []

    def texts(self, kind: Kind, path: Path) -> tuple[str, ...]:
        """A list of texts, or one alone."""
        read = [self.value(kind, item) for item in self.items(path, alone=True)]
        return tuple(text for text in read if text is not None)

    def keys(
        self, path: Path, owner: str, known: Many[str], required: Many[str] = (), hint: str = ""
    ) -> dict[str, Path]:
        """The keys that stand in a mapping and may, with the paths of their values."""
        node = self.node(path)
        if not isinstance(node, Mapping):
            message = f"expected {owner} as a mapping, found {node.kind}"
            hint = hint or f"write it as {known[0]}: ..."
            self.add(Problem("wrong-type", message, hint, self.place(path)))
            return {}
        found: dict[str, Path] = {}
        for key, _ in node.entries:
            if key.text in known:
                found[key.text] = (*path, key.text)
            else:
                self.unknown_key(path, key.text, owner, known)
        for name in required:
            if name not in found:
                message = f"{owner} has no '{name}'"
                example = EXAMPLES.get(name, f"add {name}: ...")
                self.add(Problem("missing-key", message, example, self.place(path)))
        return found

    def unknown_key(self, path: Path, key: str, owner: str, known: Many[str]) -> None:
        """Tell of a key that the mapping may not have."""
        where = self.key((*path, key))
        if key != "<<" and not re.fullmatch(ID, key) and any(sign in key for sign in "'()<>="):
            self.add(
                Problem(
                    "cut-condition",
                    f"'{shorten(key)}' is not a key: the condition before it was cut at a comma",
                    "inside { } put all of it between double quotes: if: \"role in ('a', 'b')\"",
                    where,
                )
            )
            return
        hint = suggestion(key, known, "the keys here are " + ", ".join(known))
        if OTHER_WORDS.get(key.lower()) in known:
            hint = f"write {OTHER_WORDS[key.lower()]}:"
        if key == "<<":
            hint = "playbooks do not merge mappings: write the values out"
        message = f"{owner} has no key '{shorten(key)}'"
        self.add(Problem("unknown-key", message, hint, where))

    def entries(self, path: Path, owner: str) -> dict[str, Path]:
        """A mapping of any names, with the paths of their values."""
        node = self.node(path)
        if isinstance(node, Mapping):
            return {key.text: (*path, key.text) for key, _ in node.entries}
        if not (isinstance(node, Scalar) and node.is_nothing):
            message = f"expected {owner} as a mapping, found {node.kind}"
            hint = "write each on a line of its own, as name: value"
            self.add(Problem("wrong-type", message, hint, self.place(path)))
        return {}

    def _read(self, adapter: TypeAdapter[Any], path: Path) -> Any:
        node = self.node(path)
        if not isinstance(node, Scalar):
            node_or_list: Any = [] if isinstance(node, Sequence) else {}
        else:
            node_or_list = node
        try:
            return adapter.validate_python(node_or_list)
        except ValidationError as error:
            given = error.errors(include_url=False)[0]
            fault = Fault(given["type"], path, None, given.get("ctx", {}))
            self.add(fault.problem(self.source))
            return None


@cache
def _adapter(kind: Kind) -> TypeAdapter[Any]:
    return TypeAdapter(_READERS[kind])


@cache
def _choosing(words: tuple[str, ...]) -> TypeAdapter[Any]:
    return TypeAdapter(Annotated[str, one_of(*words)])
