"""Scores into Salesforce: fields of our own on leads and contacts, two hundred records a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from leadwise.connect.model import Connection, Pushed, Update
from leadwise.connect.salesforce import bulk
from leadwise.connect.salesforce.client import PASSING, Client, Row
from leadwise.connect.salesforce.fields import SCORED, name_of
from leadwise.connect.salesforce.map import instant
from leadwise.connect.salesforce.pull import parts
from leadwise.connect.salesforce.soql import instant as as_literal
from leadwise.connect.salesforce.soql import one_of, select
from leadwise.connect.scored import SCORE_FIELDS, must_be_emptied, told
from leadwise.connect.sharing import each_its_own
from leadwise.errors import RemoteError
from leadwise.store.identities import Name

Record: TypeAlias = tuple[str, str]
"""An object and the id of a record of it."""
AT_ONCE = 200
ADDRESSES_AT_ONCE = 50
BULK_FROM = 2_000
"""From so many records on they are sent as a job."""
_OBJECTS = {"lead": "Lead", "contact": "Contact"}
_GONE = ("ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY", "CANNOT_UPDATE_CONVERTED_LEAD")
_MILLISECOND_US = 1000


@dataclass(slots=True)
class Pusher:
    """One push to one connection."""

    connection: Connection
    client: Client

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to all records of each lead; one answer for each."""
        if not all(update.blank for update in updates):
            self._require_fields()
        of = self._records(updates)
        there = self._there({record for records in of for record in records})
        # Whose records are all gone (deleted, or merged into others) is looked for by the address.
        lost = [
            n for n, records in enumerate(of) if records and not any(r in there for r in records)
        ]
        nameless = [replace(updates[n], names=_addresses(updates[n])) for n in lost]
        for n, records in zip(lost, self._records(nameless) if nameless else (), strict=True):
            of[n] = records
        there |= self._there({record for n in lost for record in of[n]})
        own, answered = each_its_own(updates, [[r for r in some if r in there] for some in of])
        plans = [
            (answered[update.lead_id], []) if update.lead_id in answered
            else self._plan(update, records, there)
            for update, records in zip(updates, own, strict=True)
        ]  # fmt: skip
        failed = self._write([one for _, records in plans for one in records])
        return [_outcome(pushed, records, failed) for pushed, records in plans]

    def _plan(
        self, update: Update, records: list[Record], there: Mapping[Record, Row]
    ) -> tuple[Pushed, list[tuple[Record, dict[str, Any]]]]:
        """What becomes of an update if all goes well, and what is to be written for it."""
        if not records:
            return Pushed(update.lead_id, "unknown"), []
        remote_id = " ".join(f"{of.lower()}:{id_}" for of, id_ in records)
        at_us = update.as_of_us // _MILLISECOND_US * _MILLISECOND_US  # as Salesforce keeps it
        stand = {r: instant(there[r].get(name_of("at"))) or 0 for r in records}
        older = [r for r in records if update.blank or stand[r] <= at_us]
        if not older:
            return Pushed(update.lead_id, "newer", remote_id), []
        values = _values(update)
        changed = [(r, self._seen(r[0], values) if update.blank else values)
                   for r in older if _is_due(there[r], values, update)]  # fmt: skip
        return Pushed(update.lead_id, "sent" if changed else "same", remote_id), changed

    def _seen(self, of: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Of these values those of fields that there are: a blank needs no more."""
        return {name: value for name, value in values.items() if name in self.client.fields(of)}

    def _write(self, changes: list[tuple[Record, dict[str, Any]]]) -> dict[Record, str]:
        """Which records were not written, and why."""
        failed: dict[Record, str] = {}
        for of in SCORED:
            own = [(record, values) for record, values in changes if record[0] == of]
            if len(own) >= BULK_FROM:
                rows = [{"Id": record[1], **values} for record, values in own]
                done = bulk.update(self.client, of, rows)
                failed |= {(of, id_): why for id_, why in done.items() if why is not None}
                continue
            for start in range(0, len(own), AT_ONCE):
                failed |= self._collection(own[start : start + AT_ONCE])
        return failed

    def _collection(self, some: list[tuple[Record, dict[str, Any]]]) -> dict[Record, str]:
        records = [
            {
                "attributes": {"type": of},
                "Id": id_,
                **{k: v if v != "" else None for k, v in values.items()},
            }
            for (of, id_), values in some
        ]
        body = {"allOrNone": False, "records": records}
        said = self.client.call("PATCH", f"{self.client.data}/composite/sobjects", json=body)
        failed = {}
        for (record, _), one in zip(some, said or (), strict=False):
            if not one.get("success"):
                failed[record] = "; ".join(
                    f"{e.get('statusCode') or e.get('errorCode')}: {e.get('message')}"
                    for e in one.get("errors") or ({"statusCode": "UNKNOWN", "message": ""},)
                )
        return failed

    def _records(self, updates: Sequence[Update]) -> list[list[Record]]:
        """The records of each lead: those it goes by, and leads there with its address; contacts
        by the address only where none is known by its id, for two may share a mailbox."""
        own = [self._own(update) for update in updates]
        addresses = sorted({v for u in updates for kind, v in u.names if kind == "email"})
        by_address: dict[str, list[Record]] = {}
        for some in parts(addresses, ADDRESSES_AT_ONCE):
            for of in SCORED:
                where = [f"Email IN {one_of(some)}"]
                where += ["IsConverted = false"] if of == "Lead" else []
                for row in self.client.rows(select(("Id", "Email"), of, where)):
                    by_address.setdefault(row["Email"].lower(), []).append((of, row["Id"]))
        found = []
        for update, records in zip(updates, own, strict=True):
            known = any(of == "Contact" for of, _ in records)
            mails = [value for kind, value in update.names if kind == "email"]
            more = [
                r
                for mail in mails
                for r in by_address.get(mail, ())
                if not (known and r[0] == "Contact")
            ]
            found.append(list(dict.fromkeys([*records, *more])))
        return found

    def _own(self, update: Update) -> list[Record]:
        """The records that the lead's identities name; of one that is to be emptied also those
        that were written to."""
        start = f"{self.connection.name}:"
        own = [value.removeprefix(start) for kind, value in update.names
               if kind == "crm" and value.startswith(start)]  # fmt: skip
        told = (one.partition(":") for one in (*own, *(update.records if update.blank else ())))
        found = {(_OBJECTS[what], id_) for what, _, id_ in told if what in _OBJECTS and id_}
        return sorted(found)  # contacts before leads

    def _there(self, records: Iterable[Record]) -> dict[Record, Row]:
        """What stands in these records now; those that are gone or converted are left out."""
        found: dict[Record, Row] = {}
        wanted = [name_of(one.name) for one in SCORE_FIELDS]
        for of in SCORED:
            names = ["Id", *(name for name in wanted if name in self.client.fields(of))]
            ids = sorted({id_ for object_, id_ in records if object_ == of})
            for some in parts(ids, AT_ONCE):
                where = [f"Id IN {one_of(some)}"]
                where += ["IsConverted = false"] if of == "Lead" else []
                for row in self.client.rows(select(names, of, where)):
                    found[of, row["Id"]] = row
        return found

    def _require_fields(self) -> None:
        for of in SCORED:
            there = self.client.fields(of)
            missing = [n for n in (name_of(one.name) for one in SCORE_FIELDS) if n not in there]
            if missing and not self.client.http.dry:  # there they would have been made
                self.client.forget_fields()
                raise RemoteError(
                    f"Salesforce's {of} has no field {missing[0]}, or this user may not see it: "
                    "a push makes it where the user may, or make the fields as "
                    "docs/connectors/salesforce.md lists them.", permanent=True, status=403,
                )  # fmt: skip


def _addresses(update: Update) -> tuple[Name, ...]:
    return tuple(name for name in update.names if name[0] == "email")


def _values(update: Update) -> dict[str, Any]:
    said = told(update)
    values: dict[str, Any] = {name_of(name): value for name, value in said.items()}
    values[name_of("at")] = as_literal(update.as_of_us)
    return values


def _is_due(row: Row, values: Mapping[str, Any], update: Update) -> bool:
    if update.blank:
        stands = {one.name: row.get(name_of(one.name)) for one in SCORE_FIELDS}
        return must_be_emptied(stands, update)
    return any(
        str(row.get(name) if row.get(name) is not None else "").replace("\r\n", "\n") != str(value)
        for name, value in values.items()
        if name != name_of("at")
    )


def _outcome(
    pushed: Pushed, records: list[tuple[Record, dict[str, Any]]], failed: Mapping[Record, str]
) -> Pushed:
    whys = [failed[record] for record, _ in records if record in failed]
    if not whys:
        return pushed
    later = any(code in why for why in whys for code in (*PASSING, "UNPROCESSED"))
    gone = all(any(code in why for code in _GONE) for why in whys)
    state: Literal["later", "unknown", "refused"] = (
        "later" if later else "unknown" if gone else "refused"
    )
    return Pushed(pushed.lead_id, state, pushed.remote_id, "; ".join(whys)[:500])
