"""A playbook's own measures: read, built and checked as a card's are."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from pydantic import TypeAdapter, ValidationError

from leadwise.card.build import Builder, build
from leadwise.card.check_conditions import check_conditions
from leadwise.card.check_criteria import check_criteria
from leadwise.card.check_declarations import check_declarations
from leadwise.card.document import CardShape, MeasureShape
from leadwise.card.faults import Fault
from leadwise.card.inspection import Inspection
from leadwise.card.model import Card, Measure
from leadwise.card.readers import NameValue
from leadwise.card.source import Mapping, Path, data_of
from leadwise.errors import Problem
from leadwise.playbooks.conditions.names import OWN_NAMES
from leadwise.playbooks.language.reading import Reading

_EMPTY = Mapping((), 1, 1)


def read_measures(found: Reading, path: Path) -> tuple[Measure, ...]:
    """The measures of `measures:`, those that can be read."""
    shapes = {
        name: shape
        for name, at in found.entries(path, "'measures'").items()
        if (shape := _shape(found, name, at)) is not None
    }
    builder = Builder(found.source)
    whole = CardShape.model_construct(card="card", version=1, measures=shapes, dimensions=[])
    measures = build(whole, builder).measures
    for problem in builder.problems:
        found.add(problem)
    unread = {at[1] for at in builder.unread}
    return tuple(measure for measure in measures if measure.name not in unread)


def _shape(found: Reading, name: str, at: Path) -> MeasureShape | None:
    node = found.node(at)
    faults: list[Fault] = []
    try:
        _names().validate_python(name)
        return MeasureShape.model_validate(data_of(node))
    except ValidationError as error:
        for item in error.errors(include_url=False):
            fault = Fault.of(item, node) if isinstance(node, Mapping) else Fault.of(item, _EMPTY)
            faults.append(replace(fault, path=(*at, *fault.path)))
    for fault in faults:
        found.add(fault.problem(found.source))
    return None


@cache
def _names() -> TypeAdapter[str]:
    return TypeAdapter(NameValue)


def check_measures(found: Reading, measures: tuple[Measure, ...], card: Card | None) -> None:
    """Names that are taken, and what is wrong with measures of this card's events."""
    for measure in measures:
        taken = _taken(measure.name, card)
        if taken:
            where = found.key(("measures", measure.name))
            hint = "give the measure another name"
            found.add(Problem("duplicate-name", f"'{measure.name}' is {taken}", hint, where))
    if card is None:
        return
    alone = replace(card, measures=measures, dimensions=(), adjustments=(), bands=(), grade=None)
    inspection = Inspection(replace(alone, fields=()), found.source)
    check_declarations(inspection)
    check_criteria(inspection)
    check_conditions(inspection)
    for problem in inspection.problems:
        found.add(problem)


def _taken(name: str, card: Card | None) -> str:
    if name in OWN_NAMES:
        return "a name that every playbook knows"
    if card is None:
        return ""
    if any(field.name == name for field in card.fields):
        return "a field of the card"
    if any(measure.name == name for measure in card.measures):
        return "a measure of the card"
    return ""
