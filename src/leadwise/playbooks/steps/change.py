"""`change`: fields of a record in another system, or facts of the lead here.

Facts here are an identify of the source `playbook` under the step's key: recorded once, and told
apart from what the lead said itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection as Database

from leadwise.connect.model import Noun, Records
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import GateRules, recording_rules
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.record import record
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import lead_of, names, opened, own_lead, values_of
from leadwise.store.documents import canonical
from leadwise.store.identities import Name

SOURCE = "playbook"
_ID_OF = {"email": "email", "crm": "crm_id", "user": "user_id", "anonymous": "anonymous_id"}


def act(house: House, here: Here) -> Came:
    """Change them. UserError `no-record` where the system has none of the lead."""
    lead_id = lead_of(here)
    values = values_of(here)
    if not here.step.settings.get("in"):
        house.store.write(
            partial(learn, rules=recording_rules(house.settings), lead_id=lead_id,
                    values=values, source=SOURCE, key=here.key, now_us=here.now_us),
            alone=True,
        )  # fmt: skip
        return Came("done", {"id": lead_id})
    system: Records = opened(house, here, "in", Records, "change records")
    noun = cast(Noun, here.words("noun", "contact"))
    with house.store.read() as database:
        known = names(database, own_lead(database, lead_id))
    found = system.find(noun, known)
    if found is None:
        raise UserError(
            "no-record", f"{here.words('in')} has no {noun} of this lead.",
            hint="Make it first: a step create takes one that is there.",
        )  # fmt: skip
    system.change(noun, found, values, here.key)
    return Came("done", {"id": found})


def learn(
    database: Database, *, rules: GateRules, lead_id: int, values: Mapping[str, Any], source: str,
    key: str, now_us: int,
) -> None:  # fmt: skip
    """Record facts of a lead that a step learned; the same key again changes nothing."""
    known = names(database, own_lead(database, lead_id))
    if not known or not values:
        return
    message = Message(
        "identify", source, key, "identify", now_us, now_us, document=canonical(values),
        **who(known),
    )  # fmt: skip
    record(database, Received((message,), source=source), rules, now_us)


def who(known: tuple[Name, ...]) -> dict[str, Any]:
    """One identity of each kind, the first, as a message says them."""
    found: dict[str, Any] = {}
    for kind, value in known[:1]:
        found[_ID_OF[kind]] = value
    return found
