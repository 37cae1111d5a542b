"""`enrich`: what a REST source knows of a lead or its company, recorded as facts of that source.

Each answer is an identify (of a company: a group) whose source is the connection's name, so the
record says of every fact where it came from. A source that was asked within `fresh` is not asked
again, and what it does not know is remembered as long.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection as Database
from sqlalchemy import select

from leadwise.connect.model import JSON, Facts
from leadwise.ingest.emails import account_domain, email_facts
from leadwise.ingest.gate.rules import recording_rules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.shapes import DAY_US
from leadwise.playbooks.steps.change import who
from leadwise.playbooks.steps.reaching import lead_of, names, opened, own_lead
from leadwise.store.documents import canonical, values_of
from leadwise.store.facts import facts_now
from leadwise.store.identities import Name
from leadwise.store.schema import account_key, event, identity_lead, lead

NOTHING = "enrich_nothing"
"""The event that says that a source was asked and knew nobody."""


@dataclass(frozen=True, slots=True)
class _Whom:
    """Of whom is asked: what is known, and the company's id here."""

    lead_id: int
    names: tuple[Name, ...]
    known: Mapping[str, JSON]
    account_id: int | None
    group: str | None
    domain: str | None


def act(house: House, here: Here) -> Came:
    """Ask, and record. `facts` are those that came; none where the source knows nobody."""
    source, of = here.words("from"), here.words("of", "lead")
    fresh_us = int(str(here.step.settings.get("fresh") or 30 * DAY_US))
    with house.store.read() as database:
        whom = _whom(database, lead_of(here))
        recent = _asked_since(database, whom, source, of, here.now_us - fresh_us)
    if recent is not None:
        return Came("done", {"facts": recent}, why=f"{source} was asked lately.")
    if of == "company" and not (whom.domain or whom.group):
        return Came("done", {"facts": {}}, why="The lead's company is not known.")
    asked: Facts = opened(house, here, "from", Facts, "be asked for facts")
    facts = dict(asked.ask(whom.known) or {})
    message = _message(whom, source, of, facts, here)
    if message is not None:
        house.store.write(
            partial(_recorded, message=message, house=house, now_us=here.now_us), alone=True
        )
    return Came("done", {"facts": facts}, why="" if facts else f"{source} knows nobody.")


def _whom(database: Database, lead_id: int) -> _Whom:
    lead_id = own_lead(database, lead_id)
    said = names(database, lead_id)
    known: dict[str, JSON] = dict(values_of(facts_now(database, lead_id)))
    known |= dict[str, JSON](reversed(said))
    account_id = database.execute(select(lead.c.account_id).where(lead.c.id == lead_id)).scalar()
    keys = dict[str, str]()
    if account_id is not None:
        rows = database.execute(
            select(account_key.c.kind, account_key.c.value)
            .where(account_key.c.account_id == account_id).order_by(account_key.c.value.desc())
        )  # fmt: skip
        keys = {row.kind: row.value for row in rows}
    own = account_domain(str(known["email"])) if known.get("email") else None
    domain = keys.get("domain") or own
    if domain:
        known["domain"] = domain
    if keys.get("group"):
        known["company_id"] = keys["group"]
    return _Whom(lead_id, said, known, account_id, keys.get("group"), domain)


def _asked_since(
    database: Database, whom: _Whom, source: str, of: str, since_us: int
) -> dict[str, JSON] | None:
    """What the source said within the time; None where it was not asked."""
    own = (event.c.source == source) & (event.c.at_us > since_us)
    if of == "company" and whom.account_id is not None:
        rows = select(event.c.doc).where(
            own, event.c.account_id == whom.account_id, event.c.type == "group"
        )
        found = database.execute(rows.order_by(event.c.at_us.desc()).limit(1)).scalar()
        if found is not None:
            return dict(values_of(_document(found)))
    kinds = ("identify",) if of == "lead" else ()
    rows = (
        select(event.c.type, event.c.event, event.c.doc)
        .join(identity_lead, identity_lead.c.identity_id == event.c.identity_id)
        .where(own, identity_lead.c.lead_id == whom.lead_id, event.c.message_id.like("run-%"))
        .order_by(event.c.at_us.desc(), event.c.id.desc()).limit(20)
    )  # fmt: skip
    address = str(whom.known.get("email") or "")
    own_facts = email_facts(address) if address else {}  # what the address says, not the source
    for row in database.execute(rows):
        if row.type in kinds:
            said = values_of(_document(row.doc))
            return {name: value for name, value in said.items() if name not in own_facts}
        if row.event == NOTHING and _document(row.doc).get("of") == of:
            return {}
    return None


def _message(
    whom: _Whom, source: str, of: str, facts: Mapping[str, Any], here: Here
) -> Message | None:
    if not whom.names:
        return None
    at = (here.now_us, here.now_us)
    if not facts:
        return Message("track", source, here.key, NOTHING, *at,
                       document=canonical({"of": of}), **who(whom.names))  # fmt: skip
    if of == "lead":
        return Message(
            "identify", source, here.key, "identify", *at, document=canonical(facts),
            **who(whom.names),
        )  # fmt: skip
    # A company that goes by no id goes by its domain, which it says.
    document = canonical({"domain": whom.domain, **facts} if whom.domain else facts)
    return Message(
        "group", source, here.key, "group", *at, group_id=whom.group or whom.domain,
        document=document, **who(whom.names),
    )  # fmt: skip


def _recorded(database: Database, *, message: Message, house: House, now_us: int) -> None:
    rules = recording_rules(house.settings)
    record(database, Received((message,), source=message.source), rules, now_us)


def _document(doc: Any) -> dict[str, Any]:
    return json.loads(doc) if isinstance(doc, str) else dict(doc or {})
