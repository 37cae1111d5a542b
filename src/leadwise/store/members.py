"""Members: the people who sign in, each with one role.

Passwords come here as hashes only (`leadwise.web.pages.signin.passwords`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import Connection, Row, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from leadwise.errors import UserError
from leadwise.store.schema import member

Role: TypeAlias = Literal["administrator", "marketing", "representative", "read_only"]
ROLES: tuple[Role, ...] = get_args(Role)
MEMBERS_LOCK = 7005
"""PostgreSQL's advisory lock of whoever decides by what other members are."""


@dataclass(frozen=True, slots=True)
class Member:
    """A row of `member`. `language` and `zone` are None where the browser's are taken."""

    id: int
    name: str
    email: str
    role: Role
    password: str | None
    subject: str | None
    language: str | None
    zone: str | None
    created_us: int
    disabled_us: int | None
    last_in_us: int | None

    @property
    def actor(self) -> str:
        """As the audit trail names them: an id, since a trail outlives the person's data."""
        return f"member:{self.id}"


def add_member(
    connection: Connection, name: str, email: str, role: Role, *, by: str, now_us: int,
    password: str | None = None, subject: str | None = None,
) -> Member:  # fmt: skip
    """A new member. UserError (`already-a-member`) where the address is one's already."""
    values = {
        "name": name, "email": email.strip().lower(), "role": role, "password": password,
        "subject": subject, "created_us": now_us, "created_by": by,
    }  # fmt: skip
    try:
        with connection.begin_nested():
            row = connection.execute(insert(member).values(values).returning(member)).one()
    except IntegrityError:
        raise UserError(
            "already-a-member", f"Somebody with the address {email} is a member already.",
            hint="Change that member, or take another address.",
        ) from None  # fmt: skip
    return _member(row)


def get_member(connection: Connection, member_id: int) -> Member:
    """The member. UserError (`member-unknown`) where there is none."""
    row = connection.execute(select(member).where(member.c.id == member_id)).one_or_none()
    if row is None:
        raise UserError("member-unknown", f"There is no member {member_id}.")
    return _member(row)


def find_member(
    connection: Connection, *, email: str | None = None, subject: str | None = None
) -> Member | None:
    """The member of an address, or of a subject of the identity provider."""
    own = member.c.subject == subject if email is None else member.c.email == email.strip().lower()
    row = connection.execute(select(member).where(own)).one_or_none()
    return _member(row) if row is not None else None


def list_members(connection: Connection) -> list[Member]:
    """All, by name."""
    rows = connection.execute(select(member).order_by(func.lower(member.c.name), member.c.id))
    return [_member(row) for row in rows]


def count_members(connection: Connection) -> int:
    """How many there are; with none, whoever has the link of the first start makes the first."""
    found: int = connection.execute(select(func.count()).select_from(member)).scalar_one()
    return found


def hold_members(connection: Connection) -> None:
    """Let nobody else decide by who is a member until the end of the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({MEMBERS_LOCK})"))


def change_member(connection: Connection, member_id: int, **values: Any) -> None:
    """Set columns of a row. UserError (`last-administrator`) where nobody could administer then."""
    loses = values.get("role", "administrator") != "administrator" or values.get("disabled_us")
    if loses:
        # Or two administrators, each the other's last, disable each other at the same time.
        hold_members(connection)
    before = get_member(connection, member_id)
    if before.role == "administrator" and before.disabled_us is None and loses:
        others = (member.c.role == "administrator") & member.c.disabled_us.is_(None)
        rest = select(member.c.id).where(others, member.c.id != member_id).limit(1)
        if connection.execute(rest).scalar() is None:
            raise UserError(
                "last-administrator", f"{before.name} is the last administrator.",
                hint="Make somebody else an administrator first.",
            )  # fmt: skip
    connection.execute(update(member).where(member.c.id == member_id).values(**values))


def _member(row: Row[Any]) -> Member:
    return Member(
        row.id, row.name, row.email, row.role, row.password, row.subject, row.language, row.zone,
        row.created_us, row.disabled_us, row.last_in_us,
    )  # fmt: skip
