"""A page's route: its address, the right it wants, its handler; and what surrounds handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from leadwise.errors import RemoteError, UserError
from leadwise.store.sessions import SEEN_EVERY_US, find_session, see_session
from leadwise.web.pages.forged import FIELD, HEADER, SAFE, is_ours, proves
from leadwise.web.pages.rights import Right
from leadwise.web.pages.site import Site
from leadwise.web.pages.texts import LANGUAGES, negotiated, texts
from leadwise.web.pages.visit import Visit

Handler = Callable[[Visit], Response]
COOKIE, SECURE_COOKIE = "leadwise_session", "__Host-leadwise_session"
MOST_FIELDS = 500
"""In one form."""


def cookie_of(*, secure: bool) -> str:
    """The name of the session's cookie; `secure`: where the browser came by https."""
    return SECURE_COOKIE if secure else COOKIE


@dataclass(frozen=True, slots=True)
class Page:
    """A route. `stream`: its handler answers at once and is no work for a thread."""

    method: Literal["GET", "POST"]
    path: str
    right: Right
    handler: Handler
    stream: bool = False


def get(path: str, handler: Handler, right: Right = Right.READ) -> Page:
    """A page that shows something."""
    return Page("GET", path, right, handler)


def post(path: str, handler: Handler, right: Right) -> Page:
    """A form or a button that changes something."""
    return Page("POST", path, right, handler)


def stream(path: str, handler: Handler, right: Right = Right.READ) -> Page:
    """Server-sent events."""
    return Page("GET", path, right, handler, stream=True)


def route_of(page: Page, site: Callable[[], Site]) -> Route:
    """The route of a page, with all that surrounds its handler."""

    async def endpoint(request: Request) -> Response:
        form = FormData()
        if page.method == "POST":
            form = await request.form(max_fields=MOST_FIELDS, max_files=10)
        visit = await run_in_threadpool(_visit, site(), request, form)
        refused = _refusal(visit, page)
        if refused is not None:
            return refused
        try:
            if page.stream:
                return page.handler(visit)
            return await run_in_threadpool(page.handler, visit)
        except UserError as error:
            return visit.problem(error)
        except RemoteError as error:
            return visit.problem(UserError("remote", str(error)))

    return Route(page.path, endpoint, methods=[page.method])


def not_found(site: Callable[[], Site]) -> Callable[[Request], Awaitable[Response]]:
    """What is answered where there is no page: a page for people, a problem for programs."""

    async def answer(request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        visit = await run_in_threadpool(_visit, site(), request, FormData())
        _ = visit.texts.say
        return visit.problem(
            UserError("no-such-page", _("There is no page at this address."),
                      hint=_("Check the address, or go on from the start."))
        )  # fmt: skip

    return answer


def _visit(site: Site, request: Request, form: FormData) -> Visit:
    now_us = site.api.clock()
    # By https only the name that no other host and no http answer can set for a browser counts.
    secret = request.cookies.get(cookie_of(secure=request.url.scheme == "https"))
    found = None
    if secret:
        with site.store.read() as connection:
            found = find_session(connection, secret, now_us)
    session, member = found or (None, None)
    if session is not None and now_us - session.seen_us > SEEN_EVERY_US:
        seen = session.id
        site.store.submit(lambda connection: see_session(connection, seen, now_us))
    language = member.language if member else None
    if language not in LANGUAGES:
        language = negotiated(request.headers.get("accept-language", ""))
    return Visit(site, request, form, member, session, texts(language), now_us)


def _refusal(visit: Visit, page: Page) -> Response | None:
    """What is answered instead of the page: sign in first, not allowed, or nothing of that."""
    request, _ = visit.request, visit.texts.say
    if page.method not in SAFE and not is_ours(request):
        return visit.problem(
            UserError("not-allowed", _("This was sent from another site."),
                      hint=_("Open the page here and send it again."))
        )  # fmt: skip
    if page.right is Right.ANYBODY:
        return None
    if visit.member is None or visit.session is None:
        if request.method != "GET" or visit.partial:
            return _signed_out(visit)
        return RedirectResponse(f"/sign-in?next={_quoted(visit.here)}", 303)
    if page.method not in SAFE:
        given = request.headers.get(HEADER) or visit.form.get(FIELD)
        if not proves(visit.session.token, given if isinstance(given, str) else None):
            return visit.problem(
                UserError("not-allowed", _("The page was open in another session."),
                          hint=_("Reload the page and send it again."))
            )  # fmt: skip
    if not visit.may(page.right):
        return visit.problem(
            UserError("not-allowed", _("Your role does not allow this."),
                      hint=_("An administrator can give you another role."))
        )  # fmt: skip
    return None


def _signed_out(visit: Visit) -> Response:
    _ = visit.texts.say
    error = UserError(
        "no-session", _("You are signed out."),
        hint=_("Sign in in another tab and send it again: what you typed is still here."),
    )  # fmt: skip
    found = visit.problem(error)
    found.status_code = 401
    return found


def _quoted(address: str) -> str:
    return quote(address, safe="")
