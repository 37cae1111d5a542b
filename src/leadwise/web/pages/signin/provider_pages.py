"""/sign-in/provider and back: who the provider says somebody is, and which member that is."""

from __future__ import annotations

import logging
import re
from dataclasses import asdict
from hashlib import sha256

from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response

from leadwise.errors import RemoteError, UserError
from leadwise.ingest.person import address_of
from leadwise.ingest.texts import one_line
from leadwise.store.audit import audit
from leadwise.store.members import (
    Member,
    add_member,
    change_member,
    find_member,
    list_members,
)
from leadwise.web.pages.signin.entering import ACTOR, enter, next_of
from leadwise.web.pages.signin.fields import LONGEST_TEXT
from leadwise.web.pages.signin.password_pages import show_sign_in
from leadwise.web.pages.signin.provider import Flow, Person, Provider, new_flow
from leadwise.web.pages.signin.signed import signed, unsigned
from leadwise.web.pages.visit import Visit

COOKIE, PURPOSE = "leadwise_provider", "provider"
NAME = re.compile(r"[\w-]+", re.ASCII)
BACK = "/sign-in/provider/back"
SECONDS = 600
"""For so long somebody may be at the provider."""
MOST_TABS = 5
"""From so many tabs somebody may be at the provider; headers have bounds."""
NAMED = 3
"""Administrators who are named to whoever is no member."""


def go_to_provider(visit: Visit) -> Response:
    """Send the browser to the provider, with what it needs to come back."""
    _ = visit.texts.say
    address = next_of(visit.query.get("next", "/"))
    provider = _provider(visit)
    if provider is None:
        return _back_to_form(visit, address, _("There is no provider to sign in with."), 404)
    flow = new_flow()
    try:
        there = provider.go(flow)
    except RemoteError as error:
        return _down(visit, address, error)
    response = RedirectResponse(there, 303, {"Cache-Control": "no-store"})
    kept = signed(visit.site.secret, PURPOSE, {**asdict(flow), "next": address},
                  visit.now_us + SECONDS * 1_000_000)  # fmt: skip
    others = [name for name in visit.request.cookies if name.startswith(_cookie(visit))]
    for name in others if len(others) >= MOST_TABS else ():
        _forget(visit, response, name)
    response.set_cookie(_cookie(visit, flow.state), kept, max_age=SECONDS, path="/", httponly=True,
                        samesite="lax", secure=visit.secure)  # fmt: skip
    return response


def come_back(visit: Visit) -> Response:
    """Sign in whoever the provider says has come."""
    response = _come_back(visit)
    _forget(visit, response, _cookie(visit, visit.query.get("state", "")))
    return response


def _come_back(visit: Visit) -> Response:
    _ = visit.texts.say
    provider = _provider(visit)
    own = _cookie(visit, visit.query.get("state", ""))
    kept = unsigned(visit.site.secret, PURPOSE, visit.request.cookies.get(own, ""), visit.now_us)
    if provider is None or kept is None:
        if visit.member is not None:
            return visit.go("/")  # an old address, opened again
        said = _("That took too long, or began in another browser. Start again.")
        return _back_to_form(visit, "/", said, 403)
    address, flow = next_of(kept["next"]), Flow(kept["state"], kept["nonce"], kept["verifier"])
    try:
        person = provider.person(flow, visit.query)
    except UserError:
        said = _("Signing in there did not succeed. Try again.")
        return _back_to_form(visit, address, said, 403)
    except RemoteError as error:
        return _down(visit, address, error)
    member = visit.write(lambda c: _member(c, visit, person))
    if member is None:
        return _unknown(visit, address, person)
    return enter(visit, member, address, "provider")


def _member(connection: Connection, visit: Visit, person: Person) -> Member | None:
    """Whose account this is. The subject counts; a verified address joins it to a member, once."""
    role = visit.site.settings.sign_in.new_member_role
    email = address_of(person.email) if person.email else None
    found = find_member(connection, subject=person.subject)
    if found is None and email is not None:
        found = find_member(connection, email=email)
        if found is not None and found.subject is None and found.disabled_us is None:
            change_member(connection, found.id, subject=person.subject)
            audit(connection, found.actor, "join", "member", found.id, "provider", visit.now_us)
        elif found is not None:
            # The address is another person's at the provider by now, or the member may not come in.
            found = None
        elif role:
            found = add_member(
                connection, one_line(person.name, LONGEST_TEXT) or email, email, role,
                by=ACTOR, now_us=visit.now_us, subject=person.subject,
            )  # fmt: skip
            audit(connection, found.actor, "create", "member", found.id, role, visit.now_us)
    if found is None or found.disabled_us is not None:
        known = found.id if found else None
        audit(connection, ACTOR, "sign-in-failed", "member", known, "provider", visit.now_us)
        return None
    return found


def _unknown(visit: Visit, address: str, person: Person) -> Response:
    _ = visit.texts.say
    if not person.email:
        said = _("Your organisation's sign-in does not say that your e-mail address is verified.")
        return _back_to_form(visit, address, said, 403, _ask(visit))
    said = _("%(email)s may not sign in here.", email=person.email[:320])
    return _back_to_form(visit, address, said, 403, _ask(visit))


def _ask(visit: Visit) -> str:
    _ = visit.texts.say
    names = [
        member.name
        for member in visit.read(list_members)
        if member.role == "administrator" and member.disabled_us is None
    ][:NAMED]
    if not names:
        return _("Ask whoever runs Leadwise.")
    return _("Ask an administrator: %(names)s.", names=", ".join(names))


def _down(visit: Visit, address: str, error: RemoteError) -> Response:
    _ = visit.texts.say
    logging.getLogger("leadwise.web").warning("The sign-in provider: %s", error)
    said = _("%(name)s does not answer.", name=visit.site.settings.sign_in.provider_name)
    return _back_to_form(visit, address, said, 503, _("Try again in a few minutes."))


def _back_to_form(visit: Visit, address: str, said: str, status: int, hint: str = "") -> Response:
    return show_sign_in(visit, address, problem=said, hint=hint, status=status)


def _provider(visit: Visit) -> Provider | None:
    own = visit.site.settings.sign_in
    if not own.issuer or not own.client_id:
        return None
    site = visit.site.settings.public_url or str(visit.request.base_url).rstrip("/")
    secret = own.client_secret.get_secret_value()
    return Provider(own.issuer, own.client_id, secret, site + BACK)


def cookie_name(state: str = "", *, secure: bool = False) -> str:
    """That of the sign-in with a state, another one in each tab; without one how all begin."""
    own = sha256(state.encode()).hexdigest()[:16] if state else ""
    return f"{'__Host-' if secure else ''}{COOKIE}_{own}"


def _cookie(visit: Visit, state: str = "") -> str:
    return cookie_name(state, secure=visit.secure)


def _forget(visit: Visit, response: Response, name: str) -> None:
    # A name that a browser made up is none that an answer may carry.
    if NAME.fullmatch(name) and name in visit.request.cookies:
        response.delete_cookie(name, path="/", secure=visit.secure, httponly=True)
