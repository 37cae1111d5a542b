"""Pushing to HubSpot: the score in properties of the contact, never over a later one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from leadwise.connect.hubspot.client import AT_ONCE, Client, Row
from leadwise.connect.hubspot.map import OURS, as_time, at_us, ids_of
from leadwise.connect.model import Connection, Pushed, Update
from leadwise.connect.scored import WORST, must_be_emptied, require_type
from leadwise.connect.sharing import each_its_own
from leadwise.errors import RemoteError

State: TypeAlias = Literal["sent", "same", "newer", "unknown", "refused", "later"]
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
    answers: dict[int, list[Pushed]] = field(default_factory=dict)
    _known: dict[str, str] = field(default_factory=dict)

    def prepare(self) -> tuple[str, ...]:
        """Make the properties that are missing; their names."""
        there = self.client.properties("contacts")
        for one in PROPERTIES:
            allowed = (one["type"], "string")  # HubSpot takes and gives all values as texts
            require_type("HubSpot", one["name"], there.get(one["name"], "string"), allowed)
        missing = [one for one in PROPERTIES if one["name"] not in there]
        if missing:
            self.client.add_properties("contacts", GROUP, missing)
        return tuple(one["name"] for one in missing)

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to all contacts of each lead; one answer for each lead."""
        records = self._records(updates)
        wanted: dict[str, Update] = {}
        of = [[str(row["id"]) for row in records[update.lead_id]] for update in updates]
        own, answered = each_its_own(updates, of)
        for update, ids in zip(updates, own, strict=True):
            if update.lead_id in answered:
                self.answers[update.lead_id] = [answered[update.lead_id]]
            elif not ids:
                self._without_record(update)
            for row in records[update.lead_id]:
                if str(row["id"]) in ids and self._is_due(update, row):
                    wanted[str(row["id"])] = update
        several = list(wanted.items())
        for start in range(0, len(several), AT_ONCE):
            self._send(several[start : start + AT_ONCE])
        return [self._whole(update) for update in updates]

    def _records(self, updates: Sequence[Update]) -> dict[int, list[Row]]:
        """The contacts of each lead: those that it goes by, else those of its addresses."""
        ids = {one.lead_id: self._ids(one) for one in updates}
        known = sorted({id_ for several in ids.values() for id_ in several})
        by_id: dict[str, Row] = {}
        for row in self.client.read("contacts", known, READ) if known else ():
            by_id[str(row["id"])] = row
            # One that was merged is read as what it is part of.
            for other in str(row["properties"].get("hs_merged_object_ids") or "").split(";"):
                by_id.setdefault(other.strip(), row)
        found = {lead_id: _each(by_id, several) for lead_id, several in ids.items()}
        emails = {
            one.lead_id: [value for kind, value in one.names if kind == "email"]
            for one in updates if not found[one.lead_id]
        }  # fmt: skip
        asked = sorted({email for several in emails.values() for email in several})
        by_email = {
            str(row["properties"].get("email") or "").lower(): row
            for row in (self.client.read("contacts", asked, READ, by="email") if asked else ())
        }
        found |= {lead_id: _each(by_email, several) for lead_id, several in emails.items()}
        return found

    def _ids(self, update: Update) -> list[str]:
        """The ids of contacts: those of other kinds of records are left out."""
        told = [id_ for one in update.records
                if (id_ := one.removeprefix("contact:")).isdecimal()]  # fmt: skip
        return list(dict.fromkeys((*told, *ids_of(self.connection.name, update.names))))

    def _is_due(self, update: Update, record: Row) -> bool:
        """Whether it is to be written; what is there may be later, or the same."""
        there, id_ = record["properties"], str(record["id"])
        if update.blank:
            due = must_be_emptied({n.removeprefix(OURS): v for n, v in there.items()}, update)
            return due or self._answer(update, "same", id_)
        scored_us = at_us(there.get(SCORED_AT), -1)
        if scored_us // 1000 > update.as_of_us // 1000:
            return self._answer(update, "newer", id_)
        said = values(update)
        if all(str(there.get(name) or "") == str(value) for name, value in said.items()
               if name not in (SCORED_AT, "leadwise_score")) and (
            _number(there.get("leadwise_score")) == float(said["leadwise_score"])
        ):  # fmt: skip
            return self._answer(update, "same", id_)
        return True

    def _without_record(self, update: Update) -> None:
        email = next((value for kind, value in update.names if kind == "email"), None)
        if self.connection.options.get("create") != "yes" or email is None or update.blank:
            self._answer(update, "unknown")
            return
        try:
            id_ = self.client.create("contacts", {"email": email, **values(update)})
        except RemoteError as error:
            if not error.permanent and error.status != 409:
                raise
            # 409: somebody else has just made it; it is found the next time.
            state: State = "later" if error.status == 409 else "refused"
            self._answer(update, state, why=str(error))
        else:
            self._answer(update, "sent", id_ or None)

    def _send(self, several: Sequence[tuple[str, Update]]) -> None:
        inputs = [{"id": id_, "properties": self._seen(update)} for id_, update in several]
        done, refused = self.client.update("contacts", inputs)
        for id_, update in several:
            if id_ in done:
                self._answer(update, "sent", id_)
            elif id_ in refused:
                self._answer(update, "refused", id_, refused[id_])
            else:
                self._answer(update, "later", id_, "HubSpot did not say what became of it.")

    def _seen(self, update: Update) -> Mapping[str, str]:
        """The values to write; of a blank those of the properties that there are."""
        if not update.blank:
            return values(update)
        self._known = self._known or self.client.properties("contacts")
        return {name: value for name, value in values(update).items() if name in self._known}

    def _answer(self, update: Update, state: State, id_: str | None = None, why: str = "") -> bool:
        """Keep what became of one record; False, for there is nothing more to do with it."""
        self.answers.setdefault(update.lead_id, []).append(Pushed(update.lead_id, state, id_, why))
        return False

    def _whole(self, update: Update) -> Pushed:
        """One answer for all records of a lead: the worst, and the ids of all of them."""
        several = self.answers[update.lead_id]
        worst = min(several, key=lambda one: WORST.index(one.state))
        ids = " ".join(dict.fromkeys(one.remote_id for one in several if one.remote_id))
        return Pushed(update.lead_id, worst.state, ids or None, worst.why)


def _each(rows: Mapping[str, Row], names: Sequence[str]) -> list[Row]:
    """The rows of these names, each once."""
    found = {str(rows[name]["id"]): rows[name] for name in names if name in rows}
    return list(found.values())


def values(update: Update) -> Mapping[str, str]:
    """What of an update stands in each property; HubSpot takes texts."""
    points = f"{update.score / 100:.2f}".rstrip("0").rstrip(".")
    return {
        "leadwise_score": "" if update.blank else points,
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
