"""The past of files: leads and what they did, scored by a card at the end of each day.

A change of band or score is seen at the end of the day in which it was. Files tell nothing of
tasks, answers and messages, and nothing of outcomes; what starts or ends by those is left out, and
said.
"""

# ruff: noqa: S608 - the SQL is made of quoted names and whole numbers only

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from leadwise.asking.instants import written
from leadwise.asking.population import Population
from leadwise.card.model import Card
from leadwise.engines.duckdb import DuckDBEngine, literal, quoted
from leadwise.plan import Each, compile_ledger, lines, render
from leadwise.plan.relations import EVENTS, FACTS, LEADS, MOMENTS
from leadwise.playbooks.conditions.deciding import (
    POINT,
    Moment,
    card_of,
    card_of_event,
    verdicts,
)
from leadwise.playbooks.conditions.known import CLOCK
from leadwise.playbooks.conditions.lead_zone import zone_of
from leadwise.playbooks.conditions.names import total_name
from leadwise.playbooks.dry_run.daily import Daily, Day, scored_daily
from leadwise.playbooks.dry_run.of_store import MOST_MOMENTS, times_between, version_of
from leadwise.playbooks.dry_run.wide import looked_for
from leadwise.playbooks.model import (
    BandTrigger,
    Condition,
    EventTrigger,
    Playbook,
    ScheduleTrigger,
    ScoreTrigger,
)
from leadwise.playbooks.triggers.bands import band_candidates
from leadwise.playbooks.triggers.events import Happened, candidate_of_event, is_fresh
from leadwise.playbooks.triggers.model import Candidate, Live, Rules, rules_of
from leadwise.playbooks.triggers.scores import is_back, is_past, score_candidates
from leadwise.settings import Settings


@dataclass(slots=True)
class FilePast:
    """`of` was read with `wide_card`; `card` is the one that scores."""

    of: Population
    card: Card
    settings: Settings
    notes: list[str] = field(default_factory=list)
    rules: Rules = field(init=False)
    _names: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _daily: Daily | None = None
    _days: dict[int, list[Day]] = field(default_factory=dict)
    _events: dict[str, list[Happened]] = field(default_factory=dict)
    _done: dict[tuple[str, int], list[Happened]] = field(default_factory=dict)
    _fits: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    _clocks: dict[int, list[tuple[int, int, dict[str, str]]]] = field(default_factory=dict)
    _sql: dict[int, tuple[Card, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rules = rules_of(self.settings)
        rows = self._rows(f"SELECT lead_id FROM {LEADS} ORDER BY lead_id")
        self._names = [str(row[0]) for row in rows]
        self._numbers = {name: number for number, name in enumerate(self._names)}

    @property
    def _engine(self) -> DuckDBEngine:
        return self.of.read.engine

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._engine.connection.execute(sql).fetchall()

    # What started it ------------------------------------------------------------------------------

    def candidates(self, playbook: Playbook, from_us: int, until_us: int) -> list[Candidate]:
        """All that would have started the playbook."""
        live = Live(version_of(playbook, from_us), playbook, from_us)
        self._read_events(playbook, from_us, until_us)
        found = [one for part in self._parts(live, from_us, until_us) for one in part]
        within = [one for one in found if from_us <= one.at_us < until_us]
        unique = {one.key: one for one in reversed(within)}
        leads = {one.lead_id for one in within if one.lead_id is not None}
        self._read_clocks(leads)
        if self._daily is not None:
            self._days = self._daily.days_of(leads)
        return sorted(unique.values(), key=lambda one: (one.at_us, one.lead_id or 0))

    def answers(self, template: str) -> bool:
        """Whether the template is for answers, as far as it is not the store's."""
        return self.rules.answers(None, template)

    def _parts(self, live: Live, from_us: int, until_us: int) -> Iterator[list[Candidate]]:
        triggers = live.playbook.triggers
        if any(isinstance(one, BandTrigger | ScoreTrigger) for one in triggers):
            self._daily = scored_daily(self._engine, self.card, len(self._names), from_us, until_us)
            self._tell_of_days(self._daily)
            changes, said = self._daily.changes(triggers)
            yield band_candidates(live, changes)
            yield score_candidates(live, said, {})[0]
        for place, trigger in enumerate(triggers):
            if isinstance(trigger, EventTrigger):
                own = self._events.get(trigger.event, [])
                yield [
                    candidate_of_event(one, place, self.rules)
                    for one in own
                    if is_fresh(one, live, self.rules) and self._does_fit(trigger, one.id)
                ]
            elif isinstance(trigger, ScheduleTrigger):
                yield self._rounds(place, trigger, from_us, until_us)
            elif not isinstance(trigger, BandTrigger | ScoreTrigger):
                kind = type(trigger).__name__.removesuffix("Trigger").lower()
                self.notes.append(f"Files tell nothing of what starts it by '{kind}'.")

    def _tell_of_days(self, daily: Daily) -> None:
        if daily.share > 1:
            self.notes.append(
                f"There are very many leads: one in {daily.share} was asked, so all of them would "
                f"come to about {daily.share} times as much."
            )
        self.notes.append("Bands and scores were looked at once a day.")

    def _rounds(
        self, place: int, trigger: ScheduleTrigger, from_us: int, until_us: int
    ) -> list[Candidate]:
        times = times_between(trigger, from_us, until_us)
        room = max(1, MOST_MOMENTS // max(1, len(self._names)))
        if len(times) > room:
            self.notes.append(f"Of {len(times)} times of the schedule the last {room} are played.")
        return [
            Candidate(
                f"schedule:{place}:{at_us}:{lead_id}", "schedule", place, lead_id, at_us,
                {"event": {"name": "schedule", "at": written(at_us)}},
            )
            for at_us in times[-room:]
            for lead_id in range(len(self._names))
        ]  # fmt: skip

    def _read_events(self, playbook: Playbook, from_us: int, until_us: int) -> None:
        wanted = {one.event for one in looked_for(playbook)}
        if not wanted:
            return
        self._engine.create(
            "happened", f"SELECT row_number() OVER () AS id, * FROM {EVENTS} "
            f"WHERE event IN ({', '.join(map(literal, sorted(wanted)))}) "
            f"AND at_us BETWEEN {from_us} AND {until_us}",
        )  # fmt: skip
        sql = "SELECT id, lead_id, event, at_us, received_us FROM happened ORDER BY at_us, id"
        for id_, name, event, at_us, received_us in self._rows(sql):
            number = self._numbers.get(str(name))
            if number is not None:
                one = Happened(id_, number, "files", "track", event, at_us, received_us, {})
                self._events.setdefault(event, []).append(one)
                self._done.setdefault((event, number), []).append(one)

    def _does_fit(self, trigger: EventTrigger, id_: int) -> bool:
        where = trigger.where
        if where is None:
            return True
        key = (trigger.event, where.text)
        if key not in self._fits:
            self._fits[key] = self._fitting(trigger.event, where)
        return id_ in self._fits[key]

    def _fitting(self, event: str, where: Condition) -> set[int]:
        """The events whose properties meet a condition: each is a subject of its own."""
        asked = card_of_event(self.of.card, event, [where])
        known = {row[0] for row in self._rows("SELECT column_name FROM (DESCRIBE happened)")}
        columns = [quoted(one.name) for one in asked.card.fields if one.name in known]
        missing = [one.name for one in asked.card.fields if one.name not in known]
        columns += [f"CAST(NULL AS VARCHAR) AS {quoted(name)}" for name in missing]
        of = f"FROM happened WHERE event = {literal(event)}"
        relations = {
            FACTS: f"SELECT {', '.join(['id AS lead_id, at_us AS from_us', *columns])}, "
            f"at_us + 1 AS until_us {of}",
            MOMENTS: f"SELECT id AS _moment, id AS lead_id, at_us AS as_of_us, "
            f"at_us AS known_by_us {of}",
        }
        rows = self._asked(asked.card, relations)
        return {row[0] for row in rows if row[4] == POINT}

    def _asked(self, card: Card, relations: Mapping[str, str]) -> list[tuple[Any, ...]]:
        """The card's query over relations of our own in the place of the files'."""
        kept = self._sql.get(id(card))
        query = kept[1] if kept else render(compile_ledger(card, Each()), "duckdb")
        self._sql[id(card)] = (card, query)
        ours = ", ".join(f"{quoted(name)} AS ({sql})" for name, sql in relations.items())
        return self._rows(f"WITH {ours}, {query.removeprefix('WITH ')}")

    # What is asked of leads -----------------------------------------------------------------------

    def refused(self) -> Mapping[str, int]:
        """Nobody: files hold leads only."""
        return {}

    def left_alone(self, playbook: Playbook, lead_ids: Collection[int]) -> Mapping[int, str]:  # noqa: ARG002 - files know none
        """Nobody."""
        return {}

    def met(
        self, playbook: Playbook, condition: Condition, moments: Iterable[Moment]
    ) -> Mapping[Moment, bool | None]:
        """What the condition came to, in one query."""
        asked = card_of(self.of.card, playbook, [condition])
        unique = list(dict.fromkeys(moments))
        if not unique:
            return {}
        self._load("asked_moments", unique, self._carried(unique, asked.carried))
        plain = [quoted(f.name) for f in asked.card.fields if f.name not in asked.carried]
        given = [f"m.{quoted(name)}" for name in sorted(asked.carried)]
        columns = ", ".join([*(f"f.{name}" for name in plain), *given])
        relations = {
            MOMENTS: "SELECT _moment, lead_id, as_of_us, known_by_us FROM asked_moments",
            "facts_then": f"SELECT m.lead_id, m.as_of_us AS from_us, m.as_of_us + 1 AS until_us"
            f"{', ' + columns if columns else ''} FROM asked_moments AS m "
            f'LEFT JOIN main."{FACTS}" AS f ON f.lead_id = m.lead_id '
            "AND f.from_us <= m.as_of_us AND f.until_us > m.as_of_us",
            FACTS: "SELECT * FROM facts_then",
        }
        found: dict[Moment, bool | None] = {}
        for row in self._asked(asked.card, relations):
            found[unique[row[0]]] = verdicts(asked.texts, row[4:], row[-1])[condition.text]
        return found

    def _load(self, name: str, moments: Sequence[Moment], carried: Mapping[str, pa.Array]) -> None:
        instants = pa.array([one.as_of_us for one in moments], pa.int64())
        table = pa.table(
            {
                "_moment": pa.array(range(len(moments)), pa.int64()),
                "lead_id": pa.array([self._names[one.lead_id] for one in moments], pa.string()),
                "as_of_us": instants, "known_by_us": instants, **carried,
            }
        )  # fmt: skip
        self._engine.load(name, table)

    def _carried(self, moments: Sequence[Moment], wanted: frozenset[str]) -> dict[str, pa.Array]:
        """What only a playbook knows, for each moment; of owners files tell nothing."""
        facts: list[dict[str, Any]] = [{} for _ in moments]
        if wanted - CLOCK - {"owner"}:
            self._load(MOMENTS, moments, {})
            number, totals = len(lines(self.card)), [d.id for d in self.card.dimensions]
            for row in self._rows(render(compile_ledger(self.card, Each()), "duckdb")):
                own = facts[row[0]]
                own.update({"score": row[-4] / 100, "band": row[-3], "grade": row[-2]})
                for name, total in zip(totals, row[4 + number :], strict=False):
                    own.setdefault(total_name(name), total / 100)
            self._engine.drop(MOMENTS)
        if wanted & CLOCK:
            for own, one in zip(facts, moments, strict=True):
                there = datetime.fromtimestamp(one.as_of_us / 1e6, UTC).astimezone(self.zone(one))
                own.update(local_hour=float(there.hour), local_weekday=float(there.isoweekday()))
        texts = {"band", "grade", "owner"}
        return {
            name: pa.array(
                [own.get(name) for own in facts], pa.string() if name in texts else pa.float64()
            )
            for name in sorted(wanted)
        }

    def held(self, playbook: Playbook, one: Candidate, until_us: int) -> bool:
        """Whether a band or a score stayed, at the ends of the days."""
        trigger = playbook.triggers[one.place]
        if one.lead_id is None or not isinstance(trigger, BandTrigger | ScoreTrigger):
            return True
        days = self._days.get(one.lead_id, [])
        later = [day for day in days if one.at_us <= day.at_us <= until_us]
        if isinstance(trigger, ScoreTrigger):
            return all(is_past(trigger, day.points) for day in later)
        if later and later[0].band in trigger.enters:
            return all(day.band in trigger.enters for day in later)
        return all(day.band not in trigger.leaves for day in later)

    def was_back(self, playbook: Playbook, one: Candidate, since_us: int) -> bool:
        """Whether the score was back at the end of a day."""
        trigger = playbook.triggers[one.place]
        assert isinstance(trigger, ScoreTrigger)
        return any(
            is_back(trigger, day.points)
            for day in self._days.get(one.lead_id or 0, [])
            if since_us < day.at_us < one.at_us
        )

    def first_event(
        self, lead_id: int, wanted: EventTrigger, from_us: int, until_us: int, but: int | None
    ) -> int | None:
        """When the lead first did that."""
        own = self._done.get((wanted.event, lead_id), [])
        for one in own[bisect_left(own, from_us, key=lambda each: each.at_us) :]:
            if one.at_us > until_us:
                return None
            if one.id != but and self._does_fit(wanted, one.id):
                return one.at_us
        return None

    def became(self, lead_id: int, outcome: str, from_us: int, until_us: int) -> bool:  # noqa: ARG002 - files tell none
        """Never: files of leads and events tell no outcomes."""
        self.notes.append("Goals that are outcomes were not reached: the files do not tell them.")
        return False

    def zone(self, at: Moment) -> ZoneInfo:
        """By what was known of the lead then."""
        rows = self._clocks.get(at.lead_id, [])
        facts = next((one for start, end, one in rows if start <= at.as_of_us < end), {})
        return zone_of(facts, self.rules.zones, at.as_of_us)

    def sent(self, lead_id: int) -> Sequence[int]:  # noqa: ARG002 - files know none
        """None."""
        return ()

    def name(self, lead_id: int) -> str:
        """The lead's id in the file."""
        return self._names[lead_id]

    def _read_clocks(self, lead_ids: Collection[int]) -> None:
        own = self.settings.playbooks
        wanted = [own.zone_field, own.country_field, own.phone_field]
        there = {one.name for one in self.of.card.fields}
        columns = [name for name in wanted if name in there]
        if not columns or not lead_ids:
            return
        selected = ", ".join(quoted(name) for name in columns)
        known = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in columns)
        sql = f"SELECT lead_id, from_us, until_us, {selected} FROM {FACTS} WHERE {known}"
        for name, start, end, *values in self._rows(sql):
            number = self._numbers.get(str(name))
            if number in lead_ids and number is not None:
                told = {k: str(v) for k, v in zip(columns, values, strict=True) if v is not None}
                self._clocks.setdefault(number, []).append((start, end, told))
