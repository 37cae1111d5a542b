"""`notify`: members by mail, or a channel through whatever sends messages.

Each member's mail has a key of its own, so a step that is done again mails nobody twice. A mail
that the relay does not take now is waited for; one of which nobody knows whether it went is held.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection as Database

from leadwise.connect.mail.addresses import Address, mailbox
from leadwise.connect.mail.outbox import Draft, outbox_of
from leadwise.connect.model import Messenger
from leadwise.errors import UserError
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import opened
from leadwise.store.members import ROLES, Member, find_member, get_member, list_members
from leadwise.store.owners import owner_of

SUBJECT = 120
"""Characters of the first line that become a mail's subject."""


def act(house: House, here: Here) -> Came:
    """Tell them. UserError `notify-nobody` where nobody is named, or nobody is there."""
    text = here.words("text")
    by, to = here.words("by"), here.words("to")
    if not by and not to:
        raise _nobody("Nothing says who is to be told.", "Give the step to, or by and channel.")
    done: list[str] = []
    if by:
        messenger: Messenger = opened(house, here, "by", Messenger, "send messages")
        done.append(messenger.send(here.words("channel"), text, here.key))
    if to:
        with house.store.read() as database:
            members = people(database, here.run.lead_id, to)
        if not members and not by:
            raise _nobody(f"There is nobody who is '{to}'.", "Name a member, a role, or team.")
        return _mailed(house, here, members, text, done)
    return Came("done", {"id": done[0]})


def people(database: Database, lead_id: int | None, named: str) -> list[Member]:
    """The members that are meant: `owner` (without one, all who lead the team), an address,
    `role:...`, `team`. Who cannot sign in any more is nobody."""
    everybody = [one for one in list_members(database) if one.disabled_us is None]
    named = named.strip()
    role = named.removeprefix("role:")
    if named == "team":
        return everybody
    if role != named:
        if role not in ROLES:
            raise _nobody(f"There is no role '{role}'.", ", ".join(ROLES))
        return [one for one in everybody if one.role == role]
    if named == "owner":
        member_id = None if lead_id is None else owner_of(database, lead_id)
        if member_id is not None:
            member = get_member(database, member_id)
            if member.disabled_us is None:
                return [member]
        return [one for one in everybody if one.role == "administrator"]
    found = find_member(database, email=named)
    if found is None:
        raise UserError(
            "member-unknown", f"Nobody of the team has the address {named[:200]}.",
            hint="Write owner, team, role:representative or a member's address.",
        )  # fmt: skip
    return [] if found.disabled_us is not None else [found]


def _mailed(house: House, here: Here, members: list[Member], text: str, done: list[str]) -> Came:
    outbox = outbox_of(house.store, house.settings, house.clock_us)
    until: list[int] = []
    held: list[str] = []
    for member in members:
        posted = outbox.post(_draft(here, member, text))
        if posted.state == "waiting":
            until.append(posted.until_us or house.clock_us() + 60_000_000)
        elif posted.state == "held":
            held.append(member.email)
        done.append(posted.message_id)
    if held:
        return Came("held", {"id": done[0]}, why=f"Whether the mail to {held[0]} went is unknown.")
    if until:
        return Came("waits", {"id": done[0]}, until_us=min(until), why="The relay takes it later.")
    return Came("done", {"id": done[0] if done else ""})


def _draft(here: Here, member: Member, text: str) -> Draft:
    first = text.strip().splitlines()[0] if text.strip() else here.run.playbook.label
    to: Address = mailbox(member.email, member.name)
    who = hashlib.blake2b(member.email.encode(), digest_size=6).hexdigest()
    return Draft(
        f"{here.key}-{who}", to, first[:SUBJECT], text=text, kind="transactional", tracking="none",
        run_id=here.run.id, number=here.run.number,
    )  # fmt: skip


def _nobody(said: str, hint: str) -> UserError:
    return UserError("notify-nobody", said, hint=hint)
