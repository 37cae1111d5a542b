"""Conditions of playbooks: three values, many leads in one statement, now and in the past."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert, update

from leadwise.card.conditions import parse_condition
from leadwise.card.model import Measure, Occurrences
from leadwise.playbooks.conditions.deciding import Moment, ask, ask_events, conditions_of, decide
from leadwise.playbooks.conditions.lead_zone import ZoneRules
from leadwise.playbooks.model import Condition, EventTrigger, Goal, Playbook, Safety, Step
from leadwise.store.documents import canonical
from leadwise.store.opening import Store
from leadwise.store.schema import lead_owner, member, score_history
from tests.playbooks.conditions.stores import postgres_store, store
from tests.records import DAY_US, NOW_US, add_lead, make_live, score_all

__all__ = ["postgres_store", "store"]

HOUR_US = DAY_US // 24


def condition(text: str) -> Condition:
    return Condition(text, parse_condition(text))


def playbook(**more: Any) -> Playbook:
    given = {
        "id": "p", "number": 1, "label": "P", "about": "", "language": "en", "triggers": (),
        "when": None, "measures": (), "steps": (), "goals": (), "safety": Safety(), **more,
    }  # fmt: skip
    return Playbook(**given)


def decided(
    connection: Connection, lead_id: int, *texts: str, at_us: int = NOW_US, **more: Any
) -> list[bool | None]:
    """What conditions come to for a lead."""
    own = playbook(**more.pop("playbook", {}))
    moment = Moment(lead_id, at_us)
    found = ask(connection, own, [moment], only=[condition(text) for text in texts], **more)
    return [found[moment][text] for text in texts]


def test_a_condition_is_met_not_met_or_not_decided(store: Store) -> None:
    with store.transaction() as connection:
        make_live(connection)
        one = add_lead(connection, "a@example.com", {"employees": 500})
        two = add_lead(connection, "b@example.com", {"employees": "7", "country": "ES"})
        texts = ("employees >= 100", "country = 'ES'", "country is null")
        assert decided(connection, one, *texts) == [True, None, True]
        assert decided(connection, two, *texts) == [False, True, False]


def test_many_leads_are_asked_in_one_statement_each_with_its_own(store: Store) -> None:
    with store.transaction() as connection:
        version = make_live(connection)
        leads = [add_lead(connection, f"{n}@example.com", {"employees": n}) for n in range(60)]
        score_all(connection, version)
        own = playbook(when=condition("employees < 30 and score < 10"))
        found = ask(connection, own, [Moment(lead, NOW_US) for lead in leads])
    met = [lead for lead in leads if found[Moment(lead, NOW_US)]["employees < 30 and score < 10"]]
    assert met == leads[:30]


def test_what_only_a_playbook_knows(store: Store) -> None:
    with store.transaction() as connection:
        version = make_live(connection)
        visits = [("visit", NOW_US - DAY_US, {}), ("demo_requested", NOW_US - DAY_US, {})]
        one = add_lead(connection, "a@example.com", {"employees": 500}, visits)
        two = add_lead(connection, "b@example.com")
        score_all(connection, version)
        added = insert(member).values(
            name="R", email="r@example.com", role="representative", created_us=1, created_by="x"
        )
        (member_id,) = connection.execute(added).inserted_primary_key
        connection.execute(
            insert(lead_owner).values(lead_id=one, member_id=member_id, since_us=1, actor="x")
        )
        texts = (
            "score >= 54 and score < 55", "band = 'hot'", "fit = 20", "interest > 30",
            "owner = 'R@example.com'", "owner is null",
        )  # fmt: skip
        # 20 for its size, 5 for a visit, 30 for a demo a day old.
        assert decided(connection, one, *texts) == [True, True, True, True, True, False]
        assert decided(connection, two, *texts) == [False, False, False, False, None, True]


def test_a_lead_without_a_score_is_not_decided(store: Store) -> None:
    with store.transaction() as connection:
        make_live(connection)
        one = add_lead(connection, "a@example.com")
        assert decided(connection, one, "score < 50", "not (score < 50)") == [None, None]


def test_the_clock_where_the_lead_is(store: Store) -> None:
    monday_nine = 1_800_000_000_000_000 // DAY_US * DAY_US + 9 * HOUR_US  # a Friday, UTC
    rules = ZoneRules(team="Europe/Madrid")
    texts = ("local_hour = 10", "local_hour = 4", "local_weekday = 5")
    with store.transaction() as connection:
        make_live(connection)
        facts = {"timezone": "America/New_York"}
        here = add_lead(connection, "a@example.com")
        there = add_lead(connection, "b@example.com", facts, at_us=monday_nine - DAY_US)
        at = {"at_us": monday_nine, "rules": rules}
        assert decided(connection, here, *texts, **at) == [True, False, True]
        assert decided(connection, there, *texts, **at) == [False, True, True]


def test_measures_of_the_playbook_itself(store: Store) -> None:
    asked = Occurrences(("email_replied",), None, 7 * DAY_US)
    own = {"measures": (Measure("replies", asked, "count"),)}
    events = [("email_replied", NOW_US - n * DAY_US, {}) for n in (1, 3, 8)]
    with store.transaction() as connection:
        make_live(connection)
        one = add_lead(connection, "a@example.com", {}, events)
        texts = ("replies = 2", "replies >= 3")
        assert decided(connection, one, *texts, playbook=own) == [True, False]
        before = {"at_us": NOW_US - 2 * DAY_US, "past": True}
        # Two days ago the first was not there, and the last was within the week.
        assert decided(connection, one, "replies = 2", playbook=own, **before) == [True]


def test_the_past_is_asked_as_it_was_shown(store: Store) -> None:
    with store.transaction() as connection:
        version = make_live(connection)
        facts = {"employees": 500}
        one = add_lead(connection, "a@example.com", facts, at_us=NOW_US - 5 * DAY_US)
        for days, points, band in ((9, 1000, "cold"), (3, 6000, "hot")):
            connection.execute(
                insert(score_history).values(
                    lead_id=one, card_version_id=version.id, as_of_us=NOW_US - days * DAY_US,
                    score=points, band=band, shown_score=points, shown_band=band,
                )
            )  # fmt: skip
        texts = ("score = 10", "band = 'hot'", "employees = 500", "fit = 20")
        days = {n: NOW_US - n * DAY_US for n in (10, 8, 4, 2)}
        found = {n: decided(connection, one, *texts, at_us=at, past=True) for n, at in days.items()}
    assert found == {
        10: [None, None, None, False],
        8: [True, False, None, False],
        4: [True, False, True, True],
        2: [False, True, True, True],
    }


def test_several_instants_of_one_lead_do_not_mix(store: Store) -> None:
    with store.transaction() as connection:
        make_live(connection)
        one = add_lead(connection, "a@example.com", at_us=NOW_US - 9 * DAY_US)
        own = playbook(when=condition("local_hour < 12"))
        start = NOW_US // DAY_US * DAY_US
        moments = [Moment(one, start + hour * HOUR_US) for hour in range(24)]
        found = ask(connection, own, [*moments, *moments])
    assert [found[moment]["local_hour < 12"] for moment in moments] == [True] * 12 + [False] * 12


def test_names_that_no_card_declares_are_looked_for_in_what_was_said(store: Store) -> None:
    with store.transaction() as connection:
        one = add_lead(connection, "a@example.com", {"seats": 12, "trial": True, "plan": "pro"})
        texts = ("seats > 10", "trial", "plan like 'p%'", "nothing = 1")
        assert decided(connection, one, *texts) == [True, True, True, None]
        make_live(connection)
        assert decided(connection, one, *texts) == [True, True, True, None]


def test_the_properties_of_an_event_decide(store: Store) -> None:
    card = """
card: typed
version: 1
events:
  order:
    amount: number
    kind: {type: choice, choices: [new, renewal]}
dimensions:
  - id: d
    criteria: [{id: c, on: order, points: 1}]
"""
    given: dict[int, Mapping[str, object]] = {
        1: {"amount": "250", "kind": "new"}, 2: {"amount": 3}, 3: {"amount": 900, "kind": "odd"},
    }  # fmt: skip
    happened = [(id_, NOW_US, canonical(doc)) for id_, doc in given.items()]
    where = [condition("amount > 100"), condition("kind = 'new'"), condition("other = 'x'")]
    with store.transaction() as connection:
        make_live(connection, card)
        found = ask_events(connection, "order", where, happened)
    verdicts = {id_: list(one.values()) for id_, one in found.items()}
    assert verdicts == {1: [True, True, None], 2: [False, None, None], 3: [True, None, None]}


def test_one_condition_of_a_run_without_a_lead_is_not_decided(store: Store) -> None:
    with store.transaction() as connection:
        assert decide(connection, playbook(), condition("1 = 1"), None, NOW_US) is None
        one = add_lead(connection, "a@example.com")
        assert decide(connection, playbook(), condition("1 = 1"), one, NOW_US) is True


def test_all_conditions_on_a_lead_are_found_and_none_on_an_event() -> None:
    event = EventTrigger("visit", condition("page = '/'"))
    settings = {"condition": condition("a = 1"), "event": event, "deep": ({"x": [condition("b")]},)}
    own = playbook(
        when=condition("w"), steps=(Step("s", "if", settings, 1),),
        goals=(Goal("g", condition=condition("g")), Goal("e", event=event)),
        safety=Safety(still=condition("s")),
    )  # fmt: skip
    assert [one.text for one in conditions_of(own)] == ["w", "s", "g", "a = 1", "b"]


def test_an_erased_fact_row_leaves_the_moment_undecided(store: Store) -> None:
    with store.transaction() as connection:
        version = make_live(connection)
        one = add_lead(connection, "a@example.com", {"employees": 5})
        score_all(connection, version)
        from leadwise.store.schema import lead_fact, score

        connection.execute(lead_fact.delete())
        assert decided(connection, one, "employees = 5", "band = 'cold'") == [None, True]
        connection.execute(update(score).values(shown_band=None))
        assert decided(connection, one, "band = 'cold'") == [None]
