"""`POST /in/<name>`: events of any other program, by CloudEvents or Standard Webhooks."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadwise.errors import UserError
from leadwise.ingest.cloudevents import cloudevents, is_cloudevent
from leadwise.ingest.webhooks import verify, webhook
from leadwise.web.overload import Overloaded
from leadwise.web.posted import bounded_body, sayable
from leadwise.web.problems import Refused, problem_response, status_of
from leadwise.web.recorder import Recorder
from leadwise.web.tracking import accepted

MOST_BYTES = 500 * 1024
"""Of a request, decompressed."""


def incoming_routes(recorder: Recorder, clock: Callable[[], int]) -> list[Route]:
    """The route of other programs; `clock` says microseconds since 1970 UTC.

    200 with what was refused, once all is recorded; 400, 401, 404, 413 and 415 as problems; 503
    with Retry-After.
    """

    async def post(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _allowed(request)
        received_us = clock()
        try:
            return await _take(request, recorder, received_us)
        except Refused as refused:
            return _failure(refused.status, refused.error, dict(refused.headers or {}))
        except UserError as error:
            return _failure(status_of(error), error, {})
        except Overloaded as error:
            wait = {"Retry-After": str(error.retry_after_s)}
            return _failure(503, UserError("overloaded", str(error)), wait)

    return [Route("/in/{name}", post, methods=["POST", "OPTIONS"])]


async def _take(request: Request, recorder: Recorder, received_us: int) -> Response:
    name = str(request.path_params["name"])
    incoming = await recorder.incoming(name) if sayable(name) else None
    if incoming is None:
        raise Refused(404, UserError("no-such-source", "there is no such source"))
    body = await bounded_body(request, MOST_BYTES)
    headers = dict(request.headers)
    if incoming.secrets:
        try:
            verify(body, headers, incoming.secrets, received_us)
        except UserError as error:
            raise Refused(401, error) from None
    read = cloudevents if is_cloudevent(headers) else webhook
    received = read(body, headers, incoming, received_us)
    if received.messages or received.refusals:
        await recorder.record(received)
    return accepted(received)


def _allowed(request: Request) -> Response:
    """The answer to the question of CloudEvents whether a sender may post here at all."""
    origin = request.headers.get("webhook-request-origin")
    headers = {"Allow": "POST, OPTIONS"}
    if origin:
        headers |= {"WebHook-Allowed-Origin": "*", "WebHook-Allowed-Rate": "*"}
    return Response(status_code=204, headers=headers)


def _failure(status: int, error: UserError, headers: dict[str, str]) -> Response:
    return problem_response(
        status, error.code, f"{error.message}.", hint=error.hint, headers=headers
    )
