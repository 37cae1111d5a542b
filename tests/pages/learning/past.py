"""A site whose record has a past: leads with outcomes, and studies that are answered."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection

from leadwise.jobs import run_here
from leadwise.learn.asked import Asked
from leadwise.learn.jobs import Learning, learn_handlers
from leadwise.store.cards import add_version, set_status
from leadwise.store.drafts import begin_draft
from leadwise.store.outcomes import add_outcome
from leadwise.store.studies import Goal, Kind, Study, ask_study, end_study, find_study
from tests.pages.site import PagesSite, pages_site
from tests.records import DAY_US, NOW_US, add_lead

CARD = """\
# The card that the tests of learning look at.
card: offices
version: 1
fields:
  employees: {type: number, label: Employees}
  country: {type: text, label: Country}
events:
  visit:
  demo_requested:
dimensions:
  - id: fit
    criteria:
      - id: size
        label: Company size
        tiers:
          - {when: employees >= 100, points: 20}
          - {when: employees >= 20, points: 10} # a guess
          - {otherwise: 0}
  - id: interest
    criteria:
      - {id: visits, label: Visits, on: visit, points: 5, limit: {points: 15}}
      - {id: asked, label: Asked for a demo, on: demo_requested, points: 30}
bands:
  - {id: cold, label: Cold}
  - {id: warm, label: Warm, from: 10}
  - {id: hot, label: Hot, from: 25}
"""
ASKED = Asked(horizon_days=30, every_days=20, calls_a_day=2)
LEADS = 220
KINDS: tuple[Kind, ...] = ("backtest", "calibrate", "refine", "learn", "drift")


@contextmanager
def site_with_a_past(
    folder: Path, kinds: tuple[Kind, ...] = KINDS, **settings: Any
) -> Iterator[PagesSite]:
    """The site, with an answer to each kind of study, asked by the member of marketing."""
    with pages_site(folder, **settings) as site:
        version_id = site.leads.write(_fill)
        for kind in kinds:
            _keep(site, kind, version_id, documents()[kind])
        yield site


@cache
def documents() -> dict[Kind, Any]:
    """What real studies of this past find; worked out once in a process."""
    with TemporaryDirectory() as folder, pages_site(Path(folder)) as site:
        version_id = site.leads.write(_fill)
        return {kind: answered(site, kind, version_id).document for kind in KINDS}


def _keep(site: PagesSite, kind: Kind, version_id: int, document: Any) -> None:
    """The answer as its job would have kept it."""
    who = site.members["marketing"]

    def work(connection: Connection) -> None:
        study = ask_study(
            connection, kind, version_id, "won", ASKED.document(), by=who.actor, now_us=NOW_US,
            job_id=f"study:{kind}",
        )  # fmt: skip
        kept = document
        if kind == "learn":
            draft = begin_draft(
                connection, "lead", "learned", document["learned"]["text"], member_id=who.id,
                now_us=NOW_US, based_on=version_id,
            )  # fmt: skip
            kept = {**document, "draft_id": draft}
        end_study(connection, study.id, NOW_US, kept)

    site.leads.write(work)


def ago(days: float) -> int:
    return NOW_US - int(days * DAY_US)


def _fill(connection: Connection) -> int:
    """A lead a day nearly; large companies win twice as often, visits tell nothing."""
    for number in range(LEADS):
        came = (LEADS - number) * 0.9
        size = (500, 50, 5)[number % 3]
        did = [("visit", ago(came - 1), {})] * (number % 4)
        facts = {"employees": size, "country": "FI" if number % 2 else "ES"}
        lead_id = add_lead(connection, f"{number}@acme.example", facts, did, ago(came))
        won = number % 10 in ((0, 1, 2, 4) if size == 500 else (3,)) or number % 11 == 0
        if came > 25:
            add_outcome(
                connection, lead_id, "won" if won else "lost", at_us=ago(came - 22), now_us=NOW_US,
                source="test", message_id=str(number),
            )  # fmt: skip
    version = add_version(connection, CARD, subject="lead", by="test", now_us=ago(400))
    set_status(connection, version.id, "live", published_us=ago(399), published_by="test")
    return version.id


def answered(site: PagesSite, kind: Kind, version_id: int, goal: Goal = "won",
             asked: Asked = ASKED) -> Study:  # fmt: skip
    """A study, asked and answered at once."""
    store = site.leads.api.store
    by = site.members["marketing"].actor
    study = store.write(
        lambda c: ask_study(
            c, kind, version_id, goal, asked.document(), by=by, now_us=NOW_US,
            job_id=f"study:{kind}:{goal}",
        )
    )  # fmt: skip
    folder = site.leads.api.settings.data / "mirror"
    run_here(learn_handlers(Learning(store, folder))["study"], {"study": study.id})
    with store.read() as connection:
        found = find_study(connection, study.id)
    assert found.problem is None, found.problem
    return found
