"""What is worth asking: missing fields, with the points that knowing them could bring.

The card's own query answers it: the lead is scored again with every answer that could make a
difference filled in, so limits, adjustments, ranges and bands are all taken into account.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pyarrow as pa
from sqlglot import exp

from leadwise.asking.population import Moment, Population, ask_each, with_engine
from leadwise.asking.possible import possible_values
from leadwise.asking.reading import items, read_by
from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine
from leadwise.engines.entry.dataset import schemas
from leadwise.plan.relations import ALWAYS, EVENTS, FACTS, FOREVER, LEADS

MOST_ANSWERS = 400
Rows: TypeAlias = Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Question:
    """Fields that nobody knows yet, and what their answers could do to the score (hundredths).

    `best` and `worst` are the greatest gain and the greatest loss among the answers tried (0 where
    there is none); `answer` is one that brings `best`, `band` the band it leads to; `decides` are
    the ids that are unknown for want of these fields.
    """

    fields: tuple[str, ...]
    decides: tuple[str, ...]
    best: int
    worst: int
    answer: tuple[Any, ...]
    band: str | None


@dataclass(frozen=True, slots=True)
class _Trial:
    """The lead of a moment as it would be with an answer."""

    number: int
    moment: int
    fields: tuple[str, ...]
    answer: tuple[Any, ...]


def questions(of: Population, ledgers: Rows, evidence: Rows) -> dict[int, tuple[Question, ...]]:
    """For each moment the questions worth asking, the most promising first."""
    missing = {m: _missing(of.card, ledgers[m], evidence[m]) for m in ledgers}
    trials = list(_trials(of.card, ledgers, missing))
    answers = _ask(of, trials, ledgers, evidence) if trials else {}
    found: dict[int, list[Question]] = {moment: [] for moment in ledgers}
    for (moment, fields), group in itertools.groupby(trials, lambda t: (t.moment, t.fields)):
        outcomes = [(answers[trial.number], trial.answer) for trial in group]
        question = _question(outcomes, ledgers[moment]["score"], fields, missing[moment][fields])
        found[moment].append(question)
    return {m: tuple(sorted(several, key=_promise)) for m, several in found.items()}


def _promise(question: Question) -> tuple[int, int]:
    return -question.best, question.worst


def _missing(
    card: Card, ledger: Mapping[str, Any], evidence: Mapping[str, Any]
) -> dict[tuple[str, ...], tuple[str, ...]]:
    """The missing fields of what is unknown, and the ids that each set of them would decide."""
    unknown = set(ledger["unknown"].split())
    names = {field.name for field in card.fields}
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for item in items(card):
        fields = tuple(n for n in read_by(item) if n in names and evidence[n] is None)
        if item.id in unknown and fields:
            found[fields] = (*found.get(fields, ()), item.id)
    return found


def _trials(
    card: Card, ledgers: Rows, missing: Mapping[int, Iterable[tuple[str, ...]]]
) -> Iterator[_Trial]:
    number = itertools.count()
    for moment, several in missing.items():
        values = possible_values(card, ledgers[moment]["as_of_us"])
        for fields in several:
            for answer in _combinations([values[name] for name in fields]):
                yield _Trial(next(number), moment, fields, answer)


def _combinations(axes: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """All combinations; of very many fields only as many values of each as there is room for."""
    if math.prod(len(axis) for axis in axes) > MOST_ANSWERS:
        room = max(2, math.floor(MOST_ANSWERS ** (1 / len(axes))))
        axes = [axis[:room] for axis in axes]
    return itertools.islice(itertools.product(*axes), MOST_ANSWERS)


def _ask(
    of: Population, trials: Sequence[_Trial], ledgers: Rows, evidence: Rows
) -> dict[int, tuple[int, str | None]]:
    """(score, band) of every trial, from one query over copies of the leads."""
    names = [field.name for field in of.card.fields]
    with DuckDBEngine() as engine:
        engine.load(LEADS, pa.table({"lead_id": [str(trial.number) for trial in trials]}))
        engine.load(FACTS, _facts(trials, evidence, schemas(of.card)[FACTS], names))
        if of.card.events:
            _copy_events(of, trials, ledgers, engine)
        moments = [
            Moment(str(t.number), ledgers[t.moment]["as_of_us"], ledgers[t.moment]["known_by_us"])
            for t in trials
        ]
        rows = ask_each(with_engine(of, engine), moments).to_pylist()
    return {int(row["lead_id"]): (row["score"], row["band"]) for row in rows}


def _facts(
    trials: Sequence[_Trial], evidence: Rows, schema: pa.Schema, names: Sequence[str]
) -> pa.Table:
    rows = []
    for trial in trials:
        facts = {name: evidence[trial.moment][name] for name in names}
        facts |= dict(zip(trial.fields, trial.answer, strict=True))
        own = {"lead_id": str(trial.number), "from_us": ALWAYS, "until_us": FOREVER}
        rows.append(own | facts)
    return pa.Table.from_pylist(rows, schema=schema)


def _copy_events(
    of: Population, trials: Sequence[_Trial], ledgers: Rows, engine: DuckDBEngine
) -> None:
    """Every trial gets the events of its real lead."""
    like = [ledgers[trial.moment]["lead_id"] for trial in trials]
    wanted = [exp.Literal.string(lead_id) for lead_id in dict.fromkeys(like)]
    column = exp.column("lead_id", quoted=True)
    tree = exp.select("*").from_(exp.to_table(EVENTS, quoted=True)).where(column.isin(*wanted))
    real = of.dataset.engine if of.dataset else of.engine
    engine.load("real_events", real.query(tree, schemas(of.card)[EVENTS]))
    numbers = [str(trial.number) for trial in trials]
    engine.load("trials", pa.table({"trial": numbers, "real": like}))
    engine.create(
        EVENTS,
        "SELECT trials.trial AS lead_id, real_events.* EXCLUDE (lead_id) "
        "FROM trials JOIN real_events ON real_events.lead_id = trials.real",
    )


def _question(
    outcomes: Sequence[tuple[tuple[int, str | None], tuple[Any, ...]]],
    score: int,
    fields: tuple[str, ...],
    decides: tuple[str, ...],
) -> Question:
    (best, band), answer = max(outcomes, key=lambda outcome: outcome[0][0])
    worst = min(outcome[0][0] for outcome in outcomes)
    return Question(fields, decides, max(best - score, 0), min(worst - score, 0), answer, band)
