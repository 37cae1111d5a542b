"""/start makes the first administrator; on /welcome an invited member chooses a password."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.members import (
    Member,
    add_member,
    change_member,
    count_members,
    hold_members,
)
from leadwise.store.sessions import end_sessions
from leadwise.store.sign_in_failures import forget_failures
from leadwise.web.pages.signin.entering import ACTOR, enter
from leadwise.web.pages.signin.fields import Typed, sent
from leadwise.web.pages.signin.links import invited, is_start_key
from leadwise.web.pages.signin.passwords import hashed
from leadwise.web.pages.visit import Visit


def start_page(visit: Visit) -> Response:
    """The form of the first administrator."""
    return _only_first(visit, visit.query.get("key", "")) or _show_start(visit, Typed(visit))


def start(visit: Visit) -> Response:
    """Make the first administrator, who is signed in then."""
    refused = _only_first(visit, sent(visit, "key"))
    if refused is not None:
        return refused
    typed = Typed(visit)
    name, email = typed.text("name"), typed.email()
    password = typed.new_password(name, email)
    if typed.faults:
        return _show_start(visit, typed)
    secret, now_us = hashed(password), visit.now_us

    def work(connection: Connection) -> Member | None:
        hold_members(connection)
        if count_members(connection):
            return None
        found = add_member(connection, name, email, "administrator", by=ACTOR, now_us=now_us,
                           password=secret)  # fmt: skip
        audit(connection, found.actor, "create", "member", found.id, "administrator", now_us)
        return found

    member = visit.write(work)
    _ = visit.texts.say
    if member is None:
        return visit.go("/sign-in", _("Leadwise is set up already. Sign in."))
    return enter(visit, member, "/", "first start", _("Welcome. You are the administrator."))


def welcome_page(visit: Visit) -> Response:
    """The form in which an invited member chooses a password."""
    key = visit.query.get("key", "")
    return _show_welcome(visit, key, _invited(visit, key), Typed(visit))


def welcome(visit: Visit) -> Response:
    """Take the password: other sessions of the member end, the link is used."""
    key = sent(visit, "key")
    member, typed = _invited(visit, key), Typed(visit)
    password = typed.new_password(member.name, member.email)
    if typed.faults:
        return _show_welcome(visit, key, member, typed)
    hash_, now_us = hashed(password), visit.now_us

    def work(connection: Connection) -> bool:
        # Looked at again, in the transaction that uses it up.
        if invited(connection, visit.site.secret, key, now_us) is None:
            return False
        change_member(connection, member.id, password=hash_)
        end_sessions(connection, member.id)
        forget_failures(connection, member.email)
        audit(connection, member.actor, "password", "member", member.id, "by a link", now_us)
        return True

    if not visit.write(work):
        raise _used_up(visit)
    _ = visit.texts.say
    return enter(visit, member, "/", "link", _("Your password is set."))


def _only_first(visit: Visit, key: str) -> Response | None:
    _ = visit.texts.say
    if visit.read(count_members):
        return visit.go("/sign-in", _("Leadwise is set up already. Sign in."))
    if not is_start_key(visit.site.secret, key):
        raise UserError(
            "not-allowed", _("This is not the link of the first start."),
            hint=_(
                "Open the whole link that leadwise serve has printed. Where several servers run, "
                "they need the same secret key: what one has signed the others refuse otherwise."
            ),
        )  # fmt: skip
    return None


def _show_start(visit: Visit, typed: Typed) -> Response:
    key = visit.query.get("key", "") or sent(visit, "key")
    return visit.page(
        "signin/start.html", status=422 if typed.faults else 200, typed=typed, key=key
    )


def _invited(visit: Visit, key: str) -> Member:
    found = visit.read(lambda c: invited(c, visit.site.secret, key, visit.now_us))
    if found is None or not visit.site.settings.sign_in.passwords:
        raise _used_up(visit)
    return found


def _used_up(visit: Visit) -> UserError:
    _ = visit.texts.say
    return UserError(
        "gone", _("This link has been used, or is too old."),
        hint=_("Ask an administrator for a new one."),
    )  # fmt: skip


def _show_welcome(visit: Visit, key: str, member: Member, typed: Typed) -> Response:
    status = 422 if typed.faults else 200
    return visit.page("signin/welcome.html", status=status, typed=typed, key=key, person=member)
