"""What templates see: the lead, its company and owner, its score and why, what it answered, what
started the run, and what came of its steps (docs/mail.md lists the names).

Nothing is read that a template does not name: of most texts that is the lead's facts alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, select

from leadwise.asking.instants import written
from leadwise.connect.telling import tellings
from leadwise.playbooks.conditions.lead_zone import ZoneRules, zone_of, zone_rules
from leadwise.playbooks.runs.acting import Run
from leadwise.playbooks.texts import fill, first_name, language_of, name_of, names_in
from leadwise.settings import Settings
from leadwise.store.answers import KeptAnswer, answers_of_lead
from leadwise.store.cards import live_version
from leadwise.store.documents import Document, Scalar, values_of
from leadwise.store.facts import facts_now
from leadwise.store.identities import Name, names_of
from leadwise.store.members import get_member
from leadwise.store.owners import owner_of
from leadwise.store.schema import account, lead

Text = Callable[[str], str]
LANGUAGE_FIELDS = ("language", "locale", "preferred_language")
"""Facts that say in what language somebody is written to, the first that does."""
NAME_FIELDS = ("name", "full_name", "fullname")
FIRST_NAME_FIELDS = ("first_name", "firstname", "given_name")
LAST_NAME_FIELDS = ("last_name", "lastname", "surname", "family_name")
RUN_ROOTS = ("event", "message", "step")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a text is: their zone (IANA) and language (`es`)."""

    zone: str = "UTC"
    language: str = "en"


@dataclass(slots=True)
class Values:
    """The values of one lead and run, each read when it is first asked for.

    `more` are further values, which stand beside the others under their own names.
    """

    connection: Connection
    lead_id: int | None
    now_us: int
    run: Run | None = None
    settings: Settings | None = None
    more: Mapping[str, object] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)

    def of(self, template: str) -> dict[str, object]:
        """The values that a template names. UserError (`template`) where it cannot be read."""
        roots = {name.partition(".")[0] for name in names_in(template)}
        return {root: self.root(root) for root in roots}

    def root(self, name: str) -> object:
        """One of the values; None for what there is none of."""
        if name in self.more:
            return self.more[name]
        if name not in self._kept:
            self._kept[name] = self._read(name)
        return self._kept[name]

    @property
    def reader(self) -> Reader:
        """How the lead is written to; the playbook's language where the lead's is not known."""
        found = self._kept.get(":reader")
        if found is None:
            facts = self._facts()
            rules = zone_rules(self.settings.playbooks) if self.settings else ZoneRules()
            said = (language_of(facts.get(one)) for one in LANGUAGE_FIELDS)
            own = self.run.playbook.language if self.run is not None else ""
            found = Reader(
                str(zone_of(facts, rules, self.now_us)), next(filter(None, said), own or "en")
            )
            self._kept[":reader"] = found
        return found

    def _facts(self) -> Document:
        if ":facts" not in self._kept:
            known = facts_now(self.connection, self.lead_id) if self.lead_id is not None else {}
            self._kept[":facts"] = values_of(known)
        return self._kept[":facts"]  # type: ignore[no-any-return] # put there above

    def _read(self, name: str) -> object:
        if name in RUN_ROOTS:
            return _of_run(self.run, name)
        if name == "playbook":
            return _of_playbook(self.run)
        if name == "now":
            return datetime.fromtimestamp(self.now_us / 1_000_000, UTC).isoformat()
        if name == "team":
            return _team(self.settings)
        if self.lead_id is None:
            return None
        match name:
            case "lead":
                return _lead(self._facts(), self.lead_id, self._names())
            case "company":
                return _company(self.connection, self.lead_id, self._facts())
            case "owner":
                return _owner(self.connection, self.lead_id)
            case "answers":
                return _answers(answers_of_lead(self.connection, self.lead_id))
            case "score" | "band" | "grade" | "reasons" | "question":
                return self._score().get(name)
        return None

    def _names(self) -> list[Name]:
        if self.lead_id is None:
            return []
        return [(kind, value) for _, kind, value in names_of(self.connection, self.lead_id)]

    def _score(self) -> dict[str, object]:
        if ":score" not in self._kept:
            found: dict[str, object] = {}
            version = live_version(self.connection)
            if version is not None and self.lead_id is not None:
                for telling in tellings(self.connection, version, [self.lead_id], {}):
                    update = telling.update
                    found = {
                        "score": _number(update.score), "band": update.band,
                        "grade": update.grade, "reasons": list(update.reasons),
                        "question": update.question,
                    }  # fmt: skip
            self._kept[":score"] = found
        return self._kept[":score"]  # type: ignore[no-any-return] # put there above


def values_of_lead(
    connection: Connection, lead_id: int | None, now_us: int, *, run: Run | None = None,
    settings: Settings | None = None, more: Mapping[str, object] | None = None,
) -> Values:  # fmt: skip
    """What templates see of a lead (None: of a message that is no lead's)."""
    return Values(connection, lead_id, now_us, run, settings, more or {})


def texts_of_run(
    connection: Connection, run: Run, now_us: int, settings: Settings | None = None
) -> Text:
    """What fills in the texts of a run's steps. Call it within the connection's transaction."""
    values = values_of_lead(connection, run.lead_id, now_us, run=run, settings=settings)

    def text(template: str) -> str:
        if "{" not in template:
            return template
        reader = values.reader
        return fill(template, values.of(template), zone=reader.zone, language=reader.language)

    return text


def nested(document: Mapping[str, Scalar]) -> dict[str, Any]:
    """A document with its dotted keys as objects in objects; a value hides what would be in it."""
    found: dict[str, Any] = {}
    for key in sorted(document):
        *path, last = key.split(".")
        at = found
        for part in path:
            inner = at.setdefault(part, {})
            if not isinstance(inner, dict):
                break
            at = inner
        else:
            at.setdefault(last, document[key])
    return found


def _lead(facts: Document, lead_id: int, names: list[Name]) -> dict[str, Any]:
    facts = _called(facts)
    found = nested(facts)
    found["id"] = lead_id
    by_kind = dict(reversed(names))
    if "email" in by_kind:
        found["email"] = by_kind["email"]
    whole = next((str(facts[one]) for one in NAME_FIELDS if facts.get(one)), "")
    first = next((str(facts[one]) for one in FIRST_NAME_FIELDS if facts.get(one)), "")
    if not whole and facts.get("last_name") and first:
        whole = f"{first} {facts['last_name']}"
    if whole:
        found.setdefault("name", whole)
    if first or whole:
        found.setdefault("first_name", first or first_name(whole))
    return found


def _called(facts: Document) -> Document:
    """The facts, without names that are none."""
    own = {*NAME_FIELDS, *FIRST_NAME_FIELDS, *LAST_NAME_FIELDS}
    named = {key: name_of(facts[key]) for key in own & facts.keys() if facts[key] is not None}
    return {**facts, **{key: name or None for key, name in named.items()}}


def _company(connection: Connection, lead_id: int, facts: Document) -> dict[str, Any]:
    row = connection.execute(
        select(account.c.name, account.c.doc)
        .join(lead, lead.c.account_id == account.c.id)
        .where(lead.c.id == lead_id)
    ).one_or_none()
    found = nested(values_of(row.doc)) if row is not None else {}
    # What the lead says itself is better than the domain of its address.
    said = facts.get("company") or facts.get("company.name") or facts.get("company_name")
    name = found.get("name") or said or (row.name if row is not None else None)
    return {**found, "name": name_of(name, company=True) or None}


def _owner(connection: Connection, lead_id: int) -> dict[str, Any] | None:
    member_id = owner_of(connection, lead_id)
    if member_id is None:
        return None
    member = get_member(connection, member_id)
    return {
        "id": member.id, "name": member.name, "email": member.email,
        "first_name": first_name(member.name),
    }  # fmt: skip


def _answers(given: list[KeptAnswer]) -> dict[str, Any]:
    """By question the answer that stands, of whatever frame it is; the latest where several do."""
    found: dict[str, Any] = {}
    for one in given:
        if one.status == "not_discussed":
            continue
        quote = one.quotes[0] if one.quotes else None
        found[one.question] = {
            **one.value, "status": one.status, "confidence": round(one.confidence * 100),
            "quote": quote.text if quote else None, "speaker": quote.speaker if quote else None,
            "quotes": [each.text for each in one.quotes], "why": one.why,
            "at": written(one.at_us), "frame": one.frame,
        }  # fmt: skip
    return found


def _of_run(run: Run | None, name: str) -> object:
    """What started the run, or what came of its steps: `step.mail-2` is `step.mail_2` too."""
    found = run.doc.get(name) if run is not None else None
    if name != "step" or not isinstance(found, dict):
        return found
    return {**{key.replace("-", "_"): value for key, value in found.items()}, **found}


def _of_playbook(run: Run | None) -> object:
    if run is None:
        return None
    return {"id": run.playbook.id, "label": run.playbook.label, "version": run.playbook.number}


def _team(settings: Settings | None) -> object:
    """Who we are, as mails say it: the sender's name and address."""
    if settings is None or not settings.mail.sender:
        return None
    from leadwise.connect.mail.addresses import mailbox_of

    sender = mailbox_of(settings.mail.sender)
    return {
        "name": sender.name or None, "email": sender.address,
        "postal_address": settings.mail.postal_address or None,
    }  # fmt: skip


def _number(hundredths: int) -> int | float:
    return hundredths // 100 if hundredths % 100 == 0 else hundredths / 100
