"""Publish a new version of the card over a store, and write as many scores without asking.

    python -m bench.live.publish_side DATA_FOLDER OUT

The mirror is made before if it is missing; so is a first set of scores, as nobody publishes the
first card twice. Writes one JSON object to OUT: `seconds` of publishing, `writing` of writing a
score for everybody again as publishing does, `mirror` of making the mirror, `leads`.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, delete, text

from bench.data import AS_OF, DAY
from bench.live.loading import CARD
from leadwise.live.everybody import CHUNKS
from leadwise.live.fresh import COLUMNS, write_fresh
from leadwise.live.publish import publish
from leadwise.store.cards import add_version, live_version, set_status
from leadwise.store.mirror import update
from leadwise.store.opening import Store
from leadwise.store.schema import score

NOW_US = AS_OF + 4 * DAY
"""After the last event was received."""


def main() -> None:
    data = Path(sys.argv[1])
    mirror = data / "mirror"
    with Store(str(data / "leadwise.db")) as store:
        made = _mirror(store, mirror)
        with store.read() as connection:
            live = live_version(connection)
            assert live is not None
            scored = connection.execute(text("SELECT EXISTS (SELECT 1 FROM score)")).scalar()
        if not scored:
            _publish(store, mirror)
        seconds, leads = _publish(store, mirror)
        answer = {"seconds": seconds, "leads": leads, "mirror": made, "writing": _write(store)}
    Path(sys.argv[2]).write_text(json.dumps(answer))


def _mirror(store: Store, mirror: Path) -> float:
    """The seconds that making the mirror took, now or when it was made."""
    told = mirror.with_suffix(".seconds")
    began = time.perf_counter()
    update(store, mirror, NOW_US, _quiet)
    if not told.exists():
        told.write_text(str(time.perf_counter() - began))
    return float(told.read_text())


def _publish(store: Store, mirror: Path) -> tuple[float, int]:
    add = partial(add_version, text_=_another(), subject="lead", by="bench", now_us=NOW_US)
    version = store.write(add)
    began = time.perf_counter()
    done = publish(store, mirror, version.id, "bench", None, lambda: NOW_US, _quiet)
    seconds = time.perf_counter() - began
    return seconds, done.scored


def _another() -> str:
    """The card as a version that the store has not seen: its number is part of its content."""
    number = f"version: {secrets.randbelow(900_000) + 2}\n"
    return CARD.read_text(encoding="utf-8").replace("version: 1\n", number, 1)


def _write(store: Store) -> float:
    """The seconds that writing everybody's score again takes, under a version of its own."""
    with store.read() as connection:
        live = live_version(connection)
        assert live is not None
        asked = text(
            f"SELECT {', '.join(COLUMNS)} FROM score WHERE card_version_id = :version "
            "ORDER BY lead_id"
        )
        rows = [tuple(row) for row in connection.execute(asked, {"version": live.id})]

    def begin(connection: Connection) -> int:
        version = add_version(connection, _another(), subject="lead", by="bench", now_us=NOW_US)
        set_status(connection, version.id, "publishing")
        return version.id

    version_id, chunk = store.write(begin), CHUNKS["sqlite"]
    began = time.perf_counter()
    for start in range(0, len(rows), chunk):
        part = rows[start : start + chunk]
        work = partial(write_fresh, version_id=version_id, as_of_us=NOW_US, rows=part, cause=None)
        store.write(work, "scores", alone=True)
    seconds = time.perf_counter() - began

    def end(connection: Connection) -> None:
        set_status(connection, version_id, "draft")
        connection.execute(delete(score).where(score.c.card_version_id == version_id))

    store.write(end)
    return seconds


def _quiet(_done: int, _total: int, _what: str) -> None:
    """Nobody looks at the progress."""


if __name__ == "__main__":
    main()
