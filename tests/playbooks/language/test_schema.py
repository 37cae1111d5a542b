"""The JSON Schema: every good playbook fits, broken shapes do not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from leadwise.playbooks.language.format import format_json
from leadwise.playbooks.language.parse import playbook_of
from leadwise.playbooks.language.schema import json_schema
from leadwise.playbooks.library import NAMES, shipped_text
from leadwise.playbooks.shapes import SHAPES
from tests.playbooks.language.strategies import playbooks

ROOT = Path(__file__).parents[3]
BROKEN = Path(__file__).parent / "broken"
VALIDATOR = Draft202012Validator(json_schema())
RECIPES = sorted((ROOT / "examples" / "playbooks").glob("[i-t]*-*.yaml"))
BROKEN_SHAPES = (
    "missing-keys", "unknown-keys", "wrong-types", "empty-lists", "starts-none", "starts-several",
    "start-score", "start-answer", "start-task", "step-unknown", "step-two-kinds", "step-settings",
    "numbers", "durations", "safety", "goals", "not-a-playbook", "values", "other-words",
)  # fmt: skip


def _read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["title"] == "Leadwise playbook"


@pytest.mark.parametrize("name", NAMES)
def test_shipped_playbooks_fit(name: str) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(_read(shipped_text(name)))] == []


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_fit(path: Path) -> None:
    found = VALIDATOR.iter_errors(_read(path.read_text(encoding="utf-8")))
    assert [error.message for error in found] == []


@given(playbooks())
@settings(max_examples=30, deadline=None)
def test_whatever_is_read_fits(plain: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(plain)
    canonical = json.loads(format_json(playbook_of(json.dumps(plain))))
    assert VALIDATOR.is_valid(canonical)


@pytest.mark.parametrize("name", BROKEN_SHAPES)
def test_broken_shapes_do_not_fit(name: str) -> None:
    assert not VALIDATOR.is_valid(_read((BROKEN / f"{name}.yaml").read_text(encoding="utf-8")))


def test_every_setting_tells_an_editor_what_it_is() -> None:
    text = json.dumps(json_schema())
    for shape in SHAPES.values():
        assert json.dumps(shape.about)[1:-1] in text
        for setting in shape.settings:
            assert json.dumps(setting.about)[1:-1] in text
