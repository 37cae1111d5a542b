"""From numbers per lead to the ledger, in numpy: shared by the numpy and the pandas sides."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bench.data import DAY
from bench.ledger import COLUMNS, ENGAGEMENT, FIT, INTENT

Numbers = Mapping[str, np.ndarray]
UNKNOWN = np.nan


def tiers(*steps: tuple[np.ndarray, int], otherwise: int = 0) -> np.ndarray:
    """The points of the first step that is true."""
    return np.select([c for c, _ in steps], [p for _, p in steps], otherwise).astype(np.int64)


def hundredths(points: np.ndarray) -> np.ndarray:
    return np.floor(points * 100 + 0.5000001).astype(np.int64)


def percent_of(total: np.ndarray, percent: int, condition: np.ndarray) -> np.ndarray:
    amount = np.floor(total * percent / 100 + 0.5000001).astype(np.int64)
    return np.where(condition & (total > 0), amount, 0)


def fit(leads: pd.DataFrame) -> dict[str, np.ndarray]:
    size, role, industry = leads["company_size"], leads["role"], leads["industry"]
    mail, per_seat = leads["email_domain"], leads["budget"] / leads["company_size"]
    free = mail.isin(["gmail.com", "hotmail.com", "yahoo.com"]) | mail.str.endswith(
        ".edu", na=False
    )
    crm = leads["tech_stack"].str.lower().str.contains("salesforce", regex=False, na=False)
    return {
        "size": tiers(
            (size.isna(), 300), (size >= 1000, 2500), (size >= 200, 1800), (size >= 50, 1000),
            otherwise=200,
        ),
        "industry": tiers(
            (industry.isin(["software", "finance"]), 1500),
            (industry.isin(["health", "manufacturing"]), 800),
            (industry == "government", -500),
        ),
        "country": tiers((leads["country"].isin(["es", "pt", "fr", "it", "mx"]), 1000)),
        "role": tiers(
            (role.isna(), 200), (role == "c_level", 2000), (role.isin(["vp", "director"]), 1500),
            (role == "manager", 800), (role == "student", -2000), otherwise=100,
        ),
        "value_per_seat": tiers((per_seat.between(50, 5000), 750)),
        "opted_in": tiers((leads["opted_in"] == 1, 500)),
        "free_mail": tiers((free, -1200)),
        "uses_crm": tiers((crm, 600)),
    }  # fmt: skip


def engagement(did: Numbers, opted_in: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "pricing": did["pricing_days"] * 500,
        "docs": did["docs"] * 75,
        "webinar": hundredths(did["webinar_worth"] * 20),
        "downloads": did["recent_assets"] * 400,
        "opens": np.minimum(did["opens"], 5) * 100,
        "clicks": hundredths(did["click_worth"] * 3),
        "demo": np.minimum(did["demos"], 1) * 3000,
        "contact_form": np.where(opted_in, did["contacts"] * 1500, 0),
        "unsubscribed": did["unsubscriptions"] * -1000,
        "bounced": did["bounced"] * -250,
    }


def intent(did: Numbers, days_quiet: np.ndarray) -> dict[str, np.ndarray]:
    visits, assets, minutes = did["visits"], did["assets"], did["meeting_minutes"]
    outcome = did["last_outcome"]
    return {
        "visits": tiers((visits >= 10, 1000), (visits >= 3, 500)),
        "breadth": tiers((assets >= 5, 800), (assets >= 2, 400)),
        "meetings": tiers((minutes >= 120, 1200), (minutes >= 30, 600)),
        "depth": tiers((did["longest_visit"] > 300, 400)),
        "last_call": tiers((outcome == 0, 1500), (outcome == 3, -1000), (outcome >= 1, 100)),
        "recency": tiers(
            (np.isnan(days_quiet), -100), (days_quiet <= 7, 1000), (days_quiet <= 30, 500)
        ),
        "trial": hundredths(did["trial_worth"] * 2),
    }


def unknown(leads: pd.DataFrame, did: Numbers, quiet: np.ndarray, stale: np.ndarray) -> list[str]:
    """The ids of what could not be decided, in the order of the card."""
    undecided = {
        "size": leads["company_size"].isna(),
        "industry": leads["industry"].isna(),
        "country": leads["country"].isna(),
        "role": leads["role"].isna(),
        "value-per-seat": leads["budget"].isna() | leads["company_size"].isna(),
        "opted-in": leads["opted_in"].isna(),
        "free-mail": leads["email_domain"].isna(),
        "uses-crm": leads["tech_stack"].isna(),
        "contact-form": leads["opted_in"].isna(),
        "quiet": np.isnan(quiet),
        "depth": np.isnan(did["longest_visit"]),
        "last-call": np.isnan(did["last_outcome"]),
        "recency": np.isnan(quiet),
        "home-market": leads["country"].isna(),
        "stale-record": stale,
    }
    # There are few different sets: each is written once.
    bits = reduce(
        lambda a, b: a | b,
        (np.asarray(u, dtype=np.int64) << n for n, u in enumerate(undecided.values())),
    )
    sets, which = np.unique(bits, return_inverse=True)
    words = [" ".join(w for n, w in enumerate(undecided) if s >> n & 1) for s in sets.tolist()]
    return np.array(words, dtype=object)[which].tolist()


def write(out: Path, leads: pd.DataFrame, did: Numbers, as_of: int) -> int:
    """Work out the ledger and write it. `did` holds one number per lead and thing counted, NaN
    where there is none; returns the number of leads."""
    country, opted = leads["country"], (leads["opted_in"] == 1).to_numpy()
    quiet = (as_of - did["last_at"]) / DAY
    old = ((as_of - leads["created_at"]) / DAY).to_numpy(dtype=float, na_value=np.nan)
    line = fit(leads) | engagement(did, opted) | intent(did, quiet)
    for name, limit in {"pricing": 2000, "docs": 1200, "downloads": 2400, "trial": 1500}.items():
        line[f"{name}__limit"] = np.minimum(0, limit - line[name])
    line["unsubscribed__limit"] = np.maximum(0, -2000 - line["unsubscribed"])

    of_fit = sum(line[name] for name in FIT if name in line)
    line["fit__min"] = np.maximum(0, -of_fit)
    line["fit__max"] = np.minimum(0, 6000 - of_fit - line["fit__min"])
    line["fit__total"] = of_fit + line["fit__min"] + line["fit__max"]
    of_engagement = sum(line[name] for name in ENGAGEMENT if name in line)
    line["quiet"] = percent_of(of_engagement, -50, quiet > 60)
    line["engagement__max"] = np.minimum(0, 6000 - of_engagement - line["quiet"])
    line["engagement__total"] = of_engagement + line["quiet"] + line["engagement__max"]
    line["intent__total"] = sum(line[name] for name in INTENT)

    total = line["fit__total"] + line["engagement__total"] + line["intent__total"]
    line["home_market"] = percent_of(total, 10, (country == "es").to_numpy())
    total = total + line["home_market"]
    not_opted = (leads["opted_in"] == 0).to_numpy()
    line["stale_record"] = percent_of(total, -20, (old > 700) & not_opted)
    total = total + line["stale_record"]
    line["score__min"] = np.maximum(0, -total)
    line["score__max"] = np.minimum(0, 10000 - total - line["score__min"])
    line["score"] = score = total + line["score__min"] + line["score__max"]

    undecided_age = np.isnan(old) & ~opted
    undecided_choice = leads["opted_in"].isna().to_numpy() & ~(old <= 700)
    texts = {
        "band": np.select(
            [score > 7000, score >= 4500, score >= 2000], ["call", "hot", "warm"], "cold"
        ),
        "grade": np.char.add(
            np.select(
                [line["fit__total"] >= edge for edge in (4500, 3000, 1500)], list("ABC"), "D"
            ),
            np.select(
                [line["engagement__total"] >= edge for edge in (4000, 1500)], list("12"), "3"
            ),
        ),
        "unknown": unknown(leads, did, quiet, undecided_age | undecided_choice),
    }
    columns = {"lead_id": leads["lead_id"], **line, **texts}
    pq.write_table(pa.table({name: pa.array(columns[name]) for name in COLUMNS}), out)
    return len(leads)
