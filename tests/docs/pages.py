"""The documentation as data: its pages, their fenced blocks, headings and links.

A page is run from top to bottom in a folder of its own, beside the project's `examples`:

    ```yaml card.yaml    (or csv, json, jsonl) becomes that file
    ```sh                is run by bash; `sh exit=1` must leave with that code
    ```python            is run, all blocks of a page in one namespace
    ```text              right after one of these two is what it prints; a line of only `…` stands
                         for any number of lines

Blocks of `make` commands are not run: the Makefile has these targets, and tests of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FILES = ("yaml", "csv", "json", "jsonl")
RUN = ("sh", "python")
_FENCE = re.compile(r"^```(\w*)[ ]*(.*)\n((?:.*\n)*?)```$", re.M)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: `about` is what follows the language, `line` counts from 1."""

    language: str
    about: str
    text: str
    line: int
    expected: Block | None = None

    @property
    def exit_code(self) -> int:
        found = re.search(r"exit=(\d+)", self.about)
        return int(found[1]) if found else 0

    @property
    def is_make(self) -> bool:
        return self.language == "sh" and all(x.startswith("make") for x in self.text.splitlines())


def pages() -> list[Path]:
    """Every page that a reader is led to."""
    return [
        *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "examples").rglob("*.md")),
    ]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """The page's fenced blocks in order, each with the output that is shown right below it."""
    source = page.read_text(encoding="utf-8")
    found: list[Block] = []
    ended = 0
    for match in _FENCE.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        block = Block(match[1], match[2].strip(), match[3], line)
        between = source[ended : match.start()].strip()
        if block.language == "text" and found and found[-1].language in RUN and not between:
            last = found[-1]
            found[-1] = Block(last.language, last.about, last.text, last.line, block)
        else:
            found.append(block)
        ended = match.end()
    return found


def prose(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    """The targets of links, those to other places of the net left out."""
    text = re.sub(r"`[^`\n]*`", "", prose(page))
    return [x for x in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in x]


def anchors(page: Path) -> set[str]:
    """What a link may name after `#`: headings as GitHub writes them."""
    titles = re.findall(r"^#+ (.*)$", prose(page), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def section(page: Path, title: str, level: int = 2) -> str:
    """The text below a heading, up to the next one of its level or above."""
    text = page.read_text(encoding="utf-8")
    found = re.search(
        rf"^{'#' * level} {re.escape(title)}\n(.*?)(?=^#{{1,{level}}} |\Z)", text, re.M | re.S
    )
    assert found, f"{name_of(page)} has no section '{title}'"
    return found[1]
