"""`create`: a record in another system, made once.

A contact or company that the lead has there is taken. What was made is remembered by the step's key
in the record here; the connector looks by the key, too, for the time in between is a process's to
die in.
"""

from __future__ import annotations

from typing import cast

from leadwise.connect.model import Linked, Noun, Record, Records
from leadwise.errors import UserError
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import names, opened, own_lead, values_of
from leadwise.store.connections import get_connection, keep_made, made_before

OWN: tuple[Noun, ...] = ("contact", "company")
"""Records of which a lead has one; deals, tasks and events it has several of."""


def act(house: House, here: Here) -> Came:
    """Make it, or take the one that is there."""
    system: Records = opened(house, here, "in", Records, "make records")
    noun, name = cast(Noun, here.words("noun", "contact")), here.words("in")
    with house.store.read() as database:
        row = get_connection(database, name)
        before = made_before(database, row.id, here.key)
        lead_id = here.run.lead_id
        known = names(database, own_lead(database, lead_id)) if lead_id is not None else ()
    if before is not None:
        return _came(system, noun, before, new=True)
    if noun in OWN:
        if not known:
            raise UserError(
                "no-lead", f"Nobody is known whose {noun} is to be made.",
                hint="Runs that a message started make tasks, deals and events.",
            )  # fmt: skip
        there = system.find(noun, known)
        if there is not None:
            return _came(system, noun, there, new=False)
    about: dict[Noun, str] = {}
    if noun not in OWN and known:
        contact = system.find("contact", known)
        if contact is not None:
            about["contact"] = contact
    made = system.create(Record(noun, values_of(here), about), here.key)
    now_us = house.clock_us()
    house.store.write(lambda database: keep_made(database, row.id, here.key, noun, made, now_us))
    return _came(system, noun, made, new=True)


def _came(system: Records, noun: Noun, record: str, *, new: bool) -> Came:
    link = system.link_of(noun, record) if isinstance(system, Linked) else ""
    return Came("done", {"id": record, "new": new, **({"link": link} if link else {})})
