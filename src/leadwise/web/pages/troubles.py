"""What people see where something went wrong outside a page's handler: nothing there, a method that
nothing takes, too large a form, a defect. Programs are answered by `leadwise.web.problems`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadwise.errors import RemoteError, UserError
from leadwise.web.pages.opening import open_visit, strangers_visit
from leadwise.web.pages.routing import TEXT
from leadwise.web.pages.site import Site
from leadwise.web.pages.visit import Visit
from leadwise.web.problems import REQUEST_ID, Refused

HANDLERS = "starlette.exception_handlers"
"""Where the framework leaves in a scope who answers exceptions."""


class Troubles:
    """An ASGI application around the pages."""

    def __init__(self, app: ASGIApp, site: Callable[[], Site]) -> None:
        self._app, self._site = app, site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; what it ends in is told on a page."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        # Else routes would hand what they raise to the handlers for programs.
        handlers = scope.pop(HANDLERS, None)
        try:
            try:
                await self._app(scope, receive, noted)
            finally:
                if handlers is not None:
                    scope[HANDLERS] = handlers
        except (ClientDisconnect, Refused):
            raise
        except Exception as error:
            request = Request(scope)
            if started or "text/html" not in request.headers.get("accept", ""):
                raise
            if not isinstance(error, HTTPException):
                logging.getLogger("leadwise.web").exception("a page failed")
            answer = await run_in_threadpool(_told, self._site(), request, error)
            await answer(scope, receive, send)


def _told(site: Site, request: Request, error: Exception) -> Response:
    try:
        visit = open_visit(site, request, FormData())
    except Exception:  # noqa: BLE001 - the record itself may be what fails
        visit = strangers_visit(site, request, FormData())
    if isinstance(error, HTTPException):
        found = visit.problem(_refused(visit, error))
        found.status_code = error.status_code
        for name, value in (error.headers or {}).items():
            found.headers[name] = value
        return found
    found = visit.problem(failed(visit, error))
    found.status_code = 503 if isinstance(error, RemoteError) else 500
    return found


def _refused(visit: Visit, error: HTTPException) -> UserError:
    _ = visit.texts.say
    match error.status_code:
        case 404:
            return UserError("no-such-page", _("There is no page at this address."),
                             hint=_("Check the address, or go on from the start."))  # fmt: skip
        case 405:
            return UserError("no-such-method", _("This address does not take what was sent."),
                             hint=_("Open the page and use its buttons."))  # fmt: skip
        case 413 if error.detail.startswith(TEXT):
            most = error.detail.removeprefix(TEXT).strip(" .")
            return UserError(
                "body-too-large", _("A field holds more than %(size)s of text.", size=most),
                hint=_("Go back: what you typed is there. Send it in parts; a conversation can be "
                       "sent as a file as well."),
            )  # fmt: skip
        case 413:
            return UserError("body-too-large", _("That was too large to be sent in one go."),
                             hint=_("Go back: what you typed is there. Send less."))  # fmt: skip
    return UserError("bad-request", _("What was sent could not be read: %(why)s", why=error.detail),
                     hint=_("Go back: what you typed is there. Try it again."))  # fmt: skip


def failed(visit: Visit, error: Exception) -> UserError:
    """A defect as people are told of it, or another system that does not answer."""
    _ = visit.texts.say
    if isinstance(error, RemoteError):
        return UserError("remote", _("Another system that is needed here does not answer."),
                         hint=_("Try again in a moment."))  # fmt: skip
    number = visit.request.scope.get(REQUEST_ID, "")
    return UserError(
        "defect", _("Leadwise itself failed here."),
        hint=_("Try again. If it fails again, tell your administrator this number, by which the "
               "log can be searched: %(number)s", number=number),
    )  # fmt: skip
