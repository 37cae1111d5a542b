"""Links that let somebody in without a password: the first start, and an invitation.

Both are made from the secret key alone, so they survive a restart, and both end by being used: the
first with the first member, an invitation with the password that it is for.
"""

from __future__ import annotations

import hmac
from urllib.parse import quote

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.store.members import Member, count_members, get_member
from leadwise.web.pages.signin.signed import seal, signed, unsigned

FIRST, INVITED = "first start", "invitation"
DAYS = 7
INVITED_US = DAYS * 24 * 3600 * 1_000_000
"""For so long an invitation holds."""


def start_key(secret: bytes) -> str:
    """What the link of the first start carries."""
    return seal(secret, FIRST, "")[:40]


def is_start_key(secret: bytes, given: str) -> bool:
    """Whether somebody has that link."""
    return hmac.compare_digest(start_key(secret).encode(), given.encode())


def start_link(connection: Connection, secret: bytes, site: str) -> str | None:
    """The link by which the first administrator is made; None when there is a member."""
    if count_members(connection):
        return None
    return f"{site}/start?key={start_key(secret)}"


def invitation(secret: bytes, member: Member, site: str, now_us: int) -> str:
    """A link by which a member chooses a password, once and within DAYS."""
    value = {"member": member.id, "now": _state(secret, member)}
    key = signed(secret, INVITED, value, now_us + INVITED_US)
    return f"{site}/welcome?key={quote(key)}"


def invited(connection: Connection, secret: bytes, key: str, now_us: int) -> Member | None:
    """Whose invitation it is; None where it is used, over, or not ours."""
    found = unsigned(secret, INVITED, key, now_us)
    if found is None:
        return None
    try:
        member = get_member(connection, found["member"])
    except UserError:
        return None
    fits = hmac.compare_digest(_state(secret, member), str(found["now"]))
    return member if fits and member.disabled_us is None else None


def _state(secret: bytes, member: Member) -> str:
    """Another one after every change of the password."""
    return seal(secret, "password", f"{member.id} {member.password or ''}")[:32]
