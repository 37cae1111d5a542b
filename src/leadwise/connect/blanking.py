"""The score of somebody who objected to being scored, or was erased, is taken out of systems that
have it: its fields are emptied there, with the reason.

It is done as durably as a push: what is to be emptied stands in the record (`store.blanks`) since
the transaction of the objection or erasure, and until the system has done it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sqlalchemy import Connection as Database

from leadwise.connect.handing import handed
from leadwise.connect.model import Pushed, Target, Update
from leadwise.store.blanks import Blank, blanks_due, has_blanks_due, keep_blanked
from leadwise.store.connections import ConnectionRow, Outcome, note_exchange, set_trouble
from leadwise.store.leads import names_of_leads
from leadwise.store.opening import Store

OBJECTED = "No score: the person objected to being scored."
ERASED = "No score: the person was erased from Leadwise."
AT_ONCE = 100
FIRST_WAIT_US, LONGEST_WAIT_US = 60_000_000, 24 * 3_600_000_000
"""Before one that was refused is tried again; four times longer each time. It is never given up."""


def blank_waiting(
    store: Store, clock_us: Callable[[], int], row: ConnectionRow, target: Target,
    stopped: Callable[[], bool] = lambda: False,
) -> int:  # fmt: skip
    """Empty what is to be emptied there by now; of how many leads. RemoteError as of pushes."""
    count = 0
    while not stopped():
        with store.read() as database:
            if not has_blanks_due(database, row.id, clock_us()):
                break
        blanks = store.write(lambda c: blanks_due(c, row.id, clock_us(), AT_ONCE))
        if not blanks:
            continue
        with store.read() as database:
            updates = _updates(database, blanks, clock_us())
        answers = handed(target, updates)
        store.write(partial(_kept, row, blanks, answers, clock_us()))
        count += len(blanks)
    return count


def _updates(database: Database, blanks: list[Blank], now_us: int) -> list[Update]:
    names = names_of_leads(database, [one.lead_id for one in blanks if not one.erased])
    return [
        Update(
            one.lead_id, tuple(names.get(one.lead_id, ())), one.remote_id, 0, None, None,
            (ERASED if one.erased else OBJECTED,), None, "", now_us, blank=True,
        )
        for one in blanks
    ]  # fmt: skip


def _kept(
    row: ConnectionRow, blanks: list[Blank], answers: list[Pushed], now_us: int, database: Database
) -> None:
    done: list[int] = []
    erased: list[int] = []
    put_off: list[tuple[int, int, str]] = []
    for one, answer in zip(blanks, answers, strict=True):
        if answer.state in ("later", "refused", "newer"):
            wait_us = min(LONGEST_WAIT_US, max(FIRST_WAIT_US, 4 * one.waited_us))
            # Of somebody who was erased nothing is kept that a system may have said of them.
            why = "" if one.erased else answer.why
            put_off.append((one.lead_id, now_us + wait_us, why))
        else:
            (erased if one.erased else done).append(one.lead_id)
    keep_blanked(database, row.id, done, erased, put_off, now_us)
    said = f"{len(done) + len(erased):,} scores taken out" + (
        f", {len(put_off):,} not yet" if put_off else ""
    )
    state: Outcome = "refused" if put_off else "done"
    note_exchange(database, row.id, "out", "blank", state, len(answers), now_us, said)
    set_trouble(database, row.id, None, now_us)
