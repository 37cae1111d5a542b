"""A small history, worked out by hand, for the reports: what each lead did is in one table.

Days are counted back from NOW_US. Ten leads arrive cold 80 days ago; some rise; some are called and
won. All figures that tests expect are counted off this table by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from leadwise.plan.relations import FOREVER
from leadwise.store.cards import live_version
from leadwise.store.schema import (
    band_change,
    event,
    event_mark,
    identity,
    identity_lead,
    lead,
    lead_owner,
    outcome,
    score,
    score_history,
)
from tests.web.api_service import DAY_US, NOW_US, publish

MINUTE = 1 / 1440


@dataclass(frozen=True)
class Story:
    """`bands` and `outcomes` are (days ago, what); an outcome of won has its value in hundredths;
    `ledger` are the amounts of the lines of the card of tests/web/api_service.py."""

    bands: tuple[tuple[float, str], ...] = ((80, "cold"),)
    outcomes: tuple[tuple[Any, ...], ...] = ()
    events: tuple[float, ...] = ()
    suspect: tuple[float, ...] = ()
    ledger: tuple[int, ...] = (0, 0, 0, 0, 0)
    owner: int | None = None
    known: int = 1
    source: str = "site"


COLD = (80, "cold")
STORIES = (
    # 1: hot, called in 30 minutes, won 10 days later
    Story((COLD, (60, "hot")),
          ((60 - 30 * MINUTE, "called"), (55, "sales_accepted"), (53, "sales_qualified"),
           (52, "opportunity"), (50, "won", 300_000, "EUR")),
          (3.0,), ledger=(3000, 0, 0, 0, 4000), owner=1),
    # 2: warm first, then hot, called after 3 hours, won in dollars
    Story((COLD, (70, "warm"), (60, "hot")),
          ((60 - 180 * MINUTE, "no_answer"), (59, "called"), (58, "sales_accepted"),
           (40, "won", 100_000, "USD")),
          (2.0, 9.0), ledger=(3000, 0, 0, 0, 4000), owner=1),
    # 3: hot, called in time, lost
    Story((COLD, (60, "hot")), ((60 - 10 * MINUTE, "called"), (40, "lost")), (9.0,),
          ledger=(3000, 0, 0, 0, 0), owner=2),
    # 4: hot, never called
    Story((COLD, (60, "hot"))),
    # 5: warm, called after two days, won late: 50 days after
    Story((COLD, (60, "warm")), ((58, "called"), (10, "won", 50_000, "EUR")),
          ledger=(500, 0, 0, 0, 0)),
    # 6: warm, nothing
    Story((COLD, (60, "warm")), suspect=(1.0,)),
    # 7: hot so lately that nothing can be said
    Story((COLD, (10 * MINUTE, "hot"))),
    # 8 to 10: cold all the time; the last one is not known
    Story(), Story((COLD,), (), (1.0,), source="crm"), Story(known=0),
)  # fmt: skip
POINTS = {"cold": 0, "warm": 3000, "hot": 7000}


def with_history(connection: Connection) -> None:
    """Write the stories: lead n is story n, from 1."""
    live = live_version(connection) or publish(connection)
    for number, story in enumerate(STORIES, start=1):
        write_story(connection, number, story, live.id)


def write_story(connection: Connection, number: int, story: Story, version_id: int) -> None:
    created_us = ago(story.bands[0][0])
    connection.execute(insert(lead).values(id=number, created_us=created_us, known=story.known))
    connection.execute(
        insert(identity).values(id=number, kind="user", value=f"u{number}", created_us=created_us)
    )
    connection.execute(
        insert(identity_lead).values(
            identity_id=number, lead_id=number, from_us=0, until_us=FOREVER
        )
    )
    if story.owner is not None:
        connection.execute(
            insert(lead_owner).values(
                lead_id=number, member_id=story.owner, since_us=1, actor="test"
            )
        )
    before = None
    for days, band in story.bands:
        own = {"lead_id": number, "card_version_id": version_id, "score": POINTS[band]}
        connection.execute(
            insert(band_change).values(
                at_us=ago(days), from_band=before, to_band=band, cause="event", **own
            )
        )
        said = {"as_of_us": ago(days), "band": band, "shown_score": POINTS[band],
                "shown_band": band}  # fmt: skip
        connection.execute(insert(score_history).values(**own, **said))
        before = band
    connection.execute(
        insert(score).values(
            **own, **said, unknown="", ledger=str(list(story.ledger)).replace(" ", ""),
            totals="[0,0]", band_since_us=ago(story.bands[-1][0]), stable_until_us=FOREVER,
            due_us=FOREVER,
        )
    )  # fmt: skip
    for place, (days, kind, *worth) in enumerate(story.outcomes):
        value, currency = worth or (None, None)
        connection.execute(
            insert(outcome).values(
                lead_id=number, kind=kind, at_us=ago(days), received_us=ago(days), value=value,
                currency=currency, source="test", message_id=f"o{number}-{place}",
            )
        )  # fmt: skip
    first = (max((*story.events, *story.suspect), default=1.0) + 80,)
    for place, days in enumerate((*first, *story.events, *story.suspect)):
        id_ = connection.execute(
            insert(event).values(
                identity_id=number, source=story.source, message_id=f"e{number}-{place}",
                type="track", event="page_viewed", at_us=ago(days), received_us=ago(days), doc={},
            )
        ).inserted_primary_key[0]  # fmt: skip
        if days in story.suspect and place > len(story.events):
            connection.execute(insert(event_mark).values(event_id=id_, reason="agent", marked_us=1))


def ago(days: float) -> int:
    """The instant so many days before NOW_US."""
    return NOW_US - round(days * DAY_US)
