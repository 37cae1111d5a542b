"""Pushing to HubSpot: the score in properties of the contact, never over a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from leadwise.connect.hubspot.client import AT_ONCE, Client, Row
from leadwise.connect.hubspot.map import as_time, at_us, ids_of
from leadwise.connect.model import Connection, Pushed, Update
from leadwise.errors import RemoteError

GROUP: Row = {"name": "leadwise", "label": "Leadwise", "displayOrder": -1}
LONGEST_TEXT = 60_000
"""Characters; a property of HubSpot's takes 65,536."""


def _property(name: str, label: str, type_: str, field_type: str, about: str) -> Row:
    return {
        "name": f"leadwise_{name}", "label": f"Leadwise {label}", "type": type_,
        "fieldType": field_type, "groupName": GROUP["name"], "description": about,
        "formField": False,
    }  # fmt: skip


PROPERTIES: tuple[Row, ...] = (
    _property("score", "score", "number", "number", "Points of the lead."),
    _property("band", "band", "string", "text", "The band that the score is in."),
    _property("grade", "grade", "string", "text", "The grade, where the card has grades."),
    _property("reasons", "reasons", "string", "textarea", "What counts most, first the greatest."),
    _property("question", "question", "string", "textarea", "What to ask next."),
    _property("scored_at", "scored at", "datetime", "date", "As of when the lead is so scored."),
    _property("card", "card", "string", "text", "The card and version that the score is by."),
)
SCORED_AT = "leadwise_scored_at"
READ = (*(one["name"] for one in PROPERTIES), "email", "hs_merged_object_ids")


@dataclass(slots=True)
class Pusher:
    """One push: whose record each update is of, what is there, what is sent."""

    client: Client
    connection: Connection
    answers: dict[int, Pushed] = field(default_factory=dict)

    def prepare(self) -> tuple[str, ...]:
        """Make the properties that are missing; their names."""
        there = self.client.properties("contacts")
        missing = [one for one in PROPERTIES if one["name"] not in there]
        if missing:
            self.client.add_properties("contacts", GROUP, missing)
        return tuple(one["name"] for one in missing)

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores; one answer for each."""
        records = self._records(updates)
        wanted: dict[str, Update] = {}
        for update in sorted(updates, key=lambda one: -one.as_of_us):
            record = records.get(update.lead_id)
            if record is None:
                self._without_record(update)
            elif str(record["id"]) in wanted:
                other = wanted[str(record["id"])].lead_id
                why = f"Contact {record['id']} there is lead {other}, too: they may be one person."
                self._answer(update, "refused", str(record["id"]), why)
            elif self._is_due(update, record):
                wanted[str(record["id"])] = update
        several = list(wanted.items())
        for start in range(0, len(several), AT_ONCE):
            self._send(several[start : start + AT_ONCE])
        return [self.answers[update.lead_id] for update in updates]

    def _records(self, updates: Sequence[Update]) -> dict[int, Row]:
        """The contact of each lead, by its id, else by its addresses."""
        ids = {one.lead_id: self._ids(one) for one in updates}
        known = sorted({id_ for several in ids.values() for id_ in several})
        by_id: dict[str, Row] = {}
        for row in self.client.read("contacts", known, READ) if known else ():
            by_id[str(row["id"])] = row
            # One that was merged is read as what it is part of.
            for other in str(row["properties"].get("hs_merged_object_ids") or "").split(";"):
                by_id.setdefault(other.strip(), row)
        found = {lead_id: next((by_id[id_] for id_ in several if id_ in by_id), None)
                 for lead_id, several in ids.items()}  # fmt: skip
        emails = {
            one.lead_id: [value for kind, value in one.names if kind == "email"]
            for one in updates if found[one.lead_id] is None
        }  # fmt: skip
        asked = sorted({email for several in emails.values() for email in several})
        by_email = {
            str(row["properties"].get("email") or "").lower(): row
            for row in (self.client.read("contacts", asked, READ, by="email") if asked else ())
        }
        for lead_id, several in emails.items():
            found[lead_id] = next((by_email[one] for one in several if one in by_email), None)
        return {lead_id: row for lead_id, row in found.items() if row is not None}

    def _ids(self, update: Update) -> list[str]:
        first = [update.remote_id] if update.remote_id else []
        return list(dict.fromkeys((*first, *ids_of(self.connection.name, update.names))))

    def _is_due(self, update: Update, record: Row) -> bool:
        """Whether it is to be written; what is there may be later, or the same."""
        there = record["properties"]
        scored_us = at_us(there.get(SCORED_AT), -1)
        if scored_us // 1000 > update.as_of_us // 1000:
            self._answer(update, "newer", str(record["id"]))
            return False
        said = values(update)
        if all(str(there.get(name) or "") == str(value) for name, value in said.items()
               if name not in (SCORED_AT, "leadwise_score")) and (
            _number(there.get("leadwise_score")) == float(said["leadwise_score"])
        ):  # fmt: skip
            self._answer(update, "same", str(record["id"]))
            return False
        return True

    def _without_record(self, update: Update) -> None:
        email = next((value for kind, value in update.names if kind == "email"), None)
        if self.connection.options.get("create") != "yes" or email is None:
            self._answer(update, "unknown")
            return
        try:
            id_ = self.client.create("contacts", {"email": email, **values(update)})
        except RemoteError as error:
            if not error.permanent and error.status != 409:
                raise
            # 409: somebody else has just made it; it is found the next time.
            state: Any = "later" if error.status == 409 else "refused"
            self._answer(update, state, why=str(error))
        else:
            self._answer(update, "sent", id_ or None)

    def _send(self, several: Sequence[tuple[str, Update]]) -> None:
        inputs = [{"id": id_, "properties": values(update)} for id_, update in several]
        done, refused = self.client.update("contacts", inputs)
        for id_, update in several:
            if id_ in done:
                self._answer(update, "sent", id_)
            elif id_ in refused:
                self._answer(update, "refused", id_, refused[id_])
            else:
                self._answer(update, "later", id_, "HubSpot did not say what became of it.")

    def _answer(self, update: Update, state: Any, id_: str | None = None, why: str = "") -> None:
        self.answers[update.lead_id] = Pushed(update.lead_id, state, id_, why)


def values(update: Update) -> Mapping[str, str]:
    """What of an update stands in each property; HubSpot takes texts."""
    points = update.score / 100
    return {
        "leadwise_score": f"{points:.2f}".rstrip("0").rstrip("."),
        "leadwise_band": update.band or "",
        "leadwise_grade": update.grade or "",
        "leadwise_reasons": "\n".join(update.reasons)[:LONGEST_TEXT],
        "leadwise_question": (update.question or "")[:LONGEST_TEXT],
        SCORED_AT: as_time(update.as_of_us),
        "leadwise_card": update.card,
    }


def _number(text: object) -> float | None:
    try:
        return float(str(text))
    except ValueError:
        return None
