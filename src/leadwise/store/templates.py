"""Mail templates, each version as it was: a mail says by which one it was made."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from leadwise.errors import UserError
from leadwise.store.schema import mail_template

NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}(?:\.[a-z]{2,3}(?:-[a-z]{2})?)?")
"""A name, and after a dot the language where it is that of one: `offer`, `offer.es`."""


@dataclass(frozen=True, slots=True)
class KeptTemplate:
    """A row of `mail_template`."""

    id: int
    name: str
    version: int
    text: str
    created_us: int
    created_by: str


def keep_template(
    connection: Connection, name: str, text: str, *, by: str, now_us: int
) -> KeptTemplate:
    """The template with this text: the last version where that has it, else a new one.

    UserError (`template-version`) where somebody else keeps one at the same time.
    """
    last = find_template(connection, name)
    if last is not None and last.text == text:
        return last
    version = last.version + 1 if last else 1
    values = {
        "name": name, "version": version, "text": text, "created_us": now_us, "created_by": by
    }  # fmt: skip
    try:
        with connection.begin_nested():
            row = connection.execute(
                insert(mail_template).values(values).returning(mail_template)
            ).one()
    except IntegrityError:
        other = find_template(connection, name)
        if other is not None and other.text == text:
            return other
        raise UserError(
            "template-version", f"Somebody else has just changed the template {name}.",
            hint="Look at it again.",
        ) from None  # fmt: skip
    return KeptTemplate(*row)


def find_template(
    connection: Connection, name: str, version: int | None = None
) -> KeptTemplate | None:
    """The last version of a template, or one of them."""
    rows = select(mail_template).where(mail_template.c.name == name)
    if version is not None:
        rows = rows.where(mail_template.c.version == version)
    row = connection.execute(rows.order_by(mail_template.c.version.desc()).limit(1)).one_or_none()
    return None if row is None else KeptTemplate(*row)


def get_template(connection: Connection, template_id: int) -> KeptTemplate | None:
    """The version that a mail was made by."""
    row = connection.execute(
        select(mail_template).where(mail_template.c.id == template_id)
    ).one_or_none()
    return None if row is None else KeptTemplate(*row)


def list_templates(connection: Connection) -> list[KeptTemplate]:
    """The last version of each, by name."""
    last = (
        select(mail_template.c.name, func.max(mail_template.c.version).label("version"))
        .group_by(mail_template.c.name)
        .subquery()
    )
    rows = (
        select(mail_template)
        .join(
            last,
            (last.c.name == mail_template.c.name) & (last.c.version == mail_template.c.version),
        )
        .order_by(mail_template.c.name)
    )
    return [KeptTemplate(*row) for row in connection.execute(rows)]


def named_so(connection: Connection, name: str) -> list[KeptTemplate]:
    """The last version of a template, and of each that it is in another language."""
    table = mail_template
    own = (table.c.name == name) | ((table.c.name > f"{name}.") & (table.c.name < f"{name}/"))
    rows = connection.execute(select(table).where(own).order_by(table.c.name, table.c.version))
    last = {row.name: KeptTemplate(*row) for row in rows}
    return list(last.values())


def versions_of_template(connection: Connection, name: str) -> list[KeptTemplate]:
    """All versions of a template, the newest first."""
    rows = select(mail_template).where(mail_template.c.name == name)
    rows = rows.order_by(mail_template.c.version.desc())
    return [KeptTemplate(*row) for row in connection.execute(rows)]
