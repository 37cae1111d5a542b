"""A card with its leads on an engine: what every question is asked of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

import pyarrow as pa
from sqlglot import exp

from leadwise.card.model import Card
from leadwise.engines import Engine, open_engine
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry import Dataset, read
from leadwise.engines.entry.read import Source
from leadwise.errors import InternalError, UserError
from leadwise.plan import Asked, At, Each, compile_ledger, finished, lines
from leadwise.plan.lines import total_name
from leadwise.plan.relations import LEADS, MOMENTS


@dataclass(frozen=True, slots=True)
class Population:
    """Typed leads, facts and events of one card; `engine` is what runs its query.

    `dataset` is where they were read from files; None where somebody else filled the engine.
    """

    card: Card
    dataset: Dataset | None
    engine: Engine

    @property
    def read(self) -> Dataset:
        """The dataset of a population that was read from files or frames."""
        if self.dataset is None:
            raise InternalError("this question is asked of populations of files only")
        return self.dataset


@dataclass(frozen=True, slots=True)
class Moment:
    """Which lead, at which instant, with what had reached us by then (microseconds UTC)."""

    lead_id: str
    as_of_us: int
    known_by_us: int


@contextmanager
def population(
    card: Card,
    leads: Source,
    events: Source | None = None,
    *,
    engine: str = "duckdb",
    columns: Mapping[str, str] | None = None,
    strict: bool = False,
    reader: DuckDBEngine | None = None,
) -> Iterator[Population]:
    """Read leads and events for a card, ready to be asked; everything is let go of at the end.

    `leads` and `events` are files (`-` is standard input) or Arrow-stream frames; `engine` is
    `duckdb`, `sqlite`, `postgresql://...` or `spark`. `reader` is what to read with, for a caller
    who watches its progress. Raises UserError on unreadable input.
    """
    with read(card, leads, events, columns=columns, strict=strict, engine=reader) as dataset:
        if engine == "duckdb":
            yield Population(card, dataset, dataset.engine)
            return
        with open_engine(engine) as other:
            dataset.copy_to(other)
            yield Population(card, dataset, other)


def with_engine(of: Population, engine: Engine) -> Population:
    """The same card asked of another engine, which holds relations of its own."""
    return replace(of, engine=engine)


def ask(of: Population, asked: Asked, *, stable: bool = False) -> pa.Table:
    """The raw ledgers: the columns of `compile_ledger`, typed by `ledger_schema`."""
    tree = _compiled(of.card, asked, stable)
    return of.engine.query(tree, ledger_schema(of.card, asked, stable=stable))


@lru_cache(maxsize=64)
def _compiled(card: Card, asked: Asked, stable: bool) -> exp.Select:
    """A forecast asks the same query round after round, a service all day."""
    return finished(compile_ledger(card, asked, stable=stable))


def ask_each(of: Population, moments: Sequence[Moment], *, stable: bool = False) -> pa.Table:
    """The raw ledgers of these moments, in no particular order; `_moment` is its place."""
    load_moments(of, moments)
    return ask(of, Each(), stable=stable)


def load_moments(of: Population, moments: Sequence[Moment]) -> None:
    """Put the moments where `Each` looks for them; `_moment` is a moment's place, from 0."""
    table = pa.table(
        {
            "_moment": pa.array(range(len(moments)), pa.int64()),
            "lead_id": pa.array([m.lead_id for m in moments], pa.string()),
            "as_of_us": pa.array([m.as_of_us for m in moments], pa.int64()),
            "known_by_us": pa.array([m.known_by_us for m in moments], pa.int64()),
        }
    )
    of.engine.load(MOMENTS, table)


def ledger_schema(card: Card, asked: Asked, *, stable: bool = False) -> pa.Schema:
    """The columns of a raw ledger: whole numbers, but for lead_id, band, grade and unknown."""
    names = [] if isinstance(asked, At) else ["_moment"]
    names += ["lead_id", "as_of_us", "known_by_us"]
    names += [line.name for line in lines(card)]
    names += [total_name(dimension.id) for dimension in card.dimensions]
    names += ["score", "band", "grade", "unknown"]
    names += ["stable_until_us"] if stable else []
    texts = {"lead_id", "band", "grade", "unknown"}
    return pa.schema([(n, pa.string() if n in texts else pa.int64()) for n in names])


def lead_ids(of: Population) -> list[str]:
    """Every lead's id, sorted."""
    column = exp.column("lead_id", quoted=True)
    tree = exp.select(column).from_(exp.to_table(LEADS, quoted=True)).order_by(column.copy())
    engine = of.dataset.engine if of.dataset else of.engine
    ids: list[str] = engine.query(tree)["lead_id"].to_pylist()
    return ids


def require_leads(of: Population, wanted: Sequence[str]) -> None:
    """Raise UserError for the first id that is not a lead's."""
    known = set(lead_ids(of))
    for lead_id in wanted:
        if lead_id not in known:
            raise UserError(
                "lead-unknown",
                f"There is no lead {lead_id!r} among the {len(known)} leads.",
                hint="Ids are compared as text, exactly as the file has them.",
            )
