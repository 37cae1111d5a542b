"""Every kind of broken frame says what is wrong, where, and what to do: golden texts.

`LEADWISE_UPDATE=1 pytest tests/qualify/test_frame_broken.py` writes them anew; read what changed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leadwise.card import format_problems
from leadwise.errors import CardError
from leadwise.qualify.frame.parse import frame_of, parse
from leadwise.qualify.frame.shipped import NAMES, shipped_text

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.yaml"))


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_problems_are_told_as_written_down(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    problems = parse(text, path.name).problems
    told = format_problems(problems) + "\n"
    golden = path.with_suffix(".expected")
    if os.environ.get("LEADWISE_UPDATE"):
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")
    for problem in problems:
        assert problem.where.line is not None
        assert problem.hint, problem.code
    with pytest.raises(CardError) as caught:
        frame_of(text, path.name)
    assert caught.value.problems == problems


@given(some.text(alphabet="frame: version label questions -{}[]\n #'\"123éñ|>&*!", max_size=200))
def test_no_text_is_too_odd_to_be_checked(text: str) -> None:
    assert parse(text).frame is None


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_frame_without_any_of_its_lines_is_told_or_right(name: str) -> None:
    """What somebody deletes while copying a frame never ends in a crash."""
    lines = shipped_text(name).splitlines()
    for at in range(0, len(lines), 23):
        left = "\n".join((*lines[:at], *lines[at + 1 :]))
        made = parse(left)
        assert made.frame or made.problems
