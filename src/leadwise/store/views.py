"""Saved views: filters of a page under a name, of one member or for all.

The view that a page opens with is kept beside them, as the only one of a page of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, or_, select

from leadwise.errors import UserError
from leadwise.store.schema import member, saved_view

MOST_VIEWS = 50
"""Of one member on one page."""
FIRST = "{page}:first"
"""The page under which the view that a page opens with is kept."""


@dataclass(frozen=True, slots=True)
class View:
    """A row of `saved_view`; `query` is as it stands in the address, `by` who made it."""

    id: int
    member_id: int
    name: str
    query: str
    shared: bool
    by: str


def list_views(connection: Connection, member_id: int, page: str) -> list[View]:
    """The member's own views of a page and those that others share, by name."""
    seen = or_(saved_view.c.member_id == member_id, saved_view.c.shared == 1)
    rows = connection.execute(
        select(
            saved_view.c.id, saved_view.c.member_id, saved_view.c.name, saved_view.c.query,
            saved_view.c.shared, member.c.name.label("by"),
        )
        .join(member, member.c.id == saved_view.c.member_id)
        .where(saved_view.c.page == page, seen)
        .order_by(saved_view.c.name, saved_view.c.id)
    )  # fmt: skip
    return [View(r.id, r.member_id, r.name, r.query, bool(r.shared), r.by) for r in rows]


def save_view(
    connection: Connection, member_id: int, page: str, name: str, query: str, *, shared: bool,
    now_us: int,
) -> None:  # fmt: skip
    """Keep a view; one of the same name is replaced, and where the page opened with that one, it
    opens with the new one. UserError (`too-many-views`)."""
    own = (saved_view.c.member_id == member_id) & (saved_view.c.page == page)
    before = connection.scalar(select(saved_view.c.query).where(own, saved_view.c.name == name))
    connection.execute(delete(saved_view).where(own, saved_view.c.name == name))
    if len(connection.execute(select(saved_view.c.id).where(own)).all()) >= MOST_VIEWS:
        raise UserError(
            "too-many-views", f"Nobody has more than {MOST_VIEWS} views.", hint="Delete one first."
        )
    connection.execute(
        insert(saved_view).values(
            member_id=member_id, page=page, name=name, query=query, shared=int(shared),
            created_us=now_us,
        )
    )  # fmt: skip
    if before is not None and before == first_view(connection, member_id, page):
        open_with(connection, member_id, page, query, now_us)


def delete_view(connection: Connection, view_id: int, member_id: int) -> None:
    """Where the page opened with it, it opens as for everybody again. UserError (`view-unknown`)
    where the member has no such view."""
    own = (saved_view.c.id == view_id) & (saved_view.c.member_id == member_id)
    row = connection.execute(select(saved_view.c.page, saved_view.c.query).where(own)).one_or_none()
    if row is None:
        raise UserError("view-unknown", f"You have no view {view_id}.")
    connection.execute(delete(saved_view).where(own))
    if row.query == first_view(connection, member_id, row.page):
        open_with(connection, member_id, row.page, None, 0)


def first_view(connection: Connection, member_id: int, page: str) -> str | None:
    """The query that the page opens with for a member, None for that of everybody."""
    own = (saved_view.c.member_id == member_id) & (saved_view.c.page == FIRST.format(page=page))
    found: str | None = connection.execute(select(saved_view.c.query).where(own)).scalar()
    return found


def open_with(
    connection: Connection, member_id: int, page: str, query: str | None, now_us: int
) -> None:
    """Let the page open with a query, or as it does for everybody."""
    at = FIRST.format(page=page)
    if query is not None:
        save_view(connection, member_id, at, "first", query, shared=False, now_us=now_us)
        return
    own = (saved_view.c.member_id == member_id) & (saved_view.c.page == at)
    connection.execute(delete(saved_view).where(own))
