"""The JSON Schema: every good card fits, broken shapes do not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from leadwise.card import json_schema

ROOT = Path(__file__).parents[2]
GOOD = sorted((ROOT / "examples").glob("*/card*.yaml"))
VALIDATOR = Draft202012Validator(json_schema())
BROKEN_SHAPES = (
    "missing-keys", "unknown-key", "wrong-types", "unknown-type", "criterion-without-form",
    "bad-ids",
    "unknown-on-occurrence", "durations", "limit-shape", "points-too-large", "tiers-empty",
    "not-a-card", "yaml-list", "measures",
)  # fmt: skip


def read(path: Path) -> Any:
    """As an editor's YAML reader does, mostly: YAML 1.2, keys as texts."""
    return _texts(YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8")))


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _texts(inner) for key, inner in value.items()}
    return [_texts(inner) for inner in value] if isinstance(value, list) else value


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["title"] == "Leadwise card"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_fit(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(read(path))] == []


@pytest.mark.parametrize("name", BROKEN_SHAPES)
def test_broken_shapes_do_not_fit(name: str) -> None:
    assert not VALIDATOR.is_valid(read(ROOT / "tests" / "broken" / f"{name}.yaml"))
