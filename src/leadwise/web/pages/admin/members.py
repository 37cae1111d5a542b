"""/admin/members: who may sign in, and as what."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.store.audit import audit
from leadwise.store.members import (
    ROLES,
    Member,
    add_member,
    change_member,
    find_member,
    get_member,
    list_members,
)
from leadwise.store.sessions import end_sessions, list_sessions
from leadwise.web.pages.admin.tabs import show
from leadwise.web.pages.signin.agents import device_of
from leadwise.web.pages.signin.fields import Typed
from leadwise.web.pages.signin.links import DAYS, invitation
from leadwise.web.pages.signin.wording import role_names, role_rights
from leadwise.web.pages.visit import Visit

TWICE_US = 60_000_000
"""Within so long the same form again is the same press."""


def members_page(visit: Visit) -> Response:
    """All members, and the form for a new one."""
    return _show_all(visit, Typed(visit))


def add(visit: Visit) -> Response:
    """Add a member; the link by which they choose a password is shown once."""
    _, typed, who, now_us = visit.texts.say, Typed(visit), visit.who, visit.now_us
    name, email, role = typed.text("name"), typed.email(), typed.choice("role", ROLES)
    found = None if typed.faults else visit.read(lambda c: find_member(c, email=email))
    if found is not None and _is_pressed_twice(visit, found, name, role):
        return _show_link(visit, found)
    if found is not None:
        typed.fault("email", _("Somebody with this address is a member already."))
    if typed.faults:
        return _show_all(visit, typed)

    def work(connection: Connection) -> Member:
        new = add_member(
            connection, name, email, role,  # type: ignore[arg-type] # it is one of ROLES
            by=who.actor, now_us=now_us,
        )  # fmt: skip
        audit(connection, who.actor, "create", "member", new.id, role, now_us)
        return new

    member = visit.write(work)
    if not visit.site.settings.sign_in.passwords:
        return visit.go("/admin/members", _("%(name)s is a member now.", name=member.name))
    return _show_link(visit, member)


def member_page(visit: Visit) -> Response:
    """One member."""
    return _show_one(visit, _asked(visit))


def correct(visit: Visit) -> Response:
    """Correct the name or the address that a member signs in with."""
    typed, member = Typed(visit), _asked(visit)
    name, email = typed.text("name"), typed.email()
    other = None if typed.faults else visit.read(lambda c: find_member(c, email=email))
    if other is not None and other.id != member.id:
        _ = visit.texts.say
        typed.fault("email", _("Somebody with this address is a member already."))
    if typed.faults:
        return _show_one(visit, member, typed)
    return _changed(visit, member, "change", None, name=name, email=email)


def change_role(visit: Visit) -> Response:
    """Give a member another role."""
    typed, member = Typed(visit), _asked(visit)
    role = typed.choice("role", ROLES)
    if typed.faults:
        return _show_one(visit, member, typed)
    return _changed(visit, member, "role", role, role=role)


def disable(visit: Visit) -> Response:
    """Let a member sign in no more: sessions end at once."""
    return _changed(visit, _asked(visit), "disable", None, disabled_us=visit.now_us)


def enable(visit: Visit) -> Response:
    """Let a member sign in again."""
    return _changed(visit, _asked(visit), "enable", None, disabled_us=None)


def end_all(visit: Visit) -> Response:
    """Sign a member out everywhere."""
    return _changed(visit, _asked(visit), "sign-out", "by an administrator")


def new_link(visit: Visit) -> Response:
    """A link for a new password. The old one is good until the link is used."""
    member, who, now_us = _asked(visit), visit.who, visit.now_us
    visit.write(lambda c: audit(c, who.actor, "link", "member", member.id, None, now_us))
    return _show_link(visit, member)


def _is_pressed_twice(visit: Visit, found: Member, name: str, role: str) -> bool:
    """Whether this is the member that the same form has just added: the link is shown again."""
    return (
        (found.name, found.role) == (name, role)
        and found.password is None
        and found.last_in_us is None
        and visit.now_us - found.created_us < TWICE_US
        and visit.site.settings.sign_in.passwords
    )


def _asked(visit: Visit) -> Member:
    return visit.read(lambda c: get_member(c, visit.number("member_id")))


def _changed(
    visit: Visit, member: Member, action: str, detail: str | None, **values: Any
) -> Response:
    _, who, now_us = visit.texts.say, visit.who, visit.now_us

    def work(connection: Connection) -> None:
        if values:
            change_member(connection, member.id, **values)
        if action in ("disable", "sign-out"):
            end_sessions(connection, member.id)
        audit(connection, who.actor, action, "member", member.id, detail, now_us)

    visit.write(work)
    said = {
        "change": _("Saved."),
        "role": _("%(name)s has another role now.", name=member.name),
        "disable": _("%(name)s cannot sign in any more.", name=member.name),
        "enable": _("%(name)s can sign in again.", name=member.name),
        "sign-out": _("%(name)s is signed out everywhere.", name=member.name),
    }
    return visit.go(f"/admin/members/{member.id}", said[action])


def _show_all(visit: Visit, typed: Typed) -> Response:
    return show(
        visit, "members", status=422 if typed.faults else 200, typed=typed,
        members=visit.read(list_members), **_roles(visit),
    )  # fmt: skip


def _show_one(visit: Visit, member: Member, typed: Typed | None = None) -> Response:
    typed = typed or Typed(visit)
    sessions = [
        (each, device_of(each.agent, visit.texts))
        for each in visit.read(lambda c: list_sessions(c, member.id, visit.now_us))
    ]
    return show(
        visit, "member", status=422 if typed.faults else 200, typed=typed, person=member,
        sessions=sessions, passwords=visit.site.settings.sign_in.passwords, **_roles(visit),
    )  # fmt: skip


def _show_link(visit: Visit, member: Member) -> Response:
    site = visit.site.settings.public_url or str(visit.request.base_url).rstrip("/")
    link = invitation(visit.site.secret, member, site, visit.now_us)
    return show(visit, "link", person=member, link=link, days=DAYS)


def _roles(visit: Visit) -> dict[str, Any]:
    return {"roles": role_names(visit.texts), "rights": role_rights(visit.texts)}
