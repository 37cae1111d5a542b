"""Outbound messages of Salesforce: whose they are, what they say, the acknowledgement."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from leadwise.connect.model import Hooks, Page, Request
from leadwise.connect.pulling import Pulling
from leadwise.connect.salesforce.hooks import told
from leadwise.errors import UserError
from leadwise.ingest.gate.rules import GateRules
from leadwise.store.connections import change_connection, list_exchanges
from leadwise.testing.salesforce import FakeSalesforce
from leadwise.testing.serving import served
from leadwise.web.connect_in import Receiving, connect_routes
from tests.connect.pulled import Pulled, recorded
from tests.connect.salesforce.organisation import DAY_US, NOW_US, START, opened

ADDRESS = "https://x.example/connect/crm?secret=hush"


@pytest.fixture
def there() -> Iterator[tuple[FakeSalesforce, Any]]:
    fake = FakeSalesforce(now=START)
    with served(fake) as url:
        crm = opened(url, organization=fake.organization[:15])
        crm.connection.secrets["webhook_secret"] = "hush"
        yield fake, crm


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Pulled]:
    with recorded(tmp_path, "crm", "salesforce") as pulled:
        yield pulled


def request(body: bytes, url: str = ADDRESS) -> Request:
    return Request("POST", url, {"content-type": "text/xml"}, body, NOW_US)


def test_what_changed_is_asked_for_whatever_the_order(
    there: tuple[FakeSalesforce, Any], kept: Pulled
) -> None:
    fake, crm = there
    assert isinstance(crm, Hooks)
    ana = fake.add("Contact", LastName="Ana <b>&", Email="ana@x.example", Title="CFO")
    early = fake.outbound("Contact", ana, ana, session="00D!secret-session")
    fake.now += timedelta(minutes=5)
    fake.put("Contact", ana, Title="CEO")
    for body in (fake.outbound("Contact", ana), early, early):
        page = crm.receive(request(body))
        assert isinstance(page, Page)
        kept.take(page, NOW_US)
    lead = kept.lead("crm", f"crm:contact:{ana}")
    assert kept.facts(lead or 0)["title"] == "CEO"
    with kept.store.read() as database:
        assert len(list(database.exec_driver_sql("SELECT 1 FROM event"))) == 1
    assert "secret-session" not in str(page)


def test_opportunities_bring_what_became_of_them(
    there: tuple[FakeSalesforce, Any], kept: Pulled
) -> None:
    fake, crm = there
    ana = fake.add("Contact", LastName="Ana", Email="ana@x.example")
    deal = fake.add("Opportunity", Name="D", IsWon=True, IsClosed=True, Amount=10.0,
                    CloseDate="2026-02-01")  # fmt: skip
    fake.add("OpportunityContactRole", OpportunityId=deal, ContactId=ana, IsPrimary=True)
    kept.take(crm.receive(request(fake.outbound("Contact", ana))), NOW_US)
    kept.take(crm.receive(request(fake.outbound("Opportunity", deal))), NOW_US)
    assert {one.kind for one in kept.outcomes()} >= {"won"}
    gone = fake.add("Contact", LastName="Bob")
    body = fake.outbound("Contact", gone)
    fake.rows["Contact"][gone]["IsDeleted"] = True
    for other in (body, fake.outbound("User", fake.me)):
        page = crm.receive(request(other))
        assert (page.messages, page.became, "<Ack>true</Ack>" in page.answer) == ((), (), True)


def test_who_does_not_prove_itself_is_refused_and_nothing_is_asked(
    there: tuple[FakeSalesforce, Any],
) -> None:
    fake, crm = there
    body = fake.outbound("Contact", fake.add("Contact", LastName="A"))
    other = body.replace(fake.organization.encode(), b"00D000000000009EAA")
    for bad in (request(body, ADDRESS[:-1]), request(body, "https://x.example/connect/crm"),
                request(other), request(body, ADDRESS.replace("hush", "h%C3%BCsh"))):  # fmt: skip
        with pytest.raises(UserError) as error:
            crm.receive(bad)
        assert error.value.code == "webhook-signature"
    crm.connection.options.pop("organization")
    with pytest.raises(UserError, match="not of the connection's organisation"):
        crm.receive(request(body))
    crm.connection.secrets.pop("webhook_secret")
    with pytest.raises(UserError, match="secret"):
        crm.receive(request(body, ADDRESS.replace("hush", "")))
    assert fake.calls == []


def test_what_is_no_outbound_message_is_refused() -> None:
    lol = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    away = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
    deep = "<a>" * 50_000
    bad: list[bytes] = [b"", b"{}", b"<x/>", b"\xff\xfe\x00", lol.encode(), away.encode(),
                        lol.encode("utf-16"), deep.encode(),
                        b'<?xml version="1.0" encoding="x"?><a/>']  # fmt: skip
    for body in bad:
        with pytest.raises(UserError) as error:
            told(body)
        assert error.value.code == "webhook-unreadable"


def test_ids_are_only_the_records_own() -> None:
    fake = FakeSalesforce(now=START)
    ana = fake.add("Contact", LastName="A")
    body = fake.outbound("Contact", ana)
    inner = b"<sf:Account><sf:Id>001000000000001AAA</sf:Id></sf:Account><sf:Id2>x</sf:Id2>"
    said = told(body.replace(b"</sObject>", inner + b"<sf:X>' OR '1'='1</sf:X></sObject>"))
    assert said.ids == {"Contact": {ana: None}}
    bad = body.replace(f"<sf:Id>{ana}".encode(), b"<sf:Id>' OR Id != '")
    assert told(bad).ids == {"Contact": {}}


def test_over_http_it_is_acknowledged_once_it_is_recorded(
    there: tuple[FakeSalesforce, Any], kept: Pulled
) -> None:
    fake, crm = there
    ana = fake.add("Contact", LastName="Ana", Email="ana@x.example")
    with kept.store.transaction() as connection:
        change_connection(
            connection, kept.row.id, options=dict(crm.connection.options),
            secrets={"client_secret": fake.client_secret, "webhook_secret": "env:HOOK"},
        )  # fmt: skip

    def clock() -> int:
        return NOW_US + DAY_US

    of = Receiving(kept.store, Pulling(kept.store, GateRules(), clock), {"HOOK": "hush"})
    with TestClient(Starlette(routes=connect_routes(of, clock))) as client:
        body = fake.outbound("Contact", ana)
        answer = client.post("/connect/crm?secret=hush", content=body)
        assert (answer.status_code, answer.headers["content-type"]) == (
            200,
            "text/xml; charset=utf-8",
        )
        ack = ElementTree.fromstring(answer.text).find(".//{*}notificationsResponse/{*}Ack")
        assert ack is not None
        assert ack.text == "true"
        assert client.post("/connect/crm?secret=no", content=body).status_code == 401
        assert client.post("/connect/crm?secret=hush", content=b"{}").status_code == 400
        fake.fail(403, times=9, body=[{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}])
        assert client.post("/connect/crm?secret=hush", content=body).status_code == 503
    with kept.store.read() as connection:
        (one,) = list_exchanges(connection, kept.row.id)
    assert (one.what, one.detail) == ("webhook", "1 new")
