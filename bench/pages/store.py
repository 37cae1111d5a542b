"""A store with a team's work in it: reasons in the ledgers, bands entered at all times, calls."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

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
    connection.close()
