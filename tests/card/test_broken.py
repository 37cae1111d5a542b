"""Every kind of broken card says what is wrong, where, and what to do: golden texts.

`LEADWISE_UPDATE=1 pytest tests/card/test_broken.py` writes them anew; read what changed.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from leadwise.card import check_text, format_problems, load
from leadwise.errors import CardError

BROKEN = Path(__file__).parent.parent / "broken"
CARDS = sorted(BROKEN.glob("*.yaml"))
WARNINGS_ONLY = {"unused", "band-out-of-reach"}


def test_there_are_many_kinds() -> None:
    assert len(CARDS) >= 45


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_problems_are_told_as_written_down(path: Path) -> None:
    problems = check_text(path.read_text(encoding="utf-8"), path.name)
    told = format_problems(problems) + "\n"
    golden = path.with_suffix(".expected")
    if os.environ.get("LEADWISE_UPDATE"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
    for problem in problems:
        assert problem.where.line is not None
        assert problem.where.column is not None
        assert problem.hint, problem.code
    errors = [problem for problem in problems if problem.severity == "error"]
    assert bool(errors) != (path.stem in WARNINGS_ONLY)


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.stem)
def test_load_raises_one_error_with_all_problems(path: Path) -> None:
    if path.stem in WARNINGS_ONLY:
        assert load(path).id
        return
    with pytest.raises(CardError) as caught:
        load(path)
    assert caught.value.problems
    assert caught.value.where.file == str(path)


def test_no_golden_text_without_its_card() -> None:
    cards = {path.stem for path in CARDS}
    assert {path.stem for path in BROKEN.glob("*.expected") if not _is_input(path)} <= cards


def _is_input(golden: Path) -> bool:
    """Goldens of broken input files lie beside them in folders or with another name."""
    return any(p != golden and p.suffix != ".yaml" for p in golden.parent.glob(golden.stem + ".*"))


NONSENSE = {
    "10 MB of one letter": "x" * 10_000_000,
    "10 MB of brackets": "[" * 10_000_000,
    "10 MB of keys": "a: b\n" * 2_000_000,
    "1 MB of brackets": "[{" * 490_000,
    "1 MB of list items": "- a\n" * 240_000,
    "1 MB of quotes": "'" * 990_000,
    "1 MB of colons": ": " * 490_000,
    "1 MB of dashes": "- " * 490_000,
    "1 MB of question marks": "? " * 490_000,
    "1 MB of anchors": "&a " * 320_000,
    "1 MB of spaces": " " * 990_000,
    "1 MB in one condition": "card: a\nversion: 1\ndimensions:\n- id: a\n  criteria:\n"
    "  - {id: b, points: 1, when: " + "not " * 240_000 + "x}\n",
}


@pytest.mark.parametrize("name", NONSENSE)
def test_nonsense_is_refused_soon(name: str) -> None:
    start = time.process_time()
    problems = check_text(NONSENSE[name], "nonsense.yaml")
    assert [p for p in problems if p.severity == "error"]
    assert time.process_time() - start < 20, "on a slow machine under load; seconds on a quiet one"


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes(b"card: broken\nversion: 1\nabout: caf\xe9\n")
    with pytest.raises(CardError) as caught:
        load(path)
    assert re.fullmatch(r".*card.yaml:3:11", str(caught.value.where))
    assert caught.value.code == "not-utf-8"


def test_ten_megabytes_of_bytes(tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    path.write_bytes(os.urandom(1_000_000) * 10)
    with pytest.raises(CardError) as caught:
        load(path)
    assert caught.value.code in ("card-too-large", "not-utf-8")
