"""A field or event that gives the outcome away, and what is done about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from leadwise.errors import UserError

Kind: TypeAlias = Literal["written after", "too good", "filled only after", "tells the outcome"]


@dataclass(frozen=True, slots=True)
class Suspect:
    """`name` is a field, measure or event of the card; `evidence` one sentence with its numbers;
    `figures` the same numbers by name."""

    name: str
    kind: Kind
    evidence: str
    figures: Mapping[str, float] = field(default_factory=dict)


def require_clean(
    suspects: Sequence[Suspect], allowed: Collection[str] = (), *, learning: bool = True
) -> None:
    """Raise UserError "leakage" that names every suspect which is not allowed. Where nothing is
    learned (`learning` False) a card is judged as it is: there is nothing to leave out but lines of
    its own."""
    left = [suspect for suspect in suspects if suspect.name not in allowed]
    if not left:
        return
    names = list(dict.fromkeys(suspect.name for suspect in left))
    options = " ".join(f"--without {name}" for name in names)
    leave = (
        f"Leave out what is not known when somebody decides ({options})"
        if learning
        else "Take out of the card what is not known when somebody decides"
    )
    raise UserError(
        "leakage",
        "Something gives the outcome away, so that what is learned would look splendid and be of "
        "no use. " + " ".join(suspect.evidence for suspect in left),
        hint=f"{leave}; where it truly is "
        f"known by then, say so: {options.replace('--without', '--allow')}.",
    )
