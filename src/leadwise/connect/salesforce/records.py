"""Records made and changed in Salesforce for a playbook: people, deals, tasks, meetings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from leadwise.asking.instants import microseconds
from leadwise.connect.model import JSON, Connection, Noun, Record
from leadwise.connect.salesforce.client import Client
from leadwise.connect.salesforce.fields import KEY, prepare
from leadwise.connect.salesforce.soql import instant, one_of, quoted, select
from leadwise.errors import RemoteError, UserError
from leadwise.store.identities import Name

OBJECTS: Mapping[Noun, str] = {
    "company": "Account", "deal": "Opportunity", "task": "Task", "meeting": "Event",
    "event": "Event",
}  # fmt: skip
_PREFIXES = {"003": "Contact", "00Q": "Lead", "001": "Account", "006": "Opportunity",
             "00T": "Task", "00U": "Event"}  # fmt: skip
_NUMBERS = ("double", "currency", "percent", "int", "long")
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")


@dataclass(slots=True)
class Keeper:
    """Making and changing records of one connection."""

    connection: Connection
    client: Client

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The contact of a lead, or its lead there; its account; its latest opportunity."""
        person = self._person(names)
        if noun == "contact" or person is None or noun not in ("company", "deal"):
            return person if noun == "contact" else None
        if not person.startswith("003"):
            return None
        if noun == "company":
            where = [f"Id = {quoted(person)}"]
            rows = self.client.rows(select(("AccountId",), "Contact", where))
            return (rows[0].get("AccountId") or None) if rows else None
        where = [f"ContactId = {quoted(person)}"]
        rows = self.client.rows(
            select(("OpportunityId",), "OpportunityContactRole", where,
                   order="Opportunity.IsClosed, Opportunity.CreatedDate DESC", limit=1)
        )  # fmt: skip
        return rows[0]["OpportunityId"] if rows else None

    def create(self, record: Record, key: str) -> str:
        """Make it, once for a key. Where the key is an external id Salesforce sees to that; a task
        or meeting is looked for before."""
        of = OBJECTS.get(record.noun) or self._person_object()
        if KEY not in self.client.fields(of):
            prepare(self.client, keys_only=True)
        values = self._values(of, record.values)
        values = {**self._about(of, record), **values}
        if of in ("Task", "Event"):
            return self._made_once(of, values, key)
        path = f"{self.client.data}/sobjects/{of}/{KEY}/{quote(key, safe='')}"
        said = self.client.call("PATCH", path, json=values)
        id_ = str((said or {}).get("id") or self._by_key(of, key))
        contact = record.about.get("contact", "")
        if of == "Opportunity" and id_ and contact.startswith("003"):
            self._role(id_, contact)
        return id_

    def change(self, noun: Noun, id_: str, values: Mapping[str, JSON], key: str) -> None:
        """Give fields values; of a contact those of the lead there where that is what it is."""
        del key  # the same values again change nothing
        of = _PREFIXES.get(id_[:3]) or OBJECTS.get(noun) or self._person_object()
        body = self._values(of, values)
        self.client.call(
            "PATCH", f"{self.client.data}/sobjects/{of}/{quote(id_, safe='')}", json=body
        )

    def _made_once(self, of: str, values: Mapping[str, Any], key: str) -> str:
        if found := self._by_key(of, key):
            return found
        body = {**values, KEY: key}
        said = self.client.call("POST", f"{self.client.data}/sobjects/{of}", json=body)
        return str((said or {}).get("id", ""))

    def _by_key(self, of: str, key: str) -> str:
        if KEY not in self.client.fields(of):
            return ""  # in a dry run it would have been made
        rows = self.client.rows(select(("Id",), of, [f"{KEY} = {quoted(key)}"], limit=1))
        return str(rows[0]["Id"]) if rows else ""

    def _role(self, opportunity: str, contact: str) -> None:
        """The contact stands with the opportunity: by that it is known who won it."""
        where = [f"OpportunityId = {quoted(opportunity)}", f"ContactId = {quoted(contact)}"]
        if not self.client.rows(select(("Id",), "OpportunityContactRole", where)):
            body = {"OpportunityId": opportunity, "ContactId": contact, "IsPrimary": True}
            path = f"{self.client.data}/sobjects/OpportunityContactRole"
            self.client.call("POST", path, json=body)

    def _person_object(self) -> str:
        return "Contact" if self.connection.options.get("person") == "Contact" else "Lead"

    def _person(self, names: Sequence[Name]) -> str | None:
        for what in ("contact", "lead"):
            start = f"{self.connection.name}:{what}:"
            own = [v.removeprefix(start) for k, v in names if k == "crm" and v.startswith(start)]
            if own:
                of = what.capitalize()
                where = [f"Id IN {one_of(own[:50])}"] + (
                    ["IsConverted = false"] if of == "Lead" else []
                )
                rows = self.client.rows(select(("Id",), of, where, order="Id", limit=1))
                if rows:
                    return str(rows[0]["Id"])
        mails = [value for kind, value in names if kind == "email"][:50]
        for of in ("Contact", "Lead") if mails else ():
            where = [f"Email IN {one_of(mails)}"] + (
                ["IsConverted = false"] if of == "Lead" else []
            )
            rows = self.client.rows(select(("Id",), of, where, order="CreatedDate", limit=1))
            if rows:
                return str(rows[0]["Id"])
        return None

    def _about(self, of: str, record: Record) -> dict[str, Any]:
        """The links to what a record belongs to."""
        contact, deal, company = (record.about.get(n, "") for n in ("contact", "deal", "company"))
        if of in ("Task", "Event"):
            # Of a lead there nothing else may be said.
            what = "" if contact.startswith("00Q") else deal or company
            found = {"WhoId": contact, "WhatId": what}
        elif of in ("Contact", "Opportunity"):
            found = {"AccountId": company or (self._account_of(contact) if of != "Contact" else "")}
        else:
            found = {}
        return {name: value for name, value in found.items() if value}

    def _account_of(self, contact: str) -> str:
        if not contact.startswith("003"):
            return ""
        where = [f"Id = {quoted(contact)}"]
        rows = self.client.rows(select(("AccountId",), "Contact", where))
        return str(rows[0].get("AccountId") or "") if rows else ""

    def _values(self, of: str, given: Mapping[str, JSON]) -> dict[str, Any]:
        there = self.client.fields(of)
        for name in given:
            if name not in there:
                raise RemoteError(
                    f"Salesforce's {of} has no field {name!r}, or this user may not see it.",
                    permanent=True, status=400,
                )  # fmt: skip
        return {name: _value(name, value, there[name]["type"]) for name, value in given.items()}


def _value(name: str, value: JSON, kind: str) -> Any:
    """A value as the field wants it: texts of templates become numbers, times, yes or no."""
    text = value.strip() if isinstance(value, str) else value
    if text is None or text == "":
        return None
    try:
        if kind in _NUMBERS:
            number = float(str(text))
            return int(number) if number.is_integer() else number
        if kind == "boolean" and isinstance(text, str):
            if text.lower() not in (*_YES, *_NO):
                raise ValueError(text)
            return text.lower() in _YES
        if kind in ("date", "datetime"):
            us = microseconds(str(text), name)
            return instant(us) if kind == "datetime" else instant(us)[:10]
    except (ValueError, UserError):
        raise RemoteError(
            f"Salesforce's field {name} takes a {kind}, and {text!r} is none.",
            permanent=True, status=400,
        ) from None  # fmt: skip
    return value
