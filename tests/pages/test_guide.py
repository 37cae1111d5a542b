"""docs/guide.md: its pictures are there, are those that `make guide` makes, and are small."""

from __future__ import annotations

import re
import struct

from leadwise.web.pages.routes import PAGES
from tests.pages.guide import PICTURES, PLACE, ROOT

GUIDE = (ROOT / "docs" / "guide.md").read_text(encoding="utf-8")
NAMED = re.findall(r"!\[([^\]]+)\]\(guide/([a-z-]+)\.png\)", GUIDE)
MOST_BYTES = 1_500_000
MADE_OF = re.compile(r"\{[^}]*\}")


def test_the_guide_shows_what_the_command_makes_and_nothing_else_is_kept() -> None:
    assert sorted(name for _, name in NAMED) == sorted(PICTURES)
    assert sorted(path.stem for path in PLACE.iterdir()) == sorted(PICTURES)
    assert all(len(words) > 8 for words, _ in NAMED)


def test_pictures_are_whole_and_as_wide_as_they_say() -> None:
    total = 0
    for name, (_, _, (width, height), _) in PICTURES.items():
        content = (PLACE / f"{name}.png").read_bytes()
        total += len(content)
        assert content.startswith(b"\x89PNG")
        assert struct.unpack(">II", content[16:24]) == (width, height), name
    assert total < MOST_BYTES


def test_pictures_are_of_pages_that_there_are() -> None:
    shapes = [re.compile(MADE_OF.sub("[^/]+", page.path)) for page in PAGES if page.method == "GET"]
    for name, (path, _, _, _) in PICTURES.items():
        assert any(shape.fullmatch(path) for shape in shapes), name


def test_the_guide_lists_every_report() -> None:
    from leadwise.web.pages.reports import catalogue

    listed = re.findall(r"^\| ([A-Z][a-z ]+) \| .*\? \|$", GUIDE, re.M)
    assert len(listed) == len(catalogue.KINDS)
