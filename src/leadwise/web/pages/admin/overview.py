"""/admin: how the service is, and what waits for somebody."""

from __future__ import annotations

from importlib.metadata import version

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.jobs import State
from leadwise.store.administration import COUNTED, Waiting, waiting
from leadwise.store.migrations import current_in
from leadwise.store.signing import is_signing_key
from leadwise.web.pages.admin.tabs import show
from leadwise.web.pages.visit import Visit

LOOKED_AT: tuple[State, ...] = ("running", "waiting", "failed")


def overview(visit: Visit) -> Response:
    """The page."""
    settings, health, jobs = visit.site.settings, visit.site.health, visit.site.api.jobs

    def work(connection: Connection) -> tuple[Waiting, str | None, bool]:
        signing = is_signing_key(connection, visit.site.secret)
        return waiting(connection), current_in(connection), signing

    found, tables, signing = visit.read(work)
    return show(
        visit, "overview", version=version("leadwise"), found=found, tables=tables,
        signing=signing,
        troubles=None if health is None else health.troubles(),
        lag_seconds=None if health is None else round(health.lag_seconds()),
        bound_seconds=settings.scoring.ready_lag_seconds,
        jobs=None if jobs is None else {
            state: len(jobs.list(state=state, limit=COUNTED + 1)) for state in LOOKED_AT
        },
        embedded=settings.embedded, counted=COUNTED,
        power=(settings.durability or ("process" if settings.embedded else "power")) == "power",
    )  # fmt: skip
