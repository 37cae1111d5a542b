"""The queue's order and counts, on both databases, against sorting all that the tables hold."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from leadwise.asking.estimates import estimates
from leadwise.asking.explain import explain
from leadwise.card import parse
from leadwise.errors import UserError
from leadwise.plan import lines
from leadwise.plan.relations import FOREVER
from leadwise.store import schema
from leadwise.store.acts import acts_after
from leadwise.store.audit import audit
from leadwise.store.following import Horizon
from leadwise.store.members import add_member
from leadwise.store.outcomes import ANSWERS, CLOSING, KINDS
from leadwise.store.owners import give_lead, owner_of
from leadwise.store.population import lead_population
from leadwise.store.queue import (
    MOST_COUNTED,
    Level,
    Place,
    QueueFilter,
    count_bands,
    levels_of,
    list_places,
)
from leadwise.store.queue_rows import Told, queue_rows, told_scores
from leadwise.store.snoozes import count_snoozed, list_snoozed, snooze_lead, wake_lead
from leadwise.store.timeline import timeline
from leadwise.store.views import first_view, list_views, open_with, save_view
from tests.databases import postgres_database
from tests.web.api_service import (
    CARD,
    NOW_US,
    Running,
    message,
    publish,
    running,
    with_leads,
)

DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
VERSION, LEADS, ME, OTHER = 7, 300, 1, 2
LEVELS = levels_of(parse(CARD).card, (60, 1440))
BANDS = ("cold", "warm", "hot")
FILTERS = [
    QueueFilter(),
    QueueFilter("mine"),
    QueueFilter("free", visitors=True),
    QueueFilter("all"),
    QueueFilter("of", of=OTHER),
    QueueFilter("all", bands=("hot",)),
    QueueFilter("all", bands=("cold", "warm"), least=1000),
    QueueFilter("all", answer="waiting"),
    QueueFilter("all", answer="over"),
    QueueFilter("mine", answer="over"),
    QueueFilter("all", answer="answered"),
    QueueFilter("open", accounts=(1, 2)),
    QueueFilter("all", among=tuple(range(1, 150))),
    QueueFilter("mine", among=tuple(range(80, 250)), accounts=(1, 3), answer="waiting"),
    QueueFilter("all", among=(), accounts=(1,)),
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: Any, tmp_path_factory: Any) -> Iterator[Running]:
    folder: Path = tmp_path_factory.mktemp("queue")
    if request.param == "sqlite":
        with running(folder, jobs=False) as service:
            service.write(fill)
            yield service
        return
    with (
        postgres_database(request.getfixturevalue("postgres_url")) as url,
        running(folder, url, jobs=False) as service,
    ):
        service.write(fill)
        yield service


def fill(connection: Connection) -> None:
    """Leads with equal scores among them, whose bands, owners, answers and snoozes are drawn."""
    source = random.Random(4)
    for name in ("me", "other"):
        add_member(connection, name, f"{name}@x.example", "representative", by="t", now_us=1)

    def add(table: Any, rows: list[dict[str, Any]]) -> None:
        connection.execute(insert(table), rows)

    leads, scores, overrides = [], [], []
    for id_ in range(1, LEADS + 1):
        points = source.choice([0, 500, 1999, 2000, 4000, 6000, 6000, 9000])
        band = next(one.band for one in reversed(LEVELS) if points >= one.least)
        shown = source.choice(BANDS) if id_ % 20 == 0 else band
        if id_ % 20 == 0:
            overrides.append({"lead_id": id_, "band": shown, "reason": "x", "from_us": 1,
                              "actor": "x"})  # fmt: skip
        since = NOW_US - int(source.random() ** 2 * 3 * DAY_US)
        leads.append({"id": id_, "created_us": 1, "known": int(id_ % 9 != 0),
                      "account_id": source.choice([None, 1, 2, 3]),
                      "merged_into": 1 if id_ % 50 == 7 else None})  # fmt: skip
        scores.append({
            "card_version_id": VERSION, "lead_id": id_, "as_of_us": NOW_US, "score": points,
            "band": band, "unknown": "", "ledger": "[]", "totals": "[]", "shown_score": points,
            "shown_band": shown, "band_since_us": since, "stable_until_us": FOREVER,
            "due_us": FOREVER,
        })  # fmt: skip
    add(schema.lead, leads)
    add(schema.score, scores)
    add(schema.score, [{**scores[0], "card_version_id": VERSION + 1}])
    add(schema.override, overrides)
    add(schema.lead_owner, [{"lead_id": id_, "member_id": source.choice([ME, OTHER]),
                             "since_us": 1, "actor": "x"}
                            for id_ in range(1, LEADS + 1) if source.random() < 0.6])  # fmt: skip
    add(schema.snooze, [{"lead_id": id_, "member_id": source.choice([ME, OTHER]),
                         "until_us": NOW_US + source.choice([-1, 1]) * HOUR_US}
                        for id_ in range(1, LEADS + 1) if source.random() < 0.1])  # fmt: skip
    add(schema.outcome, [{"lead_id": source.randrange(1, LEADS + 1), "kind": source.choice(KINDS),
                          "at_us": NOW_US - int(source.random() * 3 * DAY_US), "received_us": 1,
                          "source": "t", "message_id": str(n)} for n in range(300)])  # fmt: skip


def expected(connection: Connection, wanted: QueueFilter) -> list[Place]:
    """The same by reading everything and sorting."""

    def all_of(table: Any) -> list[Any]:
        return list(connection.execute(select(table)))

    leads = {row.id: row for row in all_of(schema.lead)}
    owners = {row.lead_id: row.member_id for row in all_of(schema.lead_owner)}
    away = {row.lead_id for row in all_of(schema.snooze)
            if row.member_id == ME and row.until_us > NOW_US}  # fmt: skip
    outcomes = all_of(schema.outcome)
    found = []
    for row in all_of(schema.score):
        lead, owner = leads[row.lead_id], owners.get(row.lead_id)
        level: Level = next(one for one in LEVELS if one.band == row.shown_band)
        kinds = {o.kind for o in outcomes
                 if o.lead_id == row.lead_id and o.at_us >= row.band_since_us}  # fmt: skip
        waiting = kinds.isdisjoint(ANSWERS)
        over = level.allowed_us is not None and row.band_since_us <= NOW_US - level.allowed_us
        fits = [
            row.card_version_id == VERSION, lead.merged_into is None, row.lead_id not in away,
            lead.known or wanted.visitors, kinds.isdisjoint(CLOSING),
            {"open": owner in (None, ME), "mine": owner == ME, "free": owner is None,
             "all": True, "of": owner == OTHER}[wanted.owners],
            not wanted.bands or row.shown_band in wanted.bands,
            wanted.least is None or row.shown_score >= wanted.least,
            wanted.among is None or row.lead_id in wanted.among,
            wanted.accounts is None or lead.account_id in wanted.accounts,
            {"any": True, "waiting": waiting, "over": waiting and over,
             "answered": not waiting}[wanted.answer],
        ]  # fmt: skip
        if all(fits):
            found.append(Place(level.place, int(waiting), row.shown_score, row.lead_id))
    return sorted(found, reverse=True)


@pytest.mark.parametrize("wanted", FILTERS, ids=str)
def test_places_page_by_page(filled: Running, wanted: QueueFilter) -> None:
    with filled.store.read() as connection:
        right = expected(connection, wanted)
        for limit in (31, 1000):
            found: list[Place] = []
            while True:
                part = list_places(
                    connection, VERSION, LEVELS, wanted, member_id=ME, now_us=NOW_US,
                    after=found[-1] if found else None, limit=limit,
                )  # fmt: skip
                found += part
                if len(part) < limit:
                    break
            assert found == right
        counts = count_bands(connection, VERSION, LEVELS, wanted, member_id=ME, now_us=NOW_US)
        if not wanted.bands:
            places = Counter(place.level for place in right)
            assert counts == {
                band: min(places[n], MOST_COUNTED + 1) for n, band in enumerate(BANDS)
            }
    assert right or wanted.among == ()


def test_a_card_without_bands_is_ordered_by_score(tmp_path: Path) -> None:
    levels = (Level(0, None, -(2**62), 2**62),)
    with running(tmp_path, jobs=False) as service:
        service.write(fill)
        service.write(lambda c: c.execute(schema.score.update().values(shown_band=None)))
        service.write(lambda c: c.execute(schema.override.delete()))
        with service.store.read() as connection:
            found = list_places(connection, VERSION, levels, QueueFilter("all", visitors=True),
                                member_id=9, now_us=NOW_US, limit=1000)  # fmt: skip
    assert found == sorted(found, reverse=True)
    assert len(found) > 180
    assert {place.level for place in found} == {0}


def test_what_the_rows_show(filled: Running) -> None:
    def work(connection: Connection) -> None:
        rows = queue_rows(connection, VERSION, [3, 1, 7, 999])
        assert sorted(rows) == [1, 3]  # 7 is part of 1
        version = {
            "subject": "lead", "card": "c", "text": "", "hash": "", "created_us": 1,
            "created_by": "t", "status": "live",
        }  # fmt: skip
        for id_, published_us in ((VERSION, 1), (VERSION + 1, 2), (VERSION + 2, None)):
            connection.execute(insert(schema.card_version).values(
                id=id_, number=id_, published_us=published_us, **version))  # fmt: skip
        said = ((-9, 50, 0), (-3, 100, 0), (-2.2, 200, 0), (-2.1, 300, 1), (-2.05, 999, 2),
                (-1, 400, 1))  # fmt: skip
        for at_us, points, later in said:
            connection.execute(insert(schema.score_history).values(
                lead_id=3, card_version_id=VERSION + later, as_of_us=NOW_US + int(at_us * DAY_US),
                score=points, shown_score=points))  # fmt: skip
        told = told_scores(connection, [1, 3], NOW_US - 3 * DAY_US + 1)
        # What held before, each day's last by whichever card; nobody was told of 999.
        assert [one.score for one in told[3]] == [100, 300, 400]
        assert isinstance(told[3][0], Told)
        assert told_scores(connection, [1], 0) == {}

    filled.write(work)


def test_what_people_did_is_told_once(filled: Running) -> None:
    def work(connection: Connection) -> None:
        trail = Horizon(schema.audit)
        begin = trail.look(connection)
        for action, subject, id_, detail in (
            ("list", "lead", 1, None), ("outcome", "lead", 3, "called"), ("create", "key", 4, None),
            ("merge", "lead", 5, "lead 6"), ("owner", "lead", 7, "member:2"),
            ("list", "lead", None, "queue, 50 leads"),
        ):  # fmt: skip
            audit(connection, "member:1", action, subject, id_, detail, NOW_US)
        end = trail.look(connection)
        told = [(act.action, act.lead_ids) for act in acts_after(connection, begin, end)]
        assert told == [("outcome", (3,)), ("merge", (5, 6)), ("owner", (7,))]
        assert acts_after(connection, end, trail.look(connection)) == []
        (given,) = timeline(connection, 7, kinds=("owner",))
        assert (given.at_us, given.what.owner) == (NOW_US, "member:2")

    filled.write(work)


def test_owners_snoozes_and_views(filled: Running) -> None:
    def work(connection: Connection) -> None:
        lead_id = LEADS + 1
        connection.execute(insert(schema.lead).values(id=lead_id, created_us=1))
        assert give_lead(connection, lead_id, ME, was=None, actor="a", now_us=5)
        assert not give_lead(connection, lead_id, ME, was=None, actor="a", now_us=6)
        with pytest.raises(UserError, match="me's by now"):
            give_lead(connection, lead_id, OTHER, was=None, actor="a", now_us=7)
        assert give_lead(connection, lead_id, OTHER, was=ME, actor="a", now_us=8)
        assert owner_of(connection, lead_id) == OTHER
        assert give_lead(connection, lead_id, None, was=OTHER, actor="a", now_us=9)

        snooze_lead(connection, lead_id, 9, NOW_US + 2, NOW_US)
        snooze_lead(connection, lead_id, 9, NOW_US + 1, NOW_US)
        assert [one.until_us for one in list_snoozed(connection, 9, NOW_US)] == [NOW_US + 1]
        assert count_snoozed(connection, 9, NOW_US + 1) == 0
        assert wake_lead(connection, lead_id, 9)
        assert not wake_lead(connection, lead_id, 9)
        with pytest.raises(UserError, match="passed"):
            snooze_lead(connection, lead_id, 9, NOW_US, NOW_US)

        save_view(connection, ME, "queue", "b", "q=1", shared=False, now_us=1)
        save_view(connection, ME, "queue", "b", "q=2", shared=True, now_us=2)
        save_view(connection, OTHER, "queue", "a", "q=3", shared=False, now_us=3)
        assert [(v.name, v.query) for v in list_views(connection, OTHER, "queue")] == [
            ("a", "q=3"), ("b", "q=2"),
        ]  # fmt: skip
        assert first_view(connection, ME, "queue") is None
        open_with(connection, ME, "queue", "q=2", 4)
        open_with(connection, ME, "queue", "q=4", 5)
        assert first_view(connection, ME, "queue") == "q=4"
        assert len(list_views(connection, ME, "queue")) == 1
        open_with(connection, ME, "queue", None, 6)
        assert first_view(connection, ME, "queue") is None
        for n in range(49):
            save_view(connection, ME, "queue", f"v{n}", "", shared=False, now_us=7)
        with pytest.raises(UserError, match="more than 50"):
            save_view(connection, ME, "queue", "one more", "", shared=False, now_us=7)

    filled.write(work)


def test_estimates_say_what_trying_the_answers_says(tmp_path: Path) -> None:
    """Of a card with plain tiers both come to the same."""
    card = parse(CARD).card
    assert card is not None
    with running(tmp_path, jobs=False) as service:
        with_leads(service)
        with service.store.read() as connection:
            rows = queue_rows(connection, 1, [1, 3])
            with lead_population(connection, card, [1, 3]) as of:
                tried = explain(of, ["1", "3"], NOW_US)
    for lead_id, exact, known in ((1, tried[0], {"title"}), (3, tried[1], set())):
        row = rows[lead_id]
        amounts = dict(
            zip([line.name for line in lines(card)], json.loads(row.ledger), strict=True)
        )
        found = estimates(card, amounts, json.loads(row.totals), row.unknown.split(), known)
        assert [(one.fields, one.most) for one in found] == [
            (one.fields, one.best) for one in exact.questions if one.best
        ]
        assert found


RAISING = """
card: raising
version: 3
fields:
  title: {type: choice, choices: [boss, clerk]}
  employees: {type: number}
  partner: {type: boolean}
dimensions:
  - id: fit
    criteria:
      - {id: job, when: title = 'boss', points: 10}
      - {id: size, when: employees > 100, points: 12.5}
    adjustments:
      - {id: ours, when: partner, percent: 33}
      - {id: small, when: employees < 5, percent: 20}
adjustments:
  - {id: chief, when: title = 'boss', percent: 10}
bands: [{id: cold}, {id: warm, from: 20}]
"""


def test_an_estimate_is_never_less_than_what_an_answer_brings(tmp_path: Path) -> None:
    """Adjustments raise what an answer gives; the list says `up to`, so that has to be in it."""
    card = parse(RAISING).card
    assert card is not None
    known = {"ann": {"title": "boss", "partner": True}, "ben": {"partner": True},
             "cy": {"title": "clerk"}, "dan": {"title": "boss", "partner": False}}  # fmt: skip
    with running(tmp_path, jobs=False) as service:
        service.write(lambda c: publish(c, RAISING))
        service.say(*(message("identify", who, 1, values=facts) for who, facts in known.items()))
        service.score()
        with service.store.read() as connection:
            rows = queue_rows(connection, 1, [1, 2, 3, 4])
            with lead_population(connection, card, [1, 2, 3, 4]) as of:
                tried = explain(of, ["1", "2", "3", "4"], NOW_US)
    bounds = {}
    for (lead_id, row), exact, facts in zip(rows.items(), tried, known.values(), strict=True):
        amounts = dict(
            zip([line.name for line in lines(card)], json.loads(row.ledger), strict=True)
        )
        unknown = row.unknown.split()
        found = estimates(card, amounts, json.loads(row.totals), unknown, set(facts))
        most = {one.fields: one.most for one in found}
        bounds[lead_id] = most.get(("employees",))
        for one in exact.questions:
            assert (most.get(one.fields) or 0) >= one.best, (lead_id, one)
    # 12.5 by 1.33 and by 1.1; what does not apply raises nothing.
    assert bounds[1] is not None
    assert bounds[4] is not None
    assert 1828 <= bounds[1] < 2700
    assert 1375 <= bounds[4] < bounds[1]
