"""What may not stand in a log, taken out of it: keys, passwords, e-mail addresses.

Applied to every line, whoever wrote it; so it looks at texts as they are and errs on the side of
taking out too much. Every pattern is linear in the length of a text that is cut first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

LONGEST = 16_000
"""Signs of one text in a log (a traceback has some thousands)."""
GONE = "***"

_SECRET_NAMES = re.compile(
    r"(?i)^(?:.*[_-])?(?:password|passwd|secret|token|authorization|cookie|set-cookie|credentials?"
    r"|(?:write|api|secret)[_-]?key|signature)$"
)
_NAMES = "password|passwd|secret|token|write_?key|api_?key|signature"
# What a text (in small letters) must hold for a pattern to be tried: most lines hold none of it.
_RULES: tuple[tuple[tuple[str, ...], re.Pattern[str], str], ...] = (
    (  # scheme://user:password@host
        ("://",),
        re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://)[^\s/@:]{0,256}:[^\s@]{1,512}@"),
        rf"\1{GONE}@",
    ),
    (
        ("basic ", "bearer "),
        re.compile(r"(?i)\b(basic|bearer)\s+[A-Za-z0-9+/=._~\-]{4,2000}"),
        rf"\1 {GONE}",
    ),
    (  # keys of ours, and those of webhooks
        ("lw", "whsec_"),
        re.compile(r"\b(lw[a-z]{0,4}_|whsec_)[A-Za-z0-9+/=_\-]{6,2000}"),
        rf"\1{GONE}",
    ),
    (  # what follows a name that says it is secret
        ("passw", "secret", "token", "key", "signature"),
        re.compile(
            rf"(?i)([\"']?\b(?:{_NAMES})[\"']?\s{{0,3}}[=:]\s{{0,3}})"
            r"(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s,;&\"')}\]]{1,2000})"
        ),
        rf"\1{GONE}",
    ),
    (
        ("@", "%40"),
        re.compile(r"[^\s@<>\"'(),:;/=?&\[\]{}|\\]{1,64}(?:@|%40)[\w\-.]{1,253}\.[\w\-]{2,63}"),
        "[e-mail]",
    ),
)


def redacted(text: str) -> str:
    """The text without secrets, cut where it is very long."""
    if len(text) > LONGEST:
        text = text[:LONGEST] + "…"
    small = text.lower()
    for needles, pattern, instead in _RULES:
        if any(needle in small for needle in needles):
            text = pattern.sub(instead, text)
    return text


def redact(value: Any, name: str = "", depth: int = 0) -> Any:
    """The same for anything that is logged under a name: texts, mappings, lists, errors."""
    if isinstance(value, bool | int | float | None):
        return value
    if name and _SECRET_NAMES.match(name):
        return GONE if value else value
    if isinstance(value, str):
        return redacted(value)
    if depth > 4:
        return "…"
    if isinstance(value, Mapping):
        return {
            redacted(str(key)): redact(inner, str(key), depth + 1) for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(inner, "", depth + 1) for inner in value]
    if isinstance(value, bytes):
        return redacted(value[:LONGEST].decode("utf-8", "replace"))
    return redacted(str(value))
