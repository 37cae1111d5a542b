"""What a person should know about input that could be used all the same."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnlistedChoice:
    """Values of a choice that are not in its list, and so unknown.

    `samples` are the most frequent of them (at most five), `count` is the number of cells.
    """

    name: str
    count: int
    samples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MissingColumn:
    """A field or property whose column `source` is not in the file, and so unknown throughout."""

    name: str
    source: str
    file: str
    suggestion: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """Counts of rows, and what was left out, dropped or taken for unknown.

    `leads` counts distinct leads, `lead_rows` the rows they came in, `events` those that were kept;
    `undeclared` are events that the card does not declare, with their names in the file, most
    frequent first; `orphans` are kept events of leads that are not in the leads file.
    """

    leads: int = 0
    lead_rows: int = 0
    events: int = 0
    undeclared: tuple[tuple[str, int], ...] = ()
    duplicates: int = 0
    orphans: int = 0
    unlisted: tuple[UnlistedChoice, ...] = ()
    nul_characters: int = 0
    missing_columns: tuple[MissingColumn, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """Each thing worth knowing as one English sentence; empty where all was plain."""
        found: list[str] = []
        for missing in self.missing_columns:
            hint = f" Did you mean '{missing.suggestion}'?" if missing.suggestion else ""
            found.append(
                f"'{missing.name}' is unknown for all: {missing.file} has no column "
                f"'{missing.source}'.{hint}"
            )
        for choice in self.unlisted:
            shown = ", ".join(f"'{sample}'" for sample in choice.samples)
            found.append(
                f"{_number(choice.count, 'value')} of '{choice.name}' not in its choices, "
                f"taken for unknown: {shown}."
            )
        if self.undeclared:
            total = sum(count for _, count in self.undeclared)
            shown = ", ".join(f"'{name}' ({count:,})" for name, count in self.undeclared[:5])
            rest = f" and {len(self.undeclared) - 5} more" if len(self.undeclared) > 5 else ""
            found.append(
                f"{_number(total, 'event')} left out, of kinds that the card does not declare: "
                f"{shown}{rest}."
            )
        if self.duplicates:
            found.append(f"{_number(self.duplicates, 'duplicate event')} dropped.")
        if self.orphans:
            found.append(f"{_number(self.orphans, 'event')} of leads that are not in the leads.")
        if self.nul_characters:
            found.append(f"{_number(self.nul_characters, 'NUL character')} dropped.")
        return tuple(found)


def _number(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
