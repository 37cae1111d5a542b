"""HubSpot's webhooks: who may send them, and what they come to."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from leadwise.connect.hubspot.hooks import decoded, verify
from leadwise.connect.hubspot.sync import HubSpot
from leadwise.connect.model import Page, Request
from leadwise.errors import UserError
from leadwise.testing.hubspot import FakeHubSpot
from tests.connect.hubspot.accounts import HOUR_MS, NOW_MS, NOW_US, connected, fake_hubspot

URL = "https://lw.example/connect/crm"


def request(fake: FakeHubSpot, *events: dict[str, Any], url: str = URL) -> Request:
    headers, body = fake.webhook(url, *events)
    lower = {name.lower(): value for name, value in headers.items()}
    return Request("POST", url, lower, body, NOW_US + 1_000_000)


def received(hubspot: HubSpot, given: Request) -> Page:
    found = hubspot.receive(given)
    assert isinstance(found, Page)
    return found


def changed(id_: str, name: str = "city", what: str = "contact.propertyChange") -> dict[str, Any]:
    return {"subscriptionType": what, "objectId": int(id_), "propertyName": name}


def test_only_hubspots_own_fresh_requests_are_taken() -> None:
    fake = fake_hubspot()
    good = request(fake, changed("1"))
    verify(good, fake.client_secret)
    old = str(NOW_MS - 301_000)
    for bad in (
        replace(good, body=good.body + b" "),
        replace(good, url=URL + "?a=1"),
        replace(good, method="PUT"),
        replace(good, headers={}),
        replace(good, headers={**good.headers, "x-hubspot-request-timestamp": old}),
        replace(good, headers={**good.headers, "x-hubspot-request-timestamp": "1e400"}),
        replace(good, received_us=NOW_US + 301_000_000),
        replace(good, headers={**good.headers, "x-hubspot-signature-v3": "ümlaut"}),
    ):
        with pytest.raises(UserError) as refused:
            verify(bad, fake.client_secret)
        assert refused.value.code == "webhook-signature"
    with pytest.raises(UserError, match="no client secret"):
        verify(good, "")


def test_the_address_is_decoded_as_hubspot_does_and_no_further() -> None:
    asked = "https://lw.example/connect/crm?x=%3a%2F%3F%40%21%24%27%28%29%2A%2C%3B&y=%20%26%3D#z"
    as_signed = "https://lw.example/connect/crm?x=:/?@!$'()*,;&y=%20%26%3D"
    assert decoded(asked) == as_signed
    stamp = str(NOW_MS)
    digest = hmac.new(b"s", f"POST{as_signed}".encode() + b"[]" + stamp.encode(), hashlib.sha256)
    headers = {"x-hubspot-signature-v3": b64encode(digest.digest()).decode(),
               "x-hubspot-request-timestamp": stamp}  # fmt: skip
    verify(Request("POST", asked, headers, b"[]", NOW_US), "s")


def test_hubspots_own_library_agrees_on_the_signature() -> None:
    hubspot = pytest.importorskip("hubspot.utils.signature", reason="hubspot-api-client")
    fake = fake_hubspot()
    given = request(fake, changed("1"))
    assert given.headers["x-hubspot-signature-v3"] == hubspot.Signature.get_signature(
        fake.client_secret, given.body.decode(), "v3", URL, "POST", str(NOW_MS)
    )


def test_order_and_repeats_do_not_matter() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example", "city": "Vigo"}, NOW_MS - HOUR_MS)
    with connected(fake) as hubspot:
        first = received(hubspot, request(fake, changed(ana), changed(ana), changed(ana, "zip")))
        again = received(hubspot, request(fake, changed(ana)))
    assert len(first.messages) == 1  # what is so now, asked for once
    assert first.messages[0].message_id == again.messages[0].message_id
    assert first.messages[0].document["city"] == "Vigo"


def test_our_own_echo_is_left_out() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    with connected(fake) as hubspot:
        assert received(hubspot, request(fake, changed(ana, "leadwise_score"))) == Page("")
        assert fake.calls == []


def test_deals_companies_and_links() -> None:
    fake = fake_hubspot()
    ana = fake.add("contacts", {"email": "ana@acme.example"})
    acme = fake.add("companies", {"name": "Acme", "domain": "acme.example"})
    deal = fake.add("deals", {
        "amount": "10", "deal_currency_code": "EUR", "hs_is_closed": "true",
        "hs_is_closed_won": "true", "closedate": str(NOW_MS - 1),
    })  # fmt: skip
    fake.link("contacts", ana, "companies", acme)
    fake.link("deals", deal, "contacts", ana)
    with connected(fake) as hubspot:
        page = received(hubspot, request(
            fake, changed(deal, "dealstage", "deal.propertyChange"),
            changed(acme, "industry", "company.propertyChange"),
            {"subscriptionType": "contact.associationChange", "objectId": 0,
             "associationType": "CONTACT_TO_COMPANY", "fromObjectId": int(ana),
             "toObjectId": int(acme), "associationRemoved": False},
        ))  # fmt: skip
    assert [(b.kind, b.value) for b in page.became] == [("won", 1000)]
    assert sorted(m.type for m in page.messages) == ["group", "group", "identify"]


def test_merges_and_deletions_are_told() -> None:
    fake = fake_hubspot()
    kept, other = (fake.add("contacts", {"email": f"{n}@acme.example"}) for n in ("k", "o"))
    fake.merge(kept, other)
    events: tuple[dict[str, Any], ...] = (
        {"subscriptionType": "contact.merge", "objectId": int(kept),
         "primaryObjectId": int(kept), "mergedObjectIds": [int(other)]},
        {"subscriptionType": "contact.deletion", "objectId": 7},
        {"subscriptionType": "contact.privacyDeletion", "objectId": 8},
        {"subscriptionType": "contact.restore", "objectId": int(kept)},
        {"subscriptionType": "ticket.creation", "objectId": 9}, {"what": "ever"},
    )  # fmt: skip
    with connected(fake) as hubspot:
        page = received(hubspot, request(fake, *events))
        again = received(hubspot, request(fake, *events))
    told = {(m.type, m.crm_id, m.previous_crm_id, m.document.get("crm_deleted"))
            for m in page.messages}  # fmt: skip
    assert told == {
        ("identify", f"crm:contact:{kept}", None, None),
        ("alias", f"crm:contact:{kept}", f"crm:contact:{other}", None),
        ("identify", "crm:contact:7", None, "deleted"),
        ("identify", "crm:contact:8", None, "erased"),
    }
    assert {m.message_id for m in again.messages} == {m.message_id for m in page.messages}
    gone = next(m for m in page.messages if m.message_id.startswith("restore"))
    assert "crm_deleted" in gone.document  # no longer so


def test_what_is_no_json_is_refused() -> None:
    fake = fake_hubspot()
    signed = f"POST{URL}".encode() + b"{" + str(NOW_MS).encode()
    digest = hmac.new(fake.client_secret.encode(), signed, hashlib.sha256).digest()
    plain = request(fake)
    headers = {**plain.headers, "x-hubspot-signature-v3": b64encode(digest).decode()}
    with connected(fake) as hubspot, pytest.raises(UserError) as refused:
        hubspot.receive(replace(plain, body=b"{", headers=headers))
    assert refused.value.code == "not-json"
