"""Server-sent events for an open queue: scores and bands as they change, and what people do."""

from __future__ import annotations

from starlette.responses import Response

from leadwise.store.sessions import find_session
from leadwise.web.pages.opening import cookie_of
from leadwise.web.pages.visit import Visit
from leadwise.web.stream import EventStream

KINDS = frozenset({"act", "band", "score"})


def live(visit: Visit) -> Response:
    """Ends at a beat (15 s) after the session has ended. Whoever comes back misses no change of a
    band."""
    api = visit.site.api
    api.feed.require_room()
    secret = visit.request.cookies.get(cookie_of(visit.request), "")

    def allowed() -> bool:
        with api.store.read() as connection:
            return find_session(connection, secret, api.clock()) is not None

    given = visit.request.headers.get("last-event-id", "")
    last = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else None
    return EventStream(api.feed.messages(KINDS, last, allowed))
