"""What messages become: leads, facts, scores; each message once, each person one lead."""

from __future__ import annotations

import pytest

from leadwise.errors import UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.merging import merge_leads, undo_merge
from leadwise.ingest.messages import Received, Refusal
from leadwise.ingest.record import record
from leadwise.live.overrides import add_override, end_override
from leadwise.live.scoring import Pace
from leadwise.store.doctor_scores import check_scores
from leadwise.store.facts import facts_now, facts_of, fold, folded_facts
from leadwise.store.privacy import object_to_scoring
from tests.ingest.recording import SECOND_US, Recording
from tests.records import DAY_US


def healthy(recording: Recording) -> None:
    """Every stored score is the query's answer, every lead's facts are the fold of its events."""
    with recording.store.read() as connection:
        checked = check_scores(connection)
        assert checked.right, checked
        assert checked.compared > 0
        for (lead_id,) in connection.exec_driver_sql("SELECT id FROM lead").all():
            assert facts_of(connection, lead_id) == folded_facts(connection, lead_id)


def test_a_message_counts_once(recording: Recording) -> None:
    one = recording.message("track", event="visit", user_id="u1")
    assert recording.send(one, one).duplicates == 1
    assert recording.send(one).duplicates == 1
    other_source = recording.message("track", event="visit", user_id="u1", source="other",
                                     message_id=one.message_id)  # fmt: skip
    assert recording.send(other_source).events == 1
    recording.score()
    assert recording.score_of(recording.lead("user", "u1")) == (1000, "cold")
    healthy(recording)


def test_a_visitor_becomes_known(recording: Recording) -> None:
    recording.track("visit", anonymous_id="a1")
    before = recording.lead("anonymous", "a1")
    recording.score()
    recording.identify(user_id="u1", anonymous_id="a1",
                       traits={"email": "Ann@Acme.example", "employees": 300})  # fmt: skip
    recording.score()
    lead = recording.lead("user", "u1")
    assert lead == before == recording.lead("email", "ann@acme.example")
    assert recording.score_of(lead) == (2500, "warm")
    with recording.store.read() as connection:
        facts = facts_now(connection, lead)
    assert facts["email_domain"] == "acme.example"
    assert facts["email_free"] is False
    causes = recording.rows("SELECT from_band, to_band, cause FROM band_change ORDER BY id")
    assert causes == [(None, "cold", "event"), ("cold", "warm", "fact")]
    healthy(recording)


def test_two_leads_turn_out_to_be_one(recording: Recording) -> None:
    recording.track("visit", anonymous_id="a1")
    recording.identify(traits={"email": "ann@acme.example", "employees": 300})
    recording.score()
    recording.identify(user_id="u1", anonymous_id="a1", traits={"email": "ann@acme.example"})
    recording.score()
    lead = recording.lead("user", "u1")
    assert lead == recording.lead("anonymous", "a1") == recording.lead("email", "ann@acme.example")
    assert recording.score_of(lead) == (2500, "warm")
    assert len(recording.rows("SELECT 1 FROM score")) == 1
    healthy(recording)


def test_a_shared_browser_is_no_shared_person(recording: Recording) -> None:
    recording.identify(user_id="ann", anonymous_id="a1")
    recording.track("visit", anonymous_id="a1")
    recording.now_us += 10 * SECOND_US
    recording.identify(user_id="bob", anonymous_id="a1")
    recording.now_us += 10 * SECOND_US
    recording.track("demo_requested", anonymous_id="a1")
    recording.score()
    ann, bob = recording.lead("user", "ann"), recording.lead("user", "bob")
    assert ann != bob
    assert recording.score_of(ann) == (500, "cold")
    assert recording.score_of(bob) == (3000, "warm")
    healthy(recording)


def test_two_users_of_one_mailbox_stay_two(recording: Recording) -> None:
    recording.identify(user_id="ann", traits={"email": "sales@acme.example"})
    recording.identify(user_id="bob", traits={"email": "sales@acme.example"})
    assert recording.lead("user", "ann") != recording.lead("user", "bob")
    assert recording.lead("email", "sales@acme.example") == recording.lead("user", "ann")


def test_alias_says_that_two_are_one(recording: Recording) -> None:
    recording.track("visit", anonymous_id="a1")
    recording.track("visit", user_id="u1")
    recording.send(recording.message("alias", user_id="u1", previous_id="a1"))
    recording.score()
    assert recording.lead("anonymous", "a1") == recording.lead("user", "u1")
    assert recording.score_of(recording.lead("user", "u1")) == (1000, "cold")
    recording.send(recording.message("alias", user_id="u2", previous_id="never-seen"))
    assert recording.lead("anonymous", "never-seen") == recording.lead("user", "u2")
    recording.score()
    healthy(recording)


def test_alias_of_crm_records_says_that_they_are_one(recording: Recording) -> None:
    recording.identify(crm_id="contact-1", traits={"email": "ann@acme.example"})
    recording.identify(crm_id="lead-1", traits={"email": "ann@acme.example", "employees": 300})
    assert recording.lead("crm", "lead-1") != recording.lead("crm", "contact-1")
    converted = recording.message("alias", crm_id="contact-1", previous_crm_id="lead-1")
    recording.send(converted)
    assert recording.send(converted).duplicates == 1
    later = recording.message("alias", email="ann@acme.example", previous_crm_id="lead-2")
    recording.send(later)
    recording.score()
    contact = recording.lead("crm", "contact-1")
    assert recording.lead("crm", "lead-1") == recording.lead("crm", "lead-2") == contact
    assert recording.score_of(contact) == (2000, "warm")
    healthy(recording)


def test_an_enquiry_makes_no_two_contacts_one(recording: Recording) -> None:
    recording.identify(crm_id="crm:contact:1", traits={"email": "info@acme.example"})
    recording.send(
        recording.message("alias", crm_id="crm:contact:1", previous_crm_id="crm:lead:7"),
        recording.message("alias", crm_id="crm:contact:2", previous_crm_id="crm:lead:7"),
    )
    first, second = (recording.lead("crm", f"crm:contact:{n}") for n in (1, 2))
    assert first == recording.lead("crm", "crm:lead:7") != second
    recording.send(
        recording.message("alias", crm_id="crm:contact:1", previous_crm_id="crm:contact:2")
    )
    assert recording.lead("crm", "crm:contact:2") == recording.lead("crm", "crm:contact:1")
    recording.score()
    healthy(recording)


def test_a_merge_is_undone(recording: Recording) -> None:
    recording.identify(user_id="ann", traits={"employees": 300})
    recording.track("visit", user_id="bob")
    recording.score()
    ann, bob = recording.lead("user", "ann"), recording.lead("user", "bob")
    before = {lead: recording.score_of(lead) for lead in (ann, bob)}
    merge = recording.store.write(
        lambda c: merge_leads(c, ann, bob, "person", "me", recording.now_us)
    )
    recording.score()
    assert recording.score_of(ann) == (2500, "warm")
    assert recording.score_of(bob) is None
    healthy(recording)
    with pytest.raises(UserError, match="part of lead"):
        recording.store.write(lambda c: merge_leads(c, ann, bob, "person", "me", 0))
    recording.store.write(lambda c: undo_merge(c, merge.id, "me", recording.now_us))
    recording.score()
    assert {lead: recording.score_of(lead) for lead in (ann, bob)} == before
    healthy(recording)
    with pytest.raises(UserError, match="undone already"):
        recording.store.write(lambda c: undo_merge(c, merge.id, "me", recording.now_us))


def test_a_late_fact_takes_its_place(recording: Recording) -> None:
    early = recording.now_us - 20 * DAY_US
    recording.identify(user_id="u1", traits={"employees": 300, "country": "es"})
    recording.identify(user_id="u1", traits={"employees": 50, "city": "Vigo"}, at_us=early)
    recording.identify(user_id="u1", traits={"country": None}, at_us=early + DAY_US)
    lead = recording.lead("user", "u1")
    with recording.store.read() as connection:
        rows = facts_of(connection, lead)
        assert [row.document for row in rows] == [
            {"employees": 50, "city": "Vigo"},
            {"employees": 300, "country": "es", "city": "Vigo"},
        ]
        assert rows == folded_facts(connection, lead)
        assert rows[0].until_us == rows[1].from_us


def test_traits_of_a_company_reach_its_people(recording: Recording) -> None:
    recording.identify(user_id="ann", traits={"email": "ann@acme.example"})
    recording.identify(user_id="bob", traits={"email": "bob@acme.example"})
    traits = {"name": "Acme", "domain": "acme.example", "size": 900}
    group = recording.message("group", user_id="ann", group_id="g1", traits=traits)
    recording.send(group)
    recording.score()
    for name in ("ann", "bob"):
        with recording.store.read() as connection:
            assert facts_now(connection, recording.lead("user", name))["account.size"] == 900
    assert recording.rows("SELECT name FROM account") == [("Acme",)]
    healthy(recording)


def test_refusals_are_kept(recording: Recording) -> None:
    refusal = Refusal(3, "bad", "Not this one.", '{"a": 1}')
    recording.store.write(
        lambda c: record(c, Received((), (refusal,), "site"), GateRules(), recording.now_us)
    )
    found = recording.rows("SELECT source, place, code, reason, body FROM refused")
    assert found == [("site", 3, "bad", "Not this one.", '{"a": 1}')]


def test_a_clock_that_goes_back(recording: Recording) -> None:
    recording.track("visit", user_id="u1")
    recording.score()
    recording.now_us -= DAY_US
    recording.send(
        recording.message("track", event="visit", user_id="u1", at_us=recording.now_us + DAY_US,
                          received_us=recording.now_us + DAY_US)
    )  # fmt: skip
    recording.score()
    assert recording.score_of(recording.lead("user", "u1")) == (1000, "cold")
    healthy(recording)


def test_bands_change_by_themselves(recording: Recording) -> None:
    recording.track("demo_requested", user_id="u1")
    recording.score()
    lead = recording.lead("user", "u1")
    assert recording.score_of(lead) == (3000, "warm")
    recording.pace = Pace(refresh_us=365 * DAY_US)
    # 30 points with a half-life of 30 days fall below 20 after 17.5 days.
    for _ in range(40):
        recording.score(after_s=86_400)
    assert recording.score_of(lead)[1] == "cold"
    fell = recording.rows("SELECT from_band, to_band, cause, at_us FROM band_change ORDER BY id")[1]
    assert fell[:3] == ("warm", "cold", "time")
    healthy(recording)


def test_fading_points_are_refreshed(recording: Recording) -> None:
    recording.track("demo_requested", user_id="u1")
    recording.score()
    lead = recording.lead("user", "u1")
    assert recording.score(after_s=3_599).leads == 0
    assert recording.score(after_s=2).leads == 1
    assert recording.score_of(lead)[0] < 3000


def test_a_lead_with_very_many_events_waits(recording: Recording) -> None:
    recording.pace = Pace(heavy_events=20)
    recording.send(*[recording.message("track", event="visit", user_id="u1") for _ in range(30)])
    assert recording.score().leads == 1
    recording.track("visit", user_id="u1")
    assert recording.score(after_s=10).heavy == 1
    assert recording.score(after_s=10).leads == 0
    done = recording.score(after_s=60)
    assert (done.leads, done.heavy) == (1, 0)
    assert recording.rows("SELECT count(*) FROM touched") == [(0,)]
    healthy(recording)


def test_publishing_writes_the_score_of_a_lead_that_waits(recording: Recording) -> None:
    """It is in no list of those that were scored meanwhile, which publishing leaves out."""
    recording.pace = Pace(heavy_events=20)
    recording.send(*[recording.message("track", event="visit", user_id="u1") for _ in range(30)])
    recording.score()
    recording.store.write(lambda c: c.exec_driver_sql("DELETE FROM changed"))
    recording.track("visit", user_id="u1")
    assert recording.score(after_s=10).heavy == 1
    assert recording.rows("SELECT count(*) FROM changed") == [(0,)]
    recording.score(after_s=60)
    assert recording.rows("SELECT count(*) FROM changed") == [(1,)]


def test_an_override_is_shown_and_ends(recording: Recording) -> None:
    recording.track("visit", user_id="u1")
    recording.score()
    lead = recording.lead("user", "u1")
    card = None

    def add(connection: object) -> object:
        from leadwise.store.cards import live_version

        nonlocal card
        live = live_version(connection)
        assert live is not None
        card = live.card
        return add_override(
            connection, card, lead, band=None, points=1600, reason="met at the fair",
            until_us=recording.now_us + 60 * SECOND_US, actor="me", now_us=recording.now_us,
        )  # fmt: skip

    recording.store.write(add)
    recording.score()
    shown = "SELECT score, band, shown_score, shown_band FROM score"
    assert recording.rows(shown) == [(500, "cold", 2100, "warm")]
    recording.score(after_s=61)
    assert recording.rows(shown) == [(500, "cold", 500, "cold")]
    causes = recording.rows("SELECT to_band, cause FROM band_change ORDER BY id")
    assert causes == [("cold", "event"), ("warm", "override"), ("cold", "time")]
    with pytest.raises(UserError, match="no override"):
        recording.store.write(lambda c: end_override(c, 99, "me", recording.now_us))
    healthy(recording)


def test_fold_says_whether_anything_changed(recording: Recording) -> None:
    recording.identify(user_id="u1", traits={"employees": 1})
    lead = recording.lead("user", "u1")
    assert recording.store.write(lambda c: fold(c, lead)) is False


def test_an_objection_outlives_the_merge_that_it_came_after(recording: Recording) -> None:
    recording.track("visit", anonymous_id="a1")
    recording.identify(user_id="u1", traits={"employees": 300})
    other, kept = recording.lead("anonymous", "a1"), recording.lead("user", "u1")
    now_us = recording.now_us
    merged = recording.store.write(lambda c: merge_leads(c, kept, other, "person", "me", now_us))
    recording.store.write(lambda c: object_to_scoring(c, kept, now_us + 1, "me"))
    recording.store.write(lambda c: undo_merge(c, merged.id, "me", now_us + 2))
    recording.score()
    assert recording.rows("SELECT objected_us FROM lead ORDER BY id") == [(now_us + 1,)] * 2
    assert recording.rows("SELECT count(*) FROM score") == [(0,)]


def test_an_objection_that_came_by_a_merge_goes_with_it(recording: Recording) -> None:
    recording.track("visit", anonymous_id="a1")
    recording.identify(user_id="u1", traits={"employees": 300})
    other, kept = recording.lead("anonymous", "a1"), recording.lead("user", "u1")
    now_us = recording.now_us
    recording.store.write(lambda c: object_to_scoring(c, other, now_us, "me"))
    merged = recording.store.write(lambda c: merge_leads(c, kept, other, "person", "me", now_us))
    recording.score()
    assert recording.rows("SELECT count(*) FROM score") == [(0,)]
    recording.store.write(lambda c: undo_merge(c, merged.id, "me", now_us))
    recording.score()
    assert recording.rows("SELECT lead_id FROM score") == [(kept,)]
    objected = f"SELECT id FROM lead WHERE objected_us = {now_us}"
    assert recording.rows(objected) == [(other,)]


def test_a_company_joined_after_a_merge_stays_when_it_is_undone(recording: Recording) -> None:
    recording.track("visit", anonymous_id="a1")
    recording.identify(user_id="u1")
    other, kept = recording.lead("anonymous", "a1"), recording.lead("user", "u1")
    now_us = recording.now_us
    merged = recording.store.write(lambda c: merge_leads(c, kept, other, "person", "me", now_us))
    recording.send(recording.message("group", user_id="u1", group_id="g1"))
    recording.store.write(lambda c: undo_merge(c, merged.id, "me", now_us))
    found = dict(recording.rows("SELECT id, account_id FROM lead"))
    assert found[kept] is not None
    assert found[other] is None
    recording.score()
    healthy(recording)
