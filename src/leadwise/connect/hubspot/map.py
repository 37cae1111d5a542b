"""HubSpot's records as ours: people, companies, deals, what happened between them and the seller.

A contact goes by `NAME:contact:7` and its e-mail address, a company by `NAME:company:3`, NAME being
the connection. Times are HubSpot's own; texts stay texts, for a card's types are the card's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from leadwise.card.values import parse_time
from leadwise.connect.mapping import mapped
from leadwise.connect.model import Became, Connection
from leadwise.connect.scored import hundredths
from leadwise.ingest.messages import Message
from leadwise.store.documents import canonical
from leadwise.store.identities import Name

Row = Mapping[str, Any]
OURS = "leadwise_"
"""What our own properties begin with; they are never pulled."""
CONTACT: Mapping[str, str] = {
    "firstname": "first_name", "lastname": "last_name", "jobtitle": "title", "phone": "phone",
    "mobilephone": "mobile", "company": "company", "website": "website", "city": "city",
    "state": "region", "country": "country", "zip": "zip", "hs_language": "language",
    "industry": "industry", "numemployees": "employees", "annualrevenue": "annual_revenue",
    "lifecyclestage": "crm_stage", "hs_lead_status": "crm_status",
    "hs_analytics_source": "lead_source", "hubspot_owner_id": "crm_owner",
}  # fmt: skip
CONTACT_NEEDS = ("email", "associatedcompanyid", "lastmodifieddate", "createdate",
                 "hs_merged_object_ids")  # fmt: skip
COMPANY: Mapping[str, str] = {
    "name": "name", "domain": "domain", "industry": "industry", "numberofemployees": "employees",
    "annualrevenue": "annual_revenue", "city": "city", "state": "region", "country": "country",
    "phone": "phone", "type": "type", "hubspot_owner_id": "crm_owner",
}  # fmt: skip
DEAL = (
    "dealname", "amount", "deal_currency_code", "dealstage", "pipeline", "closedate", "createdate",
    "hs_is_closed", "hs_is_closed_won", "closed_lost_reason", "closed_won_reason",
    "hs_lastmodifieddate",
)  # fmt: skip
MEETINGS = {
    "SCHEDULED": "crm_meeting_booked", "RESCHEDULED": "crm_meeting_moved",
    "COMPLETED": "crm_meeting_held", "NO_SHOW": "crm_meeting_missed",
    "CANCELED": "crm_meeting_cancelled",
}  # fmt: skip
HAPPENED: Mapping[str, tuple[str, ...]] = {
    "calls": ("hs_call_title", "hs_call_direction", "hs_call_duration", "hs_call_status",
              "hs_call_disposition"),
    "meetings": ("hs_meeting_title", "hs_meeting_start_time", "hs_meeting_end_time",
                 "hs_meeting_outcome", "hs_createdate"),
    "notes": (),
    "tasks": ("hs_task_subject", "hs_task_status", "hs_task_type"),
    "emails": ("hs_email_direction", "hs_email_status"),
}  # fmt: skip
"""Kinds of engagement, with the properties that are asked for; never what was said or written."""
HAPPENED_NEEDS = ("hs_timestamp", "hs_lastmodifieddate")


@dataclass(frozen=True, slots=True)
class Here:
    """What reading of records needs besides them."""

    connection: Connection
    now_us: int
    owners: Mapping[str, str]

    def contact(self, id_: object) -> str:
        """What a contact is called as an identity."""
        return f"{self.connection.name}:contact:{id_}"

    def company(self, id_: object) -> str:
        """What a company is called."""
        return f"{self.connection.name}:company:{id_}"


def person(here: Here, row: Row) -> Message:
    """A contact: who it is and what is known of it."""
    values = row["properties"]
    known = _said(values, CONTACT_NEEDS, ("hs_object", OURS))
    owner = known.get("hubspot_owner_id")
    if owner:
        known["hubspot_owner_id"] = here.owners.get(owner, owner)
    changed = at_us(values.get("lastmodifieddate") or row.get("updatedAt"), here.now_us)
    facts = mapped(known, CONTACT, here.connection.mapping)
    return Message(
        "identify", here.connection.name, f"contact-{row['id']}-{changed}-{_digest(facts)}",
        "identify", min(changed, here.now_us), here.now_us, email=values.get("email") or None,
        crm_id=here.contact(row["id"]), document=canonical(facts),
    )  # fmt: skip


def _said(values: Row, left_out: Sequence[str], starts: tuple[str, ...]) -> dict[str, Any]:
    """What a record says. Null was never said, and takes nothing away that is known from elsewhere;
    the empty text was taken out by somebody."""
    return {
        name: value for name, value in values.items()
        if value is not None and name not in left_out and not name.startswith(starts)
    }  # fmt: skip


def one_person(here: Here, id_: str, row: Row) -> list[Message]:
    """That contacts which were merged into this one are the same person."""
    merged = str(row["properties"].get("hs_merged_object_ids") or "").split(";")
    return [same_person(here, id_, other, at_us(row.get("updatedAt"), here.now_us))
            for other in merged if other.strip() and other.strip() != id_]  # fmt: skip


def same_person(here: Here, id_: str, other: str, when_us: int) -> Message:
    """That one contact became part of another."""
    return Message(
        "alias", here.connection.name, f"merge-{id_}-{other.strip()}", "alias",
        min(when_us, here.now_us), here.now_us, crm_id=here.contact(id_),
        previous_crm_id=here.contact(other.strip()),
    )  # fmt: skip


def gone(here: Here, id_: str, how: str, when_us: int, message_id: str) -> Message:
    """That a contact was deleted there (`deleted`, `erased`), or came back (none)."""
    return Message(
        "identify", here.connection.name, message_id, "identify", min(when_us, here.now_us),
        here.now_us, crm_id=here.contact(id_), document=canonical({"crm_deleted": how or None}),
    )  # fmt: skip


def member(here: Here, contact_id: str, company: Row) -> Message:
    """A company, told of by one of its people."""
    values = dict(company["properties"])
    owner = values.get("hubspot_owner_id")
    if owner:
        values["hubspot_owner_id"] = here.owners.get(owner, owner)
    known = _said(values, ("createdate",), ("hs_", OURS))
    team = {name.removeprefix("company."): ours for name, ours in here.connection.mapping.items()
            if name.startswith("company.")}  # fmt: skip
    facts = mapped(known, COMPANY, team)
    changed = at_us(values.get("hs_lastmodifieddate") or company.get("updatedAt"), here.now_us)
    return Message(
        "group", here.connection.name,
        f"company-{company['id']}-{contact_id}-{_digest(facts)}-{changed}", "group",
        min(changed, here.now_us), here.now_us, crm_id=here.contact(contact_id),
        group_id=here.company(company["id"]), document=canonical(facts),
    )  # fmt: skip


def outcomes(
    here: Here, row: Row, contact_ids: Sequence[str], currency: str | None
) -> list[Became]:
    """What a deal is to each of its contacts. Its value stands with the first of them, for it was
    won once."""
    values = row["properties"]
    closed, won = (values.get(name) == "true" for name in ("hs_is_closed", "hs_is_closed_won"))
    kind: Any = "won" if won else "lost" if closed else "opportunity"
    when = values.get("closedate") if closed else values.get("createdate")
    at = min(at_us(when or values.get("hs_lastmodifieddate"), here.now_us), here.now_us)
    money = values.get("deal_currency_code") or currency
    value = hundredths(values.get("amount")) if money and kind != "lost" else None
    reason = values.get("closed_lost_reason" if kind == "lost" else "closed_won_reason") or None
    found = []
    for place, id_ in enumerate(contact_ids):
        worth = value if place == 0 else None
        found.append(
            Became(
                ("crm", here.contact(id_)), kind, at, f"deal-{row['id']}-{kind}-{id_}", worth,
                money if worth is not None else None, reason[:500] if reason else None,
            )
        )  # fmt: skip
    return found


def happened(here: Here, kind: str, row: Row, contact_ids: Sequence[str]) -> list[Message]:
    """What a call, meeting, note, task or mail is to each of its contacts; nothing where it has not
    happened yet."""
    values = row["properties"]
    event, when = _event(kind, values)
    if not event:
        return []
    said = {
        name.removeprefix("hs_").removeprefix(f"{kind[:-1]}_"): values.get(name)
        for name in HAPPENED[kind] if not name.endswith(("_time", "_createdate"))
    }  # fmt: skip
    if kind == "calls" and str(values.get("hs_call_duration") or "").isdecimal():
        said["duration"] = str(int(values["hs_call_duration"]) // 1000)
    at = at_us(when, here.now_us)
    return [
        Message(
            "track", here.connection.name, f"{kind}-{row['id']}-{event}-{id_}", event,
            min(at, here.now_us), here.now_us, crm_id=here.contact(id_),
            document=canonical({name: value for name, value in said.items() if value}),
        )
        for id_ in contact_ids
    ]  # fmt: skip


def _event(kind: str, values: Mapping[str, Any]) -> tuple[str, Any]:
    """The event's name and when it happened; no name where it has not."""
    when = values.get("hs_timestamp")
    if kind == "meetings":
        outcome = values.get("hs_meeting_outcome") or "SCHEDULED"
        event = MEETINGS.get(outcome, "")
        held = outcome in ("COMPLETED", "NO_SHOW")
        start = values.get("hs_meeting_start_time") or when
        changed = values.get("hs_createdate" if outcome == "SCHEDULED" else "hs_lastmodifieddate")
        return event, start if held else changed or when
    if kind == "tasks":
        done = values.get("hs_task_status") == "COMPLETED"
        return ("crm_task_done" if done else ""), values.get("hs_lastmodifieddate") or when
    if kind == "calls":
        open_ = values.get("hs_call_status") in ("QUEUED", "RINGING", "IN_PROGRESS", "CONNECTING")
        return ("" if open_ else "crm_call"), when
    if kind == "emails":
        came = str(values.get("hs_email_direction") or "").startswith("INCOMING")
        return ("crm_email_received" if came else "crm_email_sent"), when
    return "crm_note", when


def at_us(value: object, otherwise_us: int) -> int:
    """HubSpot's times: ISO 8601, or milliseconds since 1970."""
    text = str(value or "").strip()
    if text.lstrip("-").isdecimal():
        return int(text) * 1000
    try:
        return parse_time(text)
    except ValueError:
        return otherwise_us


def as_time(us: int) -> str:
    """An instant as HubSpot's properties keep it, to the millisecond below."""
    moment = datetime.fromtimestamp(us // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{us // 1000 % 1000:03d}Z"


def ids_of(name: str, names: Sequence[Name]) -> list[str]:
    """The ids of contacts among the identities of a lead, for the connection of that name."""
    start = f"{name}:contact:"
    return [value.removeprefix(start) for kind, value in names
            if kind == "crm" and value.startswith(start)]  # fmt: skip


def _digest(facts: Mapping[str, Any]) -> str:
    said = repr(sorted((name, str(value)) for name, value in facts.items()))
    return hashlib.sha256(said.encode()).hexdigest()[:12]
