"""What a dry run asks of the past, and what it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from leadwise.playbooks.conditions.deciding import Moment
from leadwise.playbooks.model import Condition, EventTrigger, Playbook
from leadwise.playbooks.triggers.model import Candidate


class Past(Protocol):
    """What happened to leads, told as it was at the time. Leads are whole numbers here."""

    notes: list[str]
    """What the reader of the dry run has to know of this past."""

    def candidates(self, playbook: Playbook, from_us: int, until_us: int) -> list[Candidate]:
        """All that would have started the playbook, in order of time; of leads that may be
        followed up."""

    def answers(self, template: str) -> bool:
        """Whether mails by that template answer what leads just asked for."""

    def refused(self) -> Mapping[str, int]:
        """How many others there were, of whom nobody may be followed up, by the reason."""

    def left_alone(self, playbook: Playbook, lead_ids: Collection[int]) -> Mapping[int, str]:
        """Of these leads those who are not followed up, with the reason."""

    def met(
        self, playbook: Playbook, condition: Condition, moments: Iterable[Moment]
    ) -> Mapping[Moment, bool | None]:
        """What a condition came to at each of many moments."""

    def held(self, playbook: Playbook, one: Candidate, until_us: int) -> bool:
        """Whether a trigger held until that instant."""

    def was_back(self, playbook: Playbook, one: Candidate, since_us: int) -> bool:
        """Whether the score was so far on the other side between two crossings of a trigger's line
        that the second may begin something again; `one` is the second."""

    def first_event(
        self, lead_id: int, wanted: EventTrigger, from_us: int, until_us: int, but: int | None
    ) -> int | None:
        """When the lead first did that in a time (both ends belong to it), but for one event."""

    def became(self, lead_id: int, outcome: str, from_us: int, until_us: int) -> bool:
        """Whether that became of the lead in a time."""

    def zone(self, at: Moment) -> ZoneInfo:
        """Where the lead's clock was."""

    def sent(self, lead_id: int) -> Sequence[int]:
        """When mails went to the lead that count to the caps."""

    def name(self, lead_id: int) -> str:
        """The lead, as people know it."""


@dataclass(slots=True)
class Begun:
    """A run that would have begun: `why` says what by, `ended` how it ended if it did."""

    lead: str
    at_us: int
    why: str
    mails: int = 0
    ended_us: int | None = None
    ended: str = ""


@dataclass(slots=True)
class DryRun:
    """`triggers`: how often something happened that the playbook begins with; `refused`: why so
    many of them began nothing; `waited`: mails that waited, by what for; `left`: why runs ended
    before their last step. Days are the team's."""

    playbook: str
    number: int
    from_us: int
    until_us: int
    triggers: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    begun: list[Begun] = field(default_factory=list)
    starts: Counter[date] = field(default_factory=Counter)
    mails: Counter[date] = field(default_factory=Counter)
    waited: Counter[str] = field(default_factory=Counter)
    left: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    @property
    def leads(self) -> int:
        """How many different leads it would have begun for."""
        return len({one.lead for one in self.begun})
