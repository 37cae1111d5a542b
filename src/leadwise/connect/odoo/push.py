"""Scores into Odoo: fields of our own on leads and contacts, and if wanted stars and tags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from leadwise.asking.instants import moment_of
from leadwise.connect.model import Connection, Pushed, Update
from leadwise.connect.odoo.client import Client, Domain, Row
from leadwise.connect.odoo.map import instant, ref
from leadwise.connect.scored import SCORE_FIELDS, must_be_emptied, require_type, told
from leadwise.connect.sharing import each_its_own
from leadwise.errors import RemoteError
from leadwise.store.identities import Name

Model: TypeAlias = Literal["crm.lead", "res.partner"]
Record: TypeAlias = tuple[Model, int]
PREFIX = "x_leadwise_"
KEY = PREFIX + "key"
"""The field that holds the key by which a record was made."""
KEYED = ("crm.lead", "res.partner", "mail.activity", "calendar.event")
_TYPES = {"number": "float", "text": "char", "long": "text", "time": "datetime"}
_ALLOWED = {"float": ("float",), "char": ("char", "text"), "text": ("text", "char"),
            "datetime": ("datetime",)}  # fmt: skip
_SECOND_US = 1_000_000
_SHORT: Mapping[str, Model] = {"lead": "crm.lead", "partner": "res.partner"}
TAG = "Leadwise: "
AT_ONCE = 200
"""Records of one call."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written to a record; `band` is that of its lead."""

    record: Record
    values: dict[str, Any]
    band: str | None


@dataclass(slots=True)
class Pusher:
    """One push to one connection."""

    connection: Connection
    client: Client
    _tags: dict[str, int] = field(default_factory=dict)
    _alone: bool = False
    """Odoo took no records together: they are written one by one."""

    def prepare(self, *, keys_only: bool = False) -> tuple[str, ...]:
        """Make the fields that are missing; `crm.lead.x_leadwise_score` for each that was made.

        With `keys_only` only those by which records are made once.
        """
        made = []
        for model, name, label, kind, about in _fields(() if keys_only else self.models()):
            if name in (there := self.client.fields(model)):
                require_type("Odoo", f"{model}.{name}", there[name]["type"], _ALLOWED[kind])
                continue
            (row,) = self.client.search("ir.model", [["model", "=", model]], ("id",)) or [{"id": 0}]
            if not row["id"]:
                continue
            try:
                self.client.create("ir.model.fields", {
                    "name": name, "model_id": row["id"], "field_description": label,
                    "ttype": kind, "state": "manual", "help": about, "copied": False,
                })  # fmt: skip
            except RemoteError as error:
                if error.status != 403:
                    raise
                raise RemoteError(
                    f"Odoo does not let this user make the field {name} of {model}: give the "
                    "user the right Administration: Settings for the first run, or make the "
                    "fields by hand as docs/connectors/odoo.md lists them.",
                    permanent=True, status=403,
                ) from None  # fmt: skip
            made.append(f"{model}.{name}")
        self.client.forget_fields()
        return tuple(made)

    def models(self) -> tuple[Model, ...]:
        """Where scores are written: leads, contacts, or both."""
        chosen = self.connection.options.get("write_to") or "lead, partner"
        return tuple(_SHORT[w] for w in (p.strip() for p in chosen.split(",")) if w in _SHORT)

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to all records of each lead; one answer for each."""
        of = self._records(updates)
        needed = not all(update.blank for update in updates)
        there = self._there({record for records in of for record in records}, needed=needed)
        # Whose records are all gone (deleted, or merged into others) is looked for by the address.
        lost = [
            n for n, records in enumerate(of) if records and not any(r in there for r in records)
        ]
        nameless = [replace(updates[n], names=_addresses(updates[n])) for n in lost]
        for n, records in zip(lost, self._records(nameless) if nameless else (), strict=True):
            of[n] = records
        there |= self._there({record for n in lost for record in of[n]}, needed=needed)
        own, answered = each_its_own(updates, [[r for r in some if r in there] for some in of])
        plans = [
            (answered[update.lead_id], []) if update.lead_id in answered
            else self._plan(update, records, there)
            for update, records in zip(updates, own, strict=True)
        ]  # fmt: skip
        failed = self._write([one for _, changes in plans for one in changes], there)
        return [_outcome(pushed, changes, failed) for pushed, changes in plans]

    def _plan(
        self, update: Update, records: list[Record], there: Mapping[Record, Row]
    ) -> tuple[Pushed, list[Change]]:
        """What becomes of an update if all goes well, and what is to be written for it."""
        if not records:
            return Pushed(update.lead_id, "unknown"), []
        remote_id = " ".join(_remote_id(record) for record in records)
        at_us = update.as_of_us // _SECOND_US * _SECOND_US  # to the second, as Odoo keeps it
        stands = [instant(there[record].get(PREFIX + "at")) or 0 for record in records]
        older = [r for r, their_us in zip(records, stands, strict=True)
                 if their_us <= at_us or update.blank]  # fmt: skip
        if not older:
            return Pushed(update.lead_id, "newer", remote_id), []
        values = self._values(update)
        changes = []
        for record in older:
            if not _is_due(there[record], values, update):
                continue
            stars = _stars(self.connection, update) if record[0] == "crm.lead" else {}
            fields = self.client.fields(record[0])
            said = {n: v for n, v in values.items() if not update.blank or n in fields}
            changes.append(Change(record, {**said, **stars}, update.band))
        return Pushed(update.lead_id, "sent" if changes else "same", remote_id), changes

    def _write(
        self, changes: Sequence[Change], there: Mapping[Record, Row]
    ) -> dict[Record, RemoteError]:
        """Which records were not written, and why."""
        failed: dict[Record, RemoteError] = {}
        alike: dict[tuple[Model, tuple[str, ...]], list[Change]] = {}
        for one in changes:
            if one.record[0] == "crm.lead" and self.connection.options.get("tags"):
                tagged = replace(one, values={**one.values, **self._tagged(one, there)})
                failed |= self._each([tagged])
            else:
                alike.setdefault((one.record[0], tuple(one.values)), []).append(one)
        for some in alike.values():
            for start in range(0, len(some), AT_ONCE):
                failed |= self._together(some[start : start + AT_ONCE])
        return failed

    def _together(self, some: Sequence[Change]) -> dict[Record, RemoteError]:
        """Write records of one kind in one call. Odoo takes all of them or none, and says which it
        does not take: those are written each by itself, for its reason."""
        failed: dict[Record, RemoteError] = {}
        while len(some) > 1 and not self._alone:
            try:
                wrong = self.client.load(
                    some[0].record[0], [(one.record[1], one.values) for one in some]
                )
            except RemoteError as error:
                if not error.permanent or error.status == 401:
                    raise
                self._alone = True  # it does not let us: each by itself then
                break
            if wrong is None:
                return failed
            failed |= self._each([some[n] for n in wrong])
            some = [one for n, one in enumerate(some) if n not in wrong] if wrong else some
            if not wrong:
                break
        return failed | self._each(some)

    def _each(self, some: Sequence[Change]) -> dict[Record, RemoteError]:
        failed: dict[Record, RemoteError] = {}
        for one in some:
            try:
                self.client.write(one.record[0], [one.record[1]], one.values)
            except RemoteError as error:
                if error.status in (401, 403):
                    raise  # not of this lead: nothing can be written
                failed[one.record] = error
        return failed

    def _tagged(self, change: Change, there: Mapping[Record, Row]) -> dict[str, Any]:
        """The tag of the band in place of others of ours."""
        known = self._tags_known()
        wanted = self._tag(f"{TAG}{change.band}") if change.band else 0
        others = {t for t in there[change.record].get("tag_ids") or () if t in known.values()}
        commands = [[3, tag, 0] for tag in sorted(others - {wanted})]
        return {"tag_ids": commands + ([[4, wanted, 0]] if wanted else [])}

    def _values(self, update: Update) -> dict[str, Any]:
        said = told(update)
        values: dict[str, Any] = {PREFIX + name: value or False for name, value in said.items()}
        values[PREFIX + "score"] = said["score"] or 0.0  # a number there is never empty
        values[PREFIX + "at"] = moment_of(update.as_of_us).strftime("%Y-%m-%d %H:%M:%S")
        return values

    def _records(self, updates: Sequence[Update]) -> list[list[Record]]:
        """The records of each lead: those it goes by, else those with its address."""
        own = [_own_records(self.connection, update, self.models()) for update in updates]
        leads = self._leads(
            {id_ for o in own for model, id_ in o if model == "crm.lead"},
            {p for u in updates for p in _partners(self.connection, u)},
        )
        # A lead there with an address only is known by it, besides a contact known by its id.
        addresses = {v for u in updates for kind, v in u.names if kind == "email"}
        of_address: dict[str, list[Record]] = {}
        for model in self.models() if addresses else ():
            domain: Domain = [["email_normalized", "in", sorted(addresses)], ["active", "=", True]]
            if model == "res.partner":
                domain.append(["is_company", "=", False])
            for row in self.client.search(model, domain, ("email_normalized",)):
                of_address.setdefault(row["email_normalized"], []).append((model, row["id"]))
        found = []
        for update, records in zip(updates, own, strict=True):
            has_partner = bool(_partners(self.connection, update))
            records = self._of_lead(update, records, leads)
            mails = [v for kind, v in update.names if kind == "email"]
            more = [r for mail in mails for r in of_address.get(mail, ())]
            # Two contacts may share a mailbox: an address names none where one is known by its id.
            more = [r for r in more if not (has_partner and r[0] == "res.partner")]
            found.append(list(dict.fromkeys([*records, *more])))
        return found

    def _leads(self, ids: set[int], partners: set[int]) -> dict[int, Row]:
        """The leads there with these ids, and those of these contacts."""
        if "crm.lead" not in self.models():
            return {}
        found: dict[int, Row] = {}
        names = ("partner_id", "email_normalized", "active")
        for name, values in (("id", ids), ("partner_id", partners)):
            if values:
                rows = self.client.search("crm.lead", [[name, "in", sorted(values)]], names)
                found.update((row["id"], row) for row in rows)
        return found

    def _of_lead(
        self, update: Update, records: list[Record], leads: Mapping[int, Row]
    ) -> list[Record]:
        """The records that are the lead's now: a lead there may have come to another contact."""
        partners = _partners(self.connection, update)
        mails = {value for kind, value in update.names if kind == "email"}
        theirs = [
            id_
            for id_, row in leads.items()
            if ref(row["partner_id"]) in partners and row["active"]
        ]
        kept = [
            id_
            for model, id_ in records
            if model == "crm.lead" and (row := leads.get(id_)) is not None
            and (not partners or not ref(row["partner_id"]) or ref(row["partner_id"]) in partners
                 or row["email_normalized"] in mails)
        ]  # fmt: skip
        others = [record for record in records if record[0] != "crm.lead"]
        return [*(("crm.lead", id_) for id_ in dict.fromkeys([*kept, *theirs])), *others]

    def _there(self, records: Iterable[Record], *, needed: bool = True) -> dict[Record, Row]:
        """What stands in these records now; those that are gone are left out."""
        found: dict[Record, Row] = {}
        for model in self.models():
            ids = sorted(id_ for of, id_ in records if of == model)
            if not ids:
                continue
            fields = [PREFIX + one.name for one in SCORE_FIELDS]
            missing = [name for name in fields if name not in self.client.fields(model)]
            # In a dry run they would have been made; and what is not there shows no score.
            if missing and (self.client.http.dry or not needed):
                fields = [name for name in fields if name not in missing]
            elif missing:
                self.client.forget_fields()
                raise RemoteError(
                    f"Odoo's {model} has no field {missing[0]}: a push makes it where the user "
                    "may, or make the fields as docs/connectors/odoo.md lists them.",
                    permanent=True, status=422,
                )  # fmt: skip
            if model == "crm.lead" and self.connection.options.get("tags"):
                fields.append("tag_ids")
            for row in self.client.read(model, ids, fields):
                found[model, row["id"]] = row
        return found

    def _tags_known(self) -> dict[str, int]:
        if not self._tags:
            rows = self.client.search("crm.tag", [["name", "like", TAG]], ("name",))
            self._tags = {row["name"]: row["id"] for row in rows}
        return self._tags

    def _tag(self, name: str) -> int:
        if name not in self._tags_known():
            made = self.client.create("crm.tag", {"name": name})
            self._tags[name] = int(made or 0)
        return self._tags[name]


def _fields(models: Sequence[str]) -> Iterable[tuple[str, str, str, str, str]]:
    for model in models:
        for one in SCORE_FIELDS:
            yield model, PREFIX + one.name, one.label, _TYPES[one.shape], one.about
    for model in KEYED:
        yield model, KEY, "Leadwise key", "char", "By which Leadwise knows what it made."


def _own_records(connection: Connection, update: Update, models: Sequence[Model]) -> list[Record]:
    """The records that the lead's identities name; of one that is to be emptied also those that
    were written to."""
    start = f"{connection.name}:"
    own = [value.removeprefix(start) for kind, value in update.names
           if kind == "crm" and value.startswith(start)]  # fmt: skip
    found: set[Record] = set()
    for one in (*own, *(update.records if update.blank else ())):
        what, _, id_ = one.partition(":")
        model = _SHORT.get(what)
        if model in models and model is not None and id_.isdecimal():
            found.add((model, int(id_)))
    return sorted(found)  # leads before contacts


def _addresses(update: Update) -> tuple[Name, ...]:
    return tuple(name for name in update.names if name[0] == "email")


def _stars(connection: Connection, update: Update) -> dict[str, str]:
    """The stars of the lead's band, where the team says any: `hot=3, warm=2`; none of a blank."""
    if update.blank:
        return {"priority": "0"} if connection.options.get("stars") else {}
    said = (part.split("=", 1) for part in connection.options.get("stars", "").split(","))
    by_band = {part[0].strip(): part[1].strip() for part in said if len(part) == 2}
    stars = by_band.get(update.band or "", "")
    return {"priority": stars} if stars in ("0", "1", "2", "3") else {}


def _partners(connection: Connection, update: Update) -> set[int]:
    """The contacts that the lead goes by."""
    start = f"{connection.name}:partner:"
    own = (
        v.removeprefix(start) for kind, v in update.names if kind == "crm" and v.startswith(start)
    )
    return {int(id_) for id_ in own if id_.isdigit()}


def _outcome(
    pushed: Pushed, changes: Sequence[Change], failed: Mapping[Record, RemoteError]
) -> Pushed:
    whys = [failed[one.record] for one in changes if one.record in failed]
    if not whys:
        return pushed
    state: Literal["refused", "later"] = (
        "refused" if all(one.permanent for one in whys) else "later"
    )
    return Pushed(pushed.lead_id, state, pushed.remote_id, "; ".join(map(str, whys))[:500])


def _remote_id(record: Record) -> str:
    return f"{'lead' if record[0] == 'crm.lead' else 'partner'}:{record[1]}"


def _is_due(row: Row, values: Mapping[str, Any], update: Update) -> bool:
    if update.blank:
        stands = {name.removeprefix(PREFIX): value for name, value in row.items()}
        return must_be_emptied(stands, update)
    return any(row.get(name) != value for name, value in values.items() if name != PREFIX + "at")
