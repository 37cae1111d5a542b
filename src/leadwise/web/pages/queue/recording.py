"""Outcomes from the queue: what became of a call. They are the labels that cards are judged by."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any, get_args

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.identities import lock_leads
from leadwise.store.lead_pages import member_names
from leadwise.store.leads import get_head
from leadwise.store.outcomes import (
    ANSWERS,
    UNDO_US,
    Outcome,
    OutcomeKind,
    add_outcome,
    last_currency,
    outcomes_of_leads,
    take_back,
)
from leadwise.web.pages.lead.asked import typed, whole_of
from leadwise.web.pages.lead.naming import REASONS, actor_said, outcome_said, reason_said
from leadwise.web.pages.queue.answers import panel, row_answer
from leadwise.web.pages.queue.moving import members_to_give
from leadwise.web.pages.visit import Visit

SOURCE = "queue"
WITH_REASON = ("sales_rejected", "lost")
LONGEST_REASON = 1_000
PANELS = ("outcome", "snooze", "owner")


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What somebody else did with the lead since the row was shown."""

    outcome: Outcome
    by: str
    said: str


def show_panel(visit: Visit) -> Response:
    """The forms for what a button alone cannot say: `what` is one of PANELS."""
    lead_id = visit.number("lead_id")
    what = visit.query.get("what", "")
    what = what if what in PANELS else PANELS[0]
    return panel(
        visit, lead_id, what, faults={}, **outcome_values(visit),
        members=visit.read(members_to_give) if what == "owner" else [],
    )  # fmt: skip


def record_outcome(visit: Visit) -> Response:
    """`kind`, for some a `reason` and `text`, or a `value` and `currency`; `token` tells this press
    of the button, `seen` is when the row was shown, `again` that what others did is known."""
    lead_id, _ = visit.number("lead_id"), visit.texts.say
    kind = next((one for one in get_args(OutcomeKind) if one == typed(visit, "kind")), None)
    if kind is None or kind not in ANSWERS:
        raise UserError("bad-request", _("This is no outcome."))
    reason, value, currency, faults = _said(visit, kind)
    if faults:
        return panel(visit, lead_id, "outcome", faults=faults, **outcome_values(visit))
    seen = whole_of(typed(visit, "seen"))
    seen_us = visit.now_us if seen is None else seen
    token = typed(visit, "token")
    token = token if re.fullmatch("[0-9a-f]{32}", token) else uuid.uuid4().hex

    def work(connection: Connection) -> Meanwhile | Outcome:
        lock_leads(connection, (lead_id,))
        get_head(connection, lead_id)
        if not typed(visit, "again"):
            found = _meanwhile(connection, visit, lead_id, seen_us)
            if found is not None:
                return found
        one, new = add_outcome(
            connection, lead_id, kind, at_us=visit.now_us, now_us=visit.now_us, source=SOURCE,
            message_id=f"{token}-{kind}", actor=visit.who.actor, value=value, currency=currency,
            reason=reason,
        )  # fmt: skip
        if new:
            audit(connection, visit.who.actor, "outcome", "lead", lead_id, kind, visit.now_us)
        return one

    found = visit.write(work)
    if isinstance(found, Meanwhile):
        return _told(visit, lead_id, kind, found)
    outcome = outcome_said(kind, visit.texts)
    if visit.now_us - found.received_us > UNDO_US:  # a page that was left open, or gone back to
        ago = visit.texts.ago(found.received_us, visit.now_us)
        said = _("Recorded already, %(ago)s: %(outcome)s. Nothing was added.", ago=ago,
                 outcome=outcome)  # fmt: skip
    else:
        said = _("Recorded: %(outcome)s.", outcome=outcome)
    return row_answer(visit, lead_id, said)


def undo_outcome(visit: Visit) -> Response:
    """Take back what was recorded by mistake, within a minute."""
    _ = visit.texts.say

    def work(connection: Connection) -> Outcome:
        found = take_back(connection, visit.number("outcome_id"), visit.who.actor, visit.now_us)
        who, lead_id = visit.who.actor, found.lead_id
        audit(connection, who, "undo outcome", "lead", lead_id, found.kind, visit.now_us)
        return found

    found = visit.write(work)
    return row_answer(visit, found.lead_id, _("Taken back."))


def outcome_values(visit: Visit) -> dict[str, Any]:
    """What the form of outcomes shows."""
    return {
        "reasons": [(one, reason_said(one, visit.texts)) for one in REASONS],
        "currency": visit.read(last_currency) or "",
    }


def _said(visit: Visit, kind: str) -> tuple[str | None, int | None, str | None, dict[str, str]]:
    """The reason, the value in hundredths, its currency; and what is wrong, by field."""
    _ = visit.texts.say
    faults: dict[str, str] = {}
    if kind in WITH_REASON:
        reason, more = typed(visit, "reason"), typed(visit, "text")
        if reason not in REASONS:
            faults["reason"] = _("Choose a reason.")
        elif reason == "other" and not more:
            faults["text"] = _("Say what it was.")
        if len(more) > LONGEST_REASON:
            faults["text"] = _("Shorten it: %(num)s characters at most.", num=LONGEST_REASON)
        return f"{reason}: {more}" if more else reason, None, None, faults
    if kind != "won" or not typed(visit, "value"):
        return None, None, None, faults
    value = _money(typed(visit, "value"))
    currency = typed(visit, "currency").upper()
    if value is None:
        faults["value"] = _("Write an amount such as 1200 or 1200.50.")
    if not re.fullmatch("[A-Z]{3}", currency):
        faults["currency"] = _("Write the three letters of the currency, such as EUR.")
    return None, value, currency, faults


def _money(text: str) -> int | None:
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if re.fullmatch(r"\d{1,13}([.,]\d{1,2})?", plain) is None:
        return None
    whole, _point, cents = plain.replace(",", ".").partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") or 0)


def _meanwhile(
    connection: Connection, visit: Visit, lead_id: int, seen_us: int
) -> Meanwhile | None:
    found = next(
        (
            one
            for one in outcomes_of_leads(connection, [lead_id]).get(lead_id, [])
            if one.received_us >= seen_us and one.actor != visit.who.actor and one.kind in ANSWERS
        ),
        None,
    )
    if found is None:
        return None
    by = actor_said(found.actor, member_names(connection), visit.texts)
    return Meanwhile(found, by, outcome_said(found.kind, visit.texts))


def _told(visit: Visit, lead_id: int, kind: str, meanwhile: Meanwhile) -> Response:
    """Somebody else was quicker: say so, and let them go on all the same."""
    fields = [
        (name, value) for name, value in visit.form.multi_items()
        if isinstance(value, str) and name in ("kind", "reason", "text", "value", "currency")
    ]  # fmt: skip
    values: dict[str, Any] = {
        "meanwhile": meanwhile, "fields": fields, "wanted": outcome_said(kind, visit.texts),
    }  # fmt: skip
    if visit.partial:
        return row_answer(visit, lead_id, "", **values)
    found = panel(visit, lead_id, "meanwhile", faults={}, members=[], **outcome_values(visit),
                  **values)  # fmt: skip
    found.status_code = 409
    return found
