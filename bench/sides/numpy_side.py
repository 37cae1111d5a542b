"""The same card in numpy: leads numbered once, then `bincount` for what adds and counts.

What bincount cannot do is done by sorting (the five latest clicks, the last outcome, different
values) or by `maximum.at`. Everything is in memory at once, columns as numbers or codes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bench.data import DAY
from bench.sides.array_ledger import Numbers, write
from bench.sides.run_side import Task, task, timed

TEXTS = ("event", "path", "asset", "form", "outcome")


def coded(column: pa.ChunkedArray) -> tuple[np.ndarray, list[str]]:
    """A code per row (-1 for unknown) and the texts they stand for."""
    one = column.combine_chunks()
    one = one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one
    encoded = one if pa.types.is_dictionary(one.type) else one.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    return codes, encoded.dictionary.to_pylist()


def read(asked: Task, leads: pd.DataFrame) -> dict[str, np.ndarray]:
    """The events that count, with the number of the lead instead of its id."""
    table = pq.read_table(
        asked.events,
        columns=["lead_id", "at_us", "received_us", "seconds", "minutes", *TEXTS],
        read_dictionary=list(TEXTS),
        filters=(pc.field("at_us") <= asked.as_of) & (pc.field("received_us") <= asked.known_by),
    ).unify_dictionaries()
    ids = pa.array(leads["lead_id"])
    events = {name: table[name].to_numpy() for name in ("at_us", "seconds", "minutes")}
    events["lead"] = pc.index_in(table["lead_id"], value_set=ids).to_numpy().astype(np.int64)
    for name in TEXTS:
        codes, words = coded(table[name])
        events[name] = codes
        events[f"{name}_words"] = np.array(words, dtype=object)
    return events


def is_text(events: dict[str, np.ndarray], name: str, *wanted: str, prefix: str = "") -> np.ndarray:
    """Which rows have one of these texts, or one that begins so."""
    words = events[f"{name}_words"].tolist()
    yes = [w in wanted or bool(prefix and w.startswith(prefix)) for w in words]
    return np.array([*yes, False])[events[name]]


def count(events: dict[str, np.ndarray], as_of: int, leads: int) -> Numbers:
    """One number per lead and thing to count."""
    lead, at = events["lead"], events["at_us"]
    age = as_of - at
    seconds = events["seconds"]
    viewed = is_text(events, "event", "page_viewed")

    def total(rows: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        return np.bincount(lead[rows], None if weights is None else weights[rows], leads)

    def different(rows: np.ndarray, value: np.ndarray) -> np.ndarray:
        width = int(value[rows].max(initial=0)) + 1
        pairs = np.unique(lead[rows] * width + value[rows])
        return np.bincount(pairs // width, minlength=leads)

    def largest(rows: np.ndarray, value: np.ndarray) -> np.ndarray:
        found = np.full(leads, -np.inf)
        np.maximum.at(found, lead[rows], value[rows])
        return np.where(np.isneginf(found), np.nan, found)

    def worth(rows: np.ndarray, days: int) -> np.ndarray:
        rows = rows[age[rows] < 60 * days * DAY]
        return np.bincount(lead[rows], 0.5 ** (age[rows] / (days * DAY)), leads)

    def on(*kinds: str, days: int | None = None) -> np.ndarray:
        rows = is_text(events, "event", *kinds)
        return np.flatnonzero(rows if days is None else rows & (age < days * DAY))

    def where(days: int, also: np.ndarray) -> np.ndarray:
        return np.flatnonzero(viewed & (age < days * DAY) & also)

    known_asset = events["asset"] >= 0
    taken = on("content_downloaded")
    taken = taken[known_asset[taken]]
    calls = on("call_logged")
    calls = calls[events["outcome"][calls] >= 0]
    # 0 interested, 1 no_answer, 2 not_now, 3 wrong_person: of two at one instant the greatest text.
    rank = np.argsort(np.argsort(events["outcome_words"].astype(str)))
    calls = calls[np.lexsort((rank[events["outcome"][calls]], at[calls], lead[calls]))]
    last = np.append(lead[calls][1:] != lead[calls][:-1], True) if len(calls) else calls
    outcome = np.full(leads, np.nan)
    outcome[lead[calls][last]] = rank[events["outcome"][calls]][last]
    clicked = on("email_clicked")
    clicked = clicked[np.lexsort((-at[clicked], lead[clicked]))]
    first = np.searchsorted(lead[clicked], lead[clicked], side="left")
    clicked = clicked[np.arange(len(clicked)) - first < 5]
    known_seconds = np.nan_to_num(seconds, nan=-1.0)
    return {
        "last_at": largest(np.arange(len(lead)), at.astype(float)),
        "visits": total(on("page_viewed", days=30)),
        "docs": total(where(30, is_text(events, "path", prefix="/docs/") & (known_seconds > 30))),
        "longest_visit": largest(
            where(90, is_text(events, "path", prefix="/product") & (known_seconds >= 0)), seconds
        ),
        "pricing_days": different(
            where(14, is_text(events, "path", prefix="/pricing")), as_of // DAY - at // DAY
        ),
        "opens": total(on("email_opened", days=30)),
        "contacts": total(
            np.flatnonzero(
                is_text(events, "event", "form_submitted")
                & is_text(events, "form", "contact")
                & (age < 60 * DAY)
            )
        ),
        "bounced": total(on("email_bounced", "spam_complaint", days=90)),
        "meeting_minutes": total(
            on("meeting_held", "webinar_attended", days=180), np.nan_to_num(events["minutes"])
        ),
        "webinar_worth": worth(on("webinar_attended"), 30),
        "trial_worth": worth(on("trial_login"), 7),
        "click_worth": worth(clicked, 14),
        "demos": total(on("demo_requested")),
        "unsubscriptions": total(on("unsubscribed")),
        "assets": different(taken, events["asset"]),
        "recent_assets": different(taken[age[taken] < 180 * DAY], events["asset"]),
        "last_outcome": outcome,
    }


def main() -> None:
    asked = task()

    def work() -> int:
        leads = pq.read_table(asked.leads).to_pandas()
        did = count(read(asked, leads), asked.as_of, len(leads))
        return write(asked.out, leads, did, asked.as_of)

    timed(work)


if __name__ == "__main__":
    main()
