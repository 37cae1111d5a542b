"""`leadwise absence`: when members are not there, so that nothing new is given to them."""

from __future__ import annotations

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
from leadwise.cli.whose import MOST_ID, member_id, one_of
from leadwise.cli.words import time
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.store.absences import Absence

ACTIONS = ("list", "add", "remove")


def absence(
    action: Annotated[
        str, typer.Argument(metavar="[ACTION]", help="list, add or remove.")
    ] = "list",
    number: Annotated[
        int | None, typer.Argument(metavar="[ABSENCE]", max=MOST_ID, help="Its number, for remove.")
    ] = None,
    member: Annotated[
        str | None, typer.Option("--member", metavar="ADDRESS", help="Who is away.")
    ] = None,
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="TIME", help="Since when; a day or an instant, UTC."),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="TIME", help="When they are back.")
    ] = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, if that is to be said.")
    ] = "",
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List who is away or will be, add an absence, or take one back. Leads and tasks go to others
    meanwhile; what a member has stays theirs.

    \b
    leadwise absence add --member ann@example.com --from 2026-12-24 --until 2027-01-07
    leadwise absence
    leadwise absence remove 3
    """
    one_of(action, ACTIONS, "absence")
    from leadwise.store import absences

    with opened_store(settings_of(data, database, config)) as store:
        if action == "list":
            with store.read() as connection:
                found = absences.list_absences(connection, ends_after_us=now_us())
                names = _names(connection)
            _show(found, names, json=json)
            return
        if action == "remove":
            if number is None:
                raise UserError("usage", "Which absence?", hint="leadwise absence lists them.")
            one = store.write(lambda c: _remove(c, number), alone=True)
            said = "is there after all"
        else:
            times = _instant(from_, "--from"), _instant(until, "--until")
            one = store.write(lambda c: _add(c, member, *times, reason), alone=True)
            said = f"is away until {time(one.until_us)}"
        with store.read() as connection:
            name = _names(connection).get(one.member_id, f"member {one.member_id}")
    if json:
        print_json(_document(one))
    else:
        tell(f"{name} {said}.")


def _add(
    connection: Any, email: str | None, from_us: int, until_us: int, reason: str
) -> Absence:  # fmt: skip
    from leadwise.store.absences import add_absence
    from leadwise.store.audit import audit

    if email is None:
        raise UserError("usage", "Who is away?", hint="Give --member ann@example.com.")
    whose = member_id(connection, email)
    assert whose is not None  # whom an address names
    made = add_absence(connection, whose, from_us, until_us, reason[:200])
    audit(connection, actor(), "create", "absence", made.id, f"member:{whose}", now_us())
    return made


def _remove(connection: Any, number: int) -> Absence:
    from leadwise.store.absences import remove_absence
    from leadwise.store.audit import audit

    gone = remove_absence(connection, number)
    audit(connection, actor(), "delete", "absence", number, f"member:{gone.member_id}", now_us())
    return gone


def _instant(text: str | None, option: str) -> int:
    from leadwise.card.values import parse_time

    try:
        return parse_time(text or "")
    except ValueError:
        raise UserError(
            "usage", f"{option} is no time: {text or '(none)'}.", hint="Write 2026-12-24."
        ) from None


def _names(connection: Any) -> dict[int, str]:
    from leadwise.store.members import list_members

    return {one.id: one.name for one in list_members(connection)}


def _show(found: list[Absence], names: dict[int, str], *, json: bool) -> None:
    if json:
        print_json({"absences": [_document(one) for one in found]})
        return
    if not found:
        tell("Everybody is there.")
        return
    table = grid()
    for column in ("absence", "member", "from", "until", ""):
        table.add_column(column)
    for one in found:
        table.add_row(
            str(one.id), names.get(one.member_id, str(one.member_id)), time(one.from_us) or "",
            time(one.until_us) or "", one.reason,
        )  # fmt: skip
    show(table)


def _document(one: Absence) -> dict[str, Any]:
    return {
        "absence": one.id, "member": one.member_id, "from": time(one.from_us),
        "until": time(one.until_us), "reason": one.reason,
    }  # fmt: skip
