"""How the Odoo in memory imports: rows of texts, all of them or none, and which are at fault."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

Rows: TypeAlias = dict[int, dict[str, Any]]
HOURS_OF_USER = 1
"""The user lives in Madrid: an instant is of that zone where the context names no other."""


def load(
    rows: Rows, types: Mapping[str, str], write: Callable[[int, dict[str, Any]], None],
    given: Mapping[str, Any],
) -> dict[str, Any]:  # fmt: skip
    """The answer to `load`: `ids` of the records, or False with `messages`."""
    context = given.get("context") or {}
    names: Sequence[str] = given["fields"]
    before, ids, messages = copy.deepcopy(rows), [], []
    for place, cells in enumerate(given["data"]):
        values = dict(zip(names, cells, strict=True))
        id_ = int(values.pop(".id"))
        try:
            if id_ not in rows or (
                not rows[id_]["active"] and context.get("active_test") is not False
            ):
                raise ValueError(f"Unknown database identifier '{id_}'")
            write(id_, {name: _value(types, name, cell, context) for name, cell in values.items()})
            ids.append(id_)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a message there
            told = {"type": "error", "record": place, "rows": {"from": place, "to": place}}
            messages.append({**told, "message": str(error)})
    if messages:
        rows.clear()
        rows.update(before)
    return {"ids": False if messages else ids, "messages": messages, "nextrow": 0}


def _value(types: Mapping[str, str], name: str, cell: Any, context: Mapping[str, Any]) -> Any:
    if not isinstance(cell, str):
        raise TypeError(f"{name} is no text")
    if not cell:
        return False
    kind = types.get(name, "char")
    if kind == "float":
        return float(cell)
    if kind == "datetime" and context.get("tz") != "UTC":
        moment = datetime.fromisoformat(cell) - timedelta(hours=HOURS_OF_USER)
        return moment.strftime("%Y-%m-%d %H:%M:%S")
    return cell
