"""A page's route: its address, the right it wants, its handler; and what surrounds handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from leadwise.errors import UserError
from leadwise.web.pages.again import of_another_session, signed_out
from leadwise.web.pages.forged import FIELD, HEADER, SAFE, is_ours, proves
from leadwise.web.pages.opening import COOKIE, SECURE_COOKIE, open_visit
from leadwise.web.pages.rights import Right
from leadwise.web.pages.site import Site
from leadwise.web.pages.visit import Visit

__all__ = ["COOKIE", "SECURE_COOKIE", "Page", "get", "post", "route_of", "stream"]

Handler = Callable[[Visit], Response]
TEXT = "A field holds more text than"
"""So the detail begins where one field was too long."""
SIGN_OUT = "/sign-out"
MOST_FIELDS = 500
"""In one form."""
MOST_TEXT = 1024 * 1024
"""Bytes in one field of a form, unless its page says otherwise."""


@dataclass(frozen=True, slots=True)
class Page:
    """A route. `stream`: its handler answers at once and is no work for a thread.

    So many `files` may come at most with one form, and so many bytes of `text` in one field.
    """

    method: Literal["GET", "POST"]
    path: str
    right: Right
    handler: Handler
    stream: bool = False
    files: int = 10
    text: int = MOST_TEXT


def get(path: str, handler: Handler, right: Right = Right.READ) -> Page:
    """A page that shows something."""
    return Page("GET", path, right, handler)


def post(path: str, handler: Handler, right: Right, *, files: int = 10, text: int = MOST_TEXT
         ) -> Page:  # fmt: skip
    """A form or a button that changes something."""
    return Page("POST", path, right, handler, files=files, text=text)


def stream(path: str, handler: Handler, right: Right = Right.READ) -> Page:
    """Server-sent events."""
    return Page("GET", path, right, handler, stream=True)


def route_of(page: Page, site: Callable[[], Site]) -> Route:
    """The route of a page, with all that surrounds its handler."""

    async def endpoint(request: Request) -> Response:
        form = FormData()
        if page.method == "POST":
            _wants_utf8(request)
            form = await _form(request, page)
        try:
            visit = await run_in_threadpool(open_visit, site(), request, _kept(form))
            refused = _refusal(visit, page)
            if refused is not None:
                return refused
            if page.stream and request.method == "HEAD":
                return Response(headers={"Cache-Control": "no-store"})
            return await _answer(visit, page)
        finally:
            await form.close()

    return _Numbered(page.path, endpoint, methods=[page.method])


class _Numbered(Route):
    """A number in an address that is beyond all numbers belongs to no page."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        try:
            return super().matches(scope)
        except ValueError:  # of more digits than Python reads
            return Match.NONE, {}


async def _form(request: Request, page: Page) -> FormData:
    """What was sent. HTTPException (413) where a field holds more text than the page takes."""
    try:
        return await request.form(
            max_fields=MOST_FIELDS, max_files=page.files, max_part_size=page.text
        )
    except HTTPException as error:
        if "maximum size" in error.detail:
            raise HTTPException(413, f"{TEXT} {page.text >> 20} MB.") from error
        raise


def _wants_utf8(request: Request) -> None:
    """Refuse a form in another encoding than that of our pages: some can say what no text is."""
    _, options = parse_options_header(request.headers.get("content-type"))
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise HTTPException(400, "forms are sent in UTF-8")


def _kept(form: FormData) -> FormData:
    """What was typed, without the one sign that no database keeps (NUL)."""
    return FormData([
        (name, value.replace("\0", "") if isinstance(value, str) else value)
        for name, value in form.multi_items()
    ])  # fmt: skip


async def _answer(visit: Visit, page: Page) -> Response:
    try:
        if page.stream:
            return page.handler(visit)
        return await run_in_threadpool(page.handler, visit)
    except UserError as error:
        return visit.problem(error)


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
        if page.method in SAFE and not visit.partial:
            return RedirectResponse(f"/sign-in?next={_quoted(visit.here)}", 303)
        if page.path == SIGN_OUT:
            return visit.go("/sign-in", _("You are signed out."))  # as was wanted
        return signed_out(visit)
    if not visit.may(page.right):
        return visit.problem(
            UserError("not-allowed", _("Your role does not allow this."),
                      hint=_("An administrator can give you another role."))
        )  # fmt: skip
    if page.method not in SAFE:
        given = request.headers.get(HEADER) or visit.form.get(FIELD)
        if not proves(visit.session.token, given if isinstance(given, str) else None):
            return of_another_session(visit)
    return None


def _quoted(address: str) -> str:
    return quote(address, safe="")
