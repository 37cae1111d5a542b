"""Durable workflows: the only place that knows DBOS.

One workflow is registered. Its id is the job's and its only argument; all else is in our own table.
DBOS keeps the results of steps, and refuses those of a run that another has replaced.

DBOS is one per process: so is this.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, PortableWorkflowError, SetWorkflowID
from dbos import error as dbos_error

from leadwise.errors import InternalError
from leadwise.jobs.tables import SCHEMA

Result = TypeVar("Result")

__all__ = ["Durable", "OrderChanged", "RecordedError", "Replaced", "Status"]

APPLICATION = "leadwise"
WORKFLOW = "leadwise.job"
AFTER_ALL_STEPS = 1_000_000
"""No job has so many; going back to it drops nothing."""

RecordedError = PortableWorkflowError
"""What a step raised in an earlier run."""
OrderChanged = (
    dbos_error.DBOSUnexpectedStepError,
    dbos_error.DBOSStepNondeterminismError,
)
"""The record has another step at this number than the handler now takes."""
Replaced = dbos_error.DBOSWorkflowConflictIDError
"""Another run of the job has begun; this one has to end. A BaseException."""


@dataclass(frozen=True, slots=True)
class Status:
    """Where a workflow stands: `begun` or `queued` to be, `over`, or `broken` (DBOS gave up)."""

    stage: Literal["begun", "queued", "over", "broken"]
    worker: str | None
    version: str | None


class Durable:
    """DBOS, launched; `run` is called with a job's id, on a thread of its own."""

    _only = threading.Lock()

    def __init__(
        self, engine: sa.Engine, *, worker: str, version: str, threads: int,
        run: Callable[[str], None],
    ):  # fmt: skip
        if not self._only.acquire(blocking=False):
            raise InternalError("one worker on jobs is all that a process can have")
        quiet = logging.getLogger("dbos")
        if not quiet.handlers:
            # With a handler of ours DBOS adds none, and what it says goes to the root's.
            quiet.addHandler(logging.NullHandler())
        self.worker, self.version = worker, version

        def job(job_id: str) -> None:
            run(job_id)

        config = DBOSConfig(
            name=APPLICATION,
            system_database_engine=engine,
            dbos_system_schema=SCHEMA,
            executor_id=worker,
            application_version=version,
            serializer=DBOSPortableJSONSerializer(),
            max_executor_threads=threads,
            # Nothing of ours waits for DBOS's messages: no connection is held to listen.
            use_listen_notify=False,
            notification_listener_polling_interval_sec=0.5,
            scheduler_polling_interval_sec=3600.0,
            enable_otlp=False,
            log_level="WARNING",
        )
        try:
            DBOS(config=config)
            # Whether a job that ends its process again and again is given up, our table decides.
            self._workflow = DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(job)
            DBOS.launch()
        except BaseException:
            self.close()
            raise

    def start(self, job_id: str) -> None:
        """Begin a job on a thread of this process."""
        with SetWorkflowID(job_id):
            DBOS.start_workflow(self._workflow, job_id)

    def step(self, name: str, fn: Callable[[], Result]) -> Result:
        """The result of `fn`, or the recorded one of an earlier run; what `fn` raised is kept too,
        and raised as RecordedError then. OrderChanged, Replaced."""
        return DBOS.run_step({"name": name}, fn)

    def status(self, job_id: str) -> Status | None:
        """Where the job's workflow stands; None where there is none."""
        found = DBOS.list_workflows(
            workflow_ids=[job_id], load_input=False, load_output=False, limit=1
        )
        if not found:
            return None
        one = found[0]
        stage: Literal["begun", "queued", "over", "broken"]
        if one.status == "PENDING":
            stage = "begun"
        elif one.status in ("ENQUEUED", "DELAYED"):
            stage = "queued"
        else:
            stage = "over" if one.status in ("SUCCESS", "CANCELLED") else "broken"
        return Status(stage, one.executor_id, one.app_version)

    def resume(self, job_id: str) -> None:
        """Go on with a job whose process ended, on any worker of this version."""
        DBOS.resume_workflow(job_id)

    def rewind(self, job_id: str, step: int) -> None:
        """Go through a job once more that is over, with the results of the steps before `step`."""
        DBOS.rewind_workflow(job_id, start_step=step, application_version=self.version)

    def adopt(self, job_id: str) -> None:
        """Go on with a job that another version began."""
        DBOS.cancel_workflow(job_id)
        self.rewind(job_id, AFTER_ALL_STEPS)

    def forget(self, job_ids: Sequence[str]) -> None:
        """Delete all that is recorded of them."""
        DBOS.delete_workflows(list(job_ids))

    def close(self) -> None:
        """Stop DBOS; what runs is left to be resumed."""
        try:
            DBOS.destroy(destroy_registry=True)
        finally:
            self._only.release()
