"""Lines broken to a width made whole again: a sentence does not end where a line is full."""

from __future__ import annotations

import re

_WIDTHS = range(58, 102)
"""Widths to which programs break lines (RFC 3676 asks for 78 at most; terminals have 80)."""
_ITEM = re.compile(r"\s*(?:[-–—•*>#]|\d{1,3}[.)]\s|\[)")


def unwrapped(text: str) -> str:
    """A text with the lines joined that were only full: where the next line's first word would not
    have fitted into the width of the longest one."""
    lines = text.split("\n")
    width = max(len(one.rstrip()) for one in lines)
    if len(lines) < 2 or width not in _WIDTHS:
        return text
    found = [lines[0]]
    last = lines[0]
    for line in lines[1:]:
        word = line.split(maxsplit=1)[0] if line.strip() else ""
        full = len(last.rstrip()) + 1 + len(word) > width
        if word and last.strip() and full and not _ITEM.match(line):
            found[-1] = f"{found[-1].rstrip()} {line.strip()}"
        else:
            found.append(line)
        last = line
    return "\n".join(found)
