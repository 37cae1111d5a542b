"""The Segment HTTP tracking API as its clients speak it.

`POST /v1/identify, track, page, screen, group, alias, batch, import`, the one-letter paths of the
browser's client (`/v1/i` ...), `/v1/m` (its own metrics: taken and dropped) and
`GET /v1/projects/<write key>/settings`, which it asks first. Any page may post: there are no
cookies, so `*` with no credentials is right.

    200 {"success": true}                                   all recorded, durably
    200 {"success": true, "refused": [{index, code, reason}]}  the others are; these are kept aside
    400, 401, 403, 408, 413, 415 {"success": false, "code", "message"}    clients drop the request
    429, 503 with Retry-After                               clients send it again
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadwise.errors import UserError
from leadwise.ingest.messages import Received
from leadwise.ingest.segment import MOST_BYTES, Arrival, Kind, receive, write_key_in
from leadwise.web.overload import Overloaded
from leadwise.web.posted import bounded_body, peer, sayable
from leadwise.web.problems import Refused, status_of
from leadwise.web.recorder import Recorder, WriteKey

PATHS: tuple[tuple[str, Kind], ...] = (
    ("identify", "identify"), ("i", "identify"), ("track", "track"), ("t", "track"),
    ("page", "page"), ("p", "page"), ("screen", "screen"), ("s", "screen"),
    ("group", "group"), ("g", "group"), ("alias", "alias"), ("a", "alias"),
    ("batch", "batch"), ("b", "batch"), ("import", "import"),
)  # fmt: skip
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    # `*` does not stand for Authorization.
    "Access-Control-Allow-Headers": "Authorization, Content-Type, *",
    "Access-Control-Max-Age": "86400",
}
_HOST = re.compile(r"[A-Za-z0-9._\-]+(:[0-9]{1,5})?|\[[0-9a-fA-F:.]+\](:[0-9]{1,5})?")
_DONE = b'{"success":true}'

Endpoint = Callable[[Request], Awaitable[Response]]


class Pace:
    """How many requests were taken of each source in the current second.

    A count of whole seconds, which lets through up to twice as many across the turn of one: it is
    there against runaway loops, and costs a tenth of a microsecond.
    """

    def __init__(self, most: int | None) -> None:
        self._most, self._second = most, 0
        self._counts: dict[str, int] = {}

    def allows(self, source: str, second: int) -> bool:
        """Count a request; False once there were as many as are allowed."""
        if self._most is None:
            return True
        if second != self._second:
            self._second, self._counts = second, {}
        count = self._counts[source] = self._counts.get(source, 0) + 1
        return count <= self._most


def tracking_routes(
    recorder: Recorder, clock: Callable[[], int], per_second: int | None = None
) -> list[Route]:
    """The routes of the tracking API; `clock` says microseconds since 1970 UTC.

    `per_second` requests are taken with one write key in this process, where a number is given.
    """
    pace = Pace(per_second)
    routes = [
        Route(
            f"/v1/{path}",
            _guarded(_taking(kind, recorder, clock, pace)),
            methods=["POST", "OPTIONS"],
        )
        for path, kind in PATHS
    ]
    settings = Route(
        "/v1/projects/{write_key}/settings",
        _guarded(_settings(recorder)),
        methods=["GET", "OPTIONS"],
    )
    return [*routes, settings, Route("/v1/m", _guarded(_dropped), methods=["POST", "OPTIONS"])]


def _taking(kind: Kind, recorder: Recorder, clock: Callable[[], int], pace: Pace) -> Endpoint:
    done = Response(_DONE, 200, CORS, "application/json")

    async def take(request: Request) -> Response:
        received_us = clock()
        given = _basic_key(request.headers.get("authorization"))
        key = await _known(recorder, given, request) if given else None
        body = await bounded_body(request, MOST_BYTES)
        if key is None:
            key = await _known(recorder, write_key_in(body), request)
        if not pace.allows(key.name, received_us // 1_000_000):
            said = UserError("too-many-requests", "too many requests a second with this write key")
            raise Refused(429, said, {"Retry-After": "1"})
        arrival = Arrival(key.name, received_us, peer(request), request.headers.get("user-agent"))
        received = receive(kind, body, arrival)
        if received.messages or received.refusals:
            await recorder.record(received)
        return accepted(received, CORS) if received.refusals else done

    return take


async def _dropped(request: Request) -> Response:
    await bounded_body(request, MOST_BYTES)
    return Response(_DONE, 200, CORS, "application/json")


def _settings(recorder: Recorder) -> Endpoint:
    async def settings(request: Request) -> Response:
        key = str(request.path_params["write_key"])
        if not sayable(key) or await recorder.write_key(key) is None:
            return _failure(404, "no-such-key", "There is no such write key.")
        asked = request.headers.get("host", "")
        if not _HOST.fullmatch(asked):
            return _failure(400, "bad-request", "The Host of the request is none.")
        # Without these the client would post to Segment's own servers.
        host, scheme = f"{asked}/v1", request.scope["scheme"]
        document = {
            "integrations": {"Segment.io": {"apiKey": key, "apiHost": host, "protocol": scheme}},
            "metrics": {"sampleRate": 0, "host": host},
        }
        headers = CORS | {"Cache-Control": "public, max-age=300"}
        return Response(msgspec.json.encode(document), 200, headers, "application/json")

    return settings


def accepted(received: Received, headers: dict[str, str] | None = None) -> Response:
    """The answer once all that was received is recorded."""
    if not received.refusals:
        return Response(_DONE, 200, headers, "application/json")
    refused = [
        {"index": each.index, "code": each.code, "reason": each.reason}
        for each in received.refusals
    ]
    body = msgspec.json.encode({"success": True, "refused": refused})
    return Response(body, 200, headers, "application/json")


def _guarded(endpoint: Endpoint) -> Endpoint:
    """The endpoint with the answers to preflights and errors in the protocol's shape."""

    async def guarded(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        try:
            return await endpoint(request)
        except Refused as refused:
            return _failure(
                refused.status, refused.error.code, _said(refused.error), refused.headers
            )
        except UserError as error:
            return _failure(status_of(error), error.code, _said(error))
        except Overloaded as error:
            wait = {"Retry-After": str(error.retry_after_s)}
            return _failure(503, "overloaded", str(error), wait)

    return guarded


async def _known(recorder: Recorder, key: str | None, request: Request) -> WriteKey:
    """The write key; Refused with 401 where there is none, with 403 on a page it is not for."""
    found = await recorder.write_key(key) if key and sayable(key) else None
    if found is None:
        said = "there is no such write key" if key else "there is no write key"
        raise Refused(401, UserError("no-write-key", said, hint="Send it by basic auth."))
    origin = request.headers.get("origin")
    if found.origins and origin and origin.lower() not in found.origins:
        hint = "Add it to the key's origins."
        raise Refused(
            403, UserError("origin-not-allowed", "this page may not use the key", hint=hint)
        )
    return found


def _basic_key(header: str | None) -> str | None:
    """The write key of `Authorization: Basic base64(key:)`; a Bearer's key is in the body."""
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(encoded).decode("utf-8").partition(":")[0] or None
    except (binascii.Error, ValueError):
        return None


def _said(error: UserError) -> str:
    return f"{error.message}. {error.hint}" if error.hint else f"{error.message}."


def _failure(
    status: int, code: str, message: str, headers: Mapping[str, str] | None = None
) -> Response:
    document: dict[str, Any] = {"success": False, "code": code, "message": message}
    return Response(
        msgspec.json.encode(document), status, CORS | dict(headers or {}), "application/json"
    )
