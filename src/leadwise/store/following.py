"""Following a table whose rows are only added: up to which id nothing can come any more.

PostgreSQL hands out ids before their transactions commit, so a smaller id may show up after a
greater one. A gap in the ids is waited for until every transaction that ran when it was first seen
has ended; what is missing then was rolled back. SQLite has one writer, and no such gaps.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, func, select

AT_ONCE = 5_000
LOOK_BACK = 1_000
"""Ids before the last one that are looked through at the start for rows still to come."""


@dataclass(slots=True)
class Horizon:
    """The id up to which a table's rows are all there. `look` from any thread, now and then."""

    table: Table
    id: int = -1
    _gaps: dict[int, int] = field(default_factory=dict)
    """The first missing id of each gap, with the transaction that was next when it was seen."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self, connection: Connection) -> int:
        """Move on as far as can be, by AT_ONCE rows at most; the new horizon."""
        with self._lock:
            if connection.dialect.name != "postgresql":
                self.id = max(self.id, self._last(connection))
                return self.id
            if self.id < 0:
                self.id = max(0, self._last(connection) - LOOK_BACK)
            return self._look(connection)

    def _look(self, connection: Connection) -> int:
        # Twice: where nobody writes, a gap that has just been seen is known to stay at once.
        for _ in range(2):
            oldest, _ = _running(connection)
            missing = self._advance(connection, oldest)
            if missing is None or missing in self._gaps:
                break
            # After the rows were read: whoever has a smaller id has begun by now.
            self._gaps[missing] = _running(connection)[1]
        self._gaps = {id_: seen for id_, seen in self._gaps.items() if id_ > self.id}
        return self.id

    def _advance(self, connection: Connection, oldest: int) -> int | None:
        """Go on to the next gap that may still be filled: its first id, None where there is none.

        `oldest` is the oldest transaction that ran before the rows are read.
        """
        rows = select(self.table.c.id).where(self.table.c.id > self.id)
        for id_ in connection.scalars(rows.order_by(self.table.c.id).limit(AT_ONCE)):
            missing = self.id + 1
            if id_ > missing and not oldest >= self._gaps.get(missing, oldest + 1):
                return missing
            self.id = id_
        return None

    def _last(self, connection: Connection) -> int:
        last = select(func.coalesce(func.max(self.table.c.id), 0))
        return int(connection.execute(last).scalar_one())


def _running(connection: Connection) -> tuple[int, int]:
    """The oldest transaction that runs, and the one that will be next."""
    row = connection.exec_driver_sql(
        "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), "
        "CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint)"
    ).one()
    return row[0], row[1]
