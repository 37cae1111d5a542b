"""Records made and changed in HubSpot, each once; and its own client against the one in memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadwise.connect.model import Record
from leadwise.errors import RemoteError, UserError
from leadwise.testing.serving import served
from tests.connect.hubspot.accounts import connected, fake_hubspot


def test_a_task_is_made_once_however_often_it_is_asked_for() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    task = Record("task", {"subject": "Call Ana", "due": "2027-01-16T09:00:00Z"}, {"contact": ana})
    with connected(fake) as hubspot:
        first = hubspot.create(task, "run-12-3")
        assert hubspot.create(task, "run-12-3") == first
        assert hubspot.create(task, "run-12-4") != first
        fake.fail(500, path="objects/tasks$", taken=True)
        with pytest.raises(RemoteError):
            hubspot.create(task, "run-12-5")
        hubspot.create(task, "run-12-5")
    assert len(fake.objects["tasks"]) == 3
    made = fake.objects["tasks"][first]["properties"]
    assert (made["hs_task_subject"], made["hs_task_status"]) == ("Call Ana", "NOT_STARTED")
    assert ("tasks", first, "contacts", ana) in fake.links


def test_an_answer_that_is_lost_makes_no_second_record() -> None:
    fake = fake_hubspot()
    with connected(fake) as hubspot:
        hubspot._prepare_key("deals")
        fake.fail(0, path="objects/deals", method="POST", taken=True)
        with pytest.raises(RemoteError):
            hubspot.create(Record("deal", {"dealname": "Acme"}), "k1")
        made = hubspot.create(Record("deal", {"dealname": "Acme"}), "k1")
    assert list(fake.objects["deals"]) == [made]


def test_a_contact_that_is_there_is_changed_instead() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    with connected(fake) as hubspot:
        values = {"email": "ana@acme.example", "first_name": "Ana"}
        assert hubspot.create(Record("contact", values), "k1") == ana
        hubspot.change("contact", ana, {"city": "Vigo", "numemployees": 12}, "k2")
        assert hubspot.find("contact", [("email", "ana@acme.example")]) == ana
        assert hubspot.find("contact", [("crm", f"crm:contact:{ana}")]) == ana
        assert hubspot.find("contact", [("email", "nobody+x@acme.example")]) is None
        assert hubspot.find("company", [("email", "ana@acme.example")]) is None
        acme = fake.add("companies", {"domain": "acme.example"})
        assert hubspot.find("company", [("email", "ana@acme.example")]) == acme
        with pytest.raises(RemoteError, match="does not exist") as refused:
            hubspot.change("contact", ana, {"no_such": "1"}, "k3")
        assert refused.value.permanent
        with pytest.raises(UserError, match="cannot be linked"):
            hubspot.create(Record("contact", {"email": "b@c.example"}, {"task": "1"}), "k4")
    there = fake.objects["contacts"][ana]["properties"]
    assert (there["firstname"], there["city"], there["numemployees"]) == ("Ana", "Vigo", "12")


def test_hubspots_own_client_works_with_the_one_in_memory() -> None:
    hubspot = pytest.importorskip("hubspot", reason="hubspot-api-client is not installed")
    from hubspot.crm import contacts as models

    fake = fake_hubspot()
    with served(fake) as url:
        client = hubspot.HubSpot(access_token=fake.token, host=url)
        api = client.crm.contacts
        wanted = models.SimplePublicObjectInputForCreate(
            properties={"email": "ana@acme.example", "city": "Vigo"}, associations=[]
        )
        made = api.basic_api.create(simple_public_object_input_for_create=wanted)
        with pytest.raises(models.ApiException) as taken:
            api.basic_api.create(simple_public_object_input_for_create=wanted)
        assert taken.value.status == 409
        filters = [{"propertyName": "email", "operator": "EQ", "value": "ana@acme.example"}]
        found = api.search_api.do_search(
            public_object_search_request=models.PublicObjectSearchRequest(
                filter_groups=[{"filters": filters}], sorts=["hs_object_id"], properties=["city"],
                limit=10, after=0,
            )
        )  # fmt: skip
        assert (found.total, found.results[0].properties["city"]) == (1, "Vigo")
        changes = [{"id": made.id, "properties": {"city": "Lugo"}},
                   {"id": "9", "properties": {"city": "Lugo"}}]  # fmt: skip
        batch = api.batch_api.update(
            batch_input_simple_public_object_batch_input=(
                models.BatchInputSimplePublicObjectBatchInput(inputs=changes)
            )
        )
        assert [one.id for one in batch.results] == [made.id]
        assert batch.errors[0].context == {"ids": ["9"]}
        assert len(client.crm.owners.owners_api.get_page(limit=10).results) == 0
        names = client.crm.properties.core_api.get_all(object_type="contacts").results
        assert "email" in {one.name for one in names}
    assert fake.objects["contacts"][made.id]["properties"]["city"] == "Lugo"


def test_a_record_has_an_address_where_the_account_is_known() -> None:
    with connected(fake_hubspot()) as hubspot:
        assert hubspot.link_of("task", "7") == ""
        known = replace(hubspot.connection, options={**hubspot.connection.options,
                                                     "account": "4711"})  # fmt: skip
        there = replace(hubspot, connection=known).link_of("task", "7")
    assert there == "https://app.hubspot.com/contacts/4711/record/0-27/7"
