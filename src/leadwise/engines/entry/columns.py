"""Which column of a file is which field, property or name of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from leadwise.card.model import ValueType, Variable
from leadwise.engines.entry.notes import MissingColumn
from leadwise.engines.entry.sources import Column, RowSource
from leadwise.errors import Place, UserError

ROW = "#row"
"""As the column of `lead_id` in `columns`: the rows of the leads file, numbered from 1."""

OWN: dict[str, ValueType] = {
    "lead_id": "text",
    "known_at": "time",
    "event": "text",
    "timestamp": "time",
    "received_at": "time",
    "message_id": "text",
    "source": "text",
}
"""The columns that Leadwise itself knows, beside the card's fields and properties."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A value that is wanted and the column it comes from.

    `events` are the kinds of event that have it, None where all rows do; `required` says that it
    may not be missing from any row.
    """

    variable: Variable
    column: Column
    required: bool = False
    events: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        return self.variable.name


def own(
    source: RowSource, name: str, mapping: Mapping[str, str], *, required: bool
) -> Binding | None:
    """The binding of one of `OWN`; UserError where a required one has no column.

    One mapping serves the leads and the events: where this file lacks the column that `mapping`
    names but has one of our name, that one is meant.
    """
    wanted = mapping.get(name, name)
    column = find(source, wanted) or (find(source, name) if wanted != name else None)
    if column is None and required:
        raise _no_column(source, name, wanted)
    if column is None:
        return None
    return Binding(Variable(name, OWN[name], column.name), column, required)


def bind(
    source: RowSource,
    variables: Iterable[tuple[Variable, tuple[str, ...] | None]],
    mapping: Mapping[str, str],
) -> tuple[list[Binding], list[MissingColumn]]:
    """Bindings of fields or properties (with the events that have each), and those without one."""
    bindings: list[Binding] = []
    missing: list[MissingColumn] = []
    for variable, events in variables:
        wanted = mapping.get(variable.name, variable.source)
        column = find(source, wanted) or source.missing(wanted)
        if column is None:
            missing.append(missing_column(source, variable.name, wanted))
        else:
            bindings.append(Binding(variable, column, events=events))
    return bindings, missing


def missing_column(source: RowSource, name: str, wanted: str) -> MissingColumn:
    return MissingColumn(name, wanted, source.label, nearest(wanted, _names(source)))


def find(source: RowSource, name: str) -> Column | None:
    """The column called `name`; UserError where two are."""
    found = [column for column in source.columns if column.name == name]
    if len(found) > 1:
        positions = " and ".join(str(column.position) for column in found)
        raise UserError(
            "input-duplicate-column",
            f"Columns {positions} are both called '{name}'.",
            where=Place(source.label, 1, found[1].position),
            hint="Rename one of them: it cannot be known which is meant.",
        )
    return found[0] if found else None


def check_mapping(mapping: Mapping[str, str], names: Sequence[str]) -> None:
    """UserError where `mapping` names something that is neither ours nor the card's."""
    known = [*OWN, *names]
    for name, column in mapping.items():
        if name not in known:
            close = nearest(name, known)
            raise UserError(
                "input-columns",
                f"columns: '{name}' is no field or property of the card, and no name of ours.",
                hint=f"Did you mean '{close}'?" if close else f"Ours are {', '.join(OWN)}.",
            )
        if column == ROW and name != "lead_id":
            raise UserError(
                "input-columns",
                f"columns: '{name}' cannot be {ROW}.",
                hint="Only lead_id can be the number of the row.",
            )


def _no_column(source: RowSource, name: str, wanted: str) -> UserError:
    close = nearest(wanted, _names(source))
    shown = ", ".join(f"'{column}'" for column in _names(source)[:20]) or "none"
    what = f"'{wanted}'" if wanted == name else f"'{wanted}' (for {name})"
    hint = f"Did you mean '{close}'? " if close else ""
    return UserError(
        "input-missing-column",
        f"There is no column {what}.",
        where=Place(source.label, 1),
        hint=f"{hint}The columns are {shown}. Say which is meant with --column {name}=COLUMN.",
    )


def nearest(name: str, names: Sequence[str]) -> str | None:
    """The one of `names` that was probably meant; case, spaces and signs do not matter."""
    plain = {_plain(other): other for other in reversed(names)}
    if _plain(name) in plain:
        return plain[_plain(name)]
    close = get_close_matches(_plain(name), plain, n=1, cutoff=0.75)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum()) or name


def _names(source: RowSource) -> list[str]:
    return [column.name for column in source.columns]
