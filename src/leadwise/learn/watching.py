"""The study of drift: whether what was learned of the past still holds of the latest leads."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from leadwise.errors import UserError
from leadwise.learn.calibration.model import Calibration, from_document
from leadwise.learn.drift.model import Delay, Month, Workload
from leadwise.learn.drift.watch import by_month, drift, label_delay
from leadwise.learn.past import Document, Study, about, rows_of
from leadwise.learn.record import recent_rows
from leadwise.learn.rows import Rows, Wholes, by_hand
from leadwise.store.decided import outcomes_of
from leadwise.store.studies import calibration_of, latest_study

DAY_US = 86_400_000_000
AFTER_US, BEFORE_US = 30 * DAY_US, 90 * DAY_US


def drift_study(study: Study) -> Document:
    """The latest 30 days against what the version was calibrated on, or the 90 days before.

    UserError (`drift-rows`) where either has no leads."""
    cut = study.now_us - AFTER_US
    first, last = _span(study, cut)
    seen = recent_rows(
        study.store, study.folder, study.card, study.asked.watch, study.now_us, study.progress,
        since_us=min(first, study.now_us - study.asked.watch.horizon_us),
        memory_limit=study.memory_limit,
    )  # fmt: skip
    rows = seen.rows
    before = rows.take((rows.as_of_us >= first) & (rows.as_of_us <= last))
    after = rows.take(rows.as_of_us >= cut)
    if not len(before) or not len(after):
        which = "the latest 30 days" if len(before) else "the time before"
        raise UserError(
            "drift-rows",
            f"There are no leads of {which} to compare.",
            hint="Drift compares the latest 30 days with the time before: wait for leads.",
        )
    study.progress(0, 1, "comparing the latest leads with those before")
    labelled, without = _labelled(study)
    found = drift(
        before, after,
        months=_months(study, labelled),
        workload=_workload(before, after, last - first, study.calls),
        delay=_delay(study, rows, labelled, cut),
    )  # fmt: skip
    said = dict(about(study, seen))
    return {
        **said, "notes": [*said["notes"], *without], "drift": asdict(found),
        "before": [first, last], "after": [cut, study.now_us],
    }  # fmt: skip


def _span(study: Study, cut: int) -> tuple[int, int]:
    """What the version's latest calibration was made of, or the days before."""
    with study.store.read() as connection:
        found = latest_study(connection, "calibrate", study.version.id, study.goal)
    document = (found.document if found else None) or {}
    first, last = document.get("first_us"), document.get("last_us")
    if isinstance(first, int) and isinstance(last, int) and first < last < cut:
        return first, last
    return cut - BEFORE_US, cut - 1


def _labelled(study: Study) -> tuple[Rows | None, tuple[str, ...]]:
    """The rows whose outcome is known; else why there are none: then nothing is said of months."""
    try:
        return rows_of(study).rows, ()
    except UserError as error:
        return None, (f"Outcomes are left out. {error.message}",)


def _months(study: Study, rows: Rows | None) -> tuple[Month, ...]:
    """What the calibration said of each month, and what came."""
    with study.store.read() as connection:
        document = calibration_of(connection, study.version.id, study.goal)
    if rows is None or document is None:
        return ()
    found: Calibration = from_document(dict(document))
    months = rows.when_us.astype("datetime64[us]").astype("datetime64[M]")
    names, place = np.unique(months, return_inverse=True)
    return by_month(rows, found, by_hand(rows), place, [str(name) for name in names])


def _workload(
    before: Rows, after: Rows, before_us: int, calls_a_day: int | None
) -> Workload | None:
    """How many leads a day came into the best band."""
    if len(before.card.bands) < 2:
        return None
    best = len(before.card.bands) - 1
    old, new = (int(((r.band == best) & (r.why != "open")).sum()) for r in (before, after))
    days = max(before_us / DAY_US, 1.0)
    return Workload(old / days, new / (AFTER_US / DAY_US), calls_a_day)


def _delay(study: Study, seen: Rows, labelled: Rows | None, cut: int) -> Delay | None:
    """From a lead's coming to its outcome, of those decided before and lately."""
    with study.store.read() as connection:
        outcomes = outcomes_of(connection, study.goal)
    came: dict[int, int] = {}
    for rows in (labelled, seen):
        if rows is not None:
            first = rows.take(rows.why == "arrival")
            came |= dict(
                zip(map(int, first.lead_id.to_pylist()), first.as_of_us.tolist(), strict=True)
            )
    old: list[int] = []
    new: list[int] = []
    for lead_id, (_, at_us) in outcomes.items():
        if lead_id in came and cut - BEFORE_US <= at_us:
            (new if at_us >= cut else old).append(at_us - came[lead_id])
    if not old or not new:
        return None
    spans: list[Wholes] = [np.array(each, np.int64) for each in (old, new)]
    return label_delay(*spans)
