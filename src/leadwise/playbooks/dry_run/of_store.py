"""The past of a record: bands and scores as they were said, events as they happened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from croniter import croniter
from sqlalchemy import Connection, Table, func, select

from leadwise.asking.instants import moment_of, written
from leadwise.playbooks.conditions.deciding import Moment, ask
from leadwise.playbooks.conditions.goals import became, happened
from leadwise.playbooks.conditions.known import facts_then
from leadwise.playbooks.conditions.lead_zone import zone_of
from leadwise.playbooks.conditions.whole_lead import all_ids, kept_leads
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    Condition,
    EventTrigger,
    MessageTrigger,
    Playbook,
    ScheduleTrigger,
    ScoreTrigger,
    TaskTrigger,
)
from leadwise.playbooks.safety.holding import answers_messages, mails_only, no_address_left
from leadwise.playbooks.triggers import scores
from leadwise.playbooks.triggers.answers import answer_candidates, readings_between
from leadwise.playbooks.triggers.bands import band_candidates, band_holds, changes_between
from leadwise.playbooks.triggers.cursors import start_after
from leadwise.playbooks.triggers.events import event_candidates, events_between
from leadwise.playbooks.triggers.model import Candidate, Live, Rules, rules_of
from leadwise.playbooks.triggers.tasks import task_candidates, tasks_between
from leadwise.settings import Settings
from leadwise.store.driver import ask as ask_rows
from leadwise.store.experiments import leave_alone
from leadwise.store.playbooks import PlaybookVersion
from leadwise.store.schema import answer, band_change, event, score_history

ALL = 2**62
AT_ONCE = 500
"""Moments that are asked about in one statement."""
MOST_MOMENTS = 300_000
"""Leads times times of a schedule; of more the latest times are played."""


@dataclass(slots=True)
class StorePast:
    """Reads from one connection, so that all is of one state of the record."""

    connection: Connection
    settings: Settings
    notes: list[str] = field(default_factory=list)
    rules: Rules = field(init=False)
    _refused: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.rules = rules_of(self.settings)

    def candidates(self, playbook: Playbook, from_us: int, until_us: int) -> list[Candidate]:
        """All that would have started the playbook."""
        live = Live(version_of(playbook, from_us), playbook, from_us)
        found = [
            one
            for part in self._parts(live, from_us, until_us)
            for one in part
            if from_us <= one.at_us < until_us
        ]
        kept = kept_leads(
            self.connection, {one.lead_id for one in found if one.lead_id is not None}
        )
        wanted = [one for one in found if one.lead_id is None or one.lead_id in kept]
        self._refused["is no lead to follow up"] += len(found) - len(wanted)
        unique = {one.key: one for one in reversed(wanted)}
        return sorted(
            (
                one if one.lead_id is None else replace(one, lead_id=kept[one.lead_id])
                for one in unique.values()
            ),
            key=lambda one: (one.at_us, one.event_id or one.row_id or 0),
        )

    def refused(self) -> Mapping[str, int]:
        """Those whose leads are not there any more, or objected."""
        return {why: number for why, number in self._refused.items() if number}

    def left_alone(self, playbook: Playbook, lead_ids: Collection[int]) -> Mapping[int, str]:
        """As it is now: who is left alone by lot, and who wants no mails."""
        from leadwise.learn.refinement.uplift import is_held_out  # it brings numpy

        if answers_messages(playbook):
            return {}
        ids = sorted(lead_ids)
        silent = (
            no_address_left(self.connection, ids) if mails_only(playbook, self.answers) else set()
        )
        found = dict.fromkeys(silent, "wants no mails")
        alone = leave_alone(self.connection, ids, is_held_out)
        return {**found, **dict.fromkeys(alone, "is left alone by an experiment")}

    def answers(self, template: str) -> bool:
        """Whether the template is for answers, as it is now."""
        return self.rules.answers(self.connection, template)

    def met(
        self, playbook: Playbook, condition: Condition, moments: Iterable[Moment]
    ) -> Mapping[Moment, bool | None]:
        """What the condition came to, as it was known then."""
        found: dict[Moment, bool | None] = {}
        asked = list(dict.fromkeys(moments))
        for start in range(0, len(asked), AT_ONCE):
            part = asked[start : start + AT_ONCE]
            answers = ask(
                self.connection, playbook, part, rules=self.rules.zones, only=[condition],
                past=True,
            )  # fmt: skip
            found.update((moment, one[condition.text]) for moment, one in answers.items())
        return found

    def held(self, playbook: Playbook, one: Candidate, until_us: int) -> bool:
        """Whether a band or a score stayed; events of robots were left out before."""
        trigger = playbook.triggers[one.place]
        if isinstance(trigger, BandTrigger):
            return band_holds(self.connection, trigger, one, until_us)
        if isinstance(trigger, ScoreTrigger):
            return scores.score_holds(self.connection, trigger, one, until_us)
        return True

    def was_back(self, playbook: Playbook, one: Candidate, since_us: int) -> bool:
        """Whether a score between the two was back."""
        trigger = playbook.triggers[one.place]
        assert isinstance(trigger, ScoreTrigger)
        ids = all_ids(self.connection, [one.lead_id or 0])[one.lead_id or 0]
        asked = {"since": since_us, "until": one.at_us}
        return any(
            scores.is_back(trigger, row[0])
            for part in sorted(ids)
            for row in ask_rows(self.connection, _SCORES, lead=part, **asked)
        )

    def first_event(
        self, lead_id: int, wanted: EventTrigger, from_us: int, until_us: int, but: int | None
    ) -> int | None:
        """When the lead first did that."""
        found = happened(self.connection, lead_id, wanted, from_us, until_us, but or 0)
        return min(found, default=None)

    def became(self, lead_id: int, outcome: str, from_us: int, until_us: int) -> bool:
        """Whether that was recorded."""
        return became(self.connection, lead_id, outcome, from_us, until_us)

    def zone(self, at: Moment) -> ZoneInfo:
        """By what was known of the lead then."""
        facts = facts_then(self.connection, [at])[at]
        return zone_of(facts, self.rules.zones, at.as_of_us)

    def sent(self, lead_id: int) -> Sequence[int]:
        """The mails that really went out, of other playbooks."""
        ids = all_ids(self.connection, [lead_id])[lead_id]
        sql = "SELECT at_us FROM contact WHERE channel = 'mail' AND lead_id = :lead"
        return [row[0] for part in sorted(ids) for row in ask_rows(self.connection, sql, lead=part)]

    def name(self, lead_id: int) -> str:
        """Its id."""
        return str(lead_id)

    def _parts(self, live: Live, from_us: int, until_us: int) -> Iterator[list[Candidate]]:
        connection, triggers = self.connection, live.playbook.triggers
        kinds = {type(trigger) for trigger in triggers}
        if BandTrigger in kinds:
            after = _after(connection, band_change, "at_us", from_us)
            yield band_candidates(live, changes_between(connection, after, ALL, ALL))
        if ScoreTrigger in kinds:
            after = _after(connection, score_history, "as_of_us", from_us)
            said = scores.scores_between(connection, after, ALL, ALL)
            yield scores.score_candidates(live, said, {})[0]
        if kinds & {EventTrigger, MessageTrigger}:
            after = _after(connection, event, "received_us", from_us)
            names = {one.event for one in triggers if isinstance(one, EventTrigger)}
            sources = {one.source for one in triggers if isinstance(one, MessageTrigger)}
            found = events_between(connection, after, ALL, names, sources, ALL)
            yield event_candidates(connection, live, found, self.rules)
        if AnswerTrigger in kinds:
            after = _after(connection, answer, "said_us", from_us)
            for one in readings_between(connection, after, ALL, ALL)[0]:
                yield answer_candidates(connection, live, [one], one.said_us)
        if TaskTrigger in kinds:
            tasks, _ = tasks_between(connection, from_us - 1, until_us - 1, 2**31)
            yield task_candidates(live, tasks)
        for place, trigger in enumerate(triggers):
            if isinstance(trigger, ScheduleTrigger):
                yield self._rounds(place, trigger, from_us, until_us)

    def _rounds(
        self, place: int, trigger: ScheduleTrigger, from_us: int, until_us: int
    ) -> list[Candidate]:
        leads = [row[0] for row in ask_rows(self.connection, _LEADS)]
        times = times_between(trigger, from_us, until_us)
        room = max(1, MOST_MOMENTS // max(1, len(leads)))
        if len(times) > room:
            self.notes.append(
                f"Of {len(times)} times of the schedule the last {room} are played: there are "
                "very many leads."
            )
            times = times[-room:]
        return [
            Candidate(
                f"schedule:{place}:{at_us}:{lead_id}", "schedule", place, lead_id, at_us,
                {"event": {"name": "schedule", "at": written(at_us)}},
            )
            for at_us in times
            for lead_id in leads
        ]  # fmt: skip


def times_between(trigger: ScheduleTrigger, from_us: int, until_us: int) -> list[int]:
    """The times of a schedule from one instant up to another."""
    start = moment_of(from_us - 1_000_000).astimezone(ZoneInfo(trigger.zone))
    following = croniter(trigger.cron, start)
    found: list[int] = []
    while True:
        at_us = int(following.get_next(float)) * 1_000_000
        if at_us >= until_us:
            return found
        if at_us >= from_us:
            found.append(at_us)


def _after(connection: Connection, table: Table, column: str, from_us: int) -> int:
    """The id before the first row that came in since."""
    last = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    return start_after(connection, table, column, None, int(last), from_us)


def version_of(playbook: Playbook, from_us: int) -> PlaybookVersion:
    """A version that is live since then, of nobody's."""
    return PlaybookVersion(
        0, playbook.id, playbook.number, "", "", "live", from_us, "", from_us, "", None
    )


_LEADS = (
    "SELECT id FROM lead WHERE merged_into IS NULL AND erased_us IS NULL "
    "AND objected_us IS NULL ORDER BY id"
)
_SCORES = (
    "SELECT shown_score FROM score_history WHERE lead_id = :lead "
    "AND as_of_us > :since AND as_of_us < :until"
)
