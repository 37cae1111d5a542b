"""The real parts of a service, put together from its settings."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from fastapi import APIRouter
from sqlalchemy import Connection
from starlette.routing import BaseRoute

from leadwise.connect.mail.intake import Intake as MailIntake
from leadwise.connect.mail.links import Links
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import recording_rules
from leadwise.jobs import Jobs
from leadwise.jobs import Pace as JobPace
from leadwise.live.loop import ScoringLoop
from leadwise.live.scoring import Scored
from leadwise.live.taking import SECOND_US
from leadwise.live.webhooks import WebhookSender
from leadwise.settings import Settings
from leadwise.store import migrations
from leadwise.store.opening import Store
from leadwise.store.signing import is_signing_key, set_signing_key
from leadwise.web.api.parts import Api
from leadwise.web.api.routers import api_routers
from leadwise.web.backlog import Backlog
from leadwise.web.connecting import Connected
from leadwise.web.follow_up import STEPS_AT_ONCE, FollowUp
from leadwise.web.followed import Followed
from leadwise.web.forms import form_routes
from leadwise.web.health import store_answers
from leadwise.web.incoming import incoming_routes
from leadwise.web.intake import Intake
from leadwise.web.learned import drawing_lots, watch_learning
from leadwise.web.mail import mail_routes
from leadwise.web.metrics import Metrics
from leadwise.web.modelling import LiveModels
from leadwise.web.pages.routes import mounted, site_of
from leadwise.web.pages.site import Health
from leadwise.web.recording import StoreRecorder
from leadwise.web.secret import secret_key
from leadwise.web.service import Part, Service, system_clock
from leadwise.web.stream import Feed
from leadwise.web.tracking import tracking_routes
from leadwise.web.work import (
    ONE_AT_A_TIME,
    account_rules,
    counted,
    handlers_of,
    pace_of,
    schedules_of,
)

GAUGES: dict[str, str] = {
    "leadwise_touched": "Touched leads that wait to be scored, counted up to 100,000.",
    "leadwise_score_oldest_seconds": "For how long the oldest of them is known to wait.",
    "leadwise_record_queue": "Requests that wait to be recorded.",
    "leadwise_write_queue": "Transactions that wait for the writer.",
    "leadwise_scoring_failures": "Passes of the scorer that failed since the start.",
}
JOBS = "leadwise_jobs"
JOBS_TEXT = "Jobs by state (waiting, running, failed), counted up to 1,000."


@dataclass(frozen=True, slots=True)
class Built:
    """A service that is not yet started, and what it answers."""

    service: Service
    routes: tuple[BaseRoute, ...] = ()
    routers: tuple[APIRouter, ...] = ()
    pages: tuple[BaseRoute, ...] = ()


def build(settings: Settings) -> Built:
    """Open the store and put the parts together; a new embedded store gets its tables.

    Raises UserError where the store cannot be used.
    """
    secret = secret_key(settings.secret_key_path)
    store = Store(settings.database_url, durability=settings.durability)
    try:
        if store.embedded and migrations.current(store) is None:
            migrations.upgrade(store)
        migrations.require_current(store)
        _sign_with(store, secret)
        return _built(settings, store, secret)
    except BaseException:
        store.close()
        raise


def _sign_with(store: Store, secret: bytes) -> None:
    """Remember the key's fingerprint; say so where another server signs with another key."""

    def work(connection: Connection) -> bool:
        known = is_signing_key(connection, secret)
        set_signing_key(connection, secret)
        return known

    if not store.write(work):
        logging.getLogger("leadwise.web").warning(
            "the secret key is another than the last server's: links, invitations and sign-ins "
            "that the other signed are refused; give all servers the same secret_key_file"
        )


def _built(settings: Settings, store: Store, secret: bytes) -> Built:
    metrics, clock = Metrics(), system_clock
    rules = account_rules(settings)
    models = LiveModels(store, clock)
    draw, follow_up = drawing_lots(store), FollowUp(store, settings, clock)

    def after(done: Scored) -> None:
        draw(done)
        models.moved(done.moved)
        if done.band_changes:
            follow_up.recorded()

    on_scored = _counting(metrics, after)
    loop = ScoringLoop(store, clock, pace_of(settings), rules, on_scored=on_scored)
    recorder = StoreRecorder(
        store, recording_rules(settings), clock, metrics,
        most_waiting=settings.limits.queue_requests, recorded=loop.recorded,
    )  # fmt: skip
    intake = Intake(recorder, store, clock, metrics)
    connected = Connected(store, settings, clock, loop.recorded)
    handlers = {
        **handlers_of(settings, store), **follow_up.handlers(), **connected.handlers(),
    }  # fmt: skip
    jobs = Jobs(
        settings.data if store.embedded else settings.database_url,
        handlers,
        worker=settings.worker_name,
        version=version("leadwise"),
        schedules=schedules_of(settings, handlers),
        pace=JobPace(
            keep_days=settings.retention.jobs_days,
            limits=dict.fromkeys(ONE_AT_A_TIME, 1) | STEPS_AT_ONCE,
        ),
    )
    sender = WebhookSender(store, clock, goal=settings.learning.goal)
    stopping = threading.Event()
    api = Api(store, settings, Feed(store, stopping), jobs, clock)
    backlog = Backlog(store, clock)
    service = Service(
        settings,
        store,
        metrics,
        parts=(
            _jobs(jobs),
            Part("webhooks", sender.start, sender.stop),
            _scorer(loop),
            models.part(),
            follow_up.part(jobs),
            connected.part(jobs),
        ),
        checks=(
            store_answers(store),
            _writer_lives(store),
            _schema_is_current(store),
            backlog.check(settings.scoring.ready_lag_seconds),
        ),
        clock=clock,
        stopping=stopping,
    )
    _watch(metrics, store, backlog, recorder, loop)
    metrics.watch_by(JOBS, JOBS_TEXT, "state", lambda: counted(jobs))
    watch_learning(metrics, store, settings.learning.goal)
    follow_up.watch(metrics)
    Followed(store, clock).watch(metrics)
    limits = settings.limits
    routes = (
        *tracking_routes(intake, clock, limits.tracking_per_second),
        *form_routes(intake, clock, limits.forms_per_minute),
        *incoming_routes(intake, clock),
        *connected.routes(),
        *mail_routes(
            intake,
            MailIntake(
                store,
                Links(settings.public_url, secret),
                recording_rules(settings),
                clock,
                settings.mail.inboxes,
            ),
            clock,
            settings.mail.intake_key.get_secret_value(),
        ),
    )
    site = site_of(api, secret, Health(service.troubles, backlog.lag_seconds))
    return Built(service, routes, api_routers(lambda: api), (mounted(lambda: site),))


def _watch(
    metrics: Metrics, store: Store, backlog: Backlog, recorder: StoreRecorder, loop: ScoringLoop
) -> None:
    reads = {
        "leadwise_touched": backlog.size,
        "leadwise_score_oldest_seconds": backlog.lag_seconds,
        "leadwise_record_queue": lambda: recorder.waiting,
        "leadwise_write_queue": lambda: store.lane("record").waiting,
        "leadwise_scoring_failures": lambda: loop.pulse.failures,
    }
    for name, text in GAUGES.items():
        metrics.watch(name, text, reads[name])


def _counting(metrics: Metrics, then: Callable[[Scored], None]) -> Callable[[Scored], None]:
    def scored(pass_: Scored) -> None:
        metrics.scores.inc(pass_.leads)
        metrics.band_changes.inc(pass_.band_changes)
        if pass_.taken:
            metrics.score_lag_seconds.observe(pass_.lag_us / SECOND_US)
        then(pass_)

    return scored


def _scorer(loop: ScoringLoop) -> Part:
    def trouble() -> str | None:
        return None if loop.alive else "The scorer has ended."

    return Part("scorer", loop.start, loop.stop, trouble)


def _jobs(jobs: Jobs) -> Part:
    def stop(seconds: float) -> None:
        jobs.stop(seconds)
        jobs.close()

    return Part("jobs", jobs.start, stop)


def _writer_lives(store: Store) -> Part:
    def trouble() -> str | None:
        return None if store.lane("record").alive else "The store's writer has ended."

    return Part("writer", trouble=trouble)


def _schema_is_current(store: Store) -> Part:
    def trouble() -> str | None:
        try:
            migrations.require_current(store)
        except UserError as error:
            return error.message
        return None

    return Part("schema", trouble=trouble)
