"""A password is tried: not too often, and with the same answer whatever it is that is wrong."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from leadwise.store.audit import audit
from leadwise.store.members import Member, change_member, find_member
from leadwise.store.sign_in_failures import begin_attempt, forget_failures, hash_of, locked_until
from leadwise.web.limits import client_address
from leadwise.web.pages.signin.entering import ACTOR
from leadwise.web.pages.signin.passwords import verified
from leadwise.web.pages.visit import Visit

SHOWN = 12
"""Digits of an address's hash in the trail: enough to tell apart who was tried."""


@dataclass(frozen=True, slots=True)
class Tried:
    """The member whose password it was; or nobody, and until when nobody may try again."""

    member: Member | None
    locked_us: int | None = None


def try_password(visit: Visit, email: str, password: str) -> Tried:
    """Whether this is the password of the member of that address, who may sign in."""
    most, address, now_us = (
        visit.site.settings.sign_in.attempts,
        client_address(visit.request.scope),
        visit.now_us,
    )
    until_us = visit.write(lambda c: begin_attempt(c, email, address, most, now_us))
    if until_us is not None:
        return Tried(None, until_us)
    member = visit.read(lambda c: find_member(c, email=email))
    right, renewed = verified(member.password if member else None, password)
    if right and member is not None and member.disabled_us is None:
        found = member

        def remember(connection: Connection) -> None:
            forget_failures(connection, email)
            if renewed is not None:
                change_member(connection, found.id, password=renewed)

        visit.write(remember)
        return Tried(member)
    return Tried(None, visit.write(lambda c: _failed(c, visit, member, email)))


def _failed(connection: Connection, visit: Visit, member: Member | None, email: str) -> int | None:
    """Write the failure into the trail, and the lock-out where it begins here."""
    known, told = (member.id, None) if member else (None, f"sha256:{hash_of(email)[:SHOWN]}")
    audit(connection, ACTOR, "sign-in-failed", "member", known, told, visit.now_us)
    most, address = visit.site.settings.sign_in.attempts, client_address(visit.request.scope)
    until_us = locked_until(connection, email, address, most, visit.now_us)
    if until_us is not None:
        audit(connection, ACTOR, "lock-out", "member", known, told, visit.now_us)
    return until_us


def lock_said(visit: Visit, until_us: int) -> str:
    """That nobody may try, and when it ends."""
    _ = visit.texts.say
    return _(
        "Too many wrong passwords. Try again %(when)s, at %(time)s.",
        when=visit.texts.ago(until_us, visit.now_us), time=visit.texts.time(until_us, visit.zone),
    )  # fmt: skip
