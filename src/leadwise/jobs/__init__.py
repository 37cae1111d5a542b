"""Durable work: queues, schedules, progress, and the take-over of a dead worker's work.

    jobs = Jobs(folder_or_url, {"import": run_import}, worker="main", version="1")
    jobs.start()
    job_id = jobs.enqueue("import", {"upload": "u1"})

A handler is a function of a Context and the arguments; it knows nothing of what keeps it durable.
"""

from leadwise.jobs.model import (
    FINISHED,
    JSON,
    Context,
    Entry,
    Handler,
    Job,
    JobError,
    Pace,
    Retry,
    Schedule,
    State,
)
from leadwise.jobs.plain import run_here
from leadwise.jobs.service import Jobs

__all__ = [
    "FINISHED", "JSON", "Context", "Entry", "Handler", "Job", "JobError", "Jobs", "Pace", "Retry",
    "Schedule", "State", "run_here",
]  # fmt: skip
