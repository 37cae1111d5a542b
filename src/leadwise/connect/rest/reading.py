"""A tree of YAML read part by part: what must be there, what may, and what is wrong with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, cast

from leadwise.card.nearest import listing, suggestion
from leadwise.card.source import Mapping, Node, Path, Scalar, Source
from leadwise.errors import Problem

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
PLACE = re.compile(r"\{([^{}]*)\}")
"""A place in a path that is filled in: `{email}`."""


@dataclass(slots=True)
class Reading:
    """A file under way: its tree, and the problems that were found so far."""

    source: Source
    problems: list[Problem] = field(default_factory=list)

    def path(self, path: Path, places: tuple[str, ...] | None) -> str:
        """A path of the interface; `places` are those that it may have (None: any)."""
        said = self.text(path, required=True, example="path: /tickets")
        if said and not said.startswith("/"):
            fault_at(self, path, "rest-url", "a path begins with /", f"/{said[:40]}")
        if places is not None:
            for name in PLACE.findall(said):
                if name not in places:
                    hint = "it may have {about}" if places else "it has no places"
                    fault_at(self, path, "rest-place", f"'{{{name}}}' is no place here", hint)
        return said

    def fields(self, path: Path) -> dict[str, str]:
        """Names of ours and paths of theirs."""
        found = self.texts(path)
        for name in found:
            if not NAME.fullmatch(name):
                fault_at(
                    self,
                    (*path, name),
                    "bad-name",
                    f"'{name}' is no name of a field",
                    "letters, digits, - _ and .",
                    key=True,
                )
        return found

    def texts(self, path: Path) -> dict[str, str]:
        """A mapping of names to texts."""
        node = self.node(path)
        if node is None:
            return {}
        if not isinstance(node, Mapping):
            fault_at(
                self, path, "wrong-type", f"expected a mapping, this is {node.kind}", "name: value"
            )
            return {}
        found: dict[str, str] = {}
        for key, value in node.entries:
            if isinstance(value, Scalar) and not value.is_nothing:
                found[key.text] = value.text
            else:
                said = f"expected a text, this is {value.kind}"
                fault_at(self, (*path, key.text), "wrong-type", said, f"{key.text}: value")
        return found

    def text(self, path: Path, *, required: bool = False, example: str = "") -> str:
        """A text; empty where there is none."""
        node = self.node(path)
        if node is None or (isinstance(node, Scalar) and node.is_nothing):
            if required:
                fault_at(self, path[:-1], "missing-key", f"'{path[-1]}' is missing", example)
            return ""
        if not isinstance(node, Scalar):
            fault_at(self, path, "wrong-type", f"expected a text, this is {node.kind}", example)
            return ""
        return node.text

    def keys(self, path: Path, known: tuple[str, ...]) -> None:
        """Complain of keys that are not known."""
        node = self.node(path)
        if not isinstance(node, Mapping):
            if node is not None:
                fault_at(
                    self,
                    path,
                    "wrong-type",
                    f"expected a mapping, this is {node.kind}",
                    f"it has {listing(known)}",
                )
            return
        for key, _ in node.entries:
            if key.text not in known:
                hint = suggestion(key.text, known, f"there are {listing(known, 12)}")
                said = f"'{key.text}' is not known here"
                fault_at(self, (*path, key.text), "unknown-key", said, hint, key=True)

    def has(self, name: str) -> bool:
        """Whether the file has such a part."""
        return self.node((name,)) is not None

    def node(self, path: Path) -> Node | None:
        """What stands at a path."""
        here: Any = self.source.root
        for step in path:
            here = here.get(str(step)) if isinstance(here, Mapping) else None
            if here is None:
                return None
        return cast("Node | None", here)


def fault_at(
    reading: Reading, path: Path, code: str, said: str, hint: str, *, key: bool = False
) -> None:
    """Note a problem where the value at a path stands, or with `key` its key."""
    source = reading.source
    where = source.key_place(path) if key else source.place(path)
    reading.problems.append(Problem(code, said, hint, where))
