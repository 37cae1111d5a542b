"""Names and their declarations: fields, events, measures, choices, ids, lines of the ledger."""

from __future__ import annotations

from collections.abc import Iterable

from leadwise.card.inspection import Inspection
from leadwise.card.model import OccurrenceCriterion, Variable
from leadwise.card.source import Path
from leadwise.card.vocabulary import KEYWORDS, REFUSED
from leadwise.card.walk import adjustments, criteria

# Columns of the tables and answers that stand beside what a card names (leadwise.plan.relations).
MOMENT = frozenset({"lead_id", "as_of_us", "known_by_us"})
RESERVED_FIELDS = MOMENT | {"known_at", "from_us", "until_us"}
RESERVED_PROPERTIES = MOMENT | {"event", "at_us", "received_us"}
RESERVED_IDS = MOMENT | frozenset(
    {
        "stable_until_us",
        "score", "band", "grade", "unknown", "reasons",
        "lead_id", "as_of", "known_by", "stable_until",
    }
)  # fmt: skip


def check_declarations(found: Inspection) -> None:
    """Reports reserved and repeated names, and declarations that contradict themselves."""
    _fields(found)
    _measures(found)
    _events(found)
    _ids(found)
    _lines(found)


def _reserved(found: Inspection, name: str, more: frozenset[str], path: Path) -> None:
    if name in KEYWORDS or name in REFUSED:
        message = f"'{name}' is a word of the condition language"
        found.error_at_key("reserved-name", message, f"rename it, for example {name}_value", path)
    elif name in more:
        message = f"'{name}' is a column that Leadwise uses itself"
        found.error_at_key("reserved-name", message, f"rename it, for example {name}_value", path)


def _fields(found: Inspection) -> None:
    for field in found.card.fields:
        path: Path = ("fields", field.name)
        _reserved(found, field.name, RESERVED_FIELDS, path)
        _variable(found, field, path)


def _measures(found: Inspection) -> None:
    fields = {field.name for field in found.card.fields}
    for measure in found.card.measures:
        path: Path = ("measures", measure.name)
        _reserved(found, measure.name, RESERVED_FIELDS, path)
        if measure.name in fields:
            message = f"'{measure.name}' is a field already"
            found.error_at_key("duplicate-name", message, "give the measure another name", path)


def _events(found: Inspection) -> None:
    first: dict[str, tuple[str, Variable]] = {}
    for event in found.card.events:
        if event.name == "any":
            found.error_at_key(
                "reserved-name", "'any' means every event", "rename the event", ("events", "any")
            )
        for prop in event.properties:
            path: Path = ("events", event.name, prop.name)
            _reserved(found, prop.name, RESERVED_PROPERTIES, path)
            _variable(found, prop, path)
            other, declared = first.setdefault(prop.name, (event.name, prop))
            if difference := _difference(declared, prop):
                found.error_at_key(
                    "property-differs",
                    f"'{prop.name}' has another {difference} here than in event '{other}'",
                    "declare a property alike in all events, or rename one of the two",
                    path,
                )


def _difference(one: Variable, two: Variable) -> str:
    """What of the two declarations is not alike."""
    return next(
        (
            word
            for word, attribute in (
                ("type", "type"), ("list of choices", "choices"), ("fold", "fold"),
                ("list of nulls", "nulls"), ("column (from)", "source"),
            )
            if getattr(one, attribute) != getattr(two, attribute)
        ),
        "",
    )  # fmt: skip


def _variable(found: Inspection, variable: Variable, path: Path) -> None:
    name, choices = variable.name, variable.choices
    if variable.type == "choice" and not choices:
        message = f"'{name}' is a choice without choices"
        found.error_at_key("choices", message, "add choices: [one, two], or make it a text", path)
    if variable.type != "choice" and choices:
        message = f"'{name}' is a {variable.type} and has choices"
        found.error("choices", message, "make it type: choice, or remove them", (*path, "choices"))
    seen: set[str] = set()
    for i, choice in enumerate(choices):
        at: Path = (*path, "choices", i)
        key = choice.casefold() if variable.fold else choice
        if not choice.strip() or choice.strip() != choice:
            message = f"'{choice}' cannot be a choice: the empty text means not known"
            if choice.strip():
                message = f"'{choice}' cannot be a choice: it starts or ends with a space"
            found.error("choices", message, "remove it, or remove the spaces", at)
        elif key in seen:
            found.error("choices", f"'{choice}' stands twice in the choices", "remove one", at)
        elif choice in variable.nulls:
            message = f"'{choice}' is both a choice and one of the nulls"
            found.error("choices", message, "keep it in one of the two", at)
        seen.add(key)
    if variable.fold and variable.type not in ("text", "choice"):
        message = f"'{name}' is a {variable.type}: only texts have a case to fold"
        found.error("fold-type", message, "remove fold:", (*path, "fold"))


def _ids(found: Inspection) -> None:
    card = found.card
    parts: list[tuple[Path, str]] = [(path, part.id) for path, part in criteria(card)]
    parts += [(path, part.id) for path, part in adjustments(card)]
    dimensions = [(("dimensions", i), d.id) for i, d in enumerate(card.dimensions)]
    bands = [(("bands", i), band.id) for i, band in enumerate(card.bands)]
    _unique(found, "criterion or adjustment", parts)
    _unique(found, "dimension", dimensions)
    _unique(found, "band", bands)
    for path, name in [*dimensions, *parts]:
        if _line(name) in RESERVED_IDS:
            found.error(
                "reserved-name",
                f"'{name}' is a column of the results",
                f"rename it, for example {name}-points",
                (*path, "id"),
            )


def _unique(found: Inspection, what: str, parts: Iterable[tuple[Path, str]]) -> None:
    seen: dict[str, str] = {}
    for path, name in parts:
        if _line(name) in seen:
            other = seen[_line(name)]
            message = f"another {what} has the id '{other}'"
            hint = "ids are unique in the card" if "criterion" in what else f"rename one {what}"
            if other != name:
                hint = "- and _ count as the same in ids: rename one"
            found.error("duplicate-id", message, hint, (*path, "id"))
        seen.setdefault(_line(name), name)


def _lines(found: Inspection) -> None:
    """Lines of the ledger that would share a name though their ids differ."""
    card = found.card
    made: dict[str, str] = {
        "score__min": "the score's minimum",
        "score__max": "the score's maximum",
    }
    for dimension in card.dimensions:
        for end, word in (("min", "minimum"), ("max", "maximum"), ("total", "total")):
            made[f"{_line(dimension.id)}__{end}"] = f"the {word} of dimension '{dimension.id}'"
    for _, criterion in criteria(card):
        if isinstance(criterion, OccurrenceCriterion) and criterion.limit:
            made[f"{_line(criterion.id)}__limit"] = f"the limit of criterion '{criterion.id}'"
    for path, part in [*criteria(card), *adjustments(card)]:
        other = made.get(_line(part.id))
        if other is not None:
            found.error(
                "line-name",
                f"'{part.id}' is the name of a line of the ledger: {other}",
                "give it an id without a double - or _",
                (*path, "id"),
            )


def _line(name: str) -> str:
    """An id as a line of the ledger writes it."""
    return name.replace("-", "_")
