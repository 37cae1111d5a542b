"""`/healthz`: the process lives. `/readyz`: it can do its work, or why not.

A supervisor restarts what `/healthz` does not answer; a balancer sends nothing to what `/readyz`
answers with 503. Neither tells anything of leads or of the machine.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import text
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from leadwise.errors import LeadwiseError
from leadwise.store.opening import Store
from leadwise.web.service import Part, Service

ANSWER_SECONDS = 5.0
"""How long the parts may take to say how they are."""
FRESH_SECONDS = 1.0
"""For this long an answer is given again without asking: health checks come in flocks."""
NO_STORE = {"Cache-Control": "no-store"}


@dataclass(slots=True)
class _Asked:
    """The last answer of the parts, and the question that they have not answered yet."""

    troubles: list[str] = field(default_factory=list)
    at: float = float("-inf")
    pending: asyncio.Task[list[str]] | None = None


def health_routes(service: Service) -> list[Route]:
    """The two routes."""
    asked = _Asked()

    async def alive(_request: Request) -> Response:
        return JSONResponse({"status": "alive"}, headers=NO_STORE)

    async def ready(_request: Request) -> Response:
        if service.stopping.is_set():
            troubles = service.troubles()
        else:
            troubles = await _troubles(asked, service.troubles)
        document = {"status": "not ready", "reasons": troubles} if troubles else {"status": "ready"}
        return JSONResponse(document, 503 if troubles else 200, headers=NO_STORE)

    return [Route("/healthz", alive, methods=["GET"]), Route("/readyz", ready, methods=["GET"])]


async def _troubles(asked: _Asked, ask: Callable[[], list[str]]) -> list[str]:
    if time.monotonic() - asked.at <= FRESH_SECONDS:
        return asked.troubles
    if asked.pending is None:
        asked.pending = asyncio.create_task(run_in_threadpool(ask))
    # One question at a time: a store that hangs must not take a thread for every check.
    await asyncio.wait({asked.pending}, timeout=ANSWER_SECONDS)
    if not asked.pending.done():
        return [f"The parts did not say within {ANSWER_SECONDS:.0f} s how they are."]
    asked.troubles, asked.at = asked.pending.result(), time.monotonic()
    asked.pending = None
    return asked.troubles


def store_answers(store: Store) -> Part:
    """A check that the store can be read."""

    def trouble() -> str | None:
        try:
            with store.read() as connection:
                connection.execute(text("SELECT 1")).scalar_one()
        except LeadwiseError as error:
            # The database's own words may name its host and user: they are for the log.
            logging.getLogger("leadwise.web").warning("The store does not answer: %s", error)
            return "The store does not answer."
        return None

    return Part("store", trouble=trouble)
