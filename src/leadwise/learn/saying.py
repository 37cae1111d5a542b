"""What models in use say of leads: told to the record as the fact `model_<name>`, and explained.

A fact is told with the time at which it was worked out, and only where it changed: by a percentage
point, or by a tenth of what it was. So cards that read it are scored again, and no lead has a new
fact each hour because a day went by.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from leadwise.asking.past import leads_of
from leadwise.asking.population import Population
from leadwise.card.model import Card, Variable
from leadwise.engines.entry import Dataset
from leadwise.engines.entry.notes import Notes
from leadwise.errors import UserError
from leadwise.learn.models import Explained, Loaded, explain, facts_of, load, stored_from
from leadwise.learn.moments import widened
from leadwise.learn.moments.pieces import asked_of
from leadwise.learn.rows import Floats
from leadwise.live.everybody import Progress
from leadwise.store.cards import get_version
from leadwise.store.conversations import identity_at
from leadwise.store.mirror import reading, update
from leadwise.store.models import SOURCE, Model, get_model, list_models, said_of
from leadwise.store.opening import Store
from leadwise.store.population import lead_population
from leadwise.store.telling import Told, tell

POINT, TENTH = 1.0, 0.1
AT_ONCE = 500
"""Facts of one transaction."""


@dataclass(frozen=True, slots=True)
class Using:
    """A model in use, ready to be asked; `card` has all that it reads, and its own field."""

    model: Model
    loaded: Loaded
    card: Card


def using(store: Store) -> tuple[Using, ...]:
    """The models in use."""
    with store.read() as connection:
        found = list_models(connection, in_use=True)
        cards = {one.id: get_version(connection, one.version_id).card for one in found}
    return tuple(Using(one, loaded_of(one.text), card_for(cards[one.id], one)) for one in found)


def card_for(card: Card, model: Model) -> Card:
    """The card with the measures that were added for learning, and the model's own field."""
    whole = widened(card)
    if any(field.name == model.field for field in whole.fields):
        return whole
    return replace(whole, fields=(*whole.fields, Variable(model.field, "number", model.field)))


@lru_cache(maxsize=16)
def loaded_of(text: str) -> Loaded:
    """Read once a process."""
    return load(stored_from(text))


def tell_everybody(
    store: Store, folder: Path, now_us: int, progress: Progress, *, memory_limit: str | None = None
) -> dict[str, int]:
    """Let each model in use say what it says of every lead; how many facts were told, by field.

    `folder` is the mirror's, brought up to date where there is anything to say.
    """
    models = using(store)
    if not models:
        return {}
    update(store, folder, now_us, progress, memory_limit=memory_limit)
    told = {}
    with reading(store, folder) as mirror:
        for one in models:
            count = 0
            for done, part in enumerate(mirror.parts):
                progress(done, len(mirror.parts), f"asking the model {one.model.name}")
                with mirror.engine(memory_limit) as engine:
                    mirror.relate(engine, one.card, part)
                    of = Population(one.card, Dataset(engine, Notes()), engine)
                    count += _say(store, one, of, now_us)
            told[one.model.field] = count
    return told


def tell_some(store: Store, models: Sequence[Using], lead_ids: Sequence[int], now_us: int) -> int:
    """The same of a few leads, in the store itself. UserError (`lead-too-long`) where they have
    very many events: these wait for everybody's turn."""
    count = 0
    for one in models:
        with (
            store.read() as connection,
            lead_population(connection, one.card, lead_ids) as of,
        ):
            count += _say(store, one, of, now_us)
    return count


def explained(
    connection: Any, lead_id: int, fields: Iterable[str], as_of_us: int
) -> dict[str, Explained]:
    """Why models said what was known of a lead, by their fields; as of when they said it.

    Nothing for values that no model of this record said, nor where its library is missing."""
    wanted, found = set(fields), {}
    if not any(field.startswith("model_") for field in wanted):
        return {}
    for field, said in said_of(connection, lead_id, as_of_us).items():
        if field not in wanted:
            continue
        try:
            model = get_model(connection, said.model_id)
            card = card_for(get_version(connection, model.version_id).card, model)
            with lead_population(connection, card, [lead_id]) as of:
                at = np.array([said.at_us], np.int64)
                values = asked_of(of, leads_of(of), at).values
            labels = {f.name: f.label for f in card.fields if f.label}
            labels |= {m.name: m.label for m in card.measures if m.label}
            found[field] = explain(loaded_of(model.text), values, at, labels=labels)[0]
        except UserError:  # too many events, no library: the value stands without its reasons
            continue
    return found


def _say(store: Store, one: Using, of: Population, now_us: int) -> int:
    """Tell what changed of these leads."""
    ids = leads_of(of)
    if not len(ids):
        return 0
    at = np.full(len(ids), now_us, np.int64)
    values = asked_of(of, ids, at).values
    said = facts_of(one.loaded, values, at, now_us)
    before: Floats = values[one.model.field].combine_chunks().cast(pa.float64()).to_numpy(
        zero_copy_only=False
    )  # fmt: skip
    gap = np.abs(said.percent - before)
    # Comparisons with NaN are false: what was never said is new.
    new = np.flatnonzero(~((gap < POINT) & (gap < TENTH * before)))
    leads = ids.cast(pa.int64()).to_numpy(zero_copy_only=False)[new].tolist()
    facts = list(zip(leads, said.percent[new].tolist(), strict=True))
    count = 0
    for start in range(0, len(facts), AT_ONCE):
        part = facts[start : start + AT_ONCE]
        count += store.write(partial(_tell, model=one.model, facts=part, now_us=now_us))
    return count


def _tell(connection: Any, model: Model, facts: Sequence[tuple[int, float]], now_us: int) -> int:
    told = []
    for lead_id, percent in facts:
        try:
            identity_id = identity_at(connection, lead_id, now_us)
        except UserError:  # merged or erased meanwhile
            continue
        told.append(
            Told(
                identity_id, f"{model.name}:{lead_id}:{now_us}", now_us, {model.field: percent},
                {"model": str(model.id), "name": model.name},
            )
        )  # fmt: skip
    tell(connection, SOURCE, told, now_us)
    return len(told)
