"""How large a request's body may be, and how slow, whoever reads it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadwise.settings import LimitSettings
from leadwise.web.problems import REQUEST_ID, problem_response

UPLOADS = ("/api/imports", "/api/qualify/batch")
FILED = re.compile(r"/qualification/batch|/leads/\d+/conversations")
FILED_BYTES = 32 * 1024 * 1024
"""Pages to which files are sent, and how large these may be together: read before anybody knows
who sends them."""
TIMED = ("/v1/", "/f/", "/in/")
"""Their routes read a body within a shorter time of their own (`posted.bounded_body`)."""
LINGER_SECONDS, LINGER_BYTES = 2.0, 16 * 1024 * 1024
"""How much of a refused body is still taken, so that the client gets to read why."""
BODY_SECONDS = 60.0
"""For all of a body, and for each part of a file that is uploaded: who sends a byte at a time holds
a connection no longer than this."""
NONE_READ = {"Connection": "close"}


class BodyLimit:
    """An ASGI application around another, which never sees more of a body than is allowed."""

    def __init__(self, app: ASGIApp, limits: LimitSettings) -> None:
        self._app, self._limits = app, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 413 at once where the length is told, else as soon as the body is too long."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        upload = scope["path"].startswith(UPLOADS)
        filed = FILED.fullmatch(scope["path"]) is not None
        most = self._limits.upload_bytes if upload else self._limits.body_bytes
        if filed:
            most = max(most, min(FILED_BYTES, self._limits.upload_bytes))
        told = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not told.isdigit() or int(told[:20]) > most:
            if not upload and _for_people(scope):
                await self._app(scope, _refused(most), _lingering(receive, send))
            else:
                await _refuse(scope, receive, send, most)
            return
        if scope["path"].startswith(TIMED):
            await self._app(scope, _bounded(receive, most), send)
            return
        await self._app(scope, _counted(receive, most, all_at_once=not (upload or filed)), send)


TOO_SLOW = f"The body did not arrive within {BODY_SECONDS:.0f} seconds."


def _bounded(receive: Receive, most: int) -> Receive:
    taken = 0

    async def bounding() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413, too_large(most), headers=NONE_READ)
        return message

    return bounding


def _counted(receive: Receive, most: int, *, all_at_once: bool) -> Receive:
    taken, whole = 0, False
    end: float | None = None

    async def counting() -> Message:
        nonlocal taken, whole, end
        if whole:  # then it is waited for the client to go away
            return await receive()
        if end is None or not all_at_once:
            end = asyncio.get_running_loop().time() + BODY_SECONDS
        try:
            async with asyncio.timeout_at(end):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, TOO_SLOW, headers=NONE_READ) from None
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413, too_large(most), headers=NONE_READ)
        whole = not message.get("more_body")
        return message

    return counting


def too_large(most: int) -> str:
    """What is said of a body over the limit."""
    return f"The body is larger than {most:,} bytes."


def _for_people(scope: Scope) -> bool:
    """Whether a browser asks, which wants a page."""
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _refused(most: int) -> Receive:
    async def receive() -> Message:
        raise HTTPException(413, too_large(most), headers=NONE_READ)

    return receive


def _lingering(receive: Receive, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] != "http.response.body" or message.get("more_body"):
            await send(message)
            return
        await send({**message, "more_body": True})
        await _linger(receive, time.monotonic)
        await send({"type": "http.response.body", "body": b""})

    return sending


async def _refuse(scope: Scope, receive: Receive, send: Send, most: int) -> None:
    response = problem_response(
        413, "body-too-large", too_large(most), headers=NONE_READ,
        request_id=scope.get(REQUEST_ID, ""), hint="Send it in parts.",
    )  # fmt: skip
    await send({"type": "http.response.start", "status": 413, "headers": response.raw_headers})
    await send({"type": "http.response.body", "body": response.body, "more_body": True})
    await _linger(receive, time.monotonic)
    await send({"type": "http.response.body", "body": b""})


async def _linger(receive: Receive, clock: Callable[[], float]) -> None:
    # Closing while the client still sends resets the connection, and the answer is lost.
    end, taken = clock() + LINGER_SECONDS, 0
    while clock() < end and taken < LINGER_BYTES:
        message = await receive()
        taken += len(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return
