"""Pipedrive's records as ours: persons, their organizations, deals, activities.

A person goes by `NAME:person:ID`, NAME being the connection, and by the primary address.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadwise.asking.instants import microseconds
from leadwise.connect.mapping import fields_for
from leadwise.connect.model import Became, Connection
from leadwise.connect.pipedrive.client import Client, Row
from leadwise.connect.scored import hundredths
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message
from leadwise.ingest.texts import digest
from leadwise.store.documents import canonical, text_of

OURS = "Leadwise "
"""What the names of our own fields begin with; they are never pulled."""
PERSON: Mapping[str, str] = {
    "name": "name", "first_name": "first_name", "last_name": "last_name", "job_title": "title",
    "phones": "phone", "postal_address": "city", "owner_id": "crm_owner",
    "marketing_status": "marketing_status",
}  # fmt: skip
ORGANIZATION: Mapping[str, str] = {
    "name": "name", "address": "city", "website": "website", "industry": "industry",
    "employee_count": "employees", "annual_revenue": "annual_revenue", "owner_id": "crm_owner",
}  # fmt: skip
MAPS: Mapping[str, Mapping[str, str]] = {"person": PERSON, "organization": ORGANIZATION}
_DONE = {"call": "crm_call", "meeting": "crm_meeting_held", "lunch": "crm_meeting_held",
         "email": "crm_email_sent"}  # fmt: skip
_MEETINGS = ("meeting", "lunch")


@dataclass(frozen=True, slots=True)
class Here:
    """What reading of records needs besides them. `stages` are names by their ids."""

    connection: Connection
    client: Client
    now_us: int
    stages: Mapping[int, str]

    def person(self, id_: object) -> str:
        """What a person is called as an identity."""
        return f"{self.connection.name}:person:{id_}"


def mapping_of(connection: Connection, client: Client, noun: str) -> dict[str, str]:
    """Which fields, by their codes, become which of ours. The team may say a custom field by its
    code or by what people read; organizations' stand behind `company.`, in the card `account.`."""
    ours, theirs = ("account.", "company.") if noun == "organization" else ("", "")
    team = {
        client.code(noun, name.removeprefix(theirs)) or name.removeprefix(theirs): to
        for name, to in connection.mapping.items()
        if name.startswith(theirs) and (theirs or not name.startswith("company."))
    }
    usual = MAPS[noun]
    asked = [name.removeprefix(ours) for name in connection.wanted if name.startswith(ours)]
    codes = {code: name for name in asked if (code := client.code(noun, name))}
    names = {n: team.get(n, usual.get(n, n)) for n in fields_for((), usual, team)}
    taken = set(names.values())
    more = {c: n for c, n in codes.items() if c not in team and c not in names and n not in taken}
    mine = {c for c, one in client.fields(noun).items() if one["field_name"].startswith(OURS)}
    return {code: to for code, to in {**names, **more}.items() if code not in mine}


def facts(here: Here, row: Row, mapping: Mapping[str, str]) -> dict[str, object]:
    """What a record says. An empty field says nothing: what a form told stays known."""
    custom = row.get("custom_fields") or {}
    said: dict[str, object] = {}
    for code, ours in mapping.items():
        value = plain(row.get(code, custom.get(code)))
        if code == "owner_id" and isinstance(value, int):
            value = here.client.owners().get(value, value)
        if ours not in said and value not in (None, ""):
            said[ours] = value
    return said


def plain(value: Any) -> Any:
    """A value as a fact: of choices their labels, of phones the primary one, of an address the
    town, of money the number."""
    if isinstance(value, Mapping):
        for name in ("label", "locality", "value"):
            if value.get(name) not in (None, ""):
                return value[name]
        return None
    if isinstance(value, list):
        rows = [one for one in value if isinstance(one, Mapping)]
        if rows and "primary" in rows[0]:
            return next(
                (one.get("value") for one in sorted(rows, key=lambda o: not o.get("primary"))), None
            )
        return ", ".join(str(plain(one)) for one in value) or None
    return value


def identify(here: Here, row: Row, said: Mapping[str, object]) -> Message:
    """Who a person is and what is known of it."""
    document = canonical(said)
    content = digest(text_of(document).encode())[:12]
    return Message(
        "identify", here.connection.name, f"person-{row['id']}-{row.get('update_time')}-{content}",
        "identify", min(changed(row), here.now_us), here.now_us, crm_id=here.person(row["id"]),
        email=address(row), document=document,
    )  # fmt: skip


def member(here: Here, person_id: object, organization: Row, said: dict[str, object]) -> Message:
    """A company, told of through one of its people."""
    website = str(said.get("website") or "").removeprefix("https://").removeprefix("http://")
    host = website.split("/")[0].strip().lower().removeprefix("www.")
    if "." in host:
        said["domain"] = host
    document = canonical(said)
    content = digest(text_of(document).encode())[:12]
    return Message(
        "group", here.connection.name,
        f"organization-{organization['id']}-{organization.get('update_time')}-{content}-{person_id}",
        "group", min(changed(organization), here.now_us), here.now_us,
        crm_id=here.person(person_id),
        group_id=f"{here.connection.name}:company:{organization['id']}", document=document,
    )  # fmt: skip


def gone(here: Here, id_: object, when_us: int) -> Message:
    """That a person was deleted there."""
    return Message(
        "identify", here.connection.name, f"person-{id_}-deleted-{when_us}", "identify",
        min(when_us, here.now_us), here.now_us, crm_id=here.person(id_),
        document=canonical({"crm_deleted": "deleted"}),
    )  # fmt: skip


def of_deal(here: Here, row: Row) -> tuple[list[Message], list[Became]]:
    """What a deal is to its person: open, won with its value, lost with its reason."""
    status, person = row.get("status"), row.get("person_id")
    if not person or status not in ("open", "won", "lost"):
        return [], []
    times = {"open": "add_time", "won": "won_time", "lost": "lost_time"}
    at = instant(row.get(times[status])) or instant(row.get("close_time")) or changed(row)
    kind: Any = "opportunity" if status == "open" else status
    currency = str(row.get("currency") or "") or None
    value = hundredths(row.get("value")) if currency and status != "lost" else None
    became = Became(
        ("crm", here.person(person)), kind, min(at, here.now_us), f"deal-{row['id']}-{kind}",
        value, currency if value is not None else None,
        str(row["lost_reason"]) if status == "lost" and row.get("lost_reason") else None,
    )  # fmt: skip
    stage = here.stages.get(row.get("stage_id") or 0)
    if status != "open" or not stage:
        return [], [became]
    said = Message(
        "identify", here.connection.name, f"deal-{row['id']}-stage-{row.get('update_time')}",
        "identify", min(changed(row), here.now_us), here.now_us, crm_id=here.person(person),
        document=canonical({"crm_stage": stage}),
    )  # fmt: skip
    return [said], [became]


def of_activity(here: Here, row: Row) -> list[Message]:
    """An activity that is done, or a meeting that was booked."""
    person, kind = row.get("person_id"), str(row.get("type") or "")
    if not person:
        return []
    if row.get("done"):
        event = _DONE.get(kind, "crm_task_done")
        at = instant(row.get("marked_as_done_time")) or changed(row)
    elif kind in _MEETINGS:
        event, at = "crm_meeting_booked", instant(row.get("add_time")) or changed(row)
    else:
        return []
    said: dict[str, object] = {"title": row.get("subject"), "type": kind}
    if row.get("due_date"):
        time = str(row.get("due_time") or "00:00:00")
        said["starts_at"] = f"{row['due_date']}T{time}Z"  # times of activities are UTC
    if row.get("duration"):
        hours, minutes, *_ = (*str(row["duration"]).split(":"), "0", "0")
        said["minutes"] = int(hours) * 60 + int(minutes)
    return [
        Message(
            "track", here.connection.name, f"activity-{row['id']}-{event}", event,
            min(at, here.now_us), here.now_us, crm_id=here.person(person),
            document=canonical({name: value for name, value in said.items() if value}),
        )
    ]  # fmt: skip


def address(row: Row) -> str | None:
    """A person's primary address, else the first that is one."""
    rows = sorted(row.get("emails") or (), key=lambda one: not one.get("primary"))
    return next((mail for one in rows if (mail := normalised_email(one.get("value")))), None)


def changed(row: Row) -> int:
    """When a record changed last."""
    return instant(row.get("update_time")) or instant(row.get("add_time")) or 0


def instant(value: object) -> int | None:
    """Pipedrive's times: ISO 8601, in older places with a space and in UTC."""
    return microseconds(value, "time") if isinstance(value, str) and value else None
