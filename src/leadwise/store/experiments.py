"""Experiments: some leads of a band get no follow-up, by lot, so that one sees what it brings.

The lot of a lead is drawn once, when it first enters one of the bands (`draw_lots`); who is left
alone is in no queue while the experiment runs. Of leads that became one, the queue goes by the lot
of the one that stays, and what is found by the first lot of all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from leadwise.errors import UserError
from leadwise.store.audit import audit
from leadwise.store.bulk import as_list, insert_rows, listed_whole
from leadwise.store.schema import band_change, experiment, held_out

SMALLEST_SHARE, LARGEST_SHARE = 0.001, 0.5
"""One lead of a thousand: fewer would tell nothing in years."""
AT_ONCE = 5_000
MILLION = 1_000_000
FAR = 2**62


@dataclass(frozen=True, slots=True)
class Experiment:
    """`share` (0 to 0.5) of the leads that enter one of `bands` are left alone, from `from_us`
    until `until_us` (None: it runs)."""

    id: int
    name: str
    share: float
    bands: tuple[str, ...]
    from_us: int
    until_us: int | None
    made_by: str


@dataclass(frozen=True, slots=True)
class Lot:
    """A lead's: the band that it entered, whether it is left alone, whether it was won since,
    while the experiment ran."""

    lead_id: int
    at_us: int
    band: str
    held: bool
    won: bool


def begin_experiment(
    connection: Connection, name: str, share: float, bands: Sequence[str], *, by: str, now_us: int
) -> Experiment:
    """A new one, from now on. UserError: `holdout-share`, `holdout-bands`, `experiment-name`."""
    if not SMALLEST_SHARE <= share <= LARGEST_SHARE:
        raise UserError(
            "holdout-share",
            f"A holdout of {share:g} cannot be: it lies from {SMALLEST_SHARE} to {LARGEST_SHARE}.",
            hint="0.1 leaves every tenth lead alone.",
        )
    if not bands:
        raise UserError(
            "holdout-bands", "An experiment needs bands.", hint="Name the bands that are called."
        )
    known = connection.execute(select(experiment.c.id).where(experiment.c.name == name)).first()
    if known is not None:
        raise UserError(
            "experiment-name", f"There was an experiment {name} before.",
            hint="The name is part of the lot: take a new one.",
        )  # fmt: skip
    values = {
        "name": name, "share_ppm": round(share * MILLION), "bands": list(dict.fromkeys(bands)),
        "from_us": now_us, "made_by": by,
    }  # fmt: skip
    made = connection.execute(insert(experiment).values(values).returning(experiment)).one()
    detail = f"{share:g} of {len(bands)} bands"
    audit(connection, by, "begin", "experiment", made.id, detail, now_us)
    return _experiment(made)


def end_experiment(connection: Connection, experiment_id: int, *, by: str, now_us: int) -> bool:
    """Who was left alone is in the queue again; False where it was over already."""
    find_experiment(connection, experiment_id)
    ended = connection.execute(
        update(experiment)
        .where(experiment.c.id == experiment_id, experiment.c.until_us.is_(None))
        .values(until_us=now_us)
    ).rowcount
    if ended:
        audit(connection, by, "end", "experiment", experiment_id, None, now_us)
    return bool(ended)


def find_experiment(connection: Connection, experiment_id: int) -> Experiment:
    """UserError (`no-such-experiment`) where there is none."""
    row = connection.execute(
        select(experiment).where(experiment.c.id == experiment_id)
    ).one_or_none()
    if row is None:
        raise UserError(
            "no-such-experiment", f"There is no experiment {experiment_id}.",
            hint="The list of experiments has their ids.",
        )  # fmt: skip
    return _experiment(row)


def list_experiments(connection: Connection, *, running: bool = False) -> tuple[Experiment, ...]:
    """The newest first."""
    rows = select(experiment).order_by(experiment.c.id.desc())
    if running:
        rows = rows.where(experiment.c.until_us.is_(None))
    return tuple(_experiment(row) for row in connection.execute(rows))


def draw_lots(
    connection: Connection, after_id: int, up_to_id: int, held: Callable[[str, str, float], bool]
) -> int:
    """Draw for whoever entered a band by the band changes with ids above `after_id` up to
    `up_to_id`; the id up to which that is done (at most AT_ONCE changes at a time).

    `held` (lead id, experiment, share) is the lot: `leadwise.learn.refinement.is_held_out`.
    """
    running = list_experiments(connection, running=True)
    if not running:
        return up_to_id
    first_us = min(one.from_us for one in running)
    rows = connection.execute(
        select(band_change.c.id, band_change.c.lead_id, band_change.c.at_us, band_change.c.to_band)
        .where(
            band_change.c.id > after_id,
            band_change.c.id <= up_to_id,
            band_change.c.at_us >= first_us,
        )
        .order_by(band_change.c.id)
        .limit(AT_ONCE)
    ).all()
    lots = [
        (one.id, row.lead_id, row.at_us, row.to_band,
         int(held(str(row.lead_id), one.name, one.share)))
        for row in rows
        for one in running
        if row.to_band in one.bands and row.at_us >= one.from_us
    ]  # fmt: skip
    insert_rows(
        connection, held_out, ("experiment_id", "lead_id", "at_us", "band", "held"), lots,
        conflict="ON CONFLICT (experiment_id, lead_id) DO NOTHING",
    )  # fmt: skip
    return rows[-1].id if len(rows) == AT_ONCE else up_to_id


def lots_of(connection: Connection, experiment_id: int) -> tuple[Lot, ...]:
    """Everybody's, a person once: of leads that became one the first lot counts."""
    rows = connection.execute(
        select(held_out).where(held_out.c.experiment_id == experiment_id)
        .order_by(held_out.c.at_us, held_out.c.lead_id)
    ).all()  # fmt: skip
    part_of = dict(
        tuple(row)
        for row in connection.execute(text("SELECT id, merged_into FROM lead "
                                           "WHERE merged_into IS NOT NULL"))
    )  # fmt: skip
    gone = set(connection.scalars(text("SELECT id FROM lead WHERE erased_us IS NOT NULL "
                                       "OR objected_us IS NOT NULL")))  # fmt: skip
    # Once it is over everybody may be followed up: what is won then tells nothing of either side.
    over = find_experiment(connection, experiment_id).until_us
    won = connection.execute(
        text("SELECT lead_id, max(at_us) FROM outcome WHERE kind = 'won' AND at_us < :over "
             "GROUP BY lead_id"),
        {"over": FAR if over is None else over},
    )  # fmt: skip
    wins: dict[int, int] = {row[0]: row[1] for row in won}
    found: dict[int, Lot] = {}
    for row in rows:
        lead_id = row.lead_id
        while lead_id in part_of:
            lead_id = part_of[lead_id]
        if lead_id not in gone and lead_id not in found:
            since = wins.get(lead_id, -1) >= row.at_us
            found[lead_id] = Lot(lead_id, row.at_us, row.band, bool(row.held), since)
    return tuple(found.values())


def left_alone(connection: Connection, lead_id: int) -> tuple[str, ...]:
    """The names of the running experiments in which a lead is left alone."""
    rows = connection.scalars(
        select(experiment.c.name)
        .join(held_out, held_out.c.experiment_id == experiment.c.id)
        .where(held_out.c.lead_id == lead_id, held_out.c.held == 1, experiment.c.until_us.is_(None))
        .order_by(experiment.c.id)
    )
    return tuple(rows)


def leave_alone(
    connection: Connection, lead_ids: Sequence[int], held: Callable[[str, str, float], bool]
) -> set[int]:
    """Those of some leads who are to be left alone now, whether their lot was drawn yet or not.

    A lot is drawn shortly after a lead entered a band; who follows up may be quicker. `held` is the
    lot, as in `draw_lots`.
    """
    running = list_experiments(connection, running=True)
    if not running or not lead_ids:
        return set()
    listed = {"list": as_list(lead_ids)}
    numbers = listed_whole(connection)
    drawn = {
        (experiment_id, lead_id): bool(is_held)
        for experiment_id, lead_id, is_held in connection.execute(
            text(f"SELECT experiment_id, lead_id, held FROM held_out WHERE lead_id IN {numbers}"),  # noqa: S608 - our own SQL
            listed,
        )
    }
    entered = connection.execute(
        text(f"SELECT lead_id, at_us, to_band FROM band_change WHERE lead_id IN {numbers}"),  # noqa: S608 - our own SQL
        listed,
    ).all()
    alone = set()
    for one in running:
        since = {row.lead_id for row in entered
                 if row.to_band in one.bands and row.at_us >= one.from_us}  # fmt: skip
        for lead_id in lead_ids:
            lot = drawn.get((one.id, lead_id))
            if lot is None:
                lot = lead_id in since and held(str(lead_id), one.name, one.share)
            if lot:
                alone.add(lead_id)
    return alone


def _experiment(row: Row[Any]) -> Experiment:
    return Experiment(
        row.id, row.name, row.share_ppm / MILLION, tuple(row.bands), row.from_us, row.until_us,
        row.made_by,
    )  # fmt: skip
