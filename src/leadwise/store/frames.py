"""A team's own frames: every version as its text was."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from leadwise.errors import UserError
from leadwise.store.schema import frame


@dataclass(frozen=True, slots=True)
class KeptFrame:
    """A version of a frame of one's own."""

    name: str
    version: int
    text: str
    created_us: int
    created_by: str


def kept_frame(connection: Connection, name: str, version: int | None = None) -> KeptFrame | None:
    """A frame of one's own, its latest version if none is named; None where there is none."""
    rows = select(*_COLUMNS).where(frame.c.name == name)
    if version is not None:
        rows = rows.where(frame.c.version == version)
    row = connection.execute(rows.order_by(frame.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else KeptFrame(*row)


def list_kept_frames(connection: Connection) -> list[KeptFrame]:
    """The latest version of each frame of one's own, by name, without those of single questions
    (`own:<field>`)."""
    newest = select(frame.c.name, func.max(frame.c.version).label("version"))
    of = newest.group_by(frame.c.name).subquery()
    rows = (
        select(*_COLUMNS)
        .where(~frame.c.name.contains(":"))
        .join(of, (of.c.name == frame.c.name) & (of.c.version == frame.c.version))
    )
    return [KeptFrame(*row) for row in connection.execute(rows.order_by(frame.c.name))]


def versions_of_frame(connection: Connection, name: str) -> list[KeptFrame]:
    """All versions of a frame of one's own, the latest first."""
    rows = select(*_COLUMNS).where(frame.c.name == name).order_by(frame.c.version.desc())
    return [KeptFrame(*row) for row in connection.execute(rows)]


def add_frame(connection: Connection, new: KeptFrame, last: int | None) -> None:
    """Keep a version of a frame. `last` is the latest that its author saw.

    UserError (`stale-frame`) where somebody saved another meanwhile.
    """
    now = kept_frame(connection, new.name)
    if (now.version if now else None) != last:
        raise UserError(
            "stale-frame", f"Somebody has saved frame '{new.name}' meanwhile.",
            hint="Look at the latest version, then save yours again.",
        )  # fmt: skip
    connection.execute(
        insert(frame).values(
            name=new.name, version=new.version, text=new.text, created_us=new.created_us,
            created_by=new.created_by,
        )
    )  # fmt: skip


_COLUMNS = (frame.c.name, frame.c.version, frame.c.text, frame.c.created_us, frame.c.created_by)
