"""/admin/refused: events that were not taken, why, and how to send them again."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.ingest.gate.rules import recording_rules
from leadwise.ingest.resending import send_again
from leadwise.store.audit import audit
from leadwise.store.refusals import get_refused, list_refused
from leadwise.web.pages.admin.tabs import PAGE_SIZE, before_of, show
from leadwise.web.pages.signin.fields import Typed
from leadwise.web.pages.visit import Visit

LONGEST_BODY = 32_768
LONGEST = 200


def refused_page(visit: Visit) -> Response:
    """The list, the newest first: those that wait, or all."""
    code = visit.query.get("code", "").strip()[:LONGEST]
    source = visit.query.get("source", "").strip()[:LONGEST]
    everything, before = visit.query.get("all") == "1", before_of(visit)
    rows = visit.read(
        lambda c: list_refused(
            c, code=code or None, source=source or None, waiting=not everything,
            before_id=before, limit=PAGE_SIZE,
        )
    )  # fmt: skip
    more = None
    if len(rows) == PAGE_SIZE:
        asked = (("code", code), ("source", source), ("all", "1" if everything else ""),
                 ("before", str(rows[-1].id)))  # fmt: skip
        more = urlencode([pair for pair in asked if pair[1]])
    _note(visit, "list", None, f"{len(rows)} events")
    return show(
        visit, "refused", rows=rows, code=code, source=source, everything=everything, more=more,
        first=before is None, days=visit.site.settings.retention.refused_days,
    )  # fmt: skip


def refused_event_page(visit: Visit) -> Response:
    """One of them, with what was sent."""
    number = visit.number("refused_id")
    visit.read(lambda c: get_refused(c, number))
    _note(visit, "read", number, None)
    return _show(visit, Typed(visit))


def again(visit: Visit) -> Response:
    """Send it again, as it was or put right."""
    _, typed, who, now_us = visit.texts.say, Typed(visit), visit.who, visit.now_us
    number, rules = visit.number("refused_id"), recording_rules(visit.site.settings)
    # Browsers send a line's end as two characters.
    body = typed.optional("body", longest=LONGEST_BODY).replace("\r\n", "\n")
    if typed.faults:
        return _show(visit, typed)
    visit.read(lambda c: get_refused(c, number))
    try:
        found = visit.write(
            lambda c: send_again(c, number, body or None, rules, by=who.actor, now_us=now_us)
        )
    except UserError as error:
        typed.fault("body", f"{error.message} {error.hint}".strip())
        return _show(visit, typed)
    said = _("It is recorded.") if found.events else _("It was recorded already.")
    return visit.go("/admin/refused", said)


def _show(visit: Visit, typed: Typed) -> Response:
    row = visit.read(lambda c: get_refused(c, visit.number("refused_id")))
    return show(
        visit, "refused_event", status=422 if typed.faults else 200, typed=typed, row=row,
        file=row.protocol.partition(":")[0] == "file",
    )  # fmt: skip


def _note(visit: Visit, action: str, number: int | None, detail: str | None) -> None:
    """What was sent tells of people: that somebody looks at it is written down."""
    who, now_us = visit.who, visit.now_us
    visit.write(lambda c: audit(c, who.actor, action, "refused", number, detail, now_us))
