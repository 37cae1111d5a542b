"""Which kinds of jobs a service works on, and which of them when."""

from __future__ import annotations

from collections.abc import Mapping

from leadwise.ingest.file_job import import_handler
from leadwise.ingest.gate.rules import recording_rules
from leadwise.jobs import Handler, Jobs, Schedule, State
from leadwise.learn.asked import Asked
from leadwise.learn.jobs import Learning, learn_handlers
from leadwise.live.accounts import AccountRules
from leadwise.live.card_jobs import card_handlers
from leadwise.live.retention import retention_handler
from leadwise.live.scoring import Pace
from leadwise.live.taking import SECOND_US
from leadwise.playbooks.export_job import export_handlers
from leadwise.playbooks.mails.jobs import mail_handlers
from leadwise.qualify.batch import batch_handler
from leadwise.qualify.read_job import read_handler
from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.web.api.imports import FOLDER

COUNTED = 1_000
"""More jobs than this in one state are not counted."""
ONE_AT_A_TIME = (
    "publish", "try", "shadow", "mirror", "refresh", "retention", "study", "recalibrate", "relearn",
    "model", "pull", "push", "mailbox", "mails",
)  # fmt: skip
"""Kinds that read everybody: two at once would only wait for each other's disk and memory."""
STATES: tuple[State, ...] = ("waiting", "running", "failed")


def pace_of(settings: Settings) -> Pace:
    """How often leads are scored."""
    scoring = settings.scoring
    return Pace(scoring.busy_events, scoring.refresh_seconds * SECOND_US)


def account_rules(settings: Settings) -> AccountRules:
    """What the accounts' fields are made of."""
    return AccountRules(settings.accounts.hot_band or None, settings.accounts.role_field)


def handlers_of(settings: Settings, store: Store) -> dict[str, Handler]:
    """The handler of each kind of job."""
    return {
        "retention": retention_handler(store, settings.retention, settings.data / FOLDER),
        "import": import_handler(store, recording_rules(settings), settings.data / FOLDER),
        "qualify": batch_handler(store, settings, settings.data / FOLDER),
        "read": read_handler(store, settings),
        **card_handlers(
            store,
            settings.data / "mirror",
            pace_of(settings),
            memory_limit=settings.batch_memory or None,
            account_rules=account_rules(settings),
            calls_a_day=settings.team.calls_a_day,
        ),
        **learn_handlers(learning_of(settings, store)),
        **mail_handlers(store, settings),
        **export_handlers(store, settings),
    }


def learning_of(settings: Settings, store: Store) -> Learning:
    """What studies need."""
    learning = settings.learning
    return Learning(
        store,
        settings.data / "mirror",
        calls_a_day=settings.team.calls_a_day,
        memory_limit=settings.batch_memory or None,
        goal=learning.goal,
        asked=Asked(horizon_days=learning.horizon_days),
        publish_when_better=learning.publish == "when better",
        pace=pace_of(settings),
        account_rules=account_rules(settings),
    )


def schedules_of(settings: Settings, handlers: Mapping[str, Handler]) -> tuple[Schedule, ...]:
    """When kinds of jobs are put in by themselves; those that are set to never are left out."""
    wanted = settings.schedules.model_dump()
    return tuple(
        Schedule(kind, cron, kind) for kind, cron in wanted.items() if cron and kind in handlers
    )


def counted(jobs: Jobs) -> dict[str, float]:
    """How many jobs are in each state that somebody may have to look at."""
    return {state: len(jobs.list(state=state, limit=COUNTED)) for state in STATES}
