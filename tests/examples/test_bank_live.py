"""The demo's past: a queue and reports with something in them, all of it labelled."""

from __future__ import annotations

import runpy
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from leadwise.store.identities import names_of
from leadwise.store.opening import Store
from leadwise.store.outcomes import list_outcomes
from leadwise.store.schema import band_change, event, lead_owner, score
from tests.web.shell import fresh_store

HERE = Path(__file__).parents[2] / "examples" / "bank-live"
NOW_US = 1_800_000_000_000_000


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Any:
    sys.path.insert(0, str(HERE))
    try:
        demo = runpy.run_path(str(HERE / "demo.py"))
    finally:
        sys.path.remove(str(HERE))
    file = tmp_path_factory.mktemp("live") / "record.db"
    file.write_bytes(fresh_store())
    contacts = demo["the_contacts"](150)
    with Store(f"sqlite:///{file}") as store:
        events = demo["past"].tell(store, contacts, HERE / "card.yaml", NOW_US, days=28)
        yield demo, store, contacts, events


def test_the_past_has_calls_and_what_came_of_them(told: Any) -> None:
    _, store, contacts, _ = told
    with store.read() as connection:
        found = list_outcomes(connection, limit=1000)
        owned = connection.execute(select(func.count()).select_from(lead_owner)).scalar_one()
        changes = connection.execute(select(func.count()).select_from(band_change)).scalar_one()
        bands = set(connection.execute(select(score.c.shown_band)).scalars())
    kinds = Counter(each.kind for each in found)
    assert min(kinds[kind] for kind in ("mql", "called", "no_answer", "won", "lost")) > 0
    assert all(each.source == "simulated" for each in found)
    assert all(each.at_us <= NOW_US for each in found)
    assert owned > 10
    assert changes > len(contacts)
    assert {"cold", "warm", "hot", "call"} <= bands


def test_a_deposit_is_won_from_those_only_who_took_one(told: Any) -> None:
    _, store, contacts, _ = told
    bought = {row["lead_id"] for row in contacts if row["y"] == "yes"}
    with store.read() as connection:
        won = [each.lead_id for each in list_outcomes(connection, limit=1000) if each.kind == "won"]
        names = {names_of(connection, lead_id)[0][2] for lead_id in won}
    assert won
    assert names <= bought
    assert len(won) == len(set(won))


def test_every_event_of_the_simulation_says_so(told: Any) -> None:
    _, store, _, events = told
    tracks = select(event.c.doc).where(event.c.type == "track")
    with store.read() as connection:
        documents = connection.execute(tracks).scalars().all()
    assert len(documents) == events > 100
    assert all('"simulated"' in str(doc) or "simulated" in doc for doc in documents)


def test_a_password_is_kept_from_one_demo_to_the_next(told: Any, tmp_path: Path) -> None:
    demo = told[0]
    first, second = demo["password_of"](tmp_path), demo["password_of"](tmp_path)
    assert first != second
    (tmp_path / demo["ACCOUNT"]).write_text(f'{{"password": "{first}"}}')
    assert demo["password_of"](tmp_path) == first
