"""Where things are shown: the two consoles, their width, and text from files made harmless.

Texts of cards and files are never markup: a label may hold [brackets], an id may be an emoji.
"""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

PIPED_WIDTH, WIDEST, NARROWEST = 100, 120, 40
# Signs that change the direction of the text around them; all other formats are let through,
# because emoji are joined by one of them.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")


class _Plain(Console):
    """Takes every text as it is; a broken pipe is for the application to handle."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def answer() -> Console:
    """Standard output; 100 columns without colour where it is not a terminal."""
    return _console(stderr=False)


def aside() -> Console:
    """Standard error: notes, errors, progress."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    console = _Plain(stderr=stderr, markup=False, emoji=False, highlight=False)
    if console.is_terminal:
        console.width = max(NARROWEST, min(console.width, WIDEST))
    elif not os.environ.get("COLUMNS", "").isdigit():
        console.width = PIPED_WIDTH
    return console


def print_json(document: Any) -> None:
    """Exactly one JSON document on standard output."""
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def plain(text: str, keep: str = "") -> str:
    """`text` without signs that steer a terminal; those of `keep` stay."""
    return "".join(sign if sign in keep or not _steers(sign) else "�" for sign in text)


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs") or sign in _TURNING


def say(text: str = "", style: str = "") -> None:
    """A line or paragraph of the answer."""
    _print(Text(plain(text, keep="\n"), style))


def heading(text: str) -> None:
    """What follows, after an empty line."""
    console = answer()
    console.print()
    console.print(Text(plain(text), "bold"))


def note(sentences: Iterable[str]) -> None:
    """Things worth knowing, on standard error."""
    for sentence in sentences:
        line = Text.assemble(("note: ", "bold yellow"), plain(sentence))
        aside().print(line, soft_wrap=True)


def show(table: Table) -> None:
    """Print a table."""
    _print(table)


def _print(what: Table | Text) -> None:
    """Into a file or pipe without the blanks that fill up lines."""
    console = answer()
    if console.is_terminal:
        console.print(what)
        return
    with console.capture() as drawn:
        console.print(what)
    lines = (line.rstrip() for line in drawn.get().splitlines())
    console.file.write("".join(f"{line}\n" for line in lines))


def grid(*, header: bool = True) -> Table:
    """A table without lines: a quiet header, two spaces between columns."""
    return Table(
        box=None, show_header=header, header_style="dim", padding=(0, 2, 0, 0), pad_edge=False
    )


def bar(share: float, width: int) -> str:
    """A bar of `width` at most, in eighths of a character."""
    eighths = round(max(0.0, min(share, 1.0)) * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def sparkline(values: list[int], low: int, high: int, width: int) -> str:
    """Heights of values on a scale from `low` to `high`, at most `width` of them, evenly taken."""
    count = min(len(values), width)
    step = (len(values) - 1) / (count - 1) if count > 1 else 0
    taken = [values[round(place * step)] for place in range(count)]
    reach = (high - low) or 1
    return "".join("▁▂▃▄▅▆▇█"[min(7, (value - low) * 8 // reach)] for value in taken)
