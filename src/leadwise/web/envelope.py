"""What surrounds every request: an id, security headers, a log line, metrics, the last resort.

Plain ASGI, because it is on the path of every tracking request.
"""

from __future__ import annotations

import itertools
import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Histogram
from starlette.requests import ClientDisconnect
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadwise.settings import LogSettings
from leadwise.web.logs import RUNNING
from leadwise.web.metrics import Metrics
from leadwise.web.problems import REQUEST_ID, error_response

_ID = re.compile(rb"[A-Za-z0-9._\-]{1,64}")
GONE_AWAY = 499
"""What is noted where the client went away before its answer."""
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""Added where an answer does not say otherwise itself."""
TLS = (b"strict-transport-security", b"max-age=31536000")
QUIET = ("/healthz", "/readyz", "/metrics")
"""Asked every few seconds by machines: no line for those that went well."""
TRACKING = ("/v1/", "/f/", "/in/")
_STARTED, _COUNTED = secrets.token_hex(5), itertools.count(1)
"""Of which a request's own id is made: it tells requests apart and is no secret."""
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Envelope:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, metrics: Metrics, log: LogSettings) -> None:
        self._app, self._metrics, self._settings = app, metrics, log
        self._counted: dict[tuple[str, str, int], Histogram] = {}
        self._log = structlog.stdlib.get_logger("leadwise.access")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; whatever happens, it is answered, counted and noted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        request_id = _request_id(scope)
        scope[REQUEST_ID] = request_id
        added = ((b"x-request-id", request_id.encode()), *HEADERS)
        added += (TLS,) if scope.get("scheme") == "https" else ()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _with(message.get("headers", ()), added)
            await send(message)

        # A context of its own is each request's already: nothing is to be put back.
        RUNNING.set(request_id)
        try:
            await self._app(scope, receive, answer)
        except ClientDisconnect:
            status = status or GONE_AWAY
        except Exception as error:
            logging.getLogger("leadwise.web").exception("a request failed")
            if not status:
                await error_response(error, request_id)(scope, receive, answer)
        self._note(scope, status or GONE_AWAY, time.perf_counter() - began)

    def _note(self, scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
        route = route_template(scope)
        method = scope["method"] if scope["method"] in METHODS else "other"
        counted = self._counted.get((method, route, status))
        if counted is None:
            counted = self._metrics.request_seconds.labels(method, route, str(status))
            self._counted[method, route, status] = counted
        counted.observe(seconds)
        if not self._is_wanted(route, status):
            return
        line: dict[str, Any] = {
            "method": method,
            "path": scope["path"],
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
        }
        if status >= 400 and scope.get("client"):
            # Who sends what is wrong is needed against abuse; of all others we keep no address.
            line["client"] = scope["client"][0]
        (self._log.warning if status >= 500 else self._log.info)("request", **line)

    def _is_wanted(self, route: str, status: int) -> bool:
        access = self._settings.access
        if status >= 400 or access == "none":
            return access != "none"
        if access == "failed" or route in QUIET:
            return False
        return access == "all" or not route.startswith(TRACKING)


def route_template(scope: MutableMapping[str, Any]) -> str:
    """The route that took a request (`/api/leads/{lead_id}`), so that labels stay few."""
    route = scope.get("route")
    if route is None:
        return "unmatched"
    # Below a mount nothing may have matched: then what was asked for must not become a label.
    path = "/*" if isinstance(route, Mount) else getattr(route, "path", "/*")
    return f"{scope.get('root_path', '')}{path}"


def _request_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value):
            return str(value.decode())
    return f"{_STARTED}-{next(_COUNTED)}"


def _with(headers: Any, added: tuple[tuple[bytes, bytes], ...]) -> list[tuple[bytes, bytes]]:
    there = {name.lower() for name, _ in headers}
    return [*headers, *((name, value) for name, value in added if name not in there)]
