"""What is odd at a vendor: empty, deleted, merged, fields that are not there or of another kind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

import tests.connect.odoo.database as odoo_at
import tests.connect.pipedrive.company as pipedrive_at
import tests.connect.salesforce.organisation as salesforce_at
from leadwise.connect.model import Checked
from leadwise.errors import RemoteError
from leadwise.testing.odoo import FakeOdoo
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.salesforce import FakeSalesforce
from leadwise.testing.serving import Fake, served
from tests.connect.hubspot.accounts import connected, fake_hubspot
from tests.connect.pulled import scored

ANA = ("email", "ana@x.example")
LATER_US = 10**16


@contextmanager
def hubspot() -> Iterator[tuple[Any, Any]]:
    fake = fake_hubspot()
    with connected(fake) as crm:
        yield crm, fake


@contextmanager
def salesforce() -> Iterator[tuple[Any, Any]]:
    fake = FakeSalesforce(now=salesforce_at.START)
    with served(fake) as url:
        yield salesforce_at.opened(url), fake


@contextmanager
def pipedrive() -> Iterator[tuple[Any, Any]]:
    fake = FakePipedrive(now=pipedrive_at.START)
    with served(fake) as url:
        yield pipedrive_at.opened(url), fake


@contextmanager
def odoo() -> Iterator[tuple[Any, Any]]:
    fake = FakeOdoo(now=odoo_at.START)
    with served(fake) as url:
        yield odoo_at.opened(url), fake


ALL = [hubspot, salesforce, pipedrive, odoo]


@pytest.mark.parametrize("vendor", ALL)
def test_an_empty_account(vendor: Any) -> None:
    with vendor() as (crm, _):
        pages = list(crm.pull(None, LATER_US))
        assert [m for page in pages for m in (*page.messages, *page.became, *page.refusals)] == []
        assert list(crm.pull(pages[-1].cursor, LATER_US + 1))[-1].cursor != ""
        crm.prepare()
        assert crm.push([]) == []
        assert crm.push([scored(ANA, as_of_us=1)])[0].state == "unknown"


@pytest.mark.parametrize(("vendor", "right", "wrong"), [
    (hubspot, ["jobtitle", "company.domain"], ["jobtitel", "company.jobtitle"]),
    (salesforce, ["Title", "Owner.Name", "company.Industry"], ["Titel", "company.Owner2.Name"]),
    (pipedrive, ["job_title", "Topics", "company.website"], ["Topic", "company.Topics"]),
    (odoo, ["function", "partner_name", "company.vat"], ["x_size", "company.partner_name"]),
])  # fmt: skip
def test_fields_that_a_mapping_names_and_that_are_not_there(
    vendor: Any, right: list[str], wrong: list[str]
) -> None:
    with vendor() as (crm, fake):
        if isinstance(fake, FakePipedrive):
            fake.add_field("person", "Topics", "varchar")
        assert isinstance(crm, Checked)
        assert crm.unknown([*right, *wrong]) == wrong


def _spoil(fake: Fake) -> None:
    """Somebody has made the field of the score before, with another type."""
    match fake:
        case FakeSalesforce():
            fake.types["Lead"]["Leadwise_Score__c"] = "picklist"
            set_ = fake.add("PermissionSet", Name="X")
            fake.add("PermissionSetAssignment", PermissionSetId=set_, AssigneeId=fake.me)
            fake.add("FieldPermissions", ParentId=set_, Field="Lead.Leadwise_Score__c")
        case FakePipedrive():
            fake.add_field("person", "Leadwise score", "enum", ["hot"])
        case FakeOdoo():
            fake.types["crm.lead"]["x_leadwise_score"] = "many2one:res.users"
        case _:
            one = fake.definitions["contacts"]["email"]
            one = {**one, "name": "leadwise_score", "type": "enumeration"}
            fake.definitions["contacts"]["leadwise_score"] = one


@pytest.mark.parametrize("vendor", ALL)
def test_a_field_of_another_type_is_told_once_for_all(vendor: Any) -> None:
    with vendor() as (crm, fake):
        _spoil(fake)
        with pytest.raises(RemoteError, match=r"(?i)leadwise.score.* is of the type") as error:
            crm.prepare()
    assert error.value.permanent


@pytest.mark.parametrize("vendor", ALL)
def test_who_was_deleted_or_merged_there_is_found_by_the_address(vendor: Any) -> None:
    with vendor() as (crm, fake):
        if isinstance(fake, FakeSalesforce):
            old, new = (fake.add("Contact", LastName="A", Email=ANA[1]) for _ in range(2))
            fake.rows["Contact"][old] |= {"IsDeleted": True, "MasterRecordId": new}
            names, told = ("crm", f"crm:contact:{old}"), f"contact:{new}"
        elif isinstance(fake, FakePipedrive):
            mails = pipedrive_at.mail(ANA[1])
            old, new = (fake.add("person", name="A", emails=mails) for _ in range(2))
            fake.put("person", old, is_deleted=True)
            names, told = ("crm", f"pipe:person:{old}"), f"person:{new}"
        elif isinstance(fake, FakeOdoo):
            old, new = (fake.add("res.partner", name="A", email=ANA[1]) for _ in range(2))
            del fake.rows["res.partner"][old]
            names, told = ("crm", f"odoo:partner:{old}"), f"partner:{new}"
        else:
            old = fake.add("contacts", {"email": "old@x.example"})
            fake.delete("contacts", old)
            told = fake.add("contacts", {"email": ANA[1]})
            names = ("crm", f"crm:contact:{old}")
        crm.prepare()
        (one,) = crm.push([scored(names, ANA, as_of_us=1_000_000)])
        assert (one.state, one.remote_id) == ("sent", told)
        (gone,) = crm.push([scored(names, as_of_us=1_000_000)])
        assert gone.state == "unknown"


@pytest.mark.parametrize("vendor", ALL)
def test_limits_and_failures_are_passing_and_nothing_is_lost(vendor: Any) -> None:
    with vendor() as (crm, fake):
        if isinstance(fake, FakeSalesforce):
            crm.client.renew()
        for status, headers in ((429, {"Retry-After": "900"}), (500, {}), (503, {}), (0, {})):
            fake.fail(status, times=3, headers=headers)
            with pytest.raises(RemoteError) as error:
                list(crm.pull(None, LATER_US))
            assert not error.value.permanent, status
            assert error.value.after_s == (900.0 if status == 429 else None)
            fake._troubles.clear()
        assert list(crm.pull(None, LATER_US))
