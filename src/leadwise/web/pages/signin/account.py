"""/account: one's own name, language, time zone, password, and where one is signed in."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.asking.instants import written
from leadwise.store.audit import audit
from leadwise.store.members import change_member
from leadwise.store.sessions import end_own_session, end_sessions, list_sessions
from leadwise.store.sign_in_failures import forget_failures
from leadwise.web.pages.signin.agents import device_of
from leadwise.web.pages.signin.attempts import lock_said, try_password
from leadwise.web.pages.signin.fields import Typed, sent
from leadwise.web.pages.signin.passwords import hashed
from leadwise.web.pages.signin.wording import role_names
from leadwise.web.pages.texts import LANGUAGES, zones
from leadwise.web.pages.visit import Visit


def account_page(visit: Visit) -> Response:
    """All of it."""
    return _show(visit, Typed(visit))


def change_account(visit: Visit) -> Response:
    """Take a name, a language, a time zone; what is empty is as the browser says."""
    typed = Typed(visit)
    name = typed.text("name")
    language = typed.choice("language", {"", *LANGUAGES})
    zone = typed.choice("zone", {"", *zones()})
    if typed.faults:
        return _show(visit, typed)
    who, now_us = visit.who, visit.now_us

    def work(connection: Connection) -> None:
        change_member(connection, who.id, name=name, language=language or None, zone=zone or None)
        audit(connection, who.actor, "change", "member", who.id, None, now_us)

    visit.write(work)
    return visit.go("/account", visit.texts.say("Saved."))


def change_password(visit: Visit) -> Response:
    """Take a new password for the old one; other sessions of the member end."""
    typed, who, now_us = Typed(visit), visit.who, visit.now_us
    _ = visit.texts.say
    password = typed.new_password(who.name, who.email)
    if typed.faults:
        return _show(visit, typed)
    tried = try_password(visit, who.email, sent(visit, "old"))
    if tried.member is None:
        wrong = _("This is not your password.")
        typed.fault("old", lock_said(visit, tried.locked_us) if tried.locked_us else wrong)
        return _show(visit, typed)
    hash_, here = hashed(password), visit.session.id if visit.session else None

    def work(connection: Connection) -> None:
        change_member(connection, who.id, password=hash_)
        end_sessions(connection, who.id, but=here)
        forget_failures(connection, who.email)
        audit(connection, who.actor, "password", "member", who.id, None, now_us)

    visit.write(work)
    return visit.go("/account", _("Your password is changed. You are signed out elsewhere."))


def leave_elsewhere(visit: Visit) -> Response:
    """End one of the own sessions, or all but this one."""
    who, now_us = visit.who, visit.now_us
    given, here = sent(visit, "session"), visit.session.id if visit.session else None
    one = int(given) if given.isdecimal() and len(given) < 19 else None

    def work(connection: Connection) -> None:
        if one is not None:
            end_own_session(connection, who.id, one)
        else:
            end_sessions(connection, who.id, but=here)
        audit(connection, who.actor, "sign-out", "member", who.id, "elsewhere", now_us)

    visit.write(work)
    return visit.go("/account", visit.texts.say("You are signed out there."))


def _show(visit: Visit, typed: Typed) -> Response:
    own = visit.site.settings.sign_in
    sessions = [
        (each, device_of(each.agent, visit.texts), visit.session is not None
         and each.id == visit.session.id)
        for each in visit.read(lambda c: list_sessions(c, visit.who.id, visit.now_us))
    ]  # fmt: skip
    offered = sorted(zone for zone in zones() if "/" in zone or zone == "UTC")
    return visit.page(
        "signin/account.html", status=422 if typed.faults else 200, typed=typed, sessions=sessions,
        languages=list(LANGUAGES.items()), zones=offered, iso=written,
        roles=role_names(visit.texts),
        provider=own.provider_name if own.issuer else "",
        passwords=own.passwords and visit.who.password is not None,
    )  # fmt: skip
