"""The same card by hand in Polars, lazily, on its streaming engine.

As in the floor: rows are filtered in the scan, all that is a count, sum or maximum is one
`group_by` over columns prepared row by row, and only the distinct assets and the five latest
clicks have a `group_by` of their own, over the rows of their kind. The last outcome is packed below
its time, the days of the pricing page are bits.
"""

from __future__ import annotations

import polars as pl

from bench.data import DAY
from bench.ledger import COLUMNS
from bench.sides.polars_ledger import ledger
from bench.sides.run_side import Task, task, timed

HALF = pl.lit(0.5)


def worth(age: pl.Expr, days: int) -> pl.Expr:
    """What a half-life of so many days leaves of an occurrence of this age."""
    share = HALF.pow(age.cast(pl.Float64) / (days * DAY))
    return pl.when(age < 60 * days * DAY).then(share).otherwise(0.0)


def seen(asked: Task) -> pl.LazyFrame:
    """The events that count at the moment."""
    in_time = (pl.col("at_us") <= asked.as_of) & (pl.col("received_us") <= asked.known_by)
    return pl.scan_parquet(asked.events).filter(in_time)


def did(asked: Task) -> pl.LazyFrame:
    """One row per lead that did anything: everything that one pass can count."""
    age = asked.as_of - pl.col("at_us")

    def on(*kinds: str, days: int | None = None) -> pl.Expr:
        kind = pl.col("event") == kinds[0] if len(kinds) == 1 else pl.col("event").is_in(kinds)
        return kind if days is None else kind & (age < days * DAY)

    def value(condition: pl.Expr, what: pl.Expr) -> pl.Expr:
        return pl.when(condition).then(what)

    path = pl.col("path")
    pricing = on("page_viewed", days=14) & path.str.starts_with("/pricing")
    today = asked.as_of // DAY
    bit = pl.lit(2, pl.Int64).pow(today - pl.col("at_us") // DAY)
    code = pl.col("outcome").replace_strict(
        {"interested": 0, "no_answer": 1, "not_now": 2, "wrong_person": 3},
        default=None,
        return_dtype=pl.Int64,
    )
    docs = on("page_viewed", days=30) & path.str.starts_with("/docs/") & (pl.col("seconds") > 30)
    product = on("page_viewed", days=90) & path.str.starts_with("/product")
    contact = on("form_submitted", days=60) & (pl.col("form") == "contact")
    counted = {
        "visits": on("page_viewed", days=30),
        "docs": docs,
        "opens": on("email_opened", days=30),
        "contacts": contact,
        "bounced": on("email_bounced", "spam_complaint", days=90),
        "demos": on("demo_requested"),
        "unsubscriptions": on("unsubscribed"),
    }
    summed = {
        "meeting_minutes": value(
            on("meeting_held", "webinar_attended", days=180), pl.col("minutes")
        ),
        "webinar_worth": value(on("webinar_attended"), worth(age, 30)),
        "trial_worth": value(on("trial_login"), worth(age, 7)),
    }
    largest = {
        "longest_visit": value(product, pl.col("seconds")),
        "packed_outcome": value(on("call_logged"), pl.col("at_us") * 4 + code),
    }
    prepared = {name: e.fill_null(value=False) for name, e in counted.items()} | summed | largest
    return (
        seen(asked)
        .select("lead_id", "at_us", pricing_bits=value(pricing, bit), **prepared)
        .group_by("lead_id")
        .agg(
            pl.col("at_us").max().alias("last_at"),
            pl.col("pricing_bits").bitwise_or(),
            *(pl.col(name).sum() for name in (*counted, *summed)),
            *(pl.col(name).max() for name in largest),
        )
    )


def assets(asked: Task) -> pl.LazyFrame:
    """How many different assets each lead took, ever and lately."""
    recent = pl.col("latest") > asked.as_of - 180 * DAY
    return (
        seen(asked)
        .filter((pl.col("event") == "content_downloaded") & pl.col("asset").is_not_null())
        .group_by("lead_id", "asset")
        .agg(pl.col("at_us").max().alias("latest"))
        .select("lead_id", recent=recent)
        .group_by("lead_id")
        .agg(pl.len().alias("assets"), pl.col("recent").sum().alias("recent_assets"))
    )


def clicks(asked: Task) -> pl.LazyFrame:
    """What the five latest clicks are worth."""
    return (
        seen(asked)
        .filter(pl.col("event") == "email_clicked")
        .group_by("lead_id")
        .agg(pl.col("at_us").top_k(5))
        .explode("at_us")
        .select("lead_id", click_worth=worth(asked.as_of - pl.col("at_us"), 14))
        .group_by("lead_id")
        .agg(pl.col("click_worth").sum())
    )


def main() -> None:
    asked = task()

    def work() -> int:
        leads = pl.scan_parquet(asked.leads)
        for part in (did(asked), assets(asked), clicks(asked)):
            leads = leads.join(part, on="lead_id", how="left")
        ledger(leads, asked.as_of).select(COLUMNS).sink_parquet(asked.out, engine="streaming")
        return pl.scan_parquet(asked.out).select(pl.len()).collect().item()

    timed(work)


if __name__ == "__main__":
    main()
