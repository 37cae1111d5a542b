"""Links between pages lead somewhere, and lead to every page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, anchors, links, name_of, pages


def _target(page: Path, link: str) -> tuple[Path, str]:
    path, _, anchor = link.partition("#")
    return ((page.parent / path).resolve() if path else page), anchor


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_resolve(page: Path) -> None:
    for link in links(page):
        target, anchor = _target(page, link)
        assert target.exists(), f"{name_of(page)} links to {link}"
        assert target.is_relative_to(ROOT), f"{name_of(page)} links out of the project: {link}"
        if anchor:
            assert anchor in anchors(target), f"{name_of(page)} links to {link}"


def test_every_page_of_docs_is_reached_from_the_readme() -> None:
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            ahead += [_target(page, link)[0] for link in links(page)]
    assert {name_of(p) for p in (ROOT / "docs").rglob("*.md")} <= {name_of(p) for p in reached}


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 120


def test_make_commands_that_are_named_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    for page in pages():
        text = page.read_text(encoding="utf-8")
        named = re.findall(r"`make ([a-z]+)`|^make ([a-z]+)\b", text, re.M)
        assert {one or other for one, other in named} <= targets, name_of(page)


def test_decisions_have_one_form_and_are_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    files = sorted(folder.glob("0*.md"))
    assert [int(f.name[:4]) for f in files] == list(range(1, len(files) + 1))
    listed = links(folder / "README.md")
    assert [f.name for f in files] == listed
    for file in files:
        text = file.read_text(encoding="utf-8")
        assert re.match(rf"# {int(file.name[:4])}\. .+\n\n20\d\d-\d\d-\d\d\n", text), file.name
        titles = re.findall(r"^## (.*)$", text, re.M)
        assert titles in (
            ["Context", "Decision", "Measured", "Consequence"],
            ["Context", "Decision", "Tried", "Consequence"],
            ["Context", "Decision", "Considered", "Consequence"],
        ), file.name


def test_no_performance_figure_stands_outside_its_page() -> None:
    """Ratios against others are measured together, in one run, by `make bench`."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/performance.md" in readme
    assert not re.search(r"\b\d+(\.\d+)? times (as fast|faster)", readme)
