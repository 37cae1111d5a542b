"""Broken input is refused with a clear word, the place and a remedy: exact texts in broken.yaml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from leadwise.engines.entry import read
from leadwise.errors import InputError, UserError
from tests.entry_card import CARD

CASES: list[dict[str, Any]] = YAML(typ="safe").load(
    Path(__file__).with_name("broken.yaml").read_text(encoding="utf-8")
)


def said(error: UserError) -> list[str]:
    """Each problem as one line, and how many there are beyond them."""
    if not isinstance(error, InputError):
        return [f"{error.code} {error.where} {error.message} / {error.hint}"]
    lines = [f"{p.code} {p.where} {p.message} / {p.hint}" for p in error.problems]
    return lines + ([f"and {error.more} more"] if error.more else [])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "-"))
def test_broken(case: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = [case.get("file", "leads.csv"), case.get("events_file", "events.csv")]
    for name, content in zip(names, (case.get("leads"), case.get("events")), strict=True):
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
    events = names[1] if "events" in case else None
    with pytest.raises(UserError) as caught:
        read(CARD, names[0], events, columns=case.get("columns"), strict=case.get("strict", False))
    assert said(caught.value) == case["said"]


def test_there_are_many_kinds() -> None:
    assert len(CASES) >= 25
    assert len({case["name"] for case in CASES}) == len(CASES)
