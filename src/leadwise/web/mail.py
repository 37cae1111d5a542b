"""What links in mails lead to, and where incoming mail is handed in.

    GET       /m/o/TOKEN.SIGN.gif        it was opened
    GET       /m/c/TOKEN.SIGN?u=URL      it was clicked: on to URL, if that is what was signed
    GET POST  /m/u/TOKEN.SIGN            a page that asks, and one-click unsubscribing (RFC 8058)
    POST      /m/in                      a mail as it came, from the program that takes mail

Opens and clicks are events of the lead, which the bot gate judges as all others. A click goes on
whatever becomes of the event: a full queue is no reason to leave somebody standing.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from leadwise.connect.mail.attachments import MOST_MAIL_BYTES
from leadwise.connect.mail.events import MailEvent, mail_event
from leadwise.connect.mail.intake import Intake
from leadwise.connect.mail.links import is_web
from leadwise.connect.mail.words import direction, words_in
from leadwise.errors import LeadwiseError, RemoteError, UserError
from leadwise.ingest.messages import Received
from leadwise.store.mails import Mail, mail_of_token
from leadwise.web.overload import Overloaded
from leadwise.web.posted import bounded_body, peer
from leadwise.web.problems import Refused, problem_response
from leadwise.web.recorder import Recorder

log = logging.getLogger("leadwise.mail")
PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""The smallest transparent GIF."""
LONGEST_WAIT_S = 2.0
UNSEEN = {"Cache-Control": "no-store, private", "Referrer-Policy": "no-referrer"}
STYLED = UNSEEN | {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Robots-Tag": "noindex",
}
_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{title}</title>
<body style="font:1.1rem/1.5 system-ui;margin:20vh auto;max-width:32rem;padding:0 1rem">
<h1>{title}</h1><p>{text}</p>{form}</body></html>
"""
_FORM = '<form method="post"><button style="font:inherit;padding:.5rem 1rem">{}</button></form>'


def mail_routes(
    recorder: Recorder, intake: Intake, clock: Callable[[], int], intake_key: str = ""
) -> list[Route]:
    """The routes. Without `intake_key` there is no `/m/in`."""
    at = _Routes(recorder, intake, clock, intake_key)
    routes = [
        Route("/m/o/{signed}.gif", at.opened, methods=["GET"]),
        Route("/m/c/{signed}", at.clicked, methods=["GET"]),
        Route("/m/u/{signed}", at.unsubscribe, methods=["GET", "POST"]),
    ]
    if intake_key:
        routes.append(Route("/m/in", at.take, methods=["POST"]))
    return routes


@dataclass(frozen=True, slots=True)
class _Routes:
    recorder: Recorder
    intake: Intake
    clock: Callable[[], int]
    intake_key: str

    async def opened(self, request: Request) -> Response:
        token, sign = _signed(request)
        if self.intake.links.is_signed("o", token, sign) and _is_visit(request):
            minute = self.clock() // 60_000_000
            await self._note(request, token, "email_opened", str(minute))
        return Response(PIXEL, headers=UNSEEN, media_type="image/gif")

    async def clicked(self, request: Request) -> Response:
        token, sign = _signed(request)
        url = request.query_params.get("u", "")
        if not self.intake.links.is_signed("c", token, sign, url) or not is_web(url):
            return _nowhere()
        if _is_visit(request):
            second = self.clock() // 1_000_000
            await self._note(request, token, "email_clicked", f"{second}-{sign[:8]}", url)
        return RedirectResponse(url, 302, headers=UNSEEN)

    async def unsubscribe(self, request: Request) -> Response:
        token, sign = _signed(request)
        if not self.intake.links.is_signed("u", token, sign):
            return _nowhere()
        if request.method == "POST":
            try:
                await bounded_body(request, 64 * 1024)
                mail = await run_in_threadpool(self.intake.unsubscribe, token)
            except Refused as refused:
                return problem_response(
                    refused.status, refused.error.code, f"{refused.error.message}."
                )
            except RemoteError:
                return _later()
            return _page(mail, done=True)
        mail = await run_in_threadpool(_mail_of, self.intake, token)
        return _page(mail, done=False)

    async def take(self, request: Request) -> Response:
        given = request.headers.get("authorization", "").partition(" ")[2].strip()
        if not hmac.compare_digest(given.encode(), self.intake_key.encode()):
            return problem_response(
                401, "intake-key", "This is not the key of incoming mail.",
                hint="Send Authorization: Bearer and the setting mail.intake_key.",
                headers={"WWW-Authenticate": "Bearer"},
            )  # fmt: skip
        try:
            raw = await bounded_body(request, MOST_MAIL_BYTES)
            taken = await run_in_threadpool(self.intake.take, raw)
        except Refused as refused:
            error = refused.error
            return problem_response(
                refused.status, error.code, f"{error.message}.", hint=error.hint
            )
        except RemoteError:
            return _later()
        return JSONResponse({"said": taken.said, "lead": taken.lead_id})

    async def _note(
        self, request: Request, token: str, event: MailEvent, sign: str, url: str = ""
    ) -> None:
        """Record what somebody did, who is not kept waiting for it."""
        work = asyncio.ensure_future(self._record(request, token, event, sign, url))
        await asyncio.wait({work}, timeout=LONGEST_WAIT_S)

    async def _record(
        self, request: Request, token: str, event: MailEvent, sign: str, url: str
    ) -> None:
        try:
            mail = await run_in_threadpool(_mail_of, self.intake, token)
            message = mail and mail_event(
                mail, event, self.clock(), id=sign, properties={"link": url} if url else None,
                context=_context(request),
            )  # fmt: skip
            if message:
                await self.recorder.record(Received((message,)))
        except (LeadwiseError, Overloaded) as error:
            log.warning("an %s of a mail is lost: %s", event, error)


def _signed(request: Request) -> tuple[str, str]:
    token, _, sign = str(request.path_params["signed"]).partition(".")
    return token, sign


def _is_visit(request: Request) -> bool:
    """Whether somebody went there: not a program that only looks what is behind a link, nor a
    browser that fetches it in case it is wanted."""
    if request.method != "GET":
        return False
    said = f"{request.headers.get('sec-purpose', '')} {request.headers.get('purpose', '')}"
    return "prefetch" not in said.lower() and request.headers.get("x-moz", "") != "prefetch"


def _context(request: Request) -> dict[str, str]:
    found = {"ip": peer(request), "user_agent": request.headers.get("user-agent")}
    return {key: value[:500] for key, value in found.items() if value}


def _mail_of(intake: Intake, token: str) -> Mail | None:
    with intake.store.read() as connection:
        return mail_of_token(connection, token)


def _page(mail: Mail | None, *, done: bool) -> Response:
    letter = mail.doc.get("letter") if mail is not None else None
    language = str(letter.get("language") or "en") if isinstance(letter, dict) else "en"
    words = words_in(language)
    page = _PAGE.format(
        language=escape(language), direction=direction(language), title=escape(words.unsubscribe),
        text=escape(words.done if done else words.question),
        form="" if done else _FORM.format(escape(words.button)),
    )  # fmt: skip
    return Response(page, 200, STYLED, "text/html")


def _nowhere() -> Response:
    error = UserError("no-such-link", "This link was not made here, or was changed on its way.")
    return problem_response(404, error.code, error.message)


def _later() -> Response:
    return problem_response(
        503, "overloaded", "Try again in a moment.", headers={"Retry-After": "5"}
    )
