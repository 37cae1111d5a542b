"""The leads and events that a command is asked about, read with a bar and with notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from leadwise.asking.instants import SECOND_US, microseconds, now_us
from leadwise.asking.population import Population, lead_ids, population, require_leads
from leadwise.card import Card
from leadwise.cli.screen import note
from leadwise.cli.waiting import waiting
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.errors import UserError
from leadwise.plan import At


@dataclass(frozen=True, slots=True)
class Data:
    """Where leads and events come from, and what answers; as the options say it."""

    leads: str
    events: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    engine: str = "duckdb"
    strict: bool = False


@contextmanager
def opened(card: Card, data: Data, *, told: frozenset[str] = frozenset()) -> Iterator[Population]:
    """The population, read; notes of the reading are shown when the body is done, save `told`."""
    with DuckDBEngine() as reader:
        reading = population(
            card,
            data.leads,
            data.events,
            engine=data.engine,
            columns=data.columns,
            strict=data.strict,
            reader=reader,
        )
        # Reading is many queries, so that a share of one of them would go back and forth.
        with waiting("Reading leads and events"):
            of = reading.__enter__()
        try:
            yield of
        finally:
            reading.__exit__(None, None, None)
        note(line for line in of.read.notes.lines() if line not in told)


@contextmanager
def asking(of: Population, what: str) -> Iterator[None]:
    """A bar while the population is asked."""
    reader = of.read.engine
    with waiting(what, reader.progress if of.engine is reader else None):
        yield


def columns_of(pairs: Sequence[str] | None) -> dict[str, str]:
    """`--column NAME=COLUMN` as a mapping; UserError where one says no such thing."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        name, sign, column = pair.partition("=")
        if not sign or not name.strip() or not column:
            raise UserError(
                "usage",
                f"--column {pair!r} does not say NAME=COLUMN.",
                hint="For example --column lead_id=email, or --column lead_id=#row.",
            )
        if found.get(name.strip(), column) != column:
            raise UserError("usage", f"--column names two columns for '{name.strip()}'.")
        found[name.strip()] = column
    return found


def moment(as_of: str | None, known_by: str | None = None, option: str = "--as-of") -> At:
    """The instant of `option` (now if not given) and of `--known-by` (the same if not given)."""
    now = now_us() // SECOND_US * SECOND_US  # whole seconds read better, and none is ahead of us
    as_of_us = now if as_of is None else microseconds(as_of, option)
    known = as_of_us if known_by is None else microseconds(known_by, "--known-by")
    return At(as_of_us, known)


def chosen_leads(of: Population, wanted: Sequence[str] | None) -> list[str]:
    """The leads named, each once; all of them where none is."""
    if not wanted:
        return lead_ids(of)
    several = list(dict.fromkeys(wanted))
    require_leads(of, several)
    return several
