"""docs/performance.md has several authors: each replaces its own part and leaves the others'."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.sections import PARTS, joined, lines_of, split, written

ROOT = Path(__file__).parents[2]


def test_the_page_is_made_of_its_parts() -> None:
    text = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert joined(*split(text)) == text


def test_a_part_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    written(page, files="# Files")
    written(page, learn="## Learning")
    written(page, pages="## Pages")
    written(page, live="## Live")
    written(page, playbooks="## Playbooks")
    written(page, pages="## Pages anew")
    text = page.read_text(encoding="utf-8")
    assert split(text) == (
        "# Files",
        {
            "live": "## Live",
            "pages": "## Pages anew",
            "playbooks": "## Playbooks",
            "learn": "## Learning",
        },
    )
    assert text.index("# Files") < text.index("## Live") < text.index("## Pages anew")
    assert text.index("## Pages anew") < text.index("## Learning")
    assert all(line in text for part in PARTS for line in lines_of(part))
    written(page, files="# Files anew")
    assert split(page.read_text(encoding="utf-8"))[1] == split(text)[1]


def test_a_part_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        written(tmp_path / "performance.md", nothing="")
