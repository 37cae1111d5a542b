"""`fetch`: the transcript of a call, which comes late or never.

It is looked for every so often; what was found is kept with the lead, once. After the last look the
run takes the branch `missing`.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from leadwise.asking.instants import written
from leadwise.connect.local_times import instant_said
from leadwise.connect.model import Talk, Transcripts
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import lead_of, names, opened, own_lead
from leadwise.qualify.intake import take_in
from leadwise.store.conversations import get_conversation
from leadwise.store.members import get_member
from leadwise.store.owners import owner_of

EARLY_US = 30 * 60_000_000
"""People begin a call so long before its time."""
LATE_US = 3_600_000_000
"""And so long after it."""
PUT_OFF_US = 6 * 3_600_000_000
"""In the second half of the waiting: it was put off on the same day."""
FRAME = "bant"
"""Keeping asks for a frame's name, and reads nothing."""


@runtime_checkable
class Hosted(Protocol):
    """A recorder that can tell a call by who held it, where it is not told who else took part."""

    def find_hosted(self, host: str, at_us: int) -> Talk | None:
        """The only call that this host held at that time, if the team allows to take it."""


def act(house: House, here: Here) -> Came:
    """Keep the conversation: its id here as `conversation`, and `at`, when it was held."""
    recorder = opened(house, here, "from", Transcripts, "tell of calls")
    now_us = house.clock_us()
    every, at_most = _duration(here, "every"), _duration(here, "at_most")
    held_us = instant_said(here.words("of").strip(), "UTC")
    if held_us is not None and held_us > now_us:
        return Came("waits", {}, until_us=held_us + every, why="The call has not begun.")
    since_us = max(_since(here, now_us), held_us or 0)
    with house.store.read() as database:
        lead_id = own_lead(database, lead_of(here))
        addresses = [value for kind, value in names(database, lead_id) if kind == "email"]
        owner_id = owner_of(database, lead_id)
        owner = None if owner_id is None else get_member(database, owner_id).email
    if held_us is None:
        talk = recorder.find_talk(addresses, here.run.began_us - EARLY_US, now_us)
    else:
        late_us = LATE_US if now_us < since_us + at_most // 2 else PUT_OFF_US
        talk = recorder.find_talk(addresses, held_us - EARLY_US, held_us + late_us)
        if talk is None and owner is not None and isinstance(recorder, Hosted):
            talk = recorder.find_hosted(owner, held_us)
    if talk is not None:
        return _kept(house, here, lead_id, talk)
    deadline_us = since_us + at_most
    if now_us >= deadline_us:
        return Came(
            "done", {"conversation": "", "at": ""}, branch="missing",
            why=f"No transcript came within {_said(at_most)}.",
        )  # fmt: skip
    return Came(
        "waits", {"since": since_us}, until_us=min(now_us + every, deadline_us),
        why="The transcript is not there yet.",
    )  # fmt: skip


def _kept(house: House, here: Here, lead_id: int, talk: Talk) -> Came:
    done = take_in(
        house.store, lead_id, talk.sent, FRAME, None, house.settings.qualify,
        source=here.words("from"), actor=f"playbook:{here.run.playbook.id}",
        now_us=house.clock_us(),
    )  # fmt: skip
    with house.store.read() as database:
        held = get_conversation(database, done.conversation_id)
    return Came("done", {"conversation": done.conversation_id, "at": written(held.held_us)})


def _since(here: Here, now_us: int) -> int:
    """When it was first looked for."""
    steps = here.run.doc.get("step")
    own = steps.get(here.step.id) if isinstance(steps, dict) else None
    since = own.get("since") if isinstance(own, dict) else None
    return since if isinstance(since, int) else now_us


def _duration(here: Here, name: str) -> int:
    found = here.step.settings[name]
    assert isinstance(found, int)
    return found


def _said(us: int) -> str:
    hours = us / 3_600_000_000
    if hours >= 48:
        return f"{hours / 24:g} days"
    return f"{hours:g} hours" if hours >= 2 else f"{us // 60_000_000} minutes"
