"""docs/performance.md has five authors, each keeping the others' parts as they are: `make bench`,
and between two lines of their own `make bench-live`, `make bench-pages`, `make bench-playbooks` and
`make bench-learn`."""

from __future__ import annotations

from pathlib import Path

PARTS = {
    "live": "make bench-live", "pages": "make bench-pages", "playbooks": "make bench-playbooks",
    "learn": "make bench-learn",
}  # fmt: skip
"""In the order in which they stand after what `make bench` has written."""


def lines_of(part: str) -> tuple[str, str]:
    """The line before a part and the one after it."""
    return f"<!-- {PARTS[part]}: begin -->", f"<!-- {PARTS[part]}: end -->"


def split(text: str) -> tuple[str, dict[str, str]]:
    """The text without the parts, and the parts without their lines; each may be empty."""
    found = {}
    for part in PARTS:
        begin, end = lines_of(part)
        before, begun, rest = text.partition(begin)
        inside, _, after = rest.partition(end)
        text = f"{before.rstrip()}\n\n{after.lstrip()}" if begun and after.strip() else before
        found[part] = inside.strip()
    return text.rstrip(), found


def joined(files: str, parts: dict[str, str]) -> str:
    """The whole text."""
    text = files.rstrip()
    for part in PARTS:
        begin, end = lines_of(part)
        if parts.get(part, "").strip():
            text += f"\n\n{begin}\n{parts[part].strip()}\n{end}"
    return f"{text}\n"


def written(path: Path, *, files: str | None = None, **parts: str) -> None:
    """Replace what is given, by its name: `files` for what `make bench` says, or a part."""
    if unheard := parts.keys() - PARTS.keys():
        raise KeyError(f"no part {', '.join(sorted(unheard))}")
    own, there = split(path.read_text(encoding="utf-8") if path.exists() else "")
    path.write_text(joined(own if files is None else files, there | parts), encoding="utf-8")
