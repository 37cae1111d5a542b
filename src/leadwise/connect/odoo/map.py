"""Odoo's records as ours: who a lead or contact is, what is known of it, what became of it.

A contact (a partner that is no company) goes by its own id, `NAME:partner:7`, NAME being the
connection. A lead there belongs to its contact; without one it is whoever its address says; without
an address it goes by its own id, `NAME:lead:5`. Each lead there is told to be the same person as
what it belongs to, so one person with five enquiries is one lead here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from leadwise.asking.instants import microseconds
from leadwise.connect.mapping import fields_for
from leadwise.connect.model import Became, Connection
from leadwise.connect.odoo.client import Row
from leadwise.connect.scored import hundredths
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message
from leadwise.store.documents import canonical
from leadwise.store.identities import Name

PARTNER: Mapping[str, str] = {
    "name": "name", "function": "title", "phone": "phone", "mobile": "mobile",
    "company_name": "company", "website": "website", "city": "city", "zip": "zip",
    "country_id": "country", "state_id": "region", "lang": "language", "industry_id": "industry",
}  # fmt: skip
LEAD: Mapping[str, str] = {
    "contact_name": "name", "partner_name": "company", "function": "title", "phone": "phone",
    "mobile": "mobile", "website": "website", "city": "city", "zip": "zip",
    "country_id": "country", "state_id": "region", "lang_code": "language", "stage_id": "crm_stage",
    "type": "crm_type", "user_id": "crm_owner", "team_id": "crm_team", "source_id": "lead_source",
    "medium_id": "lead_medium", "campaign_id": "lead_campaign", "name": "crm_title",
}  # fmt: skip
COMPANY: Mapping[str, str] = {
    "name": "name", "website": "website", "city": "city", "country_id": "country",
    "industry_id": "industry", "phone": "phone", "vat": "vat",
}  # fmt: skip
KEPT = ("id", "write_date", "create_date", "active")
PARTNER_NEEDS = (*KEPT, "email", "email_normalized", "is_company", "parent_id",
                 "commercial_partner_id")  # fmt: skip
LEAD_NEEDS = (*KEPT, "email_from", "email_normalized", "partner_id", "stage_id", "probability",
              "expected_revenue", "company_currency", "date_closed", "date_conversion",
              "lost_reason_id", "lost_reason")  # fmt: skip
EVENT_NEEDS = (*KEPT, "name", "start", "stop", "opportunity_id")


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a record is of: the identity it goes by, and further ones of an identify call."""

    crm_id: str | None
    email: str | None

    @property
    def name(self) -> Name:
        """The identity that outcomes and events are told of."""
        return ("crm", self.crm_id) if self.crm_id else ("email", self.email or "")


def partner_id(connection: Connection, id_: int) -> str:
    """What a contact is called as an identity."""
    return f"{connection.name}:partner:{id_}"


def lead_id(connection: Connection, id_: int) -> str:
    """What a lead there is called as an identity."""
    return f"{connection.name}:lead:{id_}"


def wanted(
    connection: Connection, usual: Mapping[str, str], types: Mapping[str, Any], prefix: str = ""
) -> dict[str, str]:
    """Which of their fields become which of ours, of those that there are. The live card's own
    fields of the same name come too; of a company's those that it names with `prefix`."""
    asked = [name.removeprefix(prefix) for name in connection.wanted if name.startswith(prefix)]
    before = "company." if prefix else ""
    team = {
        name.removeprefix(before): ours
        for name, ours in connection.mapping.items()
        if name.startswith(before) and (before or not name.startswith("company."))
    }
    names = fields_for(asked, usual, team)
    mapping = {name: team.get(name, usual.get(name, name)) for name in names}
    return {theirs: ours for theirs, ours in mapping.items() if theirs in types}


def facts(row: Row, mapping: Mapping[str, str], types: Mapping[str, Any]) -> dict[str, object]:
    """What a record says, by our names. Odoo's False is "nothing" but for a yes or no.

    An empty field says nothing: what another enquiry or a form told of the person stays known.
    """
    said: dict[str, object] = {}
    for theirs, ours in mapping.items():
        if said.get(ours) is not None:
            continue  # the first field that says it counts
        value = row.get(theirs)
        kind = types.get(theirs, {}).get("type")
        if kind != "boolean" and value is False:
            value = None
        elif kind in ("many2one", "reference") and isinstance(value, list | tuple):
            value = str(value[1]) if len(value) > 1 else None
        elif kind == "datetime" and isinstance(value, str):
            value = value.replace(" ", "T") + "Z"
        elif kind == "selection":
            choices = dict(types[theirs].get("selection") or ())
            value = (
                value
                if ours.startswith("crm_") or ours == "language"
                else choices.get(value, value)
            )
        if value is not None and value != "":
            said[ours] = value
    return said


def address(row: Row) -> str | None:
    """The record's e-mail address: `Ana <ana@acme.example>` is one too."""
    for name in ("email_normalized", "email", "email_from"):
        value = row.get(name)
        if isinstance(value, str) and value.strip():
            found = normalised_email(value) or normalised_email(parseaddr(value)[1])
            if found:
                return found
    return None


def person_of_lead(connection: Connection, row: Row, people: Mapping[int, Row]) -> Person:
    """Whom a lead there is of; `people` are the contacts that are no companies."""
    partner = ref(row.get("partner_id"))
    if partner in people:
        return Person(partner_id(connection, partner), address(people[partner]) or address(row))
    email = address(row)
    return Person(None, email) if email else Person(lead_id(connection, row["id"]), None)


def ref(value: object) -> int:
    """The id in a link to one record, 0 where there is none."""
    if isinstance(value, list | tuple) and value:
        value = value[0]
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def instant(value: object) -> int | None:
    """Odoo's times are UTC, without saying so."""
    if isinstance(value, datetime):
        return microseconds(value, "time")
    return microseconds(value, "time") if isinstance(value, str) and value else None


def message(
    connection: Connection, type_: str, who: Person, id_: str, at_us: int, now_us: int,
    values: Mapping[str, object] | None = None, **more: str,
) -> Message:  # fmt: skip
    """A message of this connection. An event is named by `event`, a record by its id and change."""
    return Message(
        type=type_,  # type: ignore[arg-type] # one of its words
        source=connection.name, message_id=id_, event=more.pop("event", type_),
        at_us=min(at_us, now_us), received_us=now_us, crm_id=who.crm_id,
        email=who.email if type_ == "identify" or not who.crm_id else None,
        document=canonical(values or {}), **more,  # type: ignore[arg-type] # ids are texts
    )  # fmt: skip


def became(
    row: Row, who: Person, won_stages: frozenset[int], currency: str | None,
    now_us: int,
) -> list[Became]:  # fmt: skip
    """What a lead there says became of it: an opportunity, won with its value, lost."""
    found: list[Became] = []
    converted = instant(row.get("date_conversion"))
    if converted is not None:
        id_ = f"lead:{row['id']}:opportunity"
        found.append(Became(who.name, "opportunity", min(converted, now_us), id_))
    closed = instant(row.get("date_closed"))
    at_us = min(closed or instant(row.get("write_date")) or now_us, now_us)
    value = hundredths(row.get("expected_revenue")) if currency else None
    said = currency if value is not None else None
    end = f":{closed}" if closed is not None else ""
    if row.get("active") and ref(row.get("stage_id")) in won_stages:
        found.append(Became(who.name, "won", at_us, f"lead:{row['id']}:won{end}", value, said))
    elif row.get("active") is False and not row.get("probability"):
        reason = row.get("lost_reason_id") or row.get("lost_reason")
        why = str(reason[1]) if isinstance(reason, list | tuple) and len(reason) > 1 else None
        id_ = f"lead:{row['id']}:lost{end}"
        found.append(Became(who.name, "lost", at_us, id_, value, said, why))
    return found
