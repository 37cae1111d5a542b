"""`POST /connect/<name>`: the webhooks of the systems that the team has connected.

    200                       taken, durably; or the text that a handshake wants
    400, 401, 404, 413, 415   the request is no good as it is: a problem document
    503 with Retry-After      not now: to be sent again

What a webhook says is recorded once, however often it is sent; see `connect.model.Hooks`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route

from leadwise.connect.model import Hooks, Page, Request
from leadwise.connect.opening import opened, wanted_by_card
from leadwise.connect.pulling import Pulling
from leadwise.errors import LeadwiseError, RemoteError, UserError
from leadwise.store.connections import ConnectionRow, get_connection, no_such_connection
from leadwise.store.opening import Store
from leadwise.web.posted import bounded_body, sayable
from leadwise.web.problems import Refused, problem_response, status_of

MOST_BYTES = 4 * 1024 * 1024
"""Of a request, decompressed: transcripts come so, too."""
AGAIN_S = 30
DONE = b'{"success":true}'
SIGNATURE = "webhook-signature"


@dataclass(frozen=True, slots=True)
class Receiving:
    """What the route works with. `public_url` is the address by which others reach the service."""

    store: Store
    pulling: Pulling
    environment: Mapping[str, str]
    public_url: str = ""


def connect_routes(of: Receiving, clock: Callable[[], int]) -> list[Route]:
    """The route of connected systems; `clock` says microseconds since 1970 UTC."""

    async def post(request: HttpRequest) -> Response:
        received_us = clock()
        name = str(request.path_params["name"])
        try:
            if not sayable(name):
                raise no_such_connection(name[:40])
            body = await bounded_body(request, MOST_BYTES)
            given = Request(
                request.method, called(request, of.public_url),
                {key.lower(): value for key, value in request.headers.items()}, body, received_us,
            )  # fmt: skip
            said = await run_in_threadpool(_taken, of, name, given)
        except Refused as refused:
            return _failure(refused.status, refused.error, refused.headers)
        except UserError as error:
            return _failure(401 if error.code == SIGNATURE else status_of(error), error)
        except LeadwiseError as error:
            logging.getLogger("leadwise.connect").warning("webhook of %s: %s", name[:40], error)
            after_s = getattr(error, "after_s", None) or AGAIN_S
            again = UserError("not-now", "It could not be taken now.", hint="Send it again.")
            return _failure(503, again, {"Retry-After": str(int(after_s))})
        return said

    return [Route("/connect/{name}", post, methods=["POST"])]


def called(request: HttpRequest, public_url: str) -> str:
    """The address as the system called it: what stands before us may have another."""
    asked = request.url
    path = request.scope.get("raw_path", b"").decode("ascii", "replace") or asked.path
    query = f"?{asked.query}" if asked.query else ""
    if public_url:
        return public_url.rstrip("/") + path.partition("?")[0] + query
    parts = urlsplit(str(asked))
    return f"{parts.scheme}://{parts.netloc}{path.partition('?')[0]}{query}"


def _taken(of: Receiving, name: str, given: Request) -> Response:
    row, wanted = _row(of.store, name)
    try:
        line = opened(row, of.environment, wanted=wanted)
    except UserError as error:
        # How it is set up is nothing to tell to whoever asks.
        raise RemoteError(f"It cannot be opened: {error}", permanent=False) from error
    try:
        if not isinstance(line.to, Hooks):
            raise no_such_connection(name)
        said: Page | str = line.to.receive(given)
    finally:
        line.close()
    if isinstance(said, str):
        return _in_its_words(said)
    if said.messages or said.became or said.talks or said.refusals:
        of.pulling.receive(row, said)
    if said.answer:
        return _in_its_words(said.answer)
    return Response(DONE, media_type="application/json")


def _in_its_words(said: str) -> Response:
    kinds = {"{": "application/json", "<": "text/xml"}
    return Response(said, media_type=kinds.get(said[:1], "text/plain"))


def _row(store: Store, name: str) -> tuple[ConnectionRow, tuple[str, ...]]:
    with store.read() as database:
        row = get_connection(database, name)
        wanted = wanted_by_card(database)
    if row.paused_us is not None:
        # Not lost: what happened meanwhile is pulled once it goes on.
        raise RemoteError(f"The connection {name} is paused.", permanent=False, after_s=3_600)
    return row, wanted


def _failure(status: int, error: UserError, headers: Mapping[str, str] | None = None) -> Response:
    detail = error.message if error.message.endswith(".") else f"{error.message}."
    return problem_response(status, error.code, detail, hint=error.hint, headers=headers)
