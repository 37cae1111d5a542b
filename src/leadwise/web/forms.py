"""`POST /f/<form>`: a plain HTML form, without any script, becomes a lead.

Answered with 303 to the form's page of thanks, or a short one of ours; with JSON where the request
asks for it (`Accept: application/json`, a script's fetch). A filled honeypot is answered alike, so
that programs learn nothing.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import AsyncGenerator, Callable
from html import escape
from urllib.parse import parse_qsl

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from leadwise.errors import UserError
from leadwise.ingest.forms import Form, Posting, form_messages
from leadwise.web.overload import Overloaded
from leadwise.web.posted import bounded_body, neighbourhood, peer, sayable
from leadwise.web.problems import Refused, problem_response, status_of
from leadwise.web.recorder import Recorder

MOST_BYTES = 256 * 1024
"""Of a post; a form with files sends more and is refused: files are no part of a lead."""
MOST_FIELDS = 200
PER_MINUTE = 10
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}
PREFLIGHT = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Max-Age": "86400",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<body style="font:1.1rem/1.5 system-ui;margin:20vh auto;max-width:32rem;padding:0 1rem">
<h1>{title}</h1><p>{text}</p></body></html>
"""
STYLED = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}


def form_routes(
    recorder: Recorder, clock: Callable[[], int], per_minute: int = PER_MINUTE
) -> list[Route]:
    """The route of forms; `clock` says microseconds since 1970 UTC.

    `per_minute` posts of one form are taken from one address, unless the form says otherwise.
    Counted in this process's memory, gone a minute later.
    """
    limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def post(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=PREFLIGHT)
        received_us = clock()
        try:
            name = str(request.path_params["form"])
            form = await recorder.form(name) if sayable(name) else None
            if form is None:
                raise Refused(404, UserError("no-such-form", "there is no such form"))
            await _hold_back(limiter, form, request, per_minute)
            received = form_messages(form, await _posting(request, received_us))
            await recorder.record(received)
        except Refused as refused:
            return _failure(request, refused.status, refused.error, dict(refused.headers or {}))
        except UserError as error:
            return _failure(request, status_of(error), error, {})
        except Overloaded as error:
            wait = {"Retry-After": str(error.retry_after_s)}
            return _failure(request, 503, UserError("overloaded", str(error)), wait)
        return _thanks(request, form)

    return [Route("/f/{form}", post, methods=["POST", "OPTIONS"])]


async def _hold_back(
    limiter: SlidingWindowCounterRateLimiter, form: Form, request: Request, per_minute: int
) -> None:
    """Refused with 429 after too many posts of the form from one address."""
    allowed = RateLimitItemPerMinute(form.per_minute or per_minute)
    sender = (form.name, neighbourhood(peer(request)))
    if await limiter.hit(allowed, *sender):
        return
    window = await limiter.get_window_stats(allowed, *sender)
    wait = max(1, math.ceil(window.reset_time - time.time()))
    error = UserError(
        "too-many-requests", "this form was sent too often from here", hint="Try again in a minute."
    )
    raise Refused(429, error, {"Retry-After": str(wait)})


async def _posting(request: Request, received_us: int) -> Posting:
    body = await bounded_body(request, MOST_BYTES)
    return Posting(
        fields=await _fields(request, body),
        id=secrets.token_hex(16),
        received_us=received_us,
        ip=peer(request),
        user_agent=request.headers.get("user-agent"),
        url=request.headers.get("referer"),
    )


async def _fields(request: Request, body: bytes) -> list[tuple[str, str]]:
    """The texts that were filled in, in order; files are left out."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        if kind == "multipart/form-data":
            return await _parts(request, body)
        if kind == "application/x-www-form-urlencoded":
            text = body.decode("ascii", "replace")
            return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except (ValueError, MultiPartException) as error:
        raise UserError("bad-form", f"the form cannot be read: {error}") from None
    raise Refused(
        415,
        UserError(
            "media-type",
            "this is no post of a form",
            hint="Send application/x-www-form-urlencoded or multipart/form-data.",
        ),
    )


async def _parts(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, whole(), max_files=20, max_fields=MOST_FIELDS, max_part_size=MOST_BYTES
    )
    data = await parser.parse()
    try:
        return [(name, text) for name, text in data.multi_items() if isinstance(text, str)]
    finally:
        await data.close()


def _thanks(request: Request, form: Form) -> Response:
    if _wants_json(request):
        return Response(b'{"success":true}', 200, CORS, "application/json")
    if form.redirect:
        return RedirectResponse(form.redirect, 303)
    return Response(
        _PAGE.format(title="Thank you", text="We have received what you sent."),
        200,
        STYLED,
        "text/html",
    )


def _failure(request: Request, status: int, error: UserError, headers: dict[str, str]) -> Response:
    if _wants_json(request):
        return problem_response(
            status, error.code, f"{error.message}.", hint=error.hint, headers=CORS | headers
        )
    text = escape(f"{error.message[:1].upper()}{error.message[1:]}. {error.hint}".strip())
    page = _PAGE.format(title="That did not work", text=text)
    return Response(page, status, STYLED | headers, "text/html")


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "").lower()
    return "application/json" in accepted and "text/html" not in accepted
