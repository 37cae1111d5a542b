"""docs/performance.md has two authors: `make bench` and `make bench-live`, each keeping the other's
part as it is. The live part stands between two lines of their own."""

from __future__ import annotations

from pathlib import Path

BEGIN, END = "<!-- make bench-live: begin -->", "<!-- make bench-live: end -->"


def split(text: str) -> tuple[str, str]:
    """The text without the live part, and the live part without its lines; either may be empty."""
    before, begun, rest = text.partition(BEGIN)
    live, _, after = rest.partition(END)
    whole = f"{before.rstrip()}\n\n{after.lstrip()}" if begun and after.strip() else before
    return whole.rstrip(), live.strip()


def joined(files: str, live: str) -> str:
    """The whole text of the two parts."""
    part = f"\n\n{BEGIN}\n{live.strip()}\n{END}" if live.strip() else ""
    return f"{files.rstrip()}{part}\n"


def written(path: Path, *, files: str | None = None, live: str | None = None) -> None:
    """Replace one part of the page."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    own, other = split(old)
    path.write_text(
        joined(own if files is None else files, other if live is None else live), encoding="utf-8"
    )
