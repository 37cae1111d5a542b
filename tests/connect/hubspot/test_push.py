"""Scores in HubSpot: which contact, what is written, what is left as it is."""

from __future__ import annotations

from typing import Any

import pytest

from leadwise.connect.model import Pushed, Update
from leadwise.errors import RemoteError
from tests.connect.hubspot.accounts import NOW_US, connected, fake_hubspot

SCORED = "2027-01-15T07:59:59.000Z"


def update(lead_id: int, *names: tuple[str, str], **more: Any) -> Update:
    given: dict[str, Any] = {
        "remote_id": None, "score": 4250, "band": "warm", "grade": "B", "question": "When?",
        "reasons": ("Asked for a demo +30", "Large +12"), "card": "small 1",
        "as_of_us": NOW_US - 1_000_000, **more,
    }  # fmt: skip
    return Update(lead_id, names, **given)


def states(answers: list[Pushed]) -> list[tuple[int, str, str | None]]:
    return [(one.lead_id, one.state, one.remote_id) for one in answers]


def test_the_properties_are_made_once_and_hold_the_score() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    with connected(fake) as hubspot:
        assert len(hubspot.prepare()) == 7
        assert hubspot.prepare() == ()
        answers = hubspot.push([update(1, ("email", "ana@acme.example"))])
        assert states(answers) == [(1, "sent", ana)]
    there = fake.objects["contacts"][ana]["properties"]
    assert {name: there[name] for name in there if name.startswith("leadwise_")} == {
        "leadwise_score": "42.5", "leadwise_band": "warm", "leadwise_grade": "B",
        "leadwise_question": "When?", "leadwise_card": "small 1", "leadwise_scored_at": SCORED,
        "leadwise_reasons": "Asked for a demo +30\nLarge +12",
    }  # fmt: skip
    assert fake.groups["contacts"]["leadwise"]["label"] == "Leadwise"


def test_a_later_score_stays_and_the_same_is_not_written_again() -> None:
    fake = fake_hubspot()
    ana, bob, eve = (fake.add("contacts", {"email": f"{n}@acme.example"})
                     for n in ("ana", "bob", "eve"))  # fmt: skip
    updates = [update(n, ("crm", f"crm:contact:{id_}")) for n, id_ in ((1, ana), (2, bob))]
    with connected(fake) as hubspot:
        hubspot.prepare()
        hubspot.push(updates)
        fake.edit("contacts", ana, {"leadwise_scored_at": "2027-01-15T08:00:00.000Z",
                                    "leadwise_score": "77"})  # fmt: skip
        before = len(fake.made("POST", "batch/update"))
        third = update(3, ("crm", f"crm:contact:{eve}"), score=0, band=None, grade=None,
                       question=None, reasons=())  # fmt: skip
        answers = hubspot.push([*updates, third])
        assert states(answers) == [(1, "newer", ana), (2, "same", bob), (3, "sent", eve)]
        (call,) = fake.made("POST", "batch/update")[before:]
        assert [one["id"] for one in call.json["inputs"]] == [eve]
    assert fake.objects["contacts"][ana]["properties"]["leadwise_score"] == "77"
    assert fake.objects["contacts"][eve]["properties"]["leadwise_score"] == "0"


def test_whose_record_it_is() -> None:
    fake = fake_hubspot()
    kept, other = (fake.add("contacts", {"email": f"{n}@acme.example"}) for n in ("k", "o"))
    again = fake.add("contacts", {"email": "again@acme.example"})
    gone = fake.add("contacts", {"email": "gone@acme.example"})
    fake.merge(kept, other)
    fake.delete("contacts", gone)
    with connected(fake) as hubspot:
        hubspot.prepare()
        answers = hubspot.push([
            update(1, ("crm", f"crm:contact:{other}")),  # part of another there
            update(2, ("email", "again@acme.example"), remote_id=gone),  # made anew there
            update(3, ("email", "gone@acme.example"), remote_id=gone),
            update(4, ("crm", "odoo:contact:1"), ("anonymous", "x")),  # of another system
        ])  # fmt: skip
    assert states(answers) == [
        (1, "sent", kept), (2, "sent", again), (3, "unknown", None), (4, "unknown", None),
    ]  # fmt: skip


def test_two_leads_of_one_contact_do_not_overwrite_each_other() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    with connected(fake) as hubspot:
        hubspot.prepare()
        answers = hubspot.push([
            update(1, ("crm", f"crm:contact:{ana}"), score=100, as_of_us=NOW_US - 9_000_000),
            update(2, ("email", "ana@acme.example"), score=9900),
        ])  # fmt: skip
    assert states(answers) == [(1, "refused", None), (2, "sent", ana)]
    assert "lead 2" in answers[0].why
    assert fake.objects["contacts"][ana]["properties"]["leadwise_score"] == "99"


def test_hundreds_go_in_batches_and_one_that_vanishes_is_refused_alone() -> None:
    fake = fake_hubspot()
    ids = [fake.add("contacts", {"email": f"p{n}@acme.example"}) for n in range(150)]
    plain = fake._update
    with connected(fake) as hubspot:
        hubspot.prepare()

        def vanish(kind: str, body: Any) -> Any:  # somebody deletes it between look and write
            fake.delete("contacts", ids[3])
            return plain(kind, body)

        fake._update = vanish
        answers = hubspot.push([update(n, ("crm", f"crm:contact:{id_}"))
                                for n, id_ in enumerate(ids)])  # fmt: skip
        assert [len(call.json["inputs"]) for call in fake.made("POST", "/batch/update")] == [
            100,
            50,
        ]
    assert {one.lead_id: one.state for one in answers if one.state != "sent"} == {3: "refused"}


def test_contacts_are_made_where_the_team_wants_it() -> None:
    fake = fake_hubspot()
    with connected(fake, create="yes") as hubspot:
        hubspot.prepare()
        answers = hubspot.push([update(1, ("email", "new@acme.example")), update(2)])
        (made,) = fake.objects["contacts"].values()
        assert states(answers) == [(1, "sent", made["id"]), (2, "unknown", None)]
        assert made["properties"]["leadwise_band"] == "warm"


def test_a_dry_run_writes_nothing() -> None:
    fake = fake_hubspot()
    fake.add("contacts", {"email": "ana@acme.example"})
    with connected(fake, dry=True, create="yes") as hubspot:
        hubspot.prepare()
        hubspot.push(
            [update(1, ("email", "ana@acme.example")), update(2, ("email", "b@c.example"))]
        )
        assert [(would.method, would.path) for would in hubspot.client.http.would] == [
            ("POST", "/crm/v3/properties/contacts/groups"),
            ("POST", "/crm/v3/properties/contacts/batch/create"),
            ("POST", "/crm/v3/objects/contacts"),
            ("POST", "/crm/v3/objects/contacts/batch/update"),
        ]
    assert not fake.groups["contacts"]
    assert len(fake.objects["contacts"]) == 1


@pytest.mark.parametrize("status", [500, 0])
def test_what_fails_at_the_other_side_may_be_tried_again(status: int) -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    wanted = [update(1, ("email", "ana@acme.example"))]
    with connected(fake) as hubspot:
        hubspot.prepare()
        fake.fail(status, path="batch/update", taken=True)
        with pytest.raises(RemoteError) as failed:
            hubspot.push(wanted)
        assert not failed.value.permanent
        assert states(hubspot.push(wanted)) == [(1, "same", ana)]  # it was taken, only not told
