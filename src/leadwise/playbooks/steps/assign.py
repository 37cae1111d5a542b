"""`assign`: give the lead to a person: in turn, by capacity, by territory, by who has its company.

Who is away or cannot sign in any more is given nothing. With `again` the lead goes to somebody
else: neither to whoever has it now nor to anybody whom this run gave it to before, for they let it
lapse. Nobody left to give it to is no failure: the lead stays with whom it is, and `why` says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection

from leadwise.errors import UserError
from leadwise.playbooks.conditions.deciding import decide
from leadwise.playbooks.model import Rule
from leadwise.playbooks.runs.acting import Came, Here
from leadwise.playbooks.steps.asking import rules_of
from leadwise.playbooks.steps.assigning import Load, loads_of, members_among, owner_in_account
from leadwise.settings import Settings
from leadwise.store.audit import audit
from leadwise.store.members import Member, get_member
from leadwise.store.owners import give_lead, owner_of
from leadwise.store.turns import hold_pool, note_turn, take_turn

CAPACITY = "(capacity)"
"""The pool of all who are given leads by how much they have, in whichever pools."""


def act(connection: Connection, here: Here) -> Came:
    """Choose, and give. UserError (`no-lead`) for a run that is no lead's."""
    settings, run = here.step.settings, here.run
    if run.lead_id is None:
        raise UserError(
            "no-lead", "This run is no lead's: there is nothing to assign.",
            hint="Start the playbook by something that a lead does.",
        )  # fmt: skip
    owner = owner_of(connection, run.lead_id)
    if settings["by"] == "nobody":
        _give(connection, here, run.lead_id, None, owner)
        return Came("done", {"owner": None, "member": None, "why": "It is nobody's now."})
    if owner is not None and not settings.get("again"):
        member = get_member(connection, owner)
        if member.disabled_us is None:
            why = f"It is {member.name}'s already."
            return Came("done", {"owner": member.email, "member": owner, "why": why})
    left_out = {owner, *_given_before(here)} if settings.get("again") else {owner}
    chosen, why = _choose(connection, here, run.lead_id, left_out)
    if chosen is None:
        return Came("done", {"owner": None, "member": None, "why": why}, why=why)
    _give(connection, here, run.lead_id, chosen.id, owner)
    return Came("done", {"owner": chosen.email, "member": chosen.id, "why": why}, why=why)


def _choose(
    connection: Connection, here: Here, lead_id: int, left_out: set[int | None]
) -> tuple[Member | None, str]:
    settings, now_us = here.step.settings, here.now_us
    by, pool = str(settings["by"]), str(settings.get("pool") or "team")
    among = _texts(settings.get("among")) or ("role:representative",)
    why = "it was their turn"

    def those(named: Sequence[str]) -> list[Member]:
        found = members_among(connection, named, now_us)
        return [one for one in found if one.id not in left_out]

    there: list[Member] = []
    if by == "territory":
        why = "no territory is the lead's, so it was their turn"
        for place, rule in _territories(connection, here, settings.get("rules")):
            there = those(rule.to)
            if there:
                pool, why = f"{pool}:{place}", f"theirs is the territory: {rule.when.text}"
                break
            why = "nobody of its territory is there, so it was their turn"
    there = there or those(among)
    if not there:
        return None, "Nobody is there to give it to."
    ids = [one.id for one in there]
    chosen: int | None = None
    if by == "account owner":
        chosen = owner_in_account(connection, lead_id, [
            one.id for one in members_among(connection, (), now_us) if one.id not in left_out
        ])  # fmt: skip
        why = "they have others of the company" if chosen else "nobody has others of the company"
        if chosen is not None:
            member = get_member(connection, chosen)
            note_turn(connection, pool, chosen, now_us)
            return member, f"Given to {member.name}: {why}."
    if by == "capacity":
        # Who counts how much each has waits for whoever counts just now, and has given nothing yet.
        hold_pool(connection, CAPACITY)
        loads = loads_of(connection, ids, (here.settings or Settings()).team.leads_each)
        ids = _least(loads)
        if not ids:
            return None, "Everybody who is there has as many leads as they can."
        why = f"they have the fewest open leads and tasks ({loads[0].open})"
    chosen = take_turn(connection, pool, ids, now_us)
    assert chosen is not None
    member = get_member(connection, chosen)
    return member, f"Given to {member.name}: {why}."


def _least(loads: Sequence[Load]) -> list[int]:
    """Those with the fewest, of those who can have more; among equals it goes in turn."""
    return [one.member_id for one in loads if one.room and one.open == loads[0].open]


def _territories(connection: Connection, here: Here, rules: object) -> Iterator[tuple[int, Rule]]:
    """The rules that are met, in their order, each with its place."""
    run = here.run
    for place, rule in enumerate(rules if isinstance(rules, list | tuple) else (), 1):
        assert isinstance(rule, Rule)
        zone = rules_of(here)
        if decide(connection, run.playbook, rule.when, run.lead_id, here.now_us, zone):
            yield place, rule


def _given_before(here: Here) -> set[int | None]:
    """Whom this run gave the lead to, by whichever of its steps."""
    steps = here.run.doc.get("step")
    found = steps.values() if isinstance(steps, dict) else ()
    kinds = {step.id for step in here.run.playbook.steps if step.kind == "assign"}
    names = steps.keys() if isinstance(steps, dict) else ()
    return {
        member
        for name, one in zip(names, found, strict=True)
        if name in kinds and isinstance(one, dict) and isinstance(member := one.get("member"), int)
    }


def _give(
    connection: Connection, here: Here, lead_id: int, member_id: int | None, was: int | None
) -> None:
    actor = f"playbook:{here.run.playbook.id}"
    if give_lead(connection, lead_id, member_id, was=was, actor=actor, now_us=here.now_us):
        said = "nobody" if member_id is None else f"member:{member_id}"
        audit(connection, actor, "owner", "lead", lead_id, said, here.now_us)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()
