"""Every word of the card language, every function of the Python interface and every step of the
query is in the documentation."""

from __future__ import annotations

import inspect
import re
from itertools import pairwise
from typing import get_args

import pytest
from pydantic import BaseModel

import leadwise
from leadwise import api
from leadwise.card import document, load, model, parse
from leadwise.card.expression import ArithmeticOperator, ComparisonOperator
from leadwise.card.vocabulary import FUNCTIONS, KEYWORDS
from leadwise.plan import At, Each, compile_ledger, lines
from leadwise.plan.lines import LineKind
from tests.docs.pages import ROOT, blocks, section

LANGUAGE = ROOT / "docs" / "card-language.md"
PYTHON = ROOT / "docs" / "python.md"
INSIDE = ROOT / "docs" / "how-it-works.md"


def _shapes() -> list[type[BaseModel]]:
    found = [
        value
        for value in vars(document).values()
        if isinstance(value, type) and issubclass(value, document.Shape)
    ]
    return [shape for shape in found if shape.model_fields]


@pytest.mark.parametrize("shape", _shapes(), ids=lambda shape: shape.__name__)
def test_every_key_of_a_card_is_in_the_reference(shape: type[BaseModel]) -> None:
    text = LANGUAGE.read_text(encoding="utf-8")
    for name, field in shape.model_fields.items():
        key = field.alias or name
        assert re.search(rf"`{key}\b|\b{key}:|[|,] {key}\b", text), key


def test_every_criterion_kind_has_a_section() -> None:
    kinds = {cls.__name__ for cls in get_args(model.Criterion)}
    assert kinds == {"StateCriterion", "OccurrenceCriterion"}
    of_states = section(LANGUAGE, "Criteria that look at what is true")
    of_events = section(LANGUAGE, "Criteria that count what was done")
    assert all(f"`{key}" in of_states for key in ("when", "tiers", "unknown", "otherwise"))
    words = ("on", "where", "within", "distinct", "limit", "half_life", "when")
    assert all(f"`{key}" in of_events for key in words)


def test_every_type_statistic_and_line_kind_is_in_the_reference() -> None:
    types = re.findall(r"^\| `([a-z]+)` \|", section(LANGUAGE, "Values"), re.M)
    assert tuple(types) == get_args(model.ValueType)
    measures = section(LANGUAGE, "Measures")
    assert all(f"{statistic}" in measures for statistic in document.STATISTICS)
    ledger = section(LANGUAGE, "The ledger")
    assert all(kind in ledger for kind in get_args(LineKind))


def test_every_word_of_conditions_is_in_the_reference() -> None:
    text = section(LANGUAGE, "Conditions")
    words = {word for word in KEYWORDS if word not in ("true", "false")}
    assert all(re.search(rf"\b{word}\b", text) for word in words)
    assert all(f"{function}(" in text for function in FUNCTIONS)
    signs = (*get_args(ComparisonOperator), *get_args(ArithmeticOperator))
    assert all(f" {sign} " in text for sign in signs)


@pytest.mark.parametrize("name", [n for n in leadwise.__all__ if n.islower()])
def test_every_function_of_the_python_interface_is_described(name: str) -> None:
    signature = section(PYTHON, name, level=3).strip().splitlines()[0]
    function = getattr(api, name)
    expected = [
        parameter.name if parameter.kind != parameter.KEYWORD_ONLY else f"*{parameter.name}"
        for parameter in inspect.signature(function).parameters.values()
    ]
    told = re.fullmatch(rf"`{name}\((.*)\)( -> .*)?`", signature)
    assert told, signature
    inner, keyword_only, found = re.sub(r"timedelta\(.*?\)", "timedelta", told[1]), "", []
    for part in inner.split(", "):
        if part == "*":
            keyword_only = "*"
        else:
            found.append(keyword_only + part.split("=")[0])
    assert found == expected


def test_every_error_class_is_described() -> None:
    text = PYTHON.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in leadwise.__all__ if not name.islower())


def test_every_step_of_the_query_is_described() -> None:
    table = section(INSIDE, "The steps")
    described = set(re.findall(r"`([a-z0-9_]+)`", table))
    for path in sorted((ROOT / "examples").glob("*/card*.yaml")):
        card = load(path)
        for asked in (At(0, 0), Each()):
            steps = compile_ledger(card, asked, stable=True).args["with_"].expressions
            for step in steps:
                name = step.alias
                first = re.sub(r"_\d+$", "_1", name)
                assert name in described or first in described, name


def test_the_glossary_is_in_order() -> None:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| ([A-Za-z][^|]*?) \| [A-Z]", text, re.M)
    assert all(one.lower() < two.lower() for one, two in pairwise(words))
    said = {word.split(",")[0] for word in words}
    for word in ("lead", "event", "fit", "engagement", "criterion", "band", "grade", "MQL", "lift"):
        assert word in said


def test_the_lines_of_the_reference_are_those_of_its_card() -> None:
    """The table of lines speaks of the card at the top of the page."""
    card = parse(blocks(LANGUAGE)[0].text).card
    assert card is not None
    kinds = {line.name: line.kind for line in lines(card)}
    table = re.findall(r"^\| .* \| ([a-z, ]+) \| (`.*`) \|$", section(LANGUAGE, "The ledger"), re.M)
    told = {
        name.strip("`"): kind
        for of, names in table
        for kind, name in zip(of.split(", "), names.split(", "), strict=True)
    }
    assert len(told) == 7
    assert told.items() <= kinds.items()
