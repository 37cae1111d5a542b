"""What a past was asked, and what it answered: each is asked once, however often it is played.

Conditions are collected (`wanted`) and asked together, for one query about ten thousand moments
takes hardly longer than one about a single moment.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from leadwise.playbooks.conditions.deciding import Moment
from leadwise.playbooks.dry_run.model import Past
from leadwise.playbooks.model import Condition, EventTrigger, Playbook
from leadwise.playbooks.triggers.model import Candidate


@dataclass(slots=True)
class Remembered:
    """A past with its answers about one playbook."""

    past: Past
    playbook: Playbook
    wanted: dict[str, tuple[Condition, set[Moment]]] = field(default_factory=dict)
    _met: dict[str, dict[Moment, bool | None]] = field(default_factory=dict)
    _held: dict[tuple[str, int], bool] = field(default_factory=dict)
    _back: dict[tuple[str, int], bool] = field(default_factory=dict)
    _first: dict[tuple[object, ...], int | None] = field(default_factory=dict)
    _became: dict[tuple[int, str, int, int], bool] = field(default_factory=dict)
    _answers: dict[str, bool] = field(default_factory=dict)
    _zones: dict[Moment, ZoneInfo] = field(default_factory=dict)
    _sent: dict[int, Sequence[int]] = field(default_factory=dict)

    @property
    def notes(self) -> list[str]:
        """What the reader of the dry run has to know of this past."""
        return self.past.notes

    def answers(self, template: str) -> bool:
        """Whether mails by that template answer what leads just asked for."""
        if template not in self._answers:
            self._answers[template] = self.past.answers(template)
        return self._answers[template]

    def name(self, lead_id: int) -> str:
        """The lead, as people know it."""
        return self.past.name(lead_id)

    def ask(self, condition: Condition, moments: Iterable[Moment]) -> None:
        """Have it known what a condition came to at these moments."""
        own = self._met.setdefault(condition.text, {})
        new = [one for one in moments if one not in own]
        own.update(dict.fromkeys(new))
        own.update(self.past.met(self.playbook, condition, new))

    def ask_wanted(self) -> None:
        """Ask all that was not known so far."""
        wanted, self.wanted = self.wanted, {}
        for condition, moments in wanted.values():
            self.ask(condition, sorted(moments))

    def decided(
        self, condition: Condition, at: Moment, *, unknown: bool | None = None
    ) -> bool | None:
        """What a condition came to; where that is not known yet it is wanted, and `unknown`."""
        own = self._met.setdefault(condition.text, {})
        if at in own:
            return own[at]
        self.wanted.setdefault(condition.text, (condition, set()))[1].add(at)
        return unknown

    def held(self, one: Candidate, until_us: int) -> bool:
        """Whether a trigger held until that instant."""
        key = one.key, until_us
        if key not in self._held:
            self._held[key] = self.past.held(self.playbook, one, until_us)
        return self._held[key]

    def was_back(self, one: Candidate, since_us: int) -> bool:
        """Whether the score was back between two crossings."""
        key = one.key, since_us
        if key not in self._back:
            self._back[key] = self.past.was_back(self.playbook, one, since_us)
        return self._back[key]

    def first_event(
        self, lead_id: int, wanted: EventTrigger, from_us: int, until_us: int, but: int | None
    ) -> int | None:
        """When the lead first did that in a time."""
        where = wanted.where.text if wanted.where else None
        key = lead_id, wanted.event, where, from_us, until_us, but
        if key not in self._first:
            self._first[key] = self.past.first_event(lead_id, wanted, from_us, until_us, but)
        return self._first[key]

    def became(self, lead_id: int, outcome: str, from_us: int, until_us: int) -> bool:
        """Whether that became of the lead in a time."""
        key = lead_id, outcome, from_us, until_us
        if key not in self._became:
            self._became[key] = self.past.became(lead_id, outcome, from_us, until_us)
        return self._became[key]

    def zone(self, at: Moment) -> ZoneInfo:
        """Where the lead's clock was."""
        if at not in self._zones:
            self._zones[at] = self.past.zone(at)
        return self._zones[at]

    def sent(self, lead_id: int) -> Sequence[int]:
        """When mails went to the lead, the earliest first."""
        if lead_id not in self._sent:
            self._sent[lead_id] = sorted(self.past.sent(lead_id))
        return self._sent[lead_id]
