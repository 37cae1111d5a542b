"""What must hold of a store whatever the weather was, said as a list of what does not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.store.doctor import Patient, examine, snapshot
from leadwise.store.doctor_scores import check_scores
from leadwise.store.opening import Store
from tests.weather.chains import broken_chains
from tests.weather.loader import Sent

BACKLOG_SECONDS = 90.0


@dataclass(frozen=True)
class Verdict:
    """`wrong` is empty where all is right; the numbers say that there was something to judge."""

    wrong: tuple[str, ...]
    events: int
    leads: int
    merges: int
    scores: int
    band_changes: int
    by_cause: dict[str, int]


def until_scored(url: str, seconds: float = BACKLOG_SECONDS) -> None:
    """Wait until a server that runs has scored all that is touched."""
    end = time.monotonic() + seconds
    with Store(url) as store:
        while True:
            with store.read() as connection:
                waiting = connection.exec_driver_sql("SELECT count(*) FROM touched").scalar_one()
            if not waiting:
                return
            assert time.monotonic() < end, f"{waiting} rows of touched leads still wait"
            time.sleep(0.1)


def judge(url: str, sent: Sent) -> Verdict:
    """Look at a store that nobody writes any more, once everything touched is scored."""
    with Store(url) as store:
        wrong = list(sent.lost[:5])
        with snapshot(store) as connection:
            wrong += _events(connection, sent)
            wrong += _scores(connection)
            wrong += broken_chains(connection)
        findings = examine(Patient(store, time.time_ns() // 1_000, every=True))
        wrong += [
            f"{f.check}: {f.said} {f.examples}"
            for f in findings
            if f.state == "wrong" and f.check != "disk"
        ]
        with store.read() as connection:
            return Verdict(
                tuple(wrong),
                _count(connection, "event"),
                _count(connection, "lead WHERE merged_into IS NULL"),
                _count(connection, "merge"),
                _count(connection, "score"),
                _count(connection, "band_change"),
                dict(_rows(connection, "SELECT cause, count(*) FROM band_change GROUP BY cause")),
            )


def _events(connection: Connection, sent: Sent) -> Iterator[str]:
    """What was acknowledged is there, once; nothing is there that was never sent."""
    rows = _rows(connection, "SELECT message_id, count(*) FROM event GROUP BY message_id")
    there = dict(rows)
    twice = [message_id for message_id, count in rows if count != 1]
    missing = sent.acknowledged - there.keys()
    invented = there.keys() - sent.tried
    if twice:
        yield f"{len(twice)} events are there twice, such as {twice[:3]}"
    if missing:
        yield f"{len(missing)} acknowledged events are missing, such as {sorted(missing)[:3]}"
    if invented:
        yield f"{len(invented)} events were never sent, such as {sorted(invented)[:3]}"
    refused = _rows(connection, "SELECT code, reason FROM refused LIMIT 3")
    if refused:
        yield f"good events were refused: {refused}"


def _scores(connection: Connection) -> Iterator[str]:
    checked = check_scores(connection)
    if checked.wrong:
        yield f"{checked.wrong} scores are wrong: {[str(each) for each in checked.first[:3]]}"
    if checked.waiting:
        yield f"{checked.waiting} leads still wait"
    if checked.unscored:
        yield f"{checked.unscored} leads have no score"
    if not checked.compared:
        yield "nothing was scored"
    ghosts = _count(
        connection, "score WHERE lead_id IN (SELECT id FROM lead WHERE merged_into IS NOT NULL)"
    )
    if ghosts:
        yield f"{ghosts} scores are of leads that were merged into others"


def _count(connection: Connection, what: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {what}").scalar_one())


def _rows(connection: Connection, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.exec_driver_sql(sql)]
