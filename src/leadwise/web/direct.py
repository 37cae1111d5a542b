"""The short way for the routes that events come by: their path is looked up, nothing in between.

Starlette tries one route after the other, and every request goes through its two layers for errors
and three wrappers of an endpoint: a fifth of what an event that comes alone costs before it is
recorded. What is answered is the same.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from leadwise.errors import RemoteError, UserError
from leadwise.web.problems import Refused, answer_to

METHODS = ("POST", "OPTIONS")


class Direct:
    """An ASGI application: the plain paths among `routes`, and `app` for everything else."""

    def __init__(self, app: ASGIApp, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._routes = {
            route.path: route
            for route in routes
            if isinstance(route, Route)
            and "{" not in route.path
            and set(METHODS) <= (route.methods or set())
            and inspect.iscoroutinefunction(route.endpoint)
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What the endpoint raises on purpose is answered; a defect is left to the envelope."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None or scope["method"] not in METHODS:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        request = Request(scope, receive, send)
        try:
            response = await route.endpoint(request)
        except (HTTPException, Refused, UserError, RemoteError, UnicodeEncodeError) as error:
            response = answer_to(error, scope)
        await response(scope, receive, send)
