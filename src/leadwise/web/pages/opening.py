"""Who makes a request: the visit that handlers are given."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request

from leadwise.store.sessions import SEEN_EVERY_US, find_session, see_session
from leadwise.web.pages.site import Site
from leadwise.web.pages.texts import LANGUAGES, negotiated, texts
from leadwise.web.pages.visit import Visit

COOKIE, SECURE_COOKIE = "leadwise_session", "__Host-leadwise_session"


def open_visit(site: Site, request: Request, form: FormData) -> Visit:
    """The visit of whoever the cookie says, read from the record."""
    now_us = site.api.clock()
    secret = request.cookies.get(cookie_of(request))
    found = None
    if secret:
        with site.store.read() as connection:
            found = find_session(connection, secret, now_us)
    if found is None:
        return strangers_visit(site, request, form)
    session, member = found
    if now_us - session.seen_us > SEEN_EVERY_US:
        site.store.submit(lambda connection: see_session(connection, session.id, now_us))
    chosen = member.language or ""
    language = chosen if chosen in LANGUAGES else _wanted(request)
    return Visit(site, request, form, member, session, texts(language), now_us)


def strangers_visit(site: Site, request: Request, form: FormData) -> Visit:
    """The visit of somebody who is not signed in."""
    return Visit(site, request, form, None, None, texts(_wanted(request)), site.api.clock())


def cookie_of(request: Request) -> str:
    """The cookie's name: over https only the one which no neighbouring site can have planted."""
    return SECURE_COOKIE if request.url.scheme == "https" else COOKIE


def _wanted(request: Request) -> str:
    return negotiated(request.headers.get("accept-language", ""))
