"""HubSpot as a connection: what the Protocols of `connect.model` ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.asking.instants import now_us
from leadwise.connect.http import Http
from leadwise.connect.hubspot import map as maps
from leadwise.connect.hubspot.client import API, Client, Row, said
from leadwise.connect.hubspot.hooks import told, verify
from leadwise.connect.hubspot.pull import ENGAGEMENTS, Puller
from leadwise.connect.hubspot.push import GROUP, Pusher
from leadwise.connect.model import (
    JSON,
    Became,
    Connection,
    Noun,
    Page,
    Pushed,
    Record,
    Request,
    Update,
)
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.messages import Message, Refusal
from leadwise.store.identities import Name

KINDS: Mapping[Noun, str] = {
    "contact": "contacts", "company": "companies", "deal": "deals", "task": "tasks",
    "meeting": "meetings", "event": "notes",
}  # fmt: skip
TYPES: Mapping[tuple[str, str], int] = {
    ("deals", "contacts"): 3, ("deals", "companies"): 5, ("contacts", "companies"): 279,
    ("tasks", "contacts"): 204, ("tasks", "companies"): 192, ("tasks", "deals"): 216,
    ("meetings", "contacts"): 200, ("meetings", "companies"): 188, ("meetings", "deals"): 212,
    ("notes", "contacts"): 202, ("notes", "companies"): 190, ("notes", "deals"): 214,
    ("contacts", "deals"): 4,
}  # fmt: skip
"""HubSpot's own types of associations."""
KEY = "leadwise_key"
UNIQUE = ("contacts", "companies", "deals")
"""Kinds that take a property of which each value is one record's."""


@dataclass(slots=True)
class HubSpot:
    """One account of HubSpot's, through the token of a private app."""

    client: Client
    connection: Connection

    @classmethod
    def of(cls, connection: Connection, http: Http) -> HubSpot:
        """Over a line that is not in use yet."""
        http.base_url = connection.options.get("address") or API
        http.headers = {"Authorization": f"Bearer {connection.secrets['token']}"}
        http.said = said
        return cls(Client(http), connection)

    def test(self) -> str:
        """Whose account it is; RemoteError where a right is missing without which nothing works."""
        account = self.client.account()
        missing = []
        for kind in ("contacts", "companies", "deals", *ENGAGEMENTS):
            try:
                self.client.search(kind, ("hs_object_id",), since_ms=None, until_ms=1, after_id="")
            except RemoteError as error:
                if error.status != 403:
                    raise
                missing.append(kind)
        if "contacts" in missing:
            raise RemoteError(
                "The token may not read contacts: give the private app crm.objects.contacts.read.",
                permanent=True, status=403,
            )  # fmt: skip
        known = f"HubSpot account {account.get('portalId')} ({account.get('uiDomain')})"
        return f"{known}, without the right to read {', '.join(missing)}" if missing else known

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Of these fields of contacts, or with `company.` of companies, those not there."""
        kinds = {"": "contacts", "company.": "companies"}
        prefixes = {one: "company." if one.startswith("company.") else "" for one in names}
        there = {prefix: self.client.properties(kinds[prefix]) for prefix in set(prefixes.values())}
        return [n for n, prefix in prefixes.items() if n.removeprefix(prefix) not in there[prefix]]

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """What changed since the cursor."""
        return Puller(self.client, self.connection, now_us).pages(cursor)

    def prepare(self) -> tuple[str, ...]:
        """Make the properties that scores are written to, where they are missing."""
        return Pusher(self.client, self.connection).prepare()

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write scores into the contacts' properties."""
        return Pusher(self.client, self.connection).push(updates)

    def receive(self, request: Request) -> Page | str:
        """What changed, as it is now."""
        verify(request, self.connection.secrets.get("client_secret", ""))
        found = told(request.body)
        puller = Puller(self.client, self.connection, request.received_us)
        messages: list[Message] = []
        became: list[Became] = []
        refusals: list[Refusal] = []
        for kind, ids in found.read.items():
            rows = self.client.read(kind, list(ids), puller.properties(kind))
            page = puller.page(kind, rows) if rows else Page("")
            messages += page.messages
            became += page.became
            refusals += page.refusals
        if found.merged or found.gone:
            here = puller.here
            messages += [maps.same_person(here, *one) for one in found.merged]
            messages += [maps.gone(here, *one) for one in found.gone]
        return Page("", tuple(messages), tuple(became), refusals=tuple(refusals))

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """A contact by its id or address; a company by its id, or the domain of an address."""
        if noun == "contact":
            for id_ in maps.ids_of(self.connection.name, names):
                row = self.client.get("contacts", id_, ("email",))
                if row is not None:
                    return str(row["id"])
            for kind, value in names:
                row = self.client.get("contacts", value, ("email",), by="email") \
                    if kind == "email" else None  # fmt: skip
                if row is not None:
                    return str(row["id"])
            return None
        if noun == "company":
            for kind, value in names:
                if kind == "email":
                    domain = value.rpartition("@")[2]
                    rows = self.client.search_by("companies", "domain", domain, ("domain",))
                    if rows:
                        return str(rows[0]["id"])
        return None

    def create(self, record: Record, key: str) -> str:
        """Make it, once for each key: the key stands in a property of the record."""
        kind = _kind(record.noun)
        self._prepare_key(kind)
        made = self._made(kind, key)
        if made is not None:
            return made
        to = [_link(kind, KINDS[noun], id_) for noun, id_ in record.about.items()]
        values = {**_values(kind, record.values), KEY: key}
        try:
            return self.client.create(kind, values, to)
        except RemoteError as error:
            # A contact of this address is there already, or another took the key just now.
            existing = self._made(kind, key) if error.status in (400, 409) else None
            if existing is None and error.status == 409 and record.values.get("email"):
                existing = self.find("contact", [("email", str(record.values["email"]))])
                if existing is not None:
                    self.client.change(kind, existing, _values(kind, record.values))
            if existing is None:
                raise
            return existing

    def change(self, noun: Noun, id: str, values: Mapping[str, JSON], key: str) -> None:  # noqa: A002, ARG002 - their word; the same values twice are the same
        """Give properties of a record these values."""
        kind = _kind(noun)
        self.client.change(kind, id, _values(kind, values, new=False))

    def link_of(self, noun: Noun, id: str) -> str:  # noqa: A002 - their word
        """The record's page, where the connection knows the account's number."""
        account = self.connection.options.get("account", "")
        return f"{APP}/{account}/record/{_OBJECTS[noun]}/{id}" if account else ""

    def _made(self, kind: str, key: str) -> str | None:
        if kind in UNIQUE:
            row = self.client.get(kind, key, ("hs_object_id",), by=KEY)
            return None if row is None else str(row["id"])
        rows = self.client.search_by(kind, KEY, key, ("hs_object_id",))
        return str(rows[0]["id"]) if rows else None

    def _prepare_key(self, kind: str) -> None:
        if KEY in self.client.properties(kind):
            return
        wanted: Row = {
            "name": KEY, "label": "Leadwise key", "type": "string", "fieldType": "text",
            "groupName": GROUP["name"], "formField": False, "hasUniqueValue": kind in UNIQUE,
            "description": "Tells Leadwise that it has made this record already.",
        }  # fmt: skip
        self.client.add_properties(kind, GROUP, [wanted])


def _kind(noun: Noun) -> str:
    return KINDS[noun]


def _link(kind: str, to: str, id_: str) -> Row:
    type_ = TYPES.get((kind, to))
    if type_ is None:
        raise UserError(
            "record-link", f"HubSpot's {kind} cannot be linked to {to} from here.",
            hint="Link tasks, meetings and notes to contacts, companies and deals.",
        )  # fmt: skip
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_}
    return {"to": {"id": id_}, "types": [spec]}


def _values(kind: str, values: Mapping[str, JSON], *, new: bool = True) -> dict[str, Any]:
    """As HubSpot takes them: texts; `subject`, `body` and `due` of engagements by their plain
    names. A new engagement needs its time."""
    plain = _PLAIN.get(kind, {})
    found = {plain.get(name, name): _text(value) for name, value in values.items()}
    if new and kind in ("tasks", "meetings", "notes") and not found.get("hs_timestamp"):
        found["hs_timestamp"] = found.get("hs_meeting_start_time") or maps.as_time(now_us())
    if new and kind == "tasks":
        found.setdefault("hs_task_status", "NOT_STARTED")
    return found


APP = "https://app.hubspot.com/contacts"
_OBJECTS: Mapping[Noun, str] = {
    "contact": "0-1", "company": "0-2", "deal": "0-3", "task": "0-27", "meeting": "0-47",
    "event": "0-46",
}  # fmt: skip
"""The numbers of their types of records. An `event` is a note there."""
_PLAIN: Mapping[str, Mapping[str, str]] = {
    "tasks": {"subject": "hs_task_subject", "title": "hs_task_subject", "body": "hs_task_body",
              "due": "hs_timestamp", "priority": "hs_task_priority", "owner": "hubspot_owner_id"},
    "meetings": {"title": "hs_meeting_title", "subject": "hs_meeting_title",
                 "body": "hs_meeting_body", "from": "hs_meeting_start_time",
                 "until": "hs_meeting_end_time", "place": "hs_meeting_location",
                 "owner": "hubspot_owner_id"},
    "notes": {"body": "hs_note_body", "text": "hs_note_body", "at": "hs_timestamp",
              "owner": "hubspot_owner_id"},
    "contacts": {"first_name": "firstname", "last_name": "lastname", "title": "jobtitle"},
}  # fmt: skip


def _text(value: JSON) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
