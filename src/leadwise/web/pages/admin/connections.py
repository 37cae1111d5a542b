"""/admin/connections: the systems where leads live; what each was given, whether it answers, what
was sent and refused."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.responses import Response

from leadwise.connect.kinds import COMMON, kind_named, kinds
from leadwise.connect.model import Ask, Kind
from leadwise.connect.opening import ENVIRONMENT, missing_variables, talking, wanted_by_card
from leadwise.connect.setting_up import abilities, add, change, not_there, remove
from leadwise.connect.standing import standing
from leadwise.errors import LeadwiseError, UserError
from leadwise.store.connections import (
    ConnectionRow,
    get_connection,
    list_connections,
    list_cursors,
    list_exchanges,
)
from leadwise.store.pushed import count_pushed
from leadwise.web.pages.admin.tabs import PAGE_SIZE, before_of, show
from leadwise.web.pages.visit import Visit

WRONG = 422
PLACE = "/admin/connections"


@dataclass(frozen=True, slots=True)
class Field:
    """What is asked for, with what is known: of a secret only where it is."""

    ask: Ask
    value: str
    known: bool


def connections_page(visit: Visit) -> Response:
    """All of them, and the kinds that there are."""
    rows = visit.read(list_connections)
    return show(
        visit, "connections", rows=rows,
        unknown={row.kind for row in rows if _installed(row) is None},
        stand={row.id: visit.read(partial(standing, row=row, environment=os.environ))
               for row in rows},
        kinds=sorted(kinds(), key=lambda kind: kind.label.casefold()),
    )  # fmt: skip


def new_page(visit: Visit) -> Response:
    """The form of a kind."""
    return _new(visit, _kind(visit), {}, "")


def _kind(visit: Visit) -> Kind:
    return kind_named(visit.name("kind"))


def _new(
    visit: Visit, kind: Kind, typed: Mapping[str, str], fault: str, status: int = 200
) -> Response:
    fields = [
        Field(ask, "" if ask.secret else typed.get(ask.name, ask.default), known=False)
        for ask in (*kind.asks, *COMMON)
    ]
    return show(
        visit, "connection_new", status=status, kind=kind, fields=fields, fault=fault,
        named=typed.get("connection_name", kind.name), typed=typed,
    )  # fmt: skip


def make(visit: Visit) -> Response:
    """Make it."""
    kind, typed = _kind(visit), _typed(visit)
    given = {
        ask.name: typed[ask.name] for ask in (*kind.asks, *COMMON) if typed.get(ask.name)
    }  # fmt: skip
    name = typed.get("connection_name", "").strip()
    try:
        visit.write(
            lambda c: add(
                c, name, kind.name, given, pulls=typed.get("pulls") == "1",
                pushes=typed.get("pushes") == "1", by=visit.who.actor, now_us=visit.now_us,
            )
        )  # fmt: skip
    except UserError as error:
        return _new(visit, kind, typed, f"{error.message} {error.hint}".strip(), WRONG)
    _ = visit.texts.say
    return visit.go(f"{PLACE}/{name}", _("It is made. Test it before it does anything."))


def _typed(visit: Visit) -> dict[str, str]:
    return {name: str(value).strip() for name, value in visit.form.items()}


def connection_page(visit: Visit) -> Response:
    """One of them."""
    return _show(visit, _row(visit))


def _row(visit: Visit) -> ConnectionRow:
    name = visit.name("name")
    return visit.read(lambda c: get_connection(c, name))


def _installed(row: ConnectionRow) -> Kind | None:
    """Its kind; None where what talks to that system is not installed any more."""
    try:
        return kind_named(row.kind)
    except UserError:
        return None


def _show(
    visit: Visit, row: ConnectionRow, *, fault: str = "", tested: str = "", able: Any = None,
    not_there: Sequence[str] = (),
    mapping: str | None = None, status: int = 200,
) -> Response:  # fmt: skip
    kind, before = _installed(row), before_of(visit)
    log = visit.read(lambda c: list_exchanges(c, row.id, before_id=before, limit=PAGE_SIZE))
    site = visit.site.settings.public_url or str(visit.request.base_url).rstrip("/")
    fields = [_field(ask, row) for ask in (*kind.asks, *COMMON)] if kind else []
    if mapping is None:
        mapping = "\n".join(f"{theirs} = {ours}" for theirs, ours in sorted(row.mapping.items()))
    return show(
        visit, "connection", status=status, row=row, kind=kind, fields=fields, fault=fault,
        missing=missing_variables(row, os.environ), not_there=not_there,
        tested=tested, able=able, mapping=mapping, wanted=visit.read(wanted_by_card),
        cursors=visit.read(lambda c: list_cursors(c, row.id)),
        pushed=visit.read(lambda c: count_pushed(c, row.id)), log=log, first=before is None,
        more=log[-1].id if len(log) == PAGE_SIZE else None, webhook=f"{site}/connect/{row.name}",
        has_jobs=visit.site.api.jobs is not None, states=_states(visit),
    )  # fmt: skip


def _states(visit: Visit) -> dict[str, str]:
    """What became of an exchange."""
    _ = visit.texts.say
    return {"done": _("done"), "refused": _("refused"), "failed": _("failed")}


def _field(ask: Ask, row: ConnectionRow) -> Field:
    if not ask.secret:
        return Field(ask, row.options.get(ask.name, ""), ask.name in row.options)
    kept = row.secrets.get(ask.name, "")
    return Field(ask, kept if kept.startswith(ENVIRONMENT) else "", bool(kept))


def test(visit: Visit) -> Response:
    """Ask the system something small, and say as whom we are known there."""
    row = _row(visit)
    try:
        with talking(row, os.environ) as line:
            said, able = line.to.test(), abilities(line.to)
            missing = not_there(row, line.to)
    except LeadwiseError as error:
        hint = error.hint if isinstance(error, UserError) else ""
        return _show(visit, row, fault=f"{error} {hint}".strip(), status=WRONG)
    return _show(visit, row, tested=said, able=able, not_there=missing)


def save(visit: Visit) -> Response:
    """Other answers; a secret that is left empty stays as it is."""
    row, typed = _row(visit), _typed(visit)
    kind = kind_named(row.kind)
    given = {
        ask.name: typed.get(ask.name, "") for ask in (*kind.asks, *COMMON)
        if ask.name in typed and not (ask.secret and not typed[ask.name])
    }  # fmt: skip
    return _changed(
        visit, row, given, pulls=typed.get("pulls") == "1", pushes=typed.get("pushes") == "1"
    )


def map_fields(visit: Visit) -> Response:
    """Their fields to ours, a line each."""
    row, said = _row(visit), str(visit.form.get("mapping", ""))
    found: dict[str, str] = {}
    for number, line in enumerate(said.splitlines(), 1):
        if not line.strip():
            continue
        theirs, equals, ours = (part.strip() for part in line.partition("="))
        if not equals or not theirs:
            _ = visit.texts.say
            fault = _("Line %(line)s: write their field, =, and ours.", line=number)
            return _show(visit, row, fault=fault, mapping=said, status=WRONG)
        found[theirs] = ours
    return _changed(visit, row, {}, mapping=found)


def pause(visit: Visit) -> Response:
    """Nothing is asked of the system for now."""
    return _changed(visit, _row(visit), {}, paused=True)


def resume(visit: Visit) -> Response:
    """It goes on where it stood."""
    return _changed(visit, _row(visit), {}, paused=False)


def _changed(visit: Visit, row: ConnectionRow, given: Mapping[str, str], **values: Any) -> Response:
    try:
        visit.write(
            lambda c: change(c, row.name, given, by=visit.who.actor, now_us=visit.now_us, **values)
        )
    except UserError as error:
        return _show(visit, row, fault=f"{error.message} {error.hint}".strip(), status=WRONG)
    return visit.go(f"{PLACE}/{row.name}", visit.texts.say("It is changed."))


def delete(visit: Visit) -> Response:
    """Remove it; what was pulled stays."""
    row = _row(visit)
    visit.write(lambda c: remove(c, row.name, by=visit.who.actor, now_us=visit.now_us))
    _ = visit.texts.say
    return visit.go(PLACE, _("The connection %(name)s is gone.", name=row.name))


def start(visit: Visit) -> Response:
    """Pull, or push, as a job."""
    row, what = _row(visit), str(visit.form.get("what", ""))
    _ = visit.texts.say
    wanted = {"pull": row.pulls, "push": row.pushes}.get(what, False)
    if not wanted or row.paused_us is not None or _installed(row) is None:
        fault = _("This connection does not do that now: look at its settings.")
        return _show(visit, row, fault=fault, status=WRONG)
    visit.site.api.with_jobs().enqueue(
        what, {"connection": row.name}, id=f"{what}:{row.name}:{visit.now_us}"
    )
    return visit.go(f"{PLACE}/{row.name}", _("It is put in: Jobs tells how far it is."))
