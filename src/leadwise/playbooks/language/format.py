"""Writing a playbook: one canonical form, as cards have one.

`parse(format_playbook(p))` has the content of `p`, always. Sections are blocks with an empty line
before each. A step is its kind with its first setting, and a line for each further one; mappings
without further ones in them go on one line, between { }, where that has at most 100 columns.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from leadwise.card.comments import remarks_of
from leadwise.card.format import Line, flow_text, joined
from leadwise.card.plain import Plain
from leadwise.card.scalars import json_text, literal_style, write_scalar
from leadwise.card.source import Path
from leadwise.errors import CardError
from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.language.plain import plain_playbook
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.shapes import SHAPES

WIDTH = 100
_SECTIONS = ("starts", "when", "measures", "steps", "goals", "safety")


def format_playbook(playbook: Playbook) -> str:
    """The canonical YAML of a playbook."""
    return joined(list(_lines(plain_playbook(playbook))), [])


def format_json(playbook: Playbook) -> str:
    """The canonical JSON of a playbook."""
    return _as_json(plain_playbook(playbook))


def format_text(text: str, file: str | None = None) -> str:
    """A playbook's file in canonical form, with its comments and the ids that it gives; JSON stays
    JSON. Raises CardError."""
    parsed = parse(text, file=file)
    if parsed.playbook is None:
        raise CardError(parsed.problems)
    plain = plain_playbook(parsed.playbook, parsed.ids)
    if text.lstrip("\ufeff \t\r\n").startswith("{"):
        return _as_json(plain)
    return joined(list(_lines(plain)), remarks_of(text))


def _as_json(plain: dict[str, Plain]) -> str:
    return json_text(json.dumps(plain, indent=2, ensure_ascii=False)) + "\n"


def _lines(plain: dict[str, Plain]) -> Iterator[Line]:
    for key, value in plain.items():
        lines = list(_entry(key, value, 0, (key,)))
        yield replace(lines[0], spaced=key in _SECTIONS and key != "when")
        yield from lines[1:]


def _entry(key: str, value: Plain, indent: int, path: Path) -> Iterator[Line]:
    """A key and its value, on one line or as a block."""
    start = f"{' ' * indent}{write_scalar(key, flow=True)}:"
    if isinstance(value, str) and (style := literal_style(value)):
        yield Line(f"{start} {style}", (path,))
        for line in value.removesuffix("\n").split("\n"):
            yield Line(f"{' ' * (indent + 2)}{line}" if line else "")
    elif value is None:
        yield Line(start, (path,))
    elif not isinstance(value, (dict, list)):
        yield Line(f"{start} {write_scalar(value, flow=False)}", (path,))
    elif _is_flow(value, path, len(start) + 1):
        yield Line(f"{start} {flow_text(value)}", (path,))
    else:
        yield Line(start, (path,))
        yield from _block(value, indent + 2, path)


def _block(value: dict[str, Plain] | list[Plain], indent: int, path: Path) -> Iterator[Line]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _entry(key, inner, indent, (*path, key))
        return
    for i, item in enumerate(value):
        at: Path = (*path, i)
        dash = f"{' ' * indent}- "
        if not isinstance(item, dict):
            yield Line(dash + flow_text(item), (at,))
            continue
        lines = list(_block(item, indent + 2, at))
        yield Line(dash + lines[0].text.lstrip(), (at, *lines[0].paths))
        yield from lines[1:]


def _is_flow(value: dict[str, Plain] | list[Plain], path: Path, before: int) -> bool:
    """Whether a mapping or list goes on one line."""
    if not value:
        return True
    if isinstance(value, list):
        inner = any(isinstance(item, (dict, list)) for item in value)
        return not inner and len(path) > 1 and before + len(flow_text(value)) <= WIDTH
    if len(path) == 1 or any(isinstance(item, dict) for item in value.values()):
        return False
    if any(isinstance(item, list) and _has_parts(item) for item in value.values()):
        return False
    if any(isinstance(item, str) and literal_style(item) for item in value.values()):
        return False
    free = path[-1] in SHAPES or path[0] in ("measures", "starts", "goals")
    return (free or len(value) <= 2) and before + len(flow_text(value)) <= WIDTH


def _has_parts(items: list[Plain]) -> bool:
    return any(isinstance(item, (dict, list)) or item in SHAPES for item in items)
