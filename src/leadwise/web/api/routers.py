"""The routers of everything below `/api`.

Handlers are plain functions, which run in threads: none of them may hold up the event loop.
docs/http-api.md describes every route.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from leadwise.web.api import (
    accounts,
    answers,
    audit,
    bands,
    cards,
    connections,
    conversations,
    events,
    experiments,
    forecasts,
    frames,
    imports,
    jobs,
    keys,
    leads,
    learning,
    ledgers,
    left_out,
    merges,
    outcomes,
    overrides,
    playbooks,
    privacy,
    qualifying,
    refused,
    runs,
    scoring,
    sources,
    streaming,
    suppressions,
    tasks,
    webhooks,
)
from leadwise.web.api.parameters import refuse_unknown
from leadwise.web.api.parts import VERSION, Api

NOUNS = (
    leads, ledgers, forecasts, events, overrides, merges, outcomes, bands, streaming, accounts,
    conversations, answers, qualifying, frames, cards, left_out, playbooks, runs, tasks, learning,
    experiments, scoring, imports, sources, refused, jobs, keys, webhooks, suppressions, privacy,
    audit, connections,
)  # fmt: skip


def api_routers(parts: Callable[[], Api]) -> tuple[APIRouter, ...]:
    """The routers of everything below `/api`; each request works with what `parts` returns."""

    async def provide(request: Request, response: Response) -> None:
        request.state.api = parts()
        refuse_unknown(request)
        response.headers["X-Leadwise-Api"] = VERSION

    shared: Any = [Depends(provide)]
    found = []
    for noun in NOUNS:
        router = APIRouter(dependencies=shared)
        router.include_router(noun.router)
        found.append(router)
    return tuple(found)
