"""The conformance corpus recorded in a store and asked of its mirror: the same answers."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from leadwise.engines.duckdb import DuckDBEngine
from leadwise.plan import Each, compile_ledger
from leadwise.store import identities
from leadwise.store.mirror import Mirror, reading, update
from leadwise.store.opening import Store
from tests.asking_engines import answer_of
from tests.corpus import Case, only
from tests.databases import make_tables
from tests.oracle import Answer
from tests.store.recorded_corpus import LATER_US, record_cases, some_cases

CORPUS = some_cases(0, 5)


def ask_case(
    engine: DuckDBEngine, mirror: Mirror, owner: dict[str, int], place: int, case: Case
) -> list[Answer]:
    mirror.relate(engine, case.card)
    engine.load(
        "moments",
        pa.table(
            {
                "_moment": pa.array(range(len(case.asks)), pa.int64()),
                "lead_id": pa.array([owner[f"{place}/{a.lead}"] for a in case.asks], pa.int64()),
                "as_of_us": pa.array([a.as_of_us for a in case.asks], pa.int64()),
                "known_by_us": pa.array([a.known_by_us for a in case.asks], pa.int64()),
            }
        ),
    )
    rows = engine.query(compile_ledger(case.card, Each())).sort_by("_moment").to_pylist()
    return [answer_of(case.card, row) for row in rows]


def test_every_case(tmp_path: Path) -> None:
    wrong = []
    with Store(str(tmp_path / "leadwise.db")) as store:
        make_tables(store)
        record_cases(store, CORPUS)
        folder = tmp_path / "mirror"
        assert update(store, folder, LATER_US, lambda done, total, what: None).whole
        names = [("crm", f"{n}/{a.lead}") for n, case in enumerate(CORPUS) for a in case.asks]
        with store.read() as connection:
            ids = identities.find(connection, list(dict.fromkeys(names)))
            owners = identities.owners(connection, ids.values())
        owner = {name: owners[id_].lead_id for (_, name), id_ in ids.items()}
        with reading(store, folder) as mirror, mirror.engine() as engine:
            for place, case in enumerate(CORPUS):
                found = ask_case(engine, mirror, owner, place, case)
                for ask, answer in zip(case.asks, found, strict=True):
                    if only(ask.expected, answer) != ask.expected:
                        wrong.append((case.name, case.because, ask, answer))
    assert wrong == []
