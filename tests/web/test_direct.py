"""The short way of tracking answers as the long way through the router does."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from leadwise.errors import RemoteError, UserError
from leadwise.web.app import create_app
from leadwise.web.direct import Direct
from leadwise.web.envelope import Envelope
from tests.web.shell import service

Answers = list[tuple[int, Any]]


async def echo(request: Request) -> Response:
    """Fails as it is told."""
    match (await request.body()).decode():
        case "refused":
            raise UserError("no-such-thing", "there is no such thing")
        case "away":
            raise RemoteError("the store is away", permanent=False)
        case "defect":
            raise ZeroDivisionError
        case text:
            return PlainTextResponse(f"{request.method} {request.url.path} {text}")


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """The application as it is, and the same without its short way."""
    routes = [Route("/v1/echo", echo, methods=["POST", "OPTIONS"])]
    with service(tmp_path) as running:
        short = create_app(running, routes)
        long = create_app(running, routes)
        assert isinstance(long, Envelope)
        limit = long._app
        assert isinstance(limit._app, Direct)
        limit._app = limit._app._app
        yield short, long


async def answers_of(app: Any, said: str) -> Answers:
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as client:
        found = []
        for method in ("POST", "OPTIONS", "GET", "DELETE"):
            content = said if method == "POST" else None
            answer = await client.request(method, "/v1/echo", content=content)
            known = answer.text
            if "json" in answer.headers.get("content-type", ""):
                document = answer.json()
                document.pop("request_id", None)
                known = str(document)
            found.append((answer.status_code, known))
        return found


@pytest.mark.parametrize("said", ["hello", "refused", "away", "defect", "x" * 40_000_000])
def test_both_ways_answer_alike(both: tuple[Any, Any], said: str) -> None:
    short, long = (asyncio.run(answers_of(app, said)) for app in both)
    assert short == long
    assert short[2][0] == 405


def test_the_route_is_counted_by_its_path(both: tuple[Any, Any]) -> None:
    counted = []
    for app in both:
        asyncio.run(answers_of(app, "hello"))
        counted.append({key[1] for key in app._counted})
    assert counted[0] == counted[1] == {"/v1/echo"}
