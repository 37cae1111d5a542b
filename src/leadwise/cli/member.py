"""`leadwise member`: the people who sign in to the pages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.words import time
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.settings import Settings
    from leadwise.store.members import Member, Role
    from leadwise.store.opening import Store

ACTIONS = ("add", "list", "role", "password", "disable", "enable")


def member(
    action: Annotated[
        str, typer.Argument(metavar="ACTION", help="add, list, role, password, disable or enable.")
    ],
    email: Annotated[
        str | None, typer.Option("--email", metavar="ADDRESS", help="Whose; they sign in with it.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="What the new member is called.")
    ] = None,
    role: Annotated[
        str | None,
        typer.Option(
            "--role",
            metavar="ROLE",
            help="administrator, marketing, representative or read_only.",
        ),
    ] = None,
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin", help="Read the password from standard input; else a link is made."
        ),
    ] = False,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Add, list and change members. Without --password-stdin a link is printed by which the member
    chooses a password, once and within 7 days.

    \b
    leadwise member add --email ann@example.com --name "Ann Example" --role administrator
    leadwise member role --email ann@example.com --role marketing
    leadwise member password --email ann@example.com
    leadwise member list
    """
    if action not in ACTIONS:
        raise UserError("usage", f"member cannot {action}.", hint=", ".join(ACTIONS))
    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        if action == "list":
            _list(store, json=json)
            return
        if not email:
            raise UserError("usage", "Which member?", hint="Give --email ann@example.com.")
        password = _typed(email, name) if password_stdin else None
        match action:
            case "add":
                found = _add(store, email, name, role)
            case "role":
                found = _change(store, email, "role", role=_role(role))
            case "disable":
                found = _change(store, email, "disable", disabled_us=now_us())
            case "enable":
                found = _change(store, email, "enable", disabled_us=None)
            case _:
                found = _one(store, email)
        link = None
        if action in ("add", "password"):
            link = _password(store, settings, found, password)
        _tell(action, found, link, json=json)


def _add(store: Store, email: str, name: str | None, role: str | None) -> Member:
    from leadwise.ingest.person import address_of
    from leadwise.store.audit import audit
    from leadwise.store.members import add_member

    address, given, at_us = address_of(email), _role(role), now_us()
    if address is None:
        raise UserError("usage", f"{email} is no e-mail address.", hint="It is like a@example.com.")

    def work(connection: Any) -> Member:
        called = (name or "").strip() or address.partition("@")[0]
        found = add_member(connection, called[:200], address, given, by=actor(), now_us=at_us)
        audit(connection, actor(), "create", "member", found.id, given, at_us)
        return found

    return store.write(work, alone=True)


def _change(store: Store, email: str, action: str, **values: Any) -> Member:
    from leadwise.store.audit import audit
    from leadwise.store.members import change_member, get_member
    from leadwise.store.sessions import end_sessions

    before, at_us = _one(store, email), now_us()

    def work(connection: Any) -> Member:
        change_member(connection, before.id, **values)
        if action == "disable":
            end_sessions(connection, before.id)
        audit(connection, actor(), action, "member", before.id, values.get("role"), at_us)
        return get_member(connection, before.id)

    return store.write(work, alone=True)


def _typed(email: str, name: str | None) -> str:
    """The password on standard input. UserError (`weak-password`) where it can be guessed."""
    from leadwise.web.pages.signin.passwords import LONGEST, SHORTEST, is_weak

    password = sys.stdin.readline().rstrip("\r\n")
    if is_weak(password, email, name or ""):
        raise UserError(
            "weak-password", "The password can be guessed.",
            hint=f"Take {SHORTEST} to {LONGEST} characters; four or five words are good.",
        )  # fmt: skip
    return password


def _password(store: Store, settings: Settings, found: Member, password: str | None) -> str | None:
    """Set the password; without one, the link by which the member sets it."""
    if password is None:
        from leadwise.web.pages.signin.links import invitation
        from leadwise.web.secret import secret_key

        host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104 - compared only
        site = settings.public_url or f"http://{host}:{settings.port}"
        return invitation(secret_key(settings.secret_key_path), found, site, now_us())

    from leadwise.store.audit import audit
    from leadwise.store.members import change_member
    from leadwise.store.sessions import end_sessions
    from leadwise.store.sign_in_failures import forget_failures
    from leadwise.web.pages.signin.passwords import hashed

    at_us, hash_ = now_us(), hashed(password)

    def work(connection: Any) -> None:
        change_member(connection, found.id, password=hash_)
        end_sessions(connection, found.id)
        forget_failures(connection, found.email)
        audit(connection, actor(), "password", "member", found.id, None, at_us)

    store.write(work, alone=True)
    return None


def _one(store: Store, email: str) -> Member:
    from leadwise.ingest.person import address_of
    from leadwise.store.members import find_member

    with store.read() as connection:
        found = find_member(connection, email=address_of(email) or email)
    if found is None:
        raise UserError(
            "member-unknown", f"There is no member with the address {email}.",
            hint="leadwise member list shows all.",
        )  # fmt: skip
    return found


def _role(given: str | None) -> Role:
    from leadwise.store.members import ROLES

    for role in ROLES:
        if role == given:
            return role
    raise UserError("usage", "Which role?", hint=f"Give --role: {', '.join(ROLES)}.")


def _tell(action: str, found: Member, link: str | None, *, json: bool) -> None:
    if json:
        print_json(_document(found) | ({"link": link} if link else {}))
        return
    said = {
        "add": "is a member now",
        "role": f"is {found.role} now",
        "disable": "cannot sign in any more; sessions have ended",
        "enable": "can sign in again",
        "password": "gets a new password by the link below" if link else "has a new password",
    }
    tell(f"{found.name} ({found.email}) {said[action]}.")
    if link:
        tell(f"{link}\nWith this link the password is chosen, once and within 7 days.")


def _list(store: Store, *, json: bool) -> None:
    from leadwise.store.members import list_members

    with store.read() as connection:
        members = list_members(connection)
    if json:
        print_json({"members": [_document(one) for one in members]})
        return
    if not members:
        tell("There are no members.")
        return
    table = grid()
    for column in ("id", "name", "address", "role", "signs in by", "state", "last sign-in"):
        table.add_column(column)
    for one in members:
        table.add_row(
            str(one.id), one.name, one.email, one.role, _by(one),
            "disabled" if one.disabled_us else "active", time(one.last_in_us) or "never",
        )  # fmt: skip
    show(table)


def _by(one: Member) -> str:
    ways = [way for way, has in (("password", one.password), ("provider", one.subject)) if has]
    return ", ".join(ways) or "nothing yet"


def _document(one: Member) -> dict[str, Any]:
    return {
        "id": one.id, "name": one.name, "email": one.email, "role": one.role,
        "password": one.password is not None, "provider": one.subject is not None,
        "created": time(one.created_us), "disabled": time(one.disabled_us),
        "last_in": time(one.last_in_us),
    }  # fmt: skip
