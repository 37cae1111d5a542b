"""Scores into Pipedrive: custom fields of persons, by the codes that Pipedrive gave them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from leadwise.connect.model import Connection, Pushed, Update
from leadwise.connect.pipedrive.client import API, NOUNS, Client, Row
from leadwise.connect.pipedrive.map import address, changed, instant
from leadwise.connect.scored import (
    SCORE_FIELDS,
    WORST,
    ScoreField,
    must_be_emptied,
    require_type,
    told,
)
from leadwise.connect.sharing import each_its_own
from leadwise.errors import RemoteError
from leadwise.ingest.emails import normalised_email
from leadwise.store.identities import Name

KEY = "Leadwise key"
"""The field that holds the key by which a record was made."""
KEYED = ("person", "organization", "deal")
_TYPES = {"number": "double", "text": "varchar", "long": "text", "time": "varchar"}
"""There are no fields for instants: they are texts, ISO 8601 to the millionth of a second."""
_ALLOWED = {"double": ("double",), "varchar": ("varchar", "text"), "text": ("text",)}


@dataclass(slots=True)
class Pusher:
    """One push to one connection."""

    connection: Connection
    client: Client

    def prepare(self, *, keys_only: bool = False) -> tuple[str, ...]:
        """Make the fields that are missing; `person: Leadwise score` for each that was made.

        With `keys_only` only those by which records are made once.
        """
        made = []
        for noun, name, kind in _wanted(() if keys_only else SCORE_FIELDS):
            if code := self.client.code(noun, name):
                is_ = str(self.client.fields(noun)[code]["field_type"])
                require_type("Pipedrive", f"{noun}: {name}", is_, _ALLOWED[kind])
                continue
            body: dict[str, Any] = {"field_name": name, "field_type": kind}
            body["ui_visibility"] = {"add_visible_flag": False, "details_visible_flag": True}
            try:
                self.client.call("POST", f"{API}/{noun}Fields", json=body)
            except RemoteError as error:
                if error.status not in (402, 403):
                    raise
                raise RemoteError(
                    f"Pipedrive does not let this user make the field {name!r}: an admin of deals "
                    "may, in Company settings, Data fields; docs/connectors/pipedrive.md lists "
                    f"all of them. ({error})", permanent=True, status=error.status,
                ) from None  # fmt: skip
            made.append(f"{noun}: {name}")
        self.client.forget_fields()
        return tuple(made)

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to all persons of each lead; one answer for each lead."""
        codes = self._codes(needed=not all(update.blank for update in updates))
        of = [self._persons(update) for update in updates]
        known = sorted({id_ for ids in of for id_ in ids})
        there = self.client.by_ids("person", known, **_only(codes))
        # A search costs four times what a write does: only who is not known is looked for.
        for place, update in enumerate(updates):
            named = _named(self.connection, update)
            if not any(
                there[id_] and (id_ in named or update.blank or _has_address(there[id_], update))
                for id_ in of[place] if id_ in there
            ):  # fmt: skip
                # None is known, or it was deleted, or merged with one of another id.
                found = _by_address(self.client, update.names)
                of[place] = [found] if found else of[place] if update.blank else []
        more = sorted({id_ for ids in of for id_ in ids} - set(known))
        there |= self.client.by_ids("person", more, **_only(codes))
        own, answered = each_its_own(updates, of)
        return [
            answered.get(update.lead_id)
            or _whole(update, [self._one(update, there.get(id_), codes) for id_ in ids])
            for update, ids in zip(updates, own, strict=True)
        ]

    def _persons(self, update: Update) -> list[int]:
        """The persons of a lead: all that it goes by, else those that it was told to before."""
        own = _named(self.connection, update)
        return sorted(own | _ids(update.records) if update.blank or not own else own)

    def _one(self, update: Update, row: Row | None, codes: Mapping[str, str]) -> Pushed:
        if row is None or row.get("is_deleted"):
            return Pushed(update.lead_id, "unknown")
        if update.blank and not must_be_emptied(_stands(row, codes), update):
            return Pushed(update.lead_id, "same", f"person:{row['id']}")
        remote_id = f"person:{row['id']}"
        stands = {code: _text(value) for code, value in (row.get("custom_fields") or {}).items()}
        their_us = instant(stands.get(codes.get("at", ""))) or 0
        if their_us > update.as_of_us and not update.blank:
            return Pushed(update.lead_id, "newer", remote_id)
        said = told(update)
        if codes and all(
            stands.get(codes[name], "") == _text(said[name]) for name in codes if name != "at"
        ):
            return Pushed(update.lead_id, "same", remote_id)
        values = {codes[name]: said[name] if said[name] != "" else None for name in codes}
        try:
            path = f"{API}/persons/{row['id']}"
            self.client.call("PATCH", path, json={"custom_fields": values})
        except RemoteError as error:
            if error.status in (401, 403, 429):
                raise  # not of this lead
            if error.status in (404, 410):
                return Pushed(update.lead_id, "unknown")
            state: Literal["refused", "later"] = "refused" if error.permanent else "later"
            return Pushed(update.lead_id, state, remote_id, str(error))
        return Pushed(update.lead_id, "sent", remote_id)

    def _codes(self, *, needed: bool = True) -> dict[str, str]:
        found = {}
        for one in SCORE_FIELDS:
            code = self.client.code("person", one.label)
            if code is None and (self.client.http.dry or not needed):
                continue  # it would have been made; or nothing stands where there is none
            if code is None:
                self.client.forget_fields()
                raise RemoteError(
                    f"Pipedrive's persons have no field {one.label!r}: a push makes it where the "
                    "user may, or make the fields as docs/connectors/pipedrive.md lists them.",
                    permanent=True, status=422,
                )  # fmt: skip
            found[one.name] = code
        return found


def _ids(records: Sequence[str]) -> set[int]:
    told = (one.partition(":") for one in records)
    return {int(id_) for what, _, id_ in told if what == "person" and id_.isdecimal()}


def _named(connection: Connection, update: Update) -> set[int]:
    """The persons that the lead's identities name."""
    start = f"{connection.name}:"
    return _ids([value.removeprefix(start) for kind, value in update.names
                 if kind == "crm" and value.startswith(start)])  # fmt: skip


def _has_address(row: Row, update: Update) -> bool:
    """Whether a person has an address of the lead still."""
    mails = {value for kind, value in update.names if kind == "email"}
    return any(normalised_email(one.get("value")) in mails for one in row.get("emails") or ())


def _stands(row: Row, codes: Mapping[str, str]) -> dict[str, object]:
    """What stands in a person by the names of SCORE_FIELDS."""
    custom = row.get("custom_fields") or {}
    return {name: custom.get(code) for name, code in codes.items()}


def _whole(update: Update, several: Sequence[Pushed]) -> Pushed:
    """One answer for all persons of a lead: the worst, and the ids of all of them."""
    if not several:
        return Pushed(update.lead_id, "unknown")
    worst = min(several, key=lambda one: WORST.index(one.state))
    ids = " ".join(one.remote_id for one in several if one.remote_id)
    return Pushed(update.lead_id, worst.state, ids or None, worst.why)


def person_of(connection: Connection, client: Client, names: Sequence[Name]) -> int:
    """The person of a lead: by its id, else by its address; 0 where there is none. Of several with
    the address it is the one that changed last."""
    start = f"{connection.name}:person:"
    own = [v.removeprefix(start) for kind, v in names if kind == "crm" and v.startswith(start)]
    if own:
        return int(own[0]) if own[0].isdigit() else 0
    return _by_address(client, names)


def _by_address(client: Client, names: Sequence[Name]) -> int:
    for mail in (value for kind, value in names if kind == "email"):
        items = client.found("person", mail, "email")
        ids = sorted(
            item["id"]
            for item in items
            if mail in {normalised_email(one) for one in item.get("emails") or ()}
        )
        if len(ids) > 1:
            rows = client.by_ids("person", ids).values()
            order = [(address(row) == mail, changed(row), row["id"]) for row in rows]
            ids = [id_ for *_, id_ in sorted(order)]
        if ids:
            return int(ids[-1])
    return 0


def by_key(client: Client, noun: str, key: str) -> str:
    """The record that was made by this key. The latest are looked through one by one: the search
    finds a new record only some seconds later."""
    code = client.code(noun, KEY)
    if code is None:
        return ""  # in a dry run it would have been made
    latest = client.call(
        "GET", f"{API}/{NOUNS[noun]}",
        params={"sort_by": "add_time", "sort_direction": "desc", "limit": "100",
                "custom_fields": code},
    )  # fmt: skip
    for row in latest.get("data") or ():
        if (row.get("custom_fields") or {}).get(code) == key:
            return str(row["id"])
    items = [one for one in client.found(noun, key, "custom_fields")
             if key in (one.get("custom_fields") or ())]  # fmt: skip
    return str(items[0]["id"]) if items else ""


def _only(codes: Mapping[str, str]) -> dict[str, str]:
    """Of custom fields these; all of them where there are none to name."""
    return {"custom_fields": ",".join(codes.values())} if codes else {}


def _wanted(scored: Sequence[ScoreField]) -> Iterator[tuple[str, str, str]]:
    for one in scored:
        yield "person", one.label, _TYPES[one.shape]
    for noun in KEYED:
        yield noun, KEY, "varchar"


def _text(value: object) -> str:
    """A value as it is compared: 47 and 47.0 are one number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.2f}"
    return "" if value is None else str(value).replace("\r\n", "\n")
