"""Salesforce's records as ours: who a lead or contact is, what is known, what became of it.

A contact goes by `NAME:contact:ID`, NAME being the connection. A lead there is whoever its address
says, or without one `NAME:lead:ID`; once it is converted it is its contact's. Each lead there is
told to be the same person as what it belongs to, so nothing of before its conversion is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from leadwise.asking.instants import microseconds
from leadwise.connect.mapping import fields_for
from leadwise.connect.model import Became, Connection
from leadwise.connect.salesforce.client import Row
from leadwise.connect.scored import hundredths
from leadwise.ingest.emails import normalised_email
from leadwise.ingest.messages import Message
from leadwise.ingest.texts import digest
from leadwise.store.documents import canonical, text_of
from leadwise.store.identities import Name

OURS = "Leadwise_"
"""What our own fields begin with; they are never pulled."""
CONTACT: Mapping[str, str] = {
    "Name": "name", "FirstName": "first_name", "LastName": "last_name", "Title": "title",
    "Department": "department", "Phone": "phone", "MobilePhone": "mobile",
    "MailingCity": "city", "MailingState": "region", "MailingPostalCode": "zip",
    "MailingCountry": "country", "LeadSource": "lead_source", "Owner.Name": "crm_owner",
}  # fmt: skip
LEAD: Mapping[str, str] = {
    "Name": "name", "FirstName": "first_name", "LastName": "last_name", "Title": "title",
    "Company": "company", "Phone": "phone", "MobilePhone": "mobile", "Website": "website",
    "City": "city", "State": "region", "PostalCode": "zip", "Country": "country",
    "Industry": "industry", "NumberOfEmployees": "employees", "AnnualRevenue": "annual_revenue",
    "LeadSource": "lead_source", "Status": "crm_status", "Rating": "crm_rating",
    "Owner.Name": "crm_owner",
}  # fmt: skip
ACCOUNT: Mapping[str, str] = {
    "Name": "name", "Website": "website", "Industry": "industry",
    "NumberOfEmployees": "employees", "AnnualRevenue": "annual_revenue", "Type": "type",
    "BillingCity": "city", "BillingState": "region", "BillingCountry": "country",
    "Phone": "phone", "Owner.Name": "crm_owner",
}  # fmt: skip
MAPS: Mapping[str, Mapping[str, str]] = {"Contact": CONTACT, "Lead": LEAD, "Account": ACCOUNT}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("Id", "SystemModstamp", "CreatedDate", "Email", "AccountId"),
    "Lead": ("Id", "SystemModstamp", "CreatedDate", "Email", "IsConverted", "ConvertedDate",
             "ConvertedContactId", "ConvertedOpportunityId"),
    "Account": ("Id", "SystemModstamp"),
    "Opportunity": ("Id", "Name", "SystemModstamp", "CreatedDate", "CloseDate", "IsWon", "IsClosed",
                    "Amount", "CurrencyIsoCode"),
    "Task": ("Id", "SystemModstamp", "CreatedDate", "WhoId", "Subject", "Status", "IsClosed",
             "TaskSubtype", "CompletedDateTime", "CallDurationInSeconds", "CallDisposition"),
    "Event": ("Id", "SystemModstamp", "CreatedDate", "WhoId", "Subject", "StartDateTime",
              "DurationInMinutes", "IsChild"),
}  # fmt: skip
_TASKS = {"Call": "crm_call", "Email": "crm_email_sent"}
_PREFIXES = {"003": "contact", "00Q": "lead"}


@dataclass(frozen=True, slots=True)
class Here:
    """What reading of records needs besides them."""

    connection: Connection
    now_us: int

    def name(self, id_: object) -> str | None:
        """What a contact or lead there is called as an identity; None for anything else."""
        kind = _PREFIXES.get(str(id_ or "")[:3])
        return f"{self.connection.name}:{kind}:{id_}" if kind else None


def mapping_of(connection: Connection, of: str) -> dict[str, str]:
    """Which fields of an object become which of ours. Those of accounts are mapped with
    `company.` before them, and stand in the card as `account.`."""
    ours, theirs = ("account.", "company.") if of == "Account" else ("", "")
    wanted = [name.removeprefix(ours) for name in connection.wanted if name.startswith(ours)]
    team = {
        name.removeprefix(theirs): to
        for name, to in connection.mapping.items()
        if name.startswith(theirs) and (theirs or not name.startswith("company."))
    }
    usual = MAPS[of]
    return {n: team.get(n, usual.get(n, n)) for n in fields_for(wanted, usual, team)}


def facts(row: Row, mapping: Mapping[str, str]) -> dict[str, object]:
    """What a record says. An empty field says nothing: what a form told stays known."""
    said: dict[str, object] = {}
    for theirs, ours in mapping.items():
        value = row.get(theirs)
        if ours not in said and value not in (None, ""):
            said[ours] = value
    return said


def identify(here: Here, row: Row, kind: str, said: Mapping[str, object]) -> Message:
    """Who a contact or lead there is, and what is known of it."""
    crm_id, email = who(here, row, kind)
    document = canonical(said)
    content = digest(text_of(document).encode())[:12]
    return Message(
        "identify", here.connection.name, f"{kind}-{row['Id']}-{changed(row)}-{content}",
        "identify", min(changed(row), here.now_us), here.now_us, crm_id=crm_id, email=email,
        document=document,
    )  # fmt: skip


def who(here: Here, row: Row, kind: str) -> tuple[str | None, str | None]:
    """The CRM id and the address by which a record is told of."""
    email = normalised_email(row.get("Email"))
    if kind == "contact":
        return here.name(row["Id"]), email
    if row.get("ConvertedContactId"):
        return here.name(row["ConvertedContactId"]), None
    return (None, email) if email else (here.name(row["Id"]), None)


def same_person(here: Here, row: Row, crm_id: str | None, email: str | None) -> Message:
    """That a lead there is who it belongs to."""
    return Message(
        "alias", here.connection.name, f"lead-{row['Id']}-is-{crm_id or email}", "alias",
        min(changed(row), here.now_us), here.now_us, crm_id=crm_id, email=email,
        previous_crm_id=here.name(row["Id"]),
    )  # fmt: skip


def gone(here: Here, row: Row) -> Message:
    """That a record was merged into another one, or deleted."""
    own, master = here.name(row["Id"]), here.name(row.get("MasterRecordId"))
    at = min(changed(row), here.now_us)
    if master is not None:
        return Message(
            "alias", here.connection.name, f"merged-{row['Id']}-{row['MasterRecordId']}", "alias",
            at, here.now_us, crm_id=master, previous_crm_id=own,
        )  # fmt: skip
    return Message(
        "identify", here.connection.name, f"deleted-{row['Id']}-{changed(row)}", "identify",
        at, here.now_us, crm_id=own, document=canonical({"crm_deleted": "deleted"}),
    )  # fmt: skip


def member(here: Here, crm_id: str | None, account: Row, said: dict[str, object]) -> Message:
    """A company, told of through one of its people."""
    host = urlsplit(_with_scheme(said.get("website"))).hostname or ""
    if "." in host:
        said["domain"] = host.removeprefix("www.")
    document = canonical(said)
    content = digest(text_of(document).encode())[:12]
    return Message(
        "group", here.connection.name,
        f"account-{account['Id']}-{changed(account)}-{content}-{crm_id}", "group",
        min(changed(account), here.now_us), here.now_us, crm_id=crm_id,
        group_id=f"{here.connection.name}:company:{account['Id']}", document=document,
    )  # fmt: skip


def of_lead(here: Here, row: Row, rejected: Sequence[str]) -> list[Became]:
    """What a lead there says became of it: converted, or refused by its status."""
    crm_id, email = who(here, row, "lead")
    name: Name = ("crm", crm_id) if crm_id else ("email", email or "")
    if is_true(row.get("IsConverted")):
        at = instant(row.get("ConvertedDate")) or changed(row)
        id_ = f"lead-{row['Id']}-converted"
        return [Became(name, "sales_qualified", min(at, here.now_us), id_)]
    if str(row.get("Status") or "") in rejected:
        at, status = min(changed(row), here.now_us), str(row["Status"])
        return [Became(name, "sales_rejected", at, f"lead-{row['Id']}-rejected", reason=status)]
    return []


def of_opportunity(
    here: Here, row: Row, people: Sequence[str], currency: str | None, reason: str | None
) -> list[Became]:
    """What an opportunity is to each of its people (identities); its value stands with the first,
    for it was won once."""
    won, closed = is_true(row.get("IsWon")), is_true(row.get("IsClosed"))
    end = instant(row.get("CloseDate")) if closed else instant(row.get("CreatedDate"))
    at = min(end or changed(row), here.now_us)
    money = str(row.get("CurrencyIsoCode") or currency or "") or None
    value = hundredths(row.get("Amount")) if money and (won or not closed) else None
    found = []
    for place, crm_id in enumerate(people):
        worth = value if place == 0 else None
        kind = "won" if won else "lost" if closed else "opportunity"
        found.append(
            Became(
                ("crm", crm_id), kind, at,  # type: ignore[arg-type] # one of its words
                f"opportunity-{row['Id']}-{kind}-{crm_id}", worth, money if worth else None,
                reason if kind == "lost" else None,
            )
        )  # fmt: skip
    return found


def happened(here: Here, row: Row, kind: str) -> list[Message]:
    """A task that is done, or a meeting that was booked; nothing else of the calendar."""
    crm_id = here.name(row.get("WhoId"))
    if crm_id is None or (kind == "Task" and not is_true(row.get("IsClosed"))):
        return []
    if is_true(row.get("IsChild")):
        return []  # an invitation to somebody of the same meeting
    made = instant(row.get("CreatedDate")) or changed(row)
    if kind == "Event":
        event, at = "crm_meeting_booked", made
        said = {"title": row.get("Subject"), "starts_at": row.get("StartDateTime"),
                "minutes": row.get("DurationInMinutes")}  # fmt: skip
    else:
        event = _TASKS.get(str(row.get("TaskSubtype") or ""), "crm_task_done")
        at = instant(row.get("CompletedDateTime")) or changed(row)
        said = {"title": row.get("Subject"), "disposition": row.get("CallDisposition"),
                "duration": row.get("CallDurationInSeconds")}  # fmt: skip
    return [
        Message(
            "track", here.connection.name, f"{kind.lower()}-{row['Id']}", event,
            min(at, here.now_us), here.now_us, crm_id=crm_id,
            document=canonical({name: value for name, value in said.items() if value}),
        )
    ]  # fmt: skip


def changed(row: Row) -> int:
    """When a record changed last."""
    return instant(row.get("SystemModstamp")) or 0


def instant(value: object) -> int | None:
    """Salesforce's times (`2026-03-01T09:00:00.000+0000`) and days."""
    return microseconds(value, "time") if isinstance(value, str) and value else None


def is_true(value: object) -> bool:
    """A yes of JSON, or of CSV."""
    return value is True or value == "true"


def _with_scheme(website: object) -> str:
    text = str(website or "").strip()
    return text if "//" in text else f"//{text}"
