"""Records made and changed in Pipedrive for a playbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from leadwise.asking.instants import microseconds, moment_of
from leadwise.connect.model import JSON, Connection, Noun, Record
from leadwise.connect.pipedrive.client import API, NOUNS, Client, Row
from leadwise.connect.pipedrive.push import KEY, Pusher, by_key, person_of
from leadwise.errors import RemoteError, UserError
from leadwise.store.identities import Name

KINDS: Mapping[Noun, str] = {
    "contact": "person", "company": "organization", "deal": "deal", "task": "activity",
    "meeting": "activity", "event": "activity",
}  # fmt: skip
_WHOLE = ("owner_id", "org_id", "person_id", "deal_id", "pipeline_id", "visible_to", "priority")
_YES, _NO = ("true", "yes", "1", "on"), ("false", "no", "0", "off")
_MARK = "Leadwise "
"""Before the key in an activity's note: activities have no fields of one's own."""


@dataclass(slots=True)
class Keeper:
    """Making and changing records of one connection."""

    connection: Connection
    client: Client
    pusher: Pusher

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The person of a lead, its organization, its latest deal (an open one first)."""
        person = person_of(self.connection, self.client, names)
        row = self.client.one("person", str(person)) if person else None
        if row is None or noun == "contact":
            return str(person) if row else None
        if noun == "company":
            return str(row["org_id"]) if row.get("org_id") else None
        if noun != "deal":
            return None
        deals = self.client.rows("/deals", person_id=str(person))
        deals.sort(key=lambda d: (d.get("status") == "open", d["id"]))
        return str(deals[-1]["id"]) if deals else None

    def create(self, record: Record, key: str) -> str:
        """Make it, or find the one that was made by this key."""
        noun = KINDS[record.noun]
        values = {**self._about(noun, record), **self._values(noun, record.values)}
        if noun == "activity":
            found = self._activity(values, key)
            if found:
                return found
            values.setdefault("type", "task" if record.noun == "task" else "meeting")
            values["note"] = f"{values.get('note') or ''}<br>{_MARK}{key}".removeprefix("<br>")
        else:
            if self.client.code(noun, KEY) is None:
                self.pusher.prepare(keys_only=True)
            if found := by_key(self.client, noun, key):
                return found
            values.setdefault("custom_fields", {})[self.client.code(noun, KEY) or KEY] = key
        said = self.client.call("POST", f"{API}/{NOUNS[noun]}", json=values)
        return str((said.get("data") or {}).get("id") or "")

    def change(self, noun: Noun, id_: str, values: Mapping[str, JSON], key: str) -> None:
        """Give fields values: `status: won`, `stage_id: Offer`, custom fields by their names."""
        del key  # the same values again change nothing
        kind = KINDS[noun]
        body = self._values(kind, values)
        self.client.call("PATCH", f"{API}/{NOUNS[kind]}/{int(id_)}", json=body)

    def _activity(self, values: Row, key: str) -> str:
        """The activity with this key in its note, among those of the same records."""
        people = values.get("participants") or ()
        by: dict[str, str] = {"sort_by": "add_time", "sort_direction": "desc"}
        for name in ("deal_id", "org_id"):
            if values.get(name):
                by[name] = str(values[name])
        if people:
            by["person_id"] = str(people[0]["person_id"])
        said = self.client.call("GET", f"{API}/activities", params={**by, "limit": "500"})
        ends = f"{_MARK}{key}"
        for row in said.get("data") or ():
            if str(row.get("note") or "").endswith(ends):
                return str(row["id"])
        return ""

    def _about(self, noun: str, record: Record) -> Row:
        """The links to what a record belongs to."""
        contact, deal, company = (record.about.get(n, "") for n in ("contact", "deal", "company"))
        links: Row = {}
        if noun in ("person", "deal", "activity") and company:
            links["org_id"] = int(company)
        if noun == "deal" and contact:
            links["person_id"] = int(contact)
        if noun == "activity":
            if contact:
                links["participants"] = [{"person_id": int(contact), "primary": True}]
            if deal:
                links["deal_id"] = int(deal)
        return links

    def _values(self, noun: str, given: Mapping[str, JSON]) -> Row:
        values: Row = {}
        for name, value in given.items():
            text = value.strip() if isinstance(value, str) else value
            if name in ("email", "emails", "phone", "phones") and isinstance(text, str):
                one = {"value": text, "primary": True, "label": "work"}
                values[name.removesuffix("s") + "s"] = [one] if text else []
                continue
            code = self.client.code(noun, name)
            if code is None:
                raise RemoteError(
                    f"Pipedrive's {NOUNS[noun]} have no field {name!r}.", permanent=True, status=400
                )
            field = self.client.fields(noun)[code]
            made = self._value(name, text, field)
            if field["is_custom_field"]:
                values.setdefault("custom_fields", {})[code] = made
            else:
                values[code] = made
        return values

    def _value(self, name: str, text: JSON, field: Mapping[str, Any]) -> Any:
        """A value as the field wants it: texts of templates become numbers, days, choices."""
        kind = str(field["field_type"])
        if text is None or text == "":
            return None
        try:
            if name == "stage_id":
                return self._stage(str(text))
            if name in _WHOLE or kind == "int":
                return int(str(text))
            if kind in ("double", "monetary") or name == "value":
                number = float(str(text))
                return (
                    {"value": number} if kind == "monetary" and field["is_custom_field"] else number
                )
            if (kind == "boolean" or name in ("done", "busy")) and isinstance(text, str):
                if text.lower() not in (*_YES, *_NO):
                    raise ValueError(text)
                return text.lower() in _YES
            if kind == "date":
                return f"{moment_of(microseconds(str(text), name)):%Y-%m-%d}"
        except (ValueError, UserError):
            raise RemoteError(
                f"Pipedrive's field {name} takes a {kind}, and {text!r} is none.",
                permanent=True, status=400,
            ) from None  # fmt: skip
        if kind in ("enum", "set") and field["is_custom_field"]:
            return self._choice(name, text, kind, field.get("options") or ())
        return text

    def _choice(self, name: str, text: JSON, kind: str, options: Sequence[Row]) -> Any:
        """Choices by what people read, as their ids."""
        by_label = {str(one["label"]).lower(): one["id"] for one in options}
        parts = (
            [text] if kind == "enum" else text if isinstance(text, list) else str(text).split(",")
        )
        found = []
        for part in parts:
            plain = str(part).strip()
            id_ = by_label.get(plain.lower(), int(plain) if plain.isdigit() else None)
            if id_ is None:
                raise RemoteError(
                    f"Pipedrive's field {name} has no choice {plain!r}.", permanent=True, status=400
                )
            found.append(id_)
        return found[0] if kind == "enum" else found

    def _stage(self, text: str) -> int:
        """A stage by its id or its name, which must be that of one only."""
        if text.isdigit():
            return int(text)
        ids = [one["id"] for one in self.client.stages() if one["name"].lower() == text.lower()]
        if len(ids) != 1:
            raise RemoteError(
                f"Pipedrive has {'several' if ids else 'no'} stages {text!r}: give the id.",
                permanent=True, status=400,
            )  # fmt: skip
        return int(ids[0])
