"""What holds steps back: quiet hours where the lead is, caps over all playbooks, `still`, goals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, insert

from leadwise.playbooks.conditions.goals import reached
from leadwise.playbooks.model import EventTrigger, Goal, MessageTrigger, Playbook, Safety, Step
from leadwise.playbooks.runs.acting import Go, Leave, Run, Wait
from leadwise.playbooks.safety.holding import DAY_US, WEEK_US, holder, may_go, room_at
from leadwise.playbooks.safety.quiet import loud_again, loud_everywhere, next_day
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.settings.playbooks import PlaybookSettings
from leadwise.store.contacts import add_contact, count_contacts
from leadwise.store.opening import Store
from leadwise.store.outcomes import add_outcome
from leadwise.store.schema import event_mark, experiment, held_out, suppression
from leadwise.store.templates import keep_template
from tests.playbooks.conditions.stores import postgres_store, store
from tests.playbooks.conditions.test_conditions import condition
from tests.playbooks.triggers.playing import HOUR_US, SECOND_US, Play, follow_up
from tests.records import NOW_US, add_lead

__all__ = ["postgres_store", "store"]

MAIL = Step("mail-1", "mail", {"template": "t", "kind": "marketing"}, 1)
ANSWER = replace(MAIL, settings={"template": "t", "kind": "transactional"})
CALL = Step("task-1", "task", {"title": "Call"}, 2)
LOUD = PlaybookSettings(quiet_from="", quiet_until="")
NIGHT = PlaybookSettings(quiet_from="20:00", quiet_until="08:00")


def instant(text: str, zone: str = "UTC") -> int:
    at = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return int(at.timestamp() * SECOND_US)


def run(lead_id: int | None, own: Playbook, number: int = 0, id_: int = 1, **doc: Any) -> Run:
    return Run(id_, own, lead_id, 0, number, NOW_US, {"step": {}, **doc})


def lead(store: Store, email: str = "a@example.com", **facts: Any) -> int:
    with store.transaction() as connection:
        return add_lead(connection, email, facts, at_us=NOW_US - 400 * DAY_US)


# Quiet hours --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "loud"),
    [
        ("2026-06-15T07:59", "2026-06-15T08:00"),
        ("2026-06-15T08:00", "2026-06-15T08:00"),
        ("2026-06-15T19:59", "2026-06-15T19:59"),
        ("2026-06-15T20:00", "2026-06-16T08:00"),
        ("2026-06-19T21:00", "2026-06-22T08:00"),  # Friday night: the weekend is quiet
        ("2026-06-20T12:00", "2026-06-22T08:00"),
        ("2026-06-21T23:59", "2026-06-22T08:00"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Kolkata"])
def test_nights_and_weekends_are_quiet(at: str, loud: str, zone: str) -> None:
    settings = NIGHT.model_copy(update={"quiet_days": ("saturday", "sunday")})
    assert loud_again(settings, ZoneInfo(zone), instant(at, zone)) == instant(loud, zone)


def test_the_night_on_which_the_clock_is_changed() -> None:
    madrid = ZoneInfo("Europe/Madrid")
    for day in ("2026-03-28", "2026-10-24"):
        found = loud_again(NIGHT, madrid, instant(f"{day}T22:00", "Europe/Madrid"))
        there = datetime.fromtimestamp(found // SECOND_US, UTC).astimezone(madrid)
        assert (there.hour, there.minute) == (8, 0)
    # Quiet until a time that there is not on that day.
    odd = PlaybookSettings(quiet_from="01:00", quiet_until="02:30")
    found = loud_again(odd, madrid, instant("2026-03-29T01:30", "Europe/Madrid"))
    assert datetime.fromtimestamp(found // SECOND_US, UTC).isoformat()[11:16] == "01:30"


@pytest.mark.parametrize(
    ("at", "loud"),
    [
        ("2026-10-25T01:30+02:00", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:29+02:00", "2026-10-25T02:30+02:00"),
        ("2026-10-25T02:40+02:00", "2026-10-25T02:40+02:00"),
        ("2026-10-25T02:10+01:00", "2026-10-25T02:30+01:00"),  # the hour that comes again
        ("2026-10-25T02:40+01:00", "2026-10-25T02:40+01:00"),
    ],
)
def test_the_hour_that_the_clock_shows_twice(at: str, loud: str) -> None:
    odd = PlaybookSettings(quiet_from="01:00", quiet_until="02:30")
    asked, wanted = (int(datetime.fromisoformat(one).timestamp()) for one in (at, loud))
    found = loud_again(odd, ZoneInfo("Europe/Madrid"), asked * SECOND_US)
    assert found == wanted * SECOND_US


@pytest.mark.parametrize(
    ("facts", "loud"),
    [
        ({"country": "US"}, "2026-06-15T18:00"),  # the morning of Hawaii
        ({"country": "US", "timezone": "America/New_York"}, "2026-06-15T12:00"),
        ({"country": "US", "phone": "(212) 555-0123"}, "2026-06-15T12:00"),
        ({"country": "US", "phone": "+1 800 555 0123"}, "2026-06-15T18:00"),
        ({"country": "ES"}, "2026-06-15T11:00"),
        ({}, "2026-06-15T11:00"),  # nothing is known: the team's own clock
    ],
)
def test_where_a_country_has_several_clocks_it_is_loud_by_all(
    store: Store, facts: dict[str, Any], loud: str
) -> None:
    one = lead(store, **facts)
    with store.transaction() as connection:
        at = instant("2026-06-15T11:00")
        verdict = may_go(connection, run(one, follow_up(steps=(MAIL,))), MAIL, at, NIGHT)
    assert (verdict.until_us if isinstance(verdict, Wait) else at) == instant(loud)


def test_no_common_hour_leaves_it_to_one_of_them() -> None:
    busy = PlaybookSettings(quiet_from="10:00", quiet_until="09:00")  # one hour a day is loud
    zones = (ZoneInfo("America/New_York"), ZoneInfo("Asia/Tokyo"))
    at = instant("2026-06-15T00:00")
    assert loud_everywhere(busy, zones, at) == loud_again(busy, zones[0], at)
    assert loud_everywhere(NIGHT, zones, at) == instant("2026-06-15T23:00")


def test_a_quiet_time_at_noon_and_none_at_all() -> None:
    noon = PlaybookSettings(quiet_from="12:00", quiet_until="14:00")
    assert loud_again(noon, ZoneInfo("UTC"), instant("2026-06-15T13:00")) == instant(
        "2026-06-15T14:00"
    )
    assert loud_again(LOUD, ZoneInfo("UTC"), NOW_US) == NOW_US


@given(
    at_us=st.integers(instant("2026-01-01T00:00"), instant("2027-01-01T00:00")),
    zone=st.sampled_from(["UTC", "Europe/Madrid", "America/St_Johns", "Australia/Lord_Howe"]),
    from_=st.times(), until=st.times(),
    days=st.sets(st.sampled_from(["monday", "saturday", "sunday"])),
)  # fmt: skip
def test_what_is_loud_is_loud_and_the_first_that_is(
    at_us: int, zone: str, from_: Any, until: Any, days: set[str]
) -> None:
    settings = PlaybookSettings(
        quiet_from=f"{from_:%H:%M}", quiet_until=f"{until:%H:%M}", quiet_days=tuple(sorted(days))
    )
    where = ZoneInfo(zone)
    found = loud_again(settings, where, at_us)
    assert found >= at_us
    assert loud_again(settings, where, found) == found
    assert found - at_us < 5 * DAY_US
    assert next_day(where, at_us) - at_us <= 25 * HOUR_US


def test_a_mail_waits_where_it_is_night_and_a_call_does_not(store: Store) -> None:
    at = instant("2026-06-15T23:00")
    own = follow_up(steps=(MAIL, CALL))
    here = lead(store)
    there = lead(store, "b@example.com", timezone="America/New_York")
    with store.transaction() as connection:
        asked = [(here, MAIL), (there, MAIL), (here, CALL), (here, ANSWER)]
        found = [may_go(connection, run(one, own), step, at, NIGHT) for one, step in asked]
        loud = replace(own, safety=Safety(quiet=False))
        assert may_go(connection, run(here, loud), MAIL, at, NIGHT) == Go()
    assert isinstance(found[0], Wait)
    assert found[0].until_us == instant("2026-06-16T08:00")
    assert found[1:] == [Go(), Go(), Go()]


HEAD = "---\nsubject: Thank you\nkind: {kind}\n---\nHello\n"


def test_a_template_may_say_that_it_is_an_answer(store: Store, tmp_path: Path) -> None:
    """Its mails go at night, beyond the caps, and to those who unsubscribed from all else."""
    night = NIGHT.model_copy(update={"mails_a_day": 1})
    settings = Settings(mail=MailSettings(templates=tmp_path), playbooks=night)
    holds, at = holder(settings), instant("2026-06-15T23:00")
    here, gone = lead(store), lead(store, "b@example.com")
    own = follow_up(steps=(MAIL,))
    found = []
    with store.transaction() as connection:
        unsubscribe(connection, "b@example.com")
        add_contact(connection, here, "mail", "x", at - 1)
        assert holds(connection, run(here, own), MAIL, at) != Go()  # there is none of that name
        for name, kind in (
            ("t", "marketing"), ("t", "transactional"), ("t.es", "marketing"),
            ("t.es", "transactional"), ("tax", "marketing"),
        ):  # fmt: skip
            keep_template(connection, name, HEAD.format(kind=kind), by="t", now_us=1)
            verdicts = [holds(connection, run(one, own), MAIL, at) for one in (here, gone)]
            found.append([one == Go() for one in verdicts])
        (tmp_path / "t.de.md").write_text(HEAD.format(kind="marketing"))
        assert holds(connection, run(here, own), MAIL, at) != Go()
        named = replace(MAIL, settings={**MAIL.settings, "to": "{{ owner.email }}"})
        assert holds(connection, run(here, own), named, at) == Go()
    assert found == [[False] * 2, [True] * 2, [False] * 2, [True] * 2, [True] * 2]


# Caps -------------------------------------------------------------------------------------------


def test_no_more_mails_than_the_caps_allow_from_all_playbooks(store: Store) -> None:
    one = lead(store)
    settings = LOUD.model_copy(update={"mails_a_day": 2, "mails_a_week": 3})
    own, other = follow_up(id="a", steps=(MAIL,)), follow_up(id="b", steps=(MAIL,))
    at = NOW_US
    with store.transaction() as connection:
        for number, (playbook, wait) in enumerate(
            [(own, 0), (other, HOUR_US), (own, DAY_US), (other, WEEK_US)]
        ):
            asked = run(one, playbook, number, id_=number + 1)
            verdict = may_go(connection, asked, MAIL, at, settings)
            if isinstance(verdict, Wait):
                at = verdict.until_us
                verdict = may_go(connection, asked, MAIL, at, settings)
            assert verdict == Go(), number
            at += min(wait, HOUR_US)
        assert count_contacts(connection, [one], NOW_US - 1) == 4
    assert at >= NOW_US + WEEK_US


def test_a_mail_that_is_tried_again_counts_once(store: Store) -> None:
    one = lead(store)
    settings = LOUD.model_copy(update={"mails_a_day": 1})
    asked = run(one, follow_up(steps=(MAIL,)), 4)
    with store.transaction() as connection:
        for later in (0, HOUR_US, 2 * HOUR_US):
            assert may_go(connection, asked, MAIL, NOW_US + later, settings) == Go()
        add_contact(connection, one, "mail", "run-1-4", NOW_US)  # as the step itself says
        assert count_contacts(connection, [one], 0) == 1
        second = may_go(connection, run(one, asked.playbook, 5), MAIL, NOW_US + HOUR_US, settings)
    assert isinstance(second, Wait)
    assert second.until_us == NOW_US + DAY_US


def test_mails_of_before_a_merge_count_and_caps_may_be_left_out(store: Store) -> None:
    from leadwise.store.schema import merge

    one, two = lead(store), lead(store, "b@example.com")
    settings = LOUD.model_copy(update={"mails_a_day": 1})
    with store.transaction() as connection:
        add_contact(connection, two, "mail", "x", NOW_US - HOUR_US)
        values = {"kept_id": one, "other_id": two, "at_us": 1, "cause": "x", "actor": "x"}
        connection.execute(insert(merge).values(**values, moved=[]))
        own = follow_up(steps=(MAIL,))
        assert isinstance(may_go(connection, run(one, own), MAIL, NOW_US, settings), Wait)
        free = replace(own, safety=Safety(caps=False))
        assert may_go(connection, run(one, free), MAIL, NOW_US, settings) == Go()
        none = settings.model_copy(update={"mails_a_day": 0, "mails_a_week": 0})
        assert may_go(connection, run(one, own), MAIL, NOW_US, none) == Go()


@given(
    gaps=st.lists(st.integers(0, 3 * DAY_US), max_size=30), a_day=st.integers(0, 4),
    a_week=st.integers(0, 8),
)  # fmt: skip
def test_caps_are_never_exceeded(gaps: list[int], a_day: int, a_week: int) -> None:
    settings = LOUD.model_copy(update={"mails_a_day": a_day, "mails_a_week": a_week})
    sent: list[int] = []
    at = NOW_US
    for gap in gaps:
        at = room_at(sent[::-1], settings, at + gap)
        assert room_at(sent[::-1], settings, at) == at
        sent.append(at)
    for most, span in ((a_day, DAY_US), (a_week, WEEK_US)):
        within = [sum(one <= each < one + span for each in sent) for one in sent]
        assert not most or max(within, default=0) <= most


def test_two_processes_do_not_both_take_the_last_mail(postgres_url: str) -> None:
    from tests.databases import make_tables, postgres_database

    settings = LOUD.model_copy(update={"mails_a_day": 1})
    own = follow_up(steps=(MAIL,))
    with postgres_database(postgres_url) as url, Store(url) as store, Store(url) as other:
        make_tables(store)
        one = lead(store)
        with store.transaction() as first, other.transaction() as second:
            assert may_go(first, run(one, own, id_=1), MAIL, NOW_US, settings) == Go()
            verdict = may_go(second, run(one, own, id_=2), MAIL, NOW_US, settings)
        assert isinstance(verdict, Wait)
        with other.transaction() as later:
            verdict = may_go(later, run(one, own, id_=2), MAIL, verdict.until_us, settings)
        assert isinstance(verdict, Wait)
        assert verdict.until_us == NOW_US + DAY_US


# Whoever wants nothing, still, goals --------------------------------------------------------------


def unsubscribe(connection: Connection, address: str) -> None:
    row = {"address": address, "reason": "unsubscribed", "at_us": 1, "by": "lead"}
    connection.execute(insert(suppression).values(row))


def test_a_run_of_mails_alone_ends_for_who_unsubscribed(store: Store) -> None:
    one = lead(store)
    mails, both = follow_up(steps=(MAIL,)), follow_up(steps=(MAIL, CALL))
    with store.transaction() as connection:
        unsubscribe(connection, "a@example.com")
        verdict = may_go(connection, run(one, mails), MAIL, NOW_US, LOUD)
        # Where there is more to do, the mail's own step leaves the mail out.
        assert may_go(connection, run(one, both), MAIL, NOW_US, LOUD) == Go()
    assert verdict == Leave("The lead wants no mails.")


def test_a_run_ends_when_still_does_not_hold(store: Store) -> None:
    small = lead(store, employees=5)
    large = lead(store, "b@example.com", employees=500)
    unknown = lead(store, "c@example.com")
    own = follow_up(steps=(CALL,), safety=Safety(still=condition("employees > 100")))
    with store.transaction() as connection:
        found = [may_go(connection, run(one, own), CALL, NOW_US) for one in (small, large, unknown)]
        assert may_go(connection, run(None, own), CALL, NOW_US) == Go()
    assert [type(one) for one in found] == [Leave, Go, Leave]


def test_a_lead_that_is_drawn_to_be_left_alone_gets_no_mail(store: Store) -> None:
    one = lead(store)
    with store.transaction() as connection:
        row = {"name": "x", "share_ppm": 1, "bands": ["hot"], "from_us": 1, "made_by": "t"}
        (id_,) = connection.execute(insert(experiment).values(row)).inserted_primary_key
        lot = {"experiment_id": id_, "lead_id": one, "at_us": 1, "band": "hot", "held": 1}
        connection.execute(insert(held_out).values(lot))
        own = follow_up(steps=(MAIL,), triggers=(EventTrigger("x"),))
        verdict = may_go(connection, run(one, own), MAIL, NOW_US, LOUD)
        assert isinstance(verdict, Leave)
        ticket = replace(own, triggers=(MessageTrigger("support"),))
        assert may_go(connection, run(one, ticket), MAIL, NOW_US, LOUD) == Go()


def test_goals_count_from_what_started_the_run_on(store: Store) -> None:
    play = Play(store)
    one = lead(store)
    goals = (
        Goal("booked", event=EventTrigger("booked", condition("seats > 2"))),
        Goal("won", outcome="won"), Goal("large", condition=condition("employees > 9")),
    )  # fmt: skip
    own = follow_up(goals=goals)
    before = play.does(one, "booked", {"seats": 5}, received_us=NOW_US - 1)
    trigger = {"at_us": NOW_US - 1, "event_id": before, "by": "event", "place": 0}
    asked = run(one, own, trigger=trigger)
    said: list[str | None] = []

    def ask() -> None:
        with store.read() as connection:
            said.append(reached(connection, asked, NOW_US + DAY_US))

    ask()  # what began it is no goal
    play.does(one, "booked", {"seats": 1})
    robot = play.does(one, "booked", {"seats": 9})
    with store.transaction() as connection:
        mark = {"event_id": robot, "reason": "crawler", "marked_us": 1}
        connection.execute(insert(event_mark).values(mark))
        add_outcome(connection, one, "won", at_us=NOW_US - DAY_US, now_us=NOW_US, source="s",
                    message_id="1")  # fmt: skip
    ask()
    with store.transaction() as connection:
        add_outcome(connection, one, "won", at_us=NOW_US, now_us=NOW_US, source="s",
                    message_id="2")  # fmt: skip
    ask()
    play.does(one, "booked", {"seats": 3})
    ask()
    assert said == [None, None, "won", "booked"]
    with store.read() as connection:
        assert reached(connection, run(None, own), NOW_US) is None
    late = run(lead(store, "b@example.com", employees=50), own)
    with store.read() as connection:
        assert reached(connection, late, NOW_US) == "large"
