"""A store with a team's work in it: reasons in the ledgers, bands entered at all times, calls, and
most of a year in which leads arrived and moved between bands."""

from __future__ import annotations

import random
import sqlite3
from operator import itemgetter
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from bench.live.filled import DAY_US, filled
from bench.live.loading import CARD
from leadwise.card import parse
from leadwise.plan import lines
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.outcomes import OutcomeKind, add_outcome
from leadwise.store.owners import give_lead
from leadwise.store.sessions import begin_session

EACH = 5
"""Events of a lead."""
CALLED = 5_000
LEDGERS = 500
PAST = 300 * DAY_US
"""The leads arrived in this time before now."""
STAYS, SCORES = 4, 2
"""Bands that a lead was in at most, and scores said in each."""


def working_store(folder: Path, leads: int, now_us: int) -> tuple[Path, str]:
    """A data folder, and the secret of a session in it."""
    data = filled(folder, leads, EACH)
    chance = random.Random(1)
    _live_through(data / "leadwise.db", chance, now_us)
    with Store(f"sqlite:///{data / 'leadwise.db'}") as store:

        def work(connection: Connection) -> str:
            team = [
                add_member(connection, f"Caller {number}", f"caller{number}@team.example",
                           "administrator", by="bench", now_us=now_us).id
                for number in range(5)
            ]  # fmt: skip
            for number in range(CALLED):
                lead_id = 1 + chance.randrange(leads)
                at_us = now_us - int(chance.random() * 60 * DAY_US)
                kinds: list[OutcomeKind] = (
                    ["called"] if number % 3 else ["called", "sales_accepted", "won"]
                )
                for place, kind in enumerate(kinds):
                    add_outcome(connection, lead_id, kind, at_us=at_us + place, now_us=now_us,
                                source="bench", message_id=f"{number}-{place}",
                                actor=f"member:{team[number % 5]}",
                                value=120_000 if kind == "won" else None,
                                currency="EUR" if kind == "won" else None)  # fmt: skip
                if number % 5 == 0:
                    give_lead(connection, lead_id, team[0], was=None, actor="bench", now_us=now_us)
            return begin_session(connection, team[0], "bench", now_us)[1]

        return data, store.write(work)


def _live_through(file: Path, chance: random.Random, now_us: int) -> None:
    """Scores have reasons and entered their bands some time in the last month."""
    with sqlite3.connect(file) as connection:
        card = parse(CARD.read_text(encoding="utf-8")).card
        assert card is not None
        amounts = [chance.choices((0, 0, 0, 500, 1000, 2500), k=len(lines(card)))
                   for _ in range(LEDGERS)]  # fmt: skip
        pool = [str(each).replace(" ", "") for each in amounts]
        connection.create_function("a_ledger", 1, lambda number: pool[number % LEDGERS])
        connection.execute(
            "UPDATE score SET ledger = a_ledger(lead_id), band_since_us = ? - (lead_id * 7919 % ?)",
            (now_us, 30 * DAY_US),
        )
        # The filled store knows three bands, the card has a fourth above them.
        for table in ("score", "score_history"):
            connection.execute(
                f"UPDATE {table} SET band = 'call', shown_band = 'call' WHERE shown_score > 7000"
            )
        _move_about(connection, chance, now_us)
    connection.close()


def _move_about(connection: sqlite3.Connection, chance: random.Random, now_us: int) -> None:
    """Each lead arrives and goes through bands; rows stand in the order in which things happen."""
    of = connection.execute("SELECT lead_id, card_version_id, shown_band FROM score").fetchall()
    bands = sorted({band for _, _, band in of})
    changes: list[tuple[Any, ...]] = []
    said: list[tuple[Any, ...]] = []
    arrived = []
    for lead_id, version_id, last in of:
        at_us = now_us - int(chance.random() * PAST)
        arrived.append((at_us, lead_id))
        before = None
        for stay in range(stays := chance.randint(1, STAYS), 0, -1):
            band = last if stay == 1 else chance.choice(bands)
            if band != before:
                changes.append((at_us, lead_id, version_id, before, band))
            for number in range(SCORES):
                points = chance.randrange(9_000)
                then_us = min(at_us + number * DAY_US // 24, now_us)
                said.append((then_us, lead_id, version_id, points, band, points, band))
            before = band
            at_us += int(chance.random() * (now_us - at_us) / stays)
    connection.executemany("UPDATE lead SET created_us = ? WHERE id = ?", arrived)
    connection.executemany(
        "INSERT INTO band_change (at_us, lead_id, card_version_id, from_band, to_band, score, "
        "cause) VALUES (?, ?, ?, ?, ?, 0, 'event')",
        sorted(changes, key=itemgetter(0)),
    )
    connection.execute("DELETE FROM score_history")
    connection.executemany(
        "INSERT INTO score_history (as_of_us, lead_id, card_version_id, score, band, shown_score, "
        "shown_band) VALUES (?, ?, ?, ?, ?, ?, ?)",
        sorted(said, key=itemgetter(0)),
    )
