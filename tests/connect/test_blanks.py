"""A score is taken out of each CRM: emptied fields with the reason, by names or by ids alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

import tests.connect.odoo.database as odoo_at
import tests.connect.pipedrive.company as pipedrive_at
import tests.connect.salesforce.organisation as salesforce_at
from leadwise.connect.blanking import ERASED, OBJECTED
from leadwise.connect.hubspot.map import at_us
from leadwise.connect.scored import SCORE_FIELDS
from leadwise.testing.odoo import FakeOdoo
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.salesforce import FakeSalesforce
from leadwise.testing.serving import served
from tests.connect.hubspot.accounts import NOW_US, connected, fake_hubspot
from tests.connect.pulled import scored

ANA, BOB = ("email", "ana@x.example"), ("email", "bob@x.example")


@dataclass
class There:
    """A CRM with a connection to it: how a person is made there, and what stands of a score."""

    crm: Any
    now_us: int
    add: Callable[[str], str]
    stands: Callable[[str], dict[str, Any]]
    writes: Callable[[], int]
    lose_a_field: Callable[[], None]


@contextmanager
def hubspot() -> Iterator[There]:
    fake = fake_hubspot()

    def stands(id_: str) -> dict[str, Any]:
        held = fake.objects["contacts"][id_]["properties"]
        return {one.name: held.get(f"leadwise_{one.name}") for one in SCORE_FIELDS} | {
            "at": at_us(held.get("leadwise_scored_at"), 0)
        }

    with connected(fake) as crm:
        yield There(
            crm, NOW_US, lambda email: fake.add("contacts", {"email": email}), stands,
            lambda: len(fake.made("POST", "batch/update")),
            lambda: fake.definitions["contacts"].pop("leadwise_grade"),
        )  # fmt: skip


@contextmanager
def salesforce() -> Iterator[There]:
    fake = FakeSalesforce(now=salesforce_at.START)

    def stands(id_: str) -> dict[str, Any]:
        row = fake.rows["Contact"][id_.removeprefix("contact:")]
        return {one.name: row.get(f"Leadwise_{one.name.capitalize()}__c") for one in SCORE_FIELDS}

    def lose() -> None:
        rows = fake.rows["FieldPermissions"]
        fake.rows["FieldPermissions"] = {
            id_: row for id_, row in rows.items() if row["Field"] != "Contact.Leadwise_Grade__c"
        }

    with served(fake) as url:
        yield There(
            salesforce_at.opened(url), salesforce_at.NOW_US,
            lambda email: "contact:" + fake.add("Contact", LastName="A", Email=email), stands,
            lambda: len(fake.made("PATCH", "composite/sobjects")), lose,
        )  # fmt: skip


@contextmanager
def pipedrive() -> Iterator[There]:
    fake = FakePipedrive(now=pipedrive_at.START)

    def codes() -> dict[str, str]:
        return {one["field_name"]: code for code, one in fake.fields["person"].items()}

    def stands(id_: str) -> dict[str, Any]:
        custom = fake.rows["person"][int(id_.removeprefix("person:"))]["custom_fields"]
        return {one.name: custom.get(codes()[one.label]) for one in SCORE_FIELDS
                if one.label in codes()}  # fmt: skip

    def add(email: str) -> str:
        return f"person:{fake.add('person', name='A', emails=pipedrive_at.mail(email))}"

    with served(fake) as url:
        yield There(
            pipedrive_at.opened(url), pipedrive_at.NOW_US, add, stands,
            lambda: len(fake.made("PATCH")),
            lambda: fake.fields["person"].pop(codes()["Leadwise grade"]),
        )  # fmt: skip


@contextmanager
def odoo() -> Iterator[There]:
    fake = FakeOdoo(now=odoo_at.START)

    def stands(id_: str) -> dict[str, Any]:
        row = fake.rows["res.partner"][int(id_.removeprefix("partner:"))]
        return {one.name: row.get(f"x_leadwise_{one.name}") for one in SCORE_FIELDS}

    with served(fake) as url:
        yield There(
            odoo_at.opened(url), odoo_at.NOW_US,
            lambda email: f"partner:{fake.add('res.partner', name='A', email=email)}", stands,
            lambda: len(fake.made("POST", "/write")) + len(fake.made("POST", "/load")),
            lambda: fake.types["res.partner"].pop("x_leadwise_grade"),
        )  # fmt: skip


@pytest.fixture(params=[hubspot, salesforce, pipedrive, odoo])
def there(request: pytest.FixtureRequest) -> Iterator[There]:
    with request.param() as made:
        made.crm.prepare()
        yield made


def blank(*names: tuple[str, str], why: str = OBJECTED, **more: Any) -> Any:
    return scored(*names, score=0, band=None, grade=None, reasons=(why,), question=None, card="",
                  blank=True, **more)  # fmt: skip


def emptied(stands: dict[str, Any], why: str) -> bool:
    rest = {name: value for name, value in stands.items() if name not in ("at", "reasons")}
    return stands["reasons"] == why and not any(rest.values())


def test_a_score_is_taken_out_and_comes_again(there: There) -> None:
    ana, bob = there.add(ANA[1]), there.add(BOB[1])
    both = [scored(ANA, as_of_us=there.now_us, lead_id=1),
            scored(BOB, as_of_us=there.now_us, lead_id=2, grade="A")]  # fmt: skip
    pushed = there.crm.push(both)
    assert [(one.state, one.remote_id) for one in pushed] == [("sent", ana), ("sent", bob)]
    writes = there.writes()
    gone = blank(ANA, as_of_us=there.now_us + 60_000_000, remote_id=ana)
    assert there.crm.push([gone])[0].state == "sent"
    assert emptied(there.stands(ana), OBJECTED)
    assert there.stands(bob)["band"] == "hot"
    assert there.crm.push([gone])[0].state == "same"
    assert there.writes() == writes + 1
    late = scored(ANA, as_of_us=there.now_us + 30_000_000)  # a push that was on its way
    assert there.crm.push([late])[0].state == "newer"
    again = scored(ANA, as_of_us=there.now_us + 120_000_000)
    assert there.crm.push([again])[0].state == "sent"
    assert there.stands(ana)["band"] == "hot"


def test_an_erased_one_is_found_by_the_ids_alone_whatever_stands_there(there: There) -> None:
    ana, bob, eve = (there.add(f"{n}@x.example") for n in ("ana", "bob", "eve"))
    for n, who in enumerate((ANA, BOB), 1):  # with a clock that goes before ours
        there.crm.push([scored(who, as_of_us=there.now_us + 10**12, lead_id=n)])
    tail = ana.rpartition(":")[2]
    names = ["contact", "person", "partner", "lead", "company"]  # as identities go on
    remote = " ".join(dict.fromkeys([ana, *(f"{n}:{tail}" for n in names), "company:x", "1 x:y:z"]))
    others = [blank(lead_id=2, as_of_us=there.now_us, remote_id=bob, why=ERASED),
              blank(lead_id=3, as_of_us=there.now_us, remote_id=eve, why=ERASED),
              blank(lead_id=4, as_of_us=there.now_us, remote_id=None, why=ERASED)]  # fmt: skip
    pushed = there.crm.push(
        [blank(lead_id=1, as_of_us=there.now_us, remote_id=remote, why=ERASED), *others]
    )
    assert [one.state for one in pushed] == ["sent", "sent", "same", "unknown"]
    assert emptied(there.stands(ana), ERASED)
    assert emptied(there.stands(bob), ERASED)
    assert not any(there.stands(eve).values())  # never had a score: nothing is written


def test_where_a_field_was_taken_away_the_others_are_emptied(there: There) -> None:
    ana = there.add(ANA[1])
    there.crm.push([scored(ANA, as_of_us=there.now_us, grade=None)])
    there.lose_a_field()
    getattr(there.crm.client, "forget_fields", lambda: None)()
    gone = blank(ANA, as_of_us=there.now_us + 60_000_000, remote_id=ana)
    assert [one.state for one in there.crm.push([gone])] == ["sent"]
    assert not there.stands(ana)["band"]
    assert there.stands(ana)["reasons"] == OBJECTED


def test_a_record_of_two_leads_bears_the_later_score(there: There) -> None:
    ana = there.add(ANA[1])
    early = scored(ANA, as_of_us=there.now_us, lead_id=2, score=100, band="cold")
    late = scored(ANA, as_of_us=there.now_us + 60_000_000, lead_id=1)
    for several in ([late, early], [early, late]):
        answers = {one.lead_id: one for one in there.crm.push(several)}
        assert (answers[2].state, "too: they may be one person" in answers[2].why) == (
            "refused", True,
        )  # fmt: skip
        assert there.stands(ana)["band"] == "hot"
    gone = blank(lead_id=3, remote_id=ana, as_of_us=there.now_us + 120_000_000)
    answers = {one.lead_id: one.state for one in there.crm.push([gone, late])}
    assert (answers, there.stands(ana)["band"]) == ({3: "same", 1: "same"}, "hot")
