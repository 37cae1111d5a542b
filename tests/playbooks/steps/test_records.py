"""Steps that change records: here, and in other systems; facts from a source by REST."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select

from leadwise.errors import RemoteError, UserError
from leadwise.store.documents import values_of
from leadwise.store.facts import facts_now
from leadwise.store.schema import account, event, touched
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import Answer, Fake, Query, served
from tests.playbooks.steps.standing import Standing

DAY_US = 86_400_000_000
REST = """
rest: firms
url: URL
auth: bearer
ask:
  path: /PATH
  fields: {employees: size, industry: branch}
"""


@dataclass
class Firms(Fake):
    """Knows people and companies."""

    known: dict[str, Any] = field(default_factory=dict)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        found = self.known.get(path.rpartition("/")[2])
        return (200, {}, found) if found is not None else (404, {}, None)


@pytest.fixture
def firms(standing: Standing) -> Iterator[Firms]:
    fake = Firms()
    with served(fake) as url:
        for name, path in (("firms", "firms/{domain}"), ("people", "people/{email}")):
            text = REST.replace("URL", url).replace("PATH", path)
            standing.connect(name, "rest", {"secret": "t"}, text=text)
        yield fake


def facts(standing: Standing, lead_id: int) -> dict[str, Any]:
    with standing.store.read() as connection:
        return dict(values_of(facts_now(connection, lead_id)))


def count(standing: Standing) -> int:
    with standing.store.read() as connection:
        return len(connection.execute(select(event.c.id)).all())


def test_facts_of_the_lead_itself_once(standing: Standing) -> None:
    lead = standing.lead(country="ES")
    step = "- change:\n  values:\n    stage: '{{ lead.country }}-offered'\n    empty: ''"
    standing.act(step, lead)
    before = count(standing)
    standing.act(step, lead)
    assert count(standing) == before
    assert facts(standing, lead)["stage"] == "ES-offered"
    assert "empty" not in facts(standing, lead)
    with standing.store.read() as connection:
        row = connection.execute(select(event).where(event.c.source == "playbook")).one()
        assert (row.type, row.message_id) == ("identify", "run-7-1")
        assert connection.execute(select(touched.c.lead_id)).scalars().all()
    with pytest.raises(UserError, match="needs a lead"):
        standing.act(step)


@pytest.fixture
def crm(standing: Standing) -> Iterator[FakeHubSpot]:
    fake = FakeHubSpot()
    with served(fake) as url:
        standing.connect("crm", "hubspot", {"token": fake.token}, address=url)
        yield fake


def test_a_record_is_made_once_and_changed(standing: Standing, crm: FakeHubSpot) -> None:
    lead = standing.lead()
    change = "- change: crm\n  values: {firstname: 'Ann'}"
    with pytest.raises(UserError) as raised:
        standing.act(change, lead)
    assert raised.value.code == "no-record"
    create = "- create: crm\n  values: {email: '{{ lead.email }}', lastname: Berg}"
    made = standing.act(create, lead)
    assert made.result["new"] is True
    assert standing.act(create, lead).result["id"] == made.result["id"]
    taken = standing.act(create, lead, key="run-8-1")
    assert taken.result == {"id": made.result["id"], "new": False}
    assert len(crm.objects["contacts"]) == 1
    assert standing.act(change, lead).result == {"id": made.result["id"]}
    properties = crm.objects["contacts"][str(made.result["id"])]["properties"]
    assert (properties["firstname"], properties["lastname"]) == ("Ann", "Berg")


def test_a_task_whose_answer_was_lost_is_made_once(standing: Standing, crm: FakeHubSpot) -> None:
    lead = standing.lead()
    standing.act("- create: crm\n  values: {email: '{{ lead.email }}'}", lead, key="run-6-1")
    step = "- create: crm\n  noun: task\n  values: {hs_task_subject: Call her}"
    crm.fail(0, method="POST", path="tasks", taken=True)
    with pytest.raises(RemoteError) as raised:
        standing.act(step, lead)
    assert not raised.value.permanent
    came = standing.act(step, lead)
    assert len(crm.objects["tasks"]) == 1
    assert standing.act(step, lead).result["id"] == came.result["id"]


def test_of_nobody_no_contact_is_made(standing: Standing, crm: FakeHubSpot) -> None:
    with pytest.raises(UserError) as raised:
        standing.act("- create: crm\n  values: {email: x@y.example}")
    assert raised.value.code == "no-lead"
    made = standing.act("- create: crm\n  noun: task\n  values: {hs_task_subject: x}")
    assert made.result["new"] is True
    with pytest.raises(UserError, match="cannot"):
        standing.act("- book: crm\n  title: x")


def test_a_source_is_asked_once_while_it_is_fresh(standing: Standing, firms: Firms) -> None:
    firms.known["ann@acme.example"] = {"size": 250, "branch": "steel", "other": 1}
    lead = standing.lead()
    came = standing.act("- enrich: people", lead)
    assert came.result == {"facts": {"employees": 250, "industry": "steel"}}
    assert facts(standing, lead)["employees"] == 250
    with standing.store.read() as connection:
        row = connection.execute(select(event).where(event.c.source == "people")).one()
        assert row.type == "identify"
    again = standing.act("- enrich: people", lead, key="run-8-1")
    assert again.result == came.result
    assert len(firms.calls) == 1
    firms.known["ann@acme.example"]["size"] = 300
    late = standing.later(31 * DAY_US)
    assert late.act("- enrich: people", lead, key="run-9-1").result["facts"]["employees"] == 300
    assert facts(standing, lead)["employees"] == 300
    assert standing.act("- enrich: people\n  fresh: 1 minute", lead, key="run-9-2")
    assert len(firms.calls) == 2


def test_who_is_unknown_is_not_asked_for_again(standing: Standing, firms: Firms) -> None:
    lead = standing.lead()
    came = standing.act("- enrich: people", lead)
    assert (came.result, came.why) == ({"facts": {}}, "people knows nobody.")
    standing.act("- enrich: people", lead, key="run-8-1")
    assert len(firms.calls) == 1


def test_facts_of_a_company_are_its_leads(standing: Standing, firms: Firms) -> None:
    firms.known["acme.example"] = {"size": 900, "branch": "ships"}
    lead = standing.lead()
    came = standing.act("- enrich: firms\n  of: company", lead)
    assert came.result == {"facts": {"employees": 900, "industry": "ships"}}
    assert facts(standing, lead)["account.employees"] == 900
    with standing.store.read() as connection:
        docs = connection.execute(select(account.c.doc)).scalars().all()
    assert [values_of(doc).get("employees") for doc in docs] == [900]
    other = standing.lead("ben@acme.example")
    standing.act("- enrich: firms\n  of: company", lead, key="run-8-1")
    assert len(firms.calls) == 1
    assert other


def test_a_source_that_fails_is_asked_later(standing: Standing, firms: Firms) -> None:
    firms.fail(500, times=3)
    lead = standing.lead()
    with pytest.raises(RemoteError) as raised:
        standing.act("- enrich: people", lead)
    assert not raised.value.permanent
    assert count(standing) == len(
        standing.store.write(lambda c: c.execute(select(event.c.id)).all())
    )


def test_pushing_without_a_score_says_so(standing: Standing, crm: FakeHubSpot) -> None:
    came = standing.act("- push: crm", standing.lead())
    assert (came.result, came.why) == ({"state": "same"}, "There is no score to tell of.")
