"""Writing one YAML scalar: plain where that is safe, else between double quotes."""

from __future__ import annotations

import json

_NOTHING = frozenset({"", "~", "null", "Null", "NULL"})
_FIRST = "_(/$"
_FLOW = ",[]{}"


def write_scalar(value: str | int | float | None, *, flow: bool) -> str:
    """A value on one line; `flow` says that it stands between { } or [ ]."""
    if value is None:
        return "null"
    if not isinstance(value, str):
        return json.dumps(value)
    return value if is_plain(value, flow=flow) else quoted(value)


def is_plain(text: str, *, flow: bool) -> bool:
    """Whether a text reads back as itself without quotes, in this reader and in others."""
    if text in _NOTHING or text != text.strip() or not text.isprintable():
        return False
    first = text[0]
    number = first == "-" and text[1:2].isdigit()
    if not (first.isalnum() or first in _FIRST or number):
        return False
    if ": " in text or " #" in text or text.endswith(":"):
        return False
    return not (flow and any(sign in _FLOW or sign == ":" for sign in text))


def quoted(text: str) -> str:
    """A text between double quotes, every sign that may not stand in YAML escaped."""
    return "".join(
        c if c.isprintable() else _escape(c) for c in json.dumps(text, ensure_ascii=False)
    )


def _escape(sign: str) -> str:
    code = ord(sign)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def json_text(text: str) -> str:
    """JSON whose strings hold no character that a YAML reader refuses."""
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def literal_style(text: str) -> str | None:
    """`|` or `|-` where a text of several lines can stand as it is, else None."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if len(lines) < 2 or not lines[0] or not lines[-1]:
        return None
    for line in lines:
        if line != line.rstrip() or line.startswith((" ", "\t")) or not line.isprintable():
            return None
    return "|" if text.endswith("\n") else "|-"
