"""What handlers work with, and how they get at it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request, Security
from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.jobs import Jobs
from leadwise.settings import Settings
from leadwise.store.audit import audit
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.opening import Store
from leadwise.web.keys import Caller, LastUsed, caller
from leadwise.web.service import Clock, system_clock
from leadwise.web.stream import Feed

Result = TypeVar("Result")
VERSION = "1"
"""The version of this API, in the header `X-Leadwise-Api` of every answer."""
MOST_HEAVY = 4
"""Forecasts, scores of what is sent and the like at one time; each has a core to itself."""
HEAVY_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Api:
    """The parts of a service that `/api` needs. Without `jobs` nothing long can be asked for."""

    store: Store
    settings: Settings
    feed: Feed
    jobs: Jobs | None = None
    clock: Clock = system_clock
    last_used: LastUsed = field(default_factory=LastUsed)
    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MOST_HEAVY)
    )

    def write(self, work: Callable[[Connection], Result]) -> Result:
        """`work` in a transaction of the record."""
        return self.store.write(work)

    def note_read(
        self, who: Caller, action: str, subject: str, subject_id: int | None, detail: str | None
    ) -> None:
        """Write down that somebody reads or exports personal data, before they get it."""
        now_us = self.clock()
        self.store.write(lambda c: audit(c, who.actor, action, subject, subject_id, detail, now_us))

    @contextmanager
    def heavy(self) -> Iterator[None]:
        """A place for work that takes long. UserError (`busy-computing`) where none gets free."""
        if not self.places.acquire(timeout=HEAVY_WAIT_S):
            raise UserError(
                "busy-computing",
                "Too many answers that take long are being worked out.",
                hint="Try again in some seconds.",
            )
        try:
            yield
        finally:
            self.places.release()

    def with_jobs(self) -> Jobs:
        """The jobs. UserError (`not-there`) where this process has none."""
        if self.jobs is None:
            raise UserError(
                "not-there", "This service runs without jobs.", hint="leadwise serve runs them."
            )
        return self.jobs


def api_of(request: Request) -> Api:
    """The parts that the request's router was made with."""
    found: Api = request.state.api
    return found


Parts = Annotated[Api, Depends(api_of)]


def needs(*scopes: str) -> Any:
    """The dependency of an operation that wants these scopes; its value is the Caller."""
    return Security(caller, scopes=list(scopes))


ReadLeads = Annotated[Caller, needs("read:leads")]
WriteLeads = Annotated[Caller, needs("write:leads")]
ReadCards = Annotated[Caller, needs("read:cards")]
WriteCards = Annotated[Caller, needs("write:cards")]
PublishCards = Annotated[Caller, needs("publish:cards")]
WriteEvents = Annotated[Caller, needs("write:events")]
Privacy = Annotated[Caller, needs("privacy")]
Admin = Annotated[Caller, needs("admin")]


def require_live(connection: Connection) -> CardVersion:
    """The live card for leads. UserError (`no-such-live-card`) where none was published."""
    found = live_version(connection)
    if found is None:
        raise UserError(
            "no-such-live-card",
            "No card for leads has been published yet.",
            hint="POST /api/cards adds one, POST /api/cards/{id}/publish makes it live.",
        )
    return found
