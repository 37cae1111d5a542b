"""The real parts of a service, put together from its settings."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from starlette.routing import BaseRoute

from leadwise.errors import UserError
from leadwise.settings import Settings
from leadwise.store import migrations
from leadwise.store.opening import Store
from leadwise.web.backlog import Backlog
from leadwise.web.health import store_answers
from leadwise.web.metrics import Metrics
from leadwise.web.secret import secret_key
from leadwise.web.service import Part, Service, system_clock


@dataclass(frozen=True, slots=True)
class Built:
    """A service that is not yet started, and what it answers."""

    service: Service
    routes: tuple[BaseRoute, ...] = ()
    routers: tuple[APIRouter, ...] = ()


def build(settings: Settings) -> Built:
    """Open the store and put the parts together; a new embedded store gets its tables.

    Raises UserError where the store cannot be used.
    """
    secret_key(settings.secret_key_path)
    store = Store(settings.database_url, durability=settings.durability)
    try:
        if store.embedded and migrations.current(store) is None:
            migrations.upgrade(store)
        migrations.require_current(store)
    except BaseException:
        store.close()
        raise
    backlog = Backlog(store, system_clock)
    metrics = Metrics()
    _watch(metrics, store, backlog)
    service = Service(
        settings,
        store,
        metrics,
        checks=(
            store_answers(store),
            _writer_lives(store),
            _schema_is_current(store),
            backlog.check(settings.scoring.ready_lag_seconds),
        ),
    )
    return Built(service)


def _watch(metrics: Metrics, store: Store, backlog: Backlog) -> None:
    metrics.watch("leadwise_touched", "Touched rows that wait to be scored.", backlog.size)
    metrics.watch(
        "leadwise_score_lag_oldest_seconds",
        "For how long the oldest of them is known to wait.",
        backlog.lag_seconds,
    )
    metrics.watch(
        "leadwise_write_queue",
        "Transactions that wait for the writer.",
        lambda: store.lane("record").waiting,
    )


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
