"""Reading one setting of a step by its type (`shapes.SettingType`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from leadwise.card.nearest import suggestion
from leadwise.card.source import Mapping as Table
from leadwise.card.source import Path, Scalar
from leadwise.errors import Problem
from leadwise.playbooks.language.reading import Reading
from leadwise.playbooks.language.starts import read_event
from leadwise.playbooks.model import Rule
from leadwise.playbooks.shapes import Setting, SettingType
from leadwise.store.members import ROLES

BOUNDS = {"minutes": (1, 1440), "sure": (0, 100), "most": (1, 50)}
"""The least and the most of whole numbers, by the setting's name."""
PEOPLE = ("owner", "team")
_ADDRESS = re.compile(r"[^\s@{}]+@[^\s@{}]+")
Reader = Callable[[Reading, Setting, Path], object]


def read_setting(found: Reading, setting: Setting, path: Path) -> object:
    """Its value as `model.Step` has it; None where it cannot be read. Not for branches."""
    return READERS[setting.type](found, setting, path)


def _text(found: Reading, _: Setting, path: Path) -> object:
    return found.value("text", path)


def _words(found: Reading, setting: Setting, path: Path) -> object:
    if setting.one_of:
        return found.word(setting.one_of, path)
    text = found.value("text", path)
    if text is not None and setting.name == "url":
        _url(found, text, path)
    if text is not None and setting.name == "secret" and not text.startswith("env:"):
        message = "a secret does not stand in a playbook"
        hint = "write env:NAME, and put it into the environment of the service"
        found.add(Problem("secret-in-text", message, hint, found.place(path)))
        return None
    return text


def _url(found: Reading, text: str, path: Path) -> None:
    if not re.match(r"https?://[^\s/]+|env:[A-Za-z_][A-Za-z0-9_]*$", text):
        message = f"'{text[:60]}' is no address to call"
        hint = "write https://..., or env:NAME where the address is a secret"
        found.add(Problem("bad-url", message, hint, found.place(path)))


def _id(found: Reading, _: Setting, path: Path) -> object:
    return found.value("id", path)


def _whole(found: Reading, setting: Setting, path: Path) -> object:
    return found.whole_number(path, *BOUNDS.get(setting.name, (0, 1_000_000)))


def _duration(found: Reading, _: Setting, path: Path) -> object:
    return found.value("duration", path)


def _condition(found: Reading, _: Setting, path: Path) -> object:
    return found.condition(path)


def _event(found: Reading, _: Setting, path: Path) -> object:
    return read_event(found, path)


def _people(found: Reading, _: Setting, path: Path) -> object:
    text = found.value("text", path)
    return text if text is None or is_person(found, text, path) else None


def is_person(found: Reading, text: str, path: Path) -> bool:
    """Whether a text names people; told where it does not."""
    role = text.removeprefix("role:")
    if role != text and role in ROLES:
        return True
    if text in PEOPLE or "{{" in text or _ADDRESS.fullmatch(text):
        return True
    if role != text:
        message, hint = f"'{role}' is not a role", suggestion(role, ROLES, ", ".join(ROLES))
    else:
        message = f"'{text[:60]}' is nobody"
        hint = suggestion(text, PEOPLE, "write owner, team, role:representative or an address")
    found.add(Problem("unknown-person", message, hint, found.place(path)))
    return False


def _values(found: Reading, setting: Setting, path: Path) -> object:
    entries = found.entries(path, f"'{setting.name}'")
    read = {name: found.value("written", at) for name, at in entries.items()}
    return {name: text for name, text in read.items() if text is not None}


def _list(found: Reading, _: Setting, path: Path) -> object:
    return found.texts("text", path) or None


def _choices(found: Reading, setting: Setting, path: Path) -> object:
    """A mapping of names to what they mean, or names alone."""
    if not isinstance(found.node(path), Table):
        return {name: name for name in found.texts("id", path)} or None
    made: dict[str, str] = {}
    for name, at in found.entries(path, f"'{setting.name}'").items():
        if not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
            message = f"'{name[:60]}' cannot be a name"
            hint = "a letter a to z, then letters, digits and - or _"
            found.add(Problem("bad-id", message, hint, found.key(at)))
            continue
        node = found.node(at)
        bare = isinstance(node, Scalar) and node.is_nothing
        text = name if bare else found.value("text", at)
        if text is not None:
            made[name] = text
    return made or None


def _rules(found: Reading, _: Setting, path: Path) -> object:
    made: list[Rule] = []
    for item in found.items(path):
        keys = found.keys(item, "this rule", ("when", "to"), ("when", "to"))
        condition = found.condition(keys["when"]) if "when" in keys else None
        to = found.texts("text", keys["to"]) if "to" in keys else ()
        for at, text in zip(found.items(keys["to"], alone=True) if to else (), to, strict=False):
            is_person(found, text, at)
        if condition and to:
            made.append(Rule(condition, to))
    return tuple(made) or None


def _yes(found: Reading, _: Setting, path: Path) -> object:
    return found.yes(path)


READERS: Mapping[SettingType, Reader] = {
    "text": _text, "words": _words, "id": _id, "whole": _whole, "duration": _duration,
    "condition": _condition, "event": _event, "connection": _text, "people": _people,
    "values": _values, "list": _list, "choices": _choices, "rules": _rules, "yes": _yes,
}  # fmt: skip
