"""Offers of a Dutch bank (BPI Challenge 2017, B. van Dongen; 4TU terms, so the data is not here).

A lead is an offer that is still open 14 days after it was made: will the applicant accept it? The
file is given as a folder with `bpic17_offers.csv` and `bpic17_offer_events.csv`. `Accepted`,
`Selected` and `CreditScore` were written after the answer and are not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc_csv

from bench.learn.held import Held, held
from leadwise.asking.instants import DAY_US
from leadwise.asking.population import population
from leadwise.card import parse
from leadwise.card.model import Card
from leadwise.learn.backtest.splits import last_part
from leadwise.learn.moments import Watch, training_rows, widened
from leadwise.learn.rows import Learner, Rows

OFFERS, EVENTS = "bpic17_offers.csv", "bpic17_offer_events.csv"
AGE_US = 14 * DAY_US
MEASURED = "fields and what happened"
WON, LOST = "O_Accepted", ("O_Cancelled", "O_Refused")

CARD = """
card: loan-offers
version: 1
about: Open loan offers. Points by opinion, so that there is a card to start from.
fields:
  first_withdrawal: number
  monthly_cost: number
  terms: number
  amount: number
events:
{events}
dimensions:
  - id: offer
    criteria:
      - id: size
        tiers:
          - {{when: amount >= 20000, points: 10}}
          - {{when: amount >= 10000, points: 5}}
{behaviour}
"""
BEHAVIOUR = """  - id: answer
    criteria:
      - {id: returned, on: o_returned, points: 30, limit: {times: 1}}
      - {id: mailed, on: o_sent_mail_and_online, points: 5, limit: {times: 1}}
"""
FIELDS = {
    "FirstWithdrawalAmount": "first_withdrawal", "MonthlyCost": "monthly_cost",
    "NumberOfTerms": "terms", "OfferedAmount": "amount",
}  # fmt: skip


def there(folder: Path | None) -> bool:
    return folder is not None and (folder / OFFERS).exists() and (folder / EVENTS).exists()


def plain(activity: str) -> str:
    """`O_Sent (mail and online)` as an event's name: `o_sent_mail_and_online`."""
    words = "".join(c if c.isalnum() else " " for c in activity.lower()).split()
    return "_".join(words)


def card_of(kinds: Sequence[str], *, behaviour: bool) -> Card:
    events = "\n".join(f"  {kind}: {{}}" for kind in kinds)
    text = CARD.format(events=events, behaviour=BEHAVIOUR if behaviour else "")
    card = parse(text).card
    assert card is not None
    return card


def rows(folder: Path, *, measured: bool, by_hand: bool) -> Rows:
    """One row for each offer that is open at its fourteenth day; `measured`: with how often and how
    lately everything happened to it by then; `by_hand`: the card has points for that."""
    offers = pc_csv.read_csv(folder / OFFERS)
    log = pc_csv.read_csv(folder / EVENTS)
    ids = log["offer_id"].to_pylist()
    kinds = [plain(activity) for activity in log["activity"].to_pylist()]
    at = log["timestamp"].cast(pa.timestamp("us"))
    instants = at.cast(pa.int64()).to_numpy()
    came: dict[str, int] = {}
    decided: dict[str, int] = {}
    ends = {plain(WON), *(plain(one) for one in LOST)}
    for offer, kind, when in zip(ids, kinds, instants.tolist(), strict=True):
        came[offer] = min(when, came.get(offer, when))
        if kind in ends:
            decided[offer] = min(when, decided.get(offer, when))
    became = {
        offer: (end == WON, decided.get(offer))
        for offer, end in zip(
            offers["offer_id"].to_pylist(), offers["outcome"].to_pylist(), strict=True
        )
        if end == WON or end in LOST
    }
    leads = pa.table(
        {"lead_id": offers["offer_id"]} | {ours: offers[theirs] for theirs, ours in FIELDS.items()}
    )
    before = [kind not in ends for kind in kinds]
    done = pa.table(
        {
            "lead_id": log["offer_id"],
            "event": pa.array(kinds),
            "timestamp": at.cast(pa.timestamp("us", "UTC")),
            "message_id": pa.array([str(n) for n in range(len(kinds))]),
        }
    ).filter(pa.array(before))
    card = card_of(sorted({kind for kind in kinds if kind not in ends}), behaviour=by_hand)
    card = widened(card) if measured else card
    horizon = int(instants.max()) - min(came.values())
    watch = Watch(
        horizon, every_us=None, bands=False, arrival=False, ages_us=(AGE_US,), only_decided=True,
        end_us=int(instants.max()) + horizon,
    )  # fmt: skip
    with population(card, leads, done) as of:
        return training_rows(of, became, watch).rows


def splits(folder: Path, learners: Sequence[Learner]) -> list[Held]:
    """The last fifth by time: from the fields alone; with what happened, from a card that gives no
    points for it, and from one that does."""
    found = []
    for name, measured, by_hand in (
        ("fields alone", False, False),
        (MEASURED, True, False),
        (f"{MEASURED}, in the card by hand too", True, True),
    ):
        each = rows(folder, measured=measured, by_hand=by_hand)
        # The outcomes of both parts are all in: what is parted is what was known of each offer.
        cut = last_part(each, 0.2)
        found.append(held(name, each, cut.known, cut.ahead, learners))
    return found
