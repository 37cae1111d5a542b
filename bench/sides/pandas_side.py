"""The same card in pandas, as people write it: for each criterion a filter and a groupby."""

from __future__ import annotations

import numpy as np
import pandas as pd

from bench.data import DAY
from bench.sides.array_ledger import Numbers, write
from bench.sides.run_side import Task, task, timed

CODES = {"interested": 0.0, "no_answer": 1.0, "not_now": 2.0, "wrong_person": 3.0}


def read(asked: Task) -> pd.DataFrame:
    """The events that count, with their age."""
    events = pd.read_parquet(asked.events)
    events = events[(events["at_us"] <= asked.as_of) & (events["received_us"] <= asked.known_by)]
    return events.assign(age=asked.as_of - events["at_us"])


def worth(rows: pd.DataFrame, days: int) -> pd.Series:
    """What a half-life of so many days leaves of each lead's occurrences."""
    rows = rows[rows["age"] < 60 * days * DAY]
    return (0.5 ** (rows["age"] / (days * DAY))).groupby(rows["lead_id"]).sum()


def count(events: pd.DataFrame, leads: pd.Series) -> Numbers:
    """One number per lead and thing to count."""

    def on(*kinds: str, days: int | None = None) -> pd.DataFrame:
        rows = events[events["event"].isin(kinds)]
        return rows if days is None else rows[rows["age"] < days * DAY]

    def per_lead(found: pd.Series, nothing: float = 0) -> np.ndarray:
        whole = pd.api.types.is_integer_dtype(found.dtype) and nothing == 0
        filled = found.reindex(leads).fillna(nothing)
        return filled.to_numpy(dtype=np.int64 if whole else float)

    def size(rows: pd.DataFrame) -> np.ndarray:
        return per_lead(rows.groupby("lead_id").size())

    views = on("page_viewed", days=90)
    docs = views[
        views["path"].str.startswith("/docs/", na=False)
        & (views["seconds"] > 30)
        & (views["age"] < 30 * DAY)
    ]
    product = views[views["path"].str.startswith("/product", na=False)]
    pricing = views[views["path"].str.startswith("/pricing", na=False) & (views["age"] < 14 * DAY)]
    forms = on("form_submitted", days=60)
    taken = on("content_downloaded")
    minutes = on("meeting_held", "webinar_attended", days=180).groupby("lead_id")["minutes"].sum()
    clicked = on("email_clicked").sort_values("at_us", ascending=False).groupby("lead_id").head(5)
    calls = on("call_logged").dropna(subset="outcome").sort_values(["at_us", "outcome"])
    return {
        "last_at": per_lead(events.groupby("lead_id")["at_us"].max(), np.nan),
        "visits": size(on("page_viewed", days=30)),
        "docs": size(docs),
        "longest_visit": per_lead(product.groupby("lead_id")["seconds"].max(), np.nan),
        "pricing_days": per_lead(
            pricing.assign(day=pricing["at_us"] // DAY).groupby("lead_id")["day"].nunique()
        ),
        "opens": size(on("email_opened", days=30)),
        "contacts": size(forms[forms["form"] == "contact"]),
        "bounced": size(on("email_bounced", "spam_complaint", days=90)),
        "meeting_minutes": per_lead(minutes),
        "webinar_worth": per_lead(worth(on("webinar_attended"), 30)),
        "trial_worth": per_lead(worth(on("trial_login"), 7)),
        "click_worth": per_lead(worth(clicked, 14)),
        "demos": size(on("demo_requested")),
        "unsubscriptions": size(on("unsubscribed")),
        "assets": per_lead(taken.groupby("lead_id")["asset"].nunique()),
        "recent_assets": per_lead(
            taken[taken["age"] < 180 * DAY].groupby("lead_id")["asset"].nunique()
        ),
        "last_outcome": per_lead(
            calls.groupby("lead_id")["outcome"].last().map(CODES).astype(float), np.nan
        ),
    }


def main() -> None:
    asked = task()

    def work() -> int:
        leads = pd.read_parquet(asked.leads)
        did = count(read(asked), leads["lead_id"])
        return write(asked.out, leads, did, asked.as_of)

    timed(work)


if __name__ == "__main__":
    main()
