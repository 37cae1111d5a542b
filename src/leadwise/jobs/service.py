"""Jobs: put in and looked up from any process, worked on by those that `start`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leadwise.errors import UserError
from leadwise.jobs import book
from leadwise.jobs.model import FINISHED, JSON, Entry, Handler, Job, Pace, Schedule, State
from leadwise.jobs.tables import create_tables, is_postgres, open_engine, own

if TYPE_CHECKING:
    from leadwise.jobs.worker import Worker

PUT_AT_ONCE = 50_000
"""Jobs of one transaction when many are put in."""
LOOK_EVERY_S = 0.1


class Jobs:
    """The jobs kept at `place`: a folder (in its `jobs.db`), or the URL of a PostgreSQL.

    A process that only puts jobs in and looks at them needs no handlers and never starts. One that
    starts is known as `worker`, a name of its own that outlives restarts. `version` is that of the
    handlers: work of a dead worker is taken over across versions, work in a queue is not shared.
    """

    def __init__(
        self,
        place: str | Path,
        handlers: Mapping[str, Handler] | None = None,
        *,
        worker: str = "",
        version: str = "",
        schedules: Sequence[Schedule] = (),
        pace: Pace = Pace(),  # noqa: B008 - frozen
    ):
        self.place, self.handlers = place, dict(handlers or {})
        self.name, self.version = worker, version
        self.schedules, self.pace = tuple(schedules), pace
        self._engine = open_engine(place, pace.slots + 6)
        self._rows = own(self._engine)
        self._worker: Worker | None = None
        create_tables(self._engine)

    def __enter__(self) -> Jobs:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def start(self) -> None:
        """Work on jobs. UserError where another process does so here, or under this name."""
        if self._worker is not None:
            return
        if not self.name or not self.version:
            raise UserError("worker-name", "a worker has a name and a version")
        # Here, for they take most of a second to import and most commands only put jobs in.
        from leadwise.jobs import schedules
        from leadwise.jobs.worker import Worker

        schedules.check(self.schedules, self.handlers)
        self._worker = Worker(
            self.place, self._engine, self.handlers, name=self.name, version=self.version,
            schedules=self.schedules, pace=self.pace, clock=self.now_us,
        )  # fmt: skip

    def stop(self, timeout_s: float = 10.0) -> bool:
        """Take no more work, let running steps finish for so long, leave the rest to be taken up.
        Whether all ended in that time."""
        worker, self._worker = self._worker, None
        return True if worker is None else worker.stop(timeout_s)

    def close(self) -> None:
        """Stop, and let go of the database."""
        self.stop()
        self._engine.dispose()

    def enqueue(
        self, kind: str, arguments: Mapping[str, JSON] | None = None, *,
        id: str | None = None, due_us: int | None = None,  # noqa: A002 - what it is
    ) -> str:  # fmt: skip
        """Put a job in, once for each `id`; returns its id."""
        job_id = id or uuid.uuid4().hex
        self.enqueue_all(kind, [Entry(job_id, arguments or {}, due_us)])
        return job_id

    def enqueue_all(self, kind: str, entries: Iterable[Entry]) -> int:
        """Put many in, some at a time; how many were new."""
        if self.handlers and kind not in self.handlers:
            raise UserError("job-kind", f"there is no job {kind}")
        new = 0
        for part in book.parts(entries, PUT_AT_ONCE):
            with self._rows.begin() as connection:
                new += book.put(connection, kind, part, self.now_us())
        if self._worker is not None:
            self._worker.wake.set()
        return new

    def get(self, job_id: str) -> Job:
        """The job; UserError where there is none."""
        with self._rows.connect() as connection:
            job = book.find(connection, job_id)
        if job is None:
            raise UserError(
                "unknown-job", f"there is no job {job_id}",
                hint="finished jobs are forgotten after some days",
            )  # fmt: skip
        return job

    def get_all(self, job_ids: Sequence[str]) -> Sequence[Job]:
        """Those of these jobs that there are: some hundreds at most."""
        if not job_ids:
            return []
        with self._rows.connect() as connection:
            return book.found(connection, job_ids)

    def list(
        self, kind: str | None = None, state: State | None = None, *,
        after: str | None = None, limit: int = 100,
    ) -> list[Job]:  # fmt: skip
        """Jobs, the newest first; `after` is the `cursor` of the last one seen."""
        with self._rows.connect() as connection:
            return book.listed(connection, kind, state, after, limit)

    def cancel(self, job_id: str) -> bool:
        """Let it not run, or end at its next step; False where it is over already."""
        with self._rows.begin() as connection:
            cancelled = book.cancel(connection, job_id, self.now_us())
        return cancelled or self._over(job_id)

    def retry(self, job_id: str) -> bool:
        """Try a failed or cancelled job again, from the step where it ended; False where it is
        neither."""
        with self._rows.begin() as connection:
            again = book.retry(connection, job_id, self.now_us())
        if self._worker is not None:
            self._worker.wake.set()
        return again or self._over(job_id)

    def wait(self, job_id: str, timeout_s: float) -> Job:
        """The job when it is over, or as it is after so many seconds."""
        until = time.monotonic() + timeout_s
        while (job := self.get(job_id)).state not in FINISHED and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
        return job

    @property
    def shared(self) -> bool:
        """Whether several processes may work on these jobs."""
        return is_postgres(self.place)

    @staticmethod
    def now_us() -> int:
        """The clock."""
        return time.time_ns() // 1000

    def _over(self, job_id: str) -> bool:
        self.get(job_id)
        return False
