"""The rows that a study asks of the record, without what gives the outcome away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from leadwise.card.model import Card
from leadwise.learn.asked import Asked
from leadwise.learn.leakage import require_clean, suspects, without
from leadwise.learn.leakage.used import used_by
from leadwise.learn.moments import Built, Watch
from leadwise.learn.record import record_rows, record_suspects
from leadwise.learn.rows import Rows
from leadwise.live.everybody import Progress
from leadwise.store.cards import CardVersion
from leadwise.store.opening import Store
from leadwise.store.studies import Goal

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Study:
    """A question on its way: `folder` is the mirror's, `calls_a_day` the team's by the settings."""

    store: Store
    folder: Path
    version: CardVersion
    goal: Goal
    asked: Asked
    now_us: int
    progress: Progress
    calls_a_day: int | None = None
    memory_limit: str | None = None

    @property
    def card(self) -> Card:
        return self.version.card

    @property
    def calls(self) -> int | None:
        """How many leads the team calls a day."""
        return self.asked.calls_a_day or self.calls_a_day


def rows_of(
    study: Study, card: Card | None = None, *, everything: bool = False, watch: Watch | None = None
) -> Built:
    """The rows of the past, of the study's card or that wider one.

    Raises UserError: `learn-rows` where there are none, `leakage` where what the card reads (or
    `everything` that could be learned from) gives the outcome away and was not allowed.
    """
    chosen = card or study.card
    built = record_rows(
        study.store, study.folder, chosen, watch or study.asked.watch, study.now_us, study.progress,
        goal=study.goal, memory_limit=study.memory_limit,
    )  # fmt: skip
    study.progress(0, 1, "looking for what gives the outcome away")
    found = [*suspects(built.rows, dated_facts=built.dated_facts)]
    found += record_suspects(
        study.store, study.folder, chosen, goal=study.goal, memory_limit=study.memory_limit
    )
    told = list({suspect.name: suspect for suspect in reversed(found)}.values())[::-1]
    used = used_by(study.card)
    told = [suspect for suspect in told if everything or suspect.name in used]
    require_clean(told, {*study.asked.allow, *study.asked.without})
    return built


def without_unwanted(rows: Rows, asked: Asked) -> Rows:
    """The same without what shall not be learned from."""
    return without(rows, asked.without) if asked.without else rows


def notes_of(built: Built, *more: str) -> list[str]:
    """What a reader must know."""
    return [*built.notes, *more]


def about(study: Study, built: Built) -> Mapping[str, Any]:
    """What every document begins with."""
    rows = built.rows
    return {
        "version_id": study.version.id,
        "goal": study.goal,
        "horizon_us": study.asked.watch.horizon_us,
        "first_us": int(rows.when_us[0]) if rows.dated else None,
        "last_us": int(rows.when_us[-1]) if rows.dated else None,
        "notes": notes_of(built),
    }
