"""Signs of life: each worker counts up in its row; who stops counting is dead.

Silence is timed by the watcher's own monotonic clock, so clocks that differ, or are set, harm
nothing. A process that only sleeps is given longer than one that is gone, which lets go of its name
at once (`place.let_go`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from leadwise.jobs.tables import WORKER

LOOKS = 3
"""A worker whose count has not moved in so many looks in a row, each a tick after the last, may be
gone: whether it is, its name says."""


@dataclass(slots=True)
class Watch:
    """Which workers are alive, as far as one watcher has seen."""

    dead_after_s: float
    looked_s: float = 0.0
    seen: dict[str, tuple[int, float]] = field(default_factory=dict)
    unmoved: dict[str, int] = field(default_factory=dict)
    """In how many looks in a row."""

    def alive(self, beats: dict[str, int], now_s: float) -> set[str]:
        """The names of those whose count went up within `dead_after_s`; `now_s` is monotonic."""
        if now_s - self.looked_s > self.dead_after_s / 2:
            # The watcher itself was held up, perhaps by a database that held up everybody.
            self.seen = {name: (beat, now_s) for name, (beat, _) in self.seen.items()}
        self.looked_s = now_s
        for name in self.seen.keys() - beats.keys():
            del self.seen[name]
        for name, beat in beats.items():
            self.unmoved[name] = self.unmoved.get(name, 0) + 1
            if name not in self.seen or self.seen[name][0] != beat:
                self.seen[name], self.unmoved[name] = (beat, now_s), 0
        return {name for name, (_, at) in self.seen.items() if now_s - at <= self.dead_after_s}

    def quiet(self) -> set[str]:
        """Those of whom so little was heard lately that they may be gone."""
        return {name for name in self.seen if self.unmoved[name] >= LOOKS}


def sign_in(connection: sa.Connection, name: str, version: str, now_us: int) -> None:
    """The worker begins; its count goes on where it was, so that watchers see it move."""
    values = {"version": version, "started_us": now_us, "seen_us": now_us}
    again = sa.update(WORKER).where(WORKER.c.name == name)
    if not connection.execute(again.values(**values, beat=WORKER.c.beat + 1)).rowcount:
        connection.execute(sa.insert(WORKER).values(name=name, beat=1, **values))


def beat(connection: sa.Connection, name: str, now_us: int) -> None:
    """One more sign of life."""
    statement = sa.update(WORKER).where(WORKER.c.name == name)
    connection.execute(statement.values(beat=WORKER.c.beat + 1, seen_us=now_us))


def beats(connection: sa.Connection) -> dict[str, int]:
    """Everybody's count."""
    return {row.name: row.beat for row in connection.execute(sa.select(WORKER))}


def sign_out(connection: sa.Connection, name: str) -> None:
    """The worker ends in good order: others need not wait to take over."""
    connection.execute(sa.delete(WORKER).where(WORKER.c.name == name))
