"""Coming in and going out: a session of its own for every sign-in, its cookie, its entry in the
trail."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.store.audit import audit
from leadwise.store.members import Member, change_member
from leadwise.store.sessions import (
    LONGEST_US,
    begin_session,
    drop_ended_sessions,
    end_session,
)
from leadwise.web.pages.opening import COOKIE, SECURE_COOKIE, cookie_of
from leadwise.web.pages.visit import Visit, is_local

ACTOR = "sign-in"
"""Who does, by the trail, what happens before it is known who somebody is."""


def enter(visit: Visit, member: Member, address: str, how: str, notice: str = "") -> Response:
    """Sign a member in and go on to `address`. Whatever session the browser had ends."""
    agent, now_us = visit.request.headers.get("user-agent", ""), visit.now_us

    def work(connection: Connection) -> str:
        drop_ended_sessions(connection, now_us)
        if visit.session is not None:
            end_session(connection, visit.session.id)
        _, secret = begin_session(connection, member.id, agent, now_us)
        change_member(connection, member.id, last_in_us=now_us)
        audit(connection, member.actor, "sign-in", "member", member.id, how, now_us)
        return secret

    secret = visit.write(work)
    response = visit.go(address, notice)
    response.set_cookie(
        cookie_of(visit.request), secret, max_age=LONGEST_US // 1_000_000, path="/",
        httponly=True, samesite="lax", secure=visit.secure,
    )  # fmt: skip
    return response


def leave(visit: Visit) -> Response:
    """Sign out here."""
    session, who, now_us = visit.session, visit.who, visit.now_us

    def work(connection: Connection) -> None:
        if session is not None:
            end_session(connection, session.id)
        audit(connection, who.actor, "sign-out", "member", who.id, None, now_us)

    visit.write(work)
    _ = visit.texts.say
    response = visit.go("/sign-in", _("You are signed out."))
    for name in (COOKIE, SECURE_COOKIE):
        response.delete_cookie(name, path="/", secure=name == SECURE_COOKIE, httponly=True)
    return response


def next_of(address: str) -> str:
    """Where to go after signing in: a page of ours and no other, never signing in again."""
    return address if is_local(address) and not address.startswith("/sign-") else "/"
