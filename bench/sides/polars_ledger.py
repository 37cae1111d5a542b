"""From what is known of each lead to its ledger, in Polars expressions."""

from __future__ import annotations

from functools import reduce

import polars as pl

from bench.data import DAY

COUNTS = (
    "visits docs opens contacts bounced demos unsubscriptions meeting_minutes webinar_worth "
    "trial_worth click_worth assets recent_assets pricing_bits"
).split()
WHOLE = pl.Int64


def tiers(*steps: tuple[pl.Expr, int], otherwise: int = 0) -> pl.Expr:
    """The points of the first step that is true."""
    chain: pl.Expr = pl.lit(otherwise, WHOLE)
    for condition, points in reversed(steps):
        chain = pl.when(condition).then(pl.lit(points, WHOLE)).otherwise(chain)
    return chain


def hundredths(points: pl.Expr) -> pl.Expr:
    return (points * 100 + 0.5000001).floor().cast(WHOLE)


def at_most(total: pl.Expr, limit: int) -> pl.Expr:
    """The line that takes away what is above the limit."""
    return pl.min_horizontal(pl.lit(0, WHOLE), limit - total)


def at_least(total: pl.Expr, limit: int) -> pl.Expr:
    return pl.max_horizontal(pl.lit(0, WHOLE), limit - total)


def percent_of(total: pl.Expr, percent: int, condition: pl.Expr) -> pl.Expr:
    """The line of an adjustment: half up, and nothing of a sum that is not positive."""
    amount = (total * percent / 100 + 0.5000001).floor().cast(WHOLE)
    return pl.when(condition & (total > 0)).then(amount).otherwise(pl.lit(0, WHOLE))


def plus(names: str) -> pl.Expr:
    return reduce(lambda a, b: a + b, (pl.col(name) for name in names.split()))


def fit() -> dict[str, pl.Expr]:
    c = pl.col
    mail = c("f_email_domain")
    free = mail.is_in(["gmail.com", "hotmail.com", "yahoo.com"]) | mail.str.ends_with(".edu")
    crm = c("f_tech_stack").str.to_lowercase().str.contains("salesforce", literal=True)
    size, industry, role = c("f_company_size"), c("f_industry"), c("f_role")
    return {
        "size": tiers(
            (size.is_null(), 300), (size >= 1000, 2500), (size >= 200, 1800), (size >= 50, 1000),
            otherwise=200,
        ),
        "industry": tiers(
            (industry.is_in(["software", "finance"]), 1500),
            (industry.is_in(["health", "manufacturing"]), 800),
            (industry == "government", -500),
        ),
        "country": tiers((c("f_country").is_in(["es", "pt", "fr", "it", "mx"]), 1000)),
        "role": tiers(
            (role.is_null(), 200), (role == "c_level", 2000),
            (role.is_in(["vp", "director"]), 1500), (role == "manager", 800),
            (role == "student", -2000), otherwise=100,
        ),
        "value_per_seat": tiers((c("per_seat").is_between(50, 5000), 750)),
        "opted_in": tiers((c("f_opted_in") == 1, 500)),
        "free_mail": tiers((free, -1200)),
        "uses_crm": tiers((crm, 600)),
    }  # fmt: skip


def engagement() -> dict[str, pl.Expr]:
    n = {name: pl.col(f"n_{name}") for name in COUNTS}
    return {
        "pricing": n["pricing_bits"].bitwise_count_ones().cast(WHOLE) * 500,
        "docs": n["docs"] * 75,
        "webinar": hundredths(n["webinar_worth"] * 20),
        "downloads": n["recent_assets"] * 400,
        "opens": pl.min_horizontal(n["opens"], pl.lit(5, WHOLE)) * 100,
        "clicks": hundredths(n["click_worth"] * 3),
        "demo": pl.min_horizontal(n["demos"], pl.lit(1, WHOLE)) * 3000,
        "contact_form": pl.when(pl.col("f_opted_in") == 1)
        .then(n["contacts"] * 1500)
        .otherwise(pl.lit(0, WHOLE)),
        "unsubscribed": n["unsubscriptions"] * -1000,
        "bounced": n["bounced"] * -250,
    }


def intent() -> dict[str, pl.Expr]:
    n = {name: pl.col(f"n_{name}") for name in COUNTS}
    quiet, outcome = pl.col("days_quiet"), pl.col("last_outcome")
    return {
        "visits": tiers((n["visits"] >= 10, 1000), (n["visits"] >= 3, 500)),
        "breadth": tiers((n["assets"] >= 5, 800), (n["assets"] >= 2, 400)),
        "meetings": tiers((n["meeting_minutes"] >= 120, 1200), (n["meeting_minutes"] >= 30, 600)),
        "depth": tiers((pl.col("n_longest_visit") > 300, 400)),
        "last_call": tiers((outcome == 0, 1500), (outcome == 3, -1000), (outcome >= 1, 100)),
        "recency": tiers((quiet.is_null(), -100), (quiet <= 7, 1000), (quiet <= 30, 500)),
        "trial": hundredths(n["trial_worth"] * 2),
    }


def unknown() -> pl.Expr:
    """The ids of what could not be decided, in the order of the card."""
    country, opted = pl.col("f_country").is_null(), pl.col("f_opted_in").is_null()
    quiet = pl.col("days_quiet").is_null()
    undecided = {
        "size": pl.col("f_company_size").is_null(),
        "industry": pl.col("f_industry").is_null(),
        "country": country,
        "role": pl.col("f_role").is_null(),
        "value-per-seat": pl.col("per_seat").is_null(),
        "opted-in": opted,
        "free-mail": pl.col("f_email_domain").is_null(),
        "uses-crm": pl.col("f_tech_stack").is_null(),
        "contact-form": opted,
        "quiet": quiet,
        "depth": pl.col("n_longest_visit").is_null(),
        "last-call": pl.col("last_outcome").is_null(),
        "recency": quiet,
        "home-market": country,
        "stale-record": stale().is_null(),
    }
    words = [pl.when(is_so).then(pl.lit(name)) for name, is_so in undecided.items()]
    return pl.concat_str(words, separator=" ", ignore_nulls=True)


def stale() -> pl.Expr:
    return (pl.col("days_old") > 700) & (pl.col("f_opted_in") == 0)


def ledger(leads: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    """`leads` holds the fields and, where the lead did anything, the numbers in `COUNTS`."""
    fields = (
        "company_size industry country role budget opted_in email_domain tech_stack created_at"
    ).split()
    known = leads.select(
        "lead_id",
        *(pl.col(name).alias(f"f_{name}") for name in fields),
        *(pl.col(name).fill_null(0).alias(f"n_{name}") for name in COUNTS),
        pl.col("longest_visit").alias("n_longest_visit"),
        days_quiet=(as_of - pl.col("last_at")) / DAY,
        days_old=(as_of - pl.col("created_at")) / DAY,
        last_outcome=pl.col("packed_outcome") % 4,
        per_seat=pl.col("budget") / pl.col("company_size"),
    )
    whole = [pl.col(f"n_{n}").cast(WHOLE) for n in COUNTS if not n.endswith(("worth", "minutes"))]
    c = pl.col
    return (
        known.with_columns(whole)
        .with_columns(**fit(), **engagement(), **intent())
        .with_columns(
            pricing__limit=at_most(c("pricing"), 2000),
            docs__limit=at_most(c("docs"), 1200),
            downloads__limit=at_most(c("downloads"), 2400),
            unsubscribed__limit=at_least(c("unsubscribed"), -2000),
            trial__limit=at_most(c("trial"), 1500),
            fit=plus("size industry country role value_per_seat opted_in free_mail uses_crm"),
        )
        .with_columns(
            fit__min=at_least(c("fit"), 0),
            engagement=plus(
                "pricing pricing__limit docs docs__limit webinar downloads downloads__limit opens "
                "clicks demo contact_form unsubscribed unsubscribed__limit bounced"
            ),
            intent__total=plus(
                "visits breadth meetings depth last_call recency trial trial__limit"
            ),
        )
        .with_columns(
            fit__max=at_most(plus("fit fit__min"), 6000),
            quiet=percent_of(c("engagement"), -50, c("days_quiet") > 60),
        )
        .with_columns(
            fit__total=plus("fit fit__min fit__max"),
            engagement__max=at_most(plus("engagement quiet"), 6000),
        )
        .with_columns(engagement__total=plus("engagement quiet engagement__max"))
        .with_columns(total=plus("fit__total engagement__total intent__total"))
        .with_columns(home_market=percent_of(c("total"), 10, c("f_country") == "es"))
        .with_columns(stale_record=percent_of(plus("total home_market"), -20, stale()))
        .with_columns(score__min=at_least(plus("total home_market stale_record"), 0))
        .with_columns(score__max=at_most(plus("total home_market stale_record score__min"), 10000))
        .with_columns(score=plus("total home_market stale_record score__min score__max"))
        .with_columns(band=band(), grade=grade(), unknown=unknown())
    )


def band() -> pl.Expr:
    score = pl.col("score")
    return (
        pl.when(score > 7000).then(pl.lit("call"))
        .when(score >= 4500).then(pl.lit("hot"))
        .when(score >= 2000).then(pl.lit("warm"))
        .otherwise(pl.lit("cold"))
    )  # fmt: skip


def grade() -> pl.Expr:
    of_fit, of_engagement = pl.col("fit__total"), pl.col("engagement__total")
    letter = (
        pl.when(of_fit >= 4500).then(pl.lit("A"))
        .when(of_fit >= 3000).then(pl.lit("B"))
        .when(of_fit >= 1500).then(pl.lit("C"))
        .otherwise(pl.lit("D"))
    )  # fmt: skip
    number = (
        pl.when(of_engagement >= 4000).then(pl.lit("1"))
        .when(of_engagement >= 1500).then(pl.lit("2"))
        .otherwise(pl.lit("3"))
    )  # fmt: skip
    return pl.concat_str(letter, number)
