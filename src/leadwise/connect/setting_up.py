"""Making and changing connections, as the command line, the HTTP API and the pages do it.

Each is in the caller's transaction and in the audit trail, which names fields and never values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection as Database

from leadwise.connect.kinds import kind_named, sorted_out
from leadwise.connect.model import Checked, Hooks, Source, Target
from leadwise.connect.opening import ENVIRONMENT
from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.connections import (
    ConnectionRow,
    add_connection,
    change_connection,
    get_connection,
    remove_connection,
)

LONGEST_VALUE = 20_000
LONGEST_FIELD = 200
MOST_FIELDS = 500
HIDDEN = "(secret)"


def add(
    database: Database, name: str, kind_name: str, given: Mapping[str, str], *,
    pulls: bool = True, pushes: bool = False, by: str, now_us: int,
) -> ConnectionRow:  # fmt: skip
    """A new connection from what the team was asked for; nothing is asked of the system yet.

    UserError (`no-such-kind`, `connection-option`, `connection-name`, `already-a-connection`).
    """
    _require_short(given)
    options, secrets = sorted_out(kind_named(kind_name), given)
    made = add_connection(
        database, name, kind_name, options=options, secrets=secrets, pulls=pulls, pushes=pushes,
        by=by, now_us=now_us,
    )  # fmt: skip
    audit(database, by, "create", "connection", made.id, f"{name} {kind_name}", now_us)
    return made


def change(
    database: Database, name: str, given: Mapping[str, str], *, by: str, now_us: int,
    pulls: bool | None = None, pushes: bool | None = None, paused: bool | None = None,
    mapping: Mapping[str, str] | None = None,
) -> ConnectionRow:  # fmt: skip
    """Give a connection other answers (an empty one: that of the kind), another mapping (all of
    it), or say what it does. UserError (`no-such-connection`, `connection-option`)."""
    row = get_connection(database, name)
    _require_short(given)
    options, secrets = sorted_out(kind_named(row.kind), given, partly=True)
    values: dict[str, Any] = {}
    if options:
        values["options"] = {k: v for k, v in {**row.options, **options}.items() if v}
    if secrets:
        values["secrets"] = {k: v for k, v in {**row.secrets, **secrets}.items() if v}
    if mapping is not None:
        values["mapping"] = _checked(mapping)
    if pulls is not None:
        values["pulls"] = pulls
    if pushes is not None:
        values["pushes"] = pushes
    if paused is not None:
        values["paused_us"] = (row.paused_us or now_us) if paused else None
    found = change_connection(database, row.id, **values)
    said = ", ".join(sorted({*given, *values} - {"options", "secrets"}))
    audit(database, by, "change", "connection", row.id, f"{name}: {said}", now_us)
    return found


def remove(database: Database, name: str, *, by: str, now_us: int) -> ConnectionRow:
    """Remove it; what was pulled stays. UserError (`no-such-connection`)."""
    row = get_connection(database, name)
    remove_connection(database, row.id)
    audit(database, by, "delete", "connection", row.id, name, now_us)
    return row


def shown_secrets(row: ConnectionRow) -> dict[str, str]:
    """The secrets as they may be shown: where they are, never what."""
    return {
        name: value if value.startswith(ENVIRONMENT) else HIDDEN
        for name, value in sorted(row.secrets.items())
    }


def not_there(row: ConnectionRow, to: object) -> list[str]:
    """The fields that the mapping names and the system, where it can say so, does not have."""
    return to.unknown(sorted(row.mapping)) if row.mapping and isinstance(to, Checked) else []


def abilities(to: object) -> list[str]:
    """What can be done with it: `pull`, `push`, `webhooks`."""
    told = (("pull", Source), ("push", Target), ("webhooks", Hooks))
    return [name for name, protocol in told if isinstance(to, protocol)]


def _checked(mapping: Mapping[str, str]) -> dict[str, str]:
    if len(mapping) > MOST_FIELDS:
        raise UserError("connection-option", f"More than {MOST_FIELDS} fields are mapped.")
    for theirs, ours in mapping.items():
        if not theirs or max(len(theirs), len(ours)) > LONGEST_FIELD:
            raise UserError(
                "connection-option", f"The field {theirs[:40]!r} cannot be mapped.",
                hint="Their field to ours: jobtitle=title; jobtitle= leaves it out.",
            )  # fmt: skip
    return dict(mapping)


def _require_short(given: Mapping[str, str]) -> None:
    for name, value in given.items():
        if len(value) > LONGEST_VALUE or "\x00" in value:
            raise UserError("connection-option", f"{name} has too many characters.")
