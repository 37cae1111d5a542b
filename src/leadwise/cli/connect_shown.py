"""What `leadwise connect` shows: kinds, connections, mappings, the log."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import tell
from leadwise.cli.words import time

if TYPE_CHECKING:
    from leadwise.connect.model import Kind
    from leadwise.connect.standing import Standing
    from leadwise.store.connections import ConnectionRow
    from leadwise.store.opening import Store


def kinds(name: str | None, *, json: bool) -> None:
    """All kinds, or what one of them asks for."""
    from leadwise.connect import kinds as known

    if name is not None:
        _kind(known.kind_named(name), json=json)
        return
    found = list(known.kinds())
    if json:
        print_json({"kinds": [{"name": one.name, "label": one.label, "docs": one.docs}
                              for one in found]})  # fmt: skip
        return
    table = grid()
    for column in ("kind", "system", "page"):
        table.add_column(column)
    for one in found:
        table.add_row(one.name, one.label, f"docs/{one.docs}")
    show(table)


def _kind(one: Kind, *, json: bool) -> None:
    from leadwise.connect.kinds import COMMON

    asks = (*one.asks, *COMMON)
    if json:
        print_json({
            "name": one.name, "label": one.label, "docs": one.docs,
            "asks": [{"name": a.name, "label": a.label, "about": a.about, "default": a.default,
                      "required": a.required, "secret": a.secret} for a in asks],
        })  # fmt: skip
        return
    tell(f"{one.label}: see docs/{one.docs}")
    table = grid()
    for column in ("field", "what it is", "if not given"):
        table.add_column(column)
    for ask in asks:
        said = f"{ask.label}. {ask.about}" if ask.about else ask.label
        missing = "needed" if ask.required and not ask.default else ask.default or "nothing"
        table.add_row(f"{ask.name} (secret)" if ask.secret else ask.name, said, missing)
    show(table)


def listed(store: Store, *, json: bool) -> None:
    """All connections, with what is wrong with them."""
    from leadwise.connect.standing import standing
    from leadwise.store.connections import list_connections

    with store.read() as database:
        rows = list_connections(database)
        stand = {row.id: standing(database, row, os.environ) for row in rows}
    if json:
        print_json({"connections": [_document(row, stand[row.id]) for row in rows]})
        return
    if not rows:
        tell("There are no connections. leadwise connect kinds lists what can be connected.")
        return
    table = grid()
    for column in ("name", "kind", "does", "state"):
        table.add_column(column)
    for row in rows:
        table.add_row(row.name, row.kind, _does(row), _state(row, stand[row.id]))
    show(table)


def shown(store: Store, row: ConnectionRow, public_url: str, *, json: bool) -> None:
    """One of them: what it was given, how far it is, what the system has of leads."""
    from leadwise.connect.standing import standing
    from leadwise.store.connections import list_cursors
    from leadwise.store.pushed import count_pushed

    with store.read() as database:
        told, cursors = count_pushed(database, row.id), list_cursors(database, row.id)
        stands = standing(database, row, os.environ)
    pulled = cursors.get("pull")
    address = f"{public_url.rstrip('/')}/connect/{row.name}"
    if json:
        more = {"pushed": told, "pulled": time(pulled[1]) if pulled else None, "webhook": address}
        print_json(_document(row, stands) | more)
        return
    from leadwise.connect.setting_up import shown_secrets

    lines = [f"{row.name} ({row.kind}): {_does(row)}, {_state(row, stands)}"]
    lines += [f"{name} = {value}" for name, value in sorted(row.options.items())]
    lines += [f"{name} = {value}" for name, value in shown_secrets(row).items()]
    lines += [f"Their {theirs} is our {ours}." if ours else f"Their {theirs} is left out."
              for theirs, ours in sorted(row.mapping.items())]  # fmt: skip
    if pulled:
        lines.append(f"Last pulled {time(pulled[1])}.")
    if told:
        counts = ", ".join(f"{number:,} {state}" for state, number in sorted(told.items()))
        lines.append(f"Leads whose score it was told: {counts}.")
    lines.append(f"Its webhooks go to {address}")
    tell("\n".join(lines))


def mapping(store: Store, row: ConnectionRow, *, json: bool) -> None:
    """Their fields to ours, and what the live card reads."""
    from leadwise.connect.opening import wanted_by_card

    with store.read() as database:
        wanted = wanted_by_card(database)
    if json:
        print_json({"name": row.name, "mapping": dict(row.mapping), "wanted": list(wanted)})
        return
    for theirs, ours in sorted(row.mapping.items()):
        tell(f"{theirs} -> {ours or '(left out)'}")
    if not row.mapping:
        tell("Nothing is mapped but by the connection's own rules: see its page.")
    tell(f"The live card reads: {', '.join(wanted) or 'nothing'}.")


def log(store: Store, row: ConnectionRow, *, json: bool) -> None:
    """What was exchanged lately."""
    from leadwise.store.connections import list_exchanges

    with store.read() as database:
        entries = list_exchanges(database, row.id, limit=50)
    if json:
        print_json({"name": row.name, "exchanges": [
            {"at": time(e.at_us), "direction": e.direction, "what": e.what, "state": e.state,
             "records": e.records, "detail": e.detail} for e in entries]})  # fmt: skip
        return
    if not entries:
        tell("Nothing was exchanged yet.")
        return
    table = grid()
    for column in ("at", "what", "state", "records", "detail"):
        table.add_column(column)
    for one in entries:
        table.add_row(time(one.at_us) or "", one.what, one.state, f"{one.records:,}",
                      one.detail or "")  # fmt: skip
    show(table)


def _does(row: ConnectionRow) -> str:
    does = [name for name, on in (("pulls", row.pulls), ("pushes", row.pushes)) if on]
    return " and ".join(does) or "waits for webhooks"


def _state(row: ConnectionRow, stands: Standing) -> str:
    match stands.state:
        case "unset":
            return f"{', '.join(stands.missing)} is not set here"
        case "trouble":
            return f"trouble since {time(row.trouble_us)}: {row.trouble}"
        case "new":
            return f"nothing exchanged yet; try leadwise connect test {row.name}"
        case "well":
            return f"well, last exchanged {time(stands.last_us)}"
    return "paused"


def _document(row: ConnectionRow, stands: Standing) -> dict[str, Any]:
    from leadwise.connect.setting_up import shown_secrets

    return {
        "name": row.name, "kind": row.kind, "options": dict(row.options),
        "secrets": shown_secrets(row), "mapping": dict(row.mapping), "pulls": row.pulls,
        "pushes": row.pushes, "created": time(row.created_us), "created_by": row.created_by,
        "paused": time(row.paused_us), "trouble": row.trouble,
        "trouble_since": time(row.trouble_us), "state": stands.state,
        "not_set": list(stands.missing), "last_exchanged": time(stands.last_us),
    }  # fmt: skip
