"""Leads and members as options name them, for the commands of follow-up."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from leadwise.errors import UserError

MOST_ID = 2**63 - 1
"""The greatest number that a record keeps."""
Lead = Annotated[
    str | None,
    typer.Option("--lead", metavar="WHO", help="A lead's number, an address, user:ID or crm:ID."),
]


def lead_id(connection: Any, who: str | None) -> int | None:
    """The lead of `--lead`; None where nobody is named. UserError (`identity-unknown`)."""
    from leadwise.cli.person import lead_of

    return None if who is None else lead_of(connection, who)


def member_id(connection: Any, address: str | None) -> int | None:
    """The member of `--member`; None where nobody is named. UserError (`member-unknown`)."""
    from leadwise.store.members import find_member

    if address is None:
        return None
    found = find_member(connection, email=address)
    if found is None:
        raise UserError(
            "member-unknown", f"There is no member with the address {address}.",
            hint="leadwise member list shows all.",
        )  # fmt: skip
    return found.id


def addresses(connection: Any) -> dict[int, str]:
    """The addresses of all members."""
    from leadwise.store.members import list_members

    return {one.id: one.email for one in list_members(connection)}


def one_of(action: str, actions: tuple[str, ...], command: str) -> None:
    """UserError (`usage`) where a command has no such action."""
    if action not in actions:
        raise UserError("usage", f"{command} cannot {action}.", hint=", ".join(actions))
