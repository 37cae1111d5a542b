"""Saved views of the queue."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.store.views import delete_view, open_with, save_view
from leadwise.web.pages.lead.asked import typed
from leadwise.web.pages.queue.asked import PAGE, START
from leadwise.web.pages.visit import Visit

LONGEST_NAME = 80
LONGEST_QUERY = 2_000


def keep_view(visit: Visit) -> Response:
    """`name` and `query`; `shared` shows it to everybody, `first` opens the queue with it."""
    name, query, _ = typed(visit, "name")[:LONGEST_NAME], _query(visit), visit.texts.say
    if not name:
        raise UserError("bad-request", _("A view needs a name."),
                        hint=_("Give it one that says what it shows."))  # fmt: skip
    shared = bool(typed(visit, "shared")) and visit.may("work")

    def work(connection: Connection) -> None:
        me, now_us = visit.who.id, visit.now_us
        save_view(connection, me, PAGE, name, query, shared=shared, now_us=now_us)
        if typed(visit, "first"):
            open_with(connection, me, PAGE, query, now_us)

    visit.write(work)
    return visit.go(f"{START}?{query}", _("The view “%(name)s” is kept.", name=name))


def drop_view(visit: Visit) -> Response:
    """Delete one of one's own."""
    _ = visit.texts.say
    visit.write(lambda c: delete_view(c, visit.number("view_id"), visit.who.id))
    return visit.go(f"{START}?{_query(visit)}", _("The view is deleted."))


def choose_first(visit: Visit) -> Response:
    """Open the queue with `query`, or as it opens for everybody where `none` is said."""
    query, _ = _query(visit), visit.texts.say
    first = None if typed(visit, "none") else query
    visit.write(lambda c: open_with(c, visit.who.id, PAGE, first, visit.now_us))
    said = _("The queue opens as usual again.") if first is None else _("The queue opens so now.")
    return visit.go(f"{START}?{query}", said)


def _query(visit: Visit) -> str:
    """The filter that was shown, without the place where a page went on."""
    given = parse_qsl(typed(visit, "query")[:LONGEST_QUERY])
    return urlencode([(name, value) for name, value in given if name != "after"])
