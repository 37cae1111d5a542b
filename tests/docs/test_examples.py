"""Every fenced example of the documentation runs, and prints what is shown below it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from leadwise.card import check_text
from tests.docs.forking import commands
from tests.docs.pages import FILES, RUN, blocks, name_of, pages
from tests.docs.running import PLAIN, matches, run_page

RUNNABLE = [
    p
    for p in pages()
    if "examples" not in p.parts and any(b.language in RUN and not b.is_make for b in blocks(p))
]


def test_there_are_pages_to_run() -> None:
    assert {"README.md", "tutorial.md", "python.md", "command-line.md"} <= {
        page.name for page in RUNNABLE
    }


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """Where the command `leadwise` is."""
    with commands(PLAIN) as found:
        yield found


@pytest.mark.parametrize("page", RUNNABLE, ids=name_of)
def test_what_is_shown_is_what_is_printed(page: Path, tmp_path: Path, place: Path) -> None:
    with closing(run_page(page, tmp_path, place)) as ran:
        for block, printed in ran:
            shown = block.expected
            if shown is not None:
                where = f"{name_of(page)}:{shown.line}"
                assert matches(printed, shown.text), f"{where} shows otherwise:\n{printed}"


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_every_card_is_right(page: Path) -> None:
    for block in blocks(page):
        if block.language == "yaml" and block.text.startswith("card:"):
            assert check_text(block.text, f"{name_of(page)}:{block.line}") == ()


def test_every_block_says_what_it_is() -> None:
    """A block that is neither run, nor a file, nor an output would be tested by nobody."""
    for page in pages():
        for block in blocks(page):
            where = f"{name_of(page)}:{block.line}"
            assert block.language in (*FILES, *RUN), f"{where} is a block of '{block.language}'"


def test_dots_stand_for_lines() -> None:
    assert matches("a\nb  \nc\n\n", "a\n…\nc")
    assert matches("a\nc\n", "a\n…\nc")
    assert not matches("a\nb\nc\nd\n", "a\n…\nc")
    assert not matches("ab\n", "a.\n")
