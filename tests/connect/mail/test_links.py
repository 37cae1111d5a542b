"""Opens, clicks and unsubscribing: through the links of a mail that was really sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from leadwise.connect.mail.intake import Intake
from leadwise.connect.mail.links import Links
from leadwise.connect.mail.outbox import Draft
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.messages import Received
from leadwise.ingest.record import record
from leadwise.store.opening import Store
from leadwise.store.schema import event_mark
from leadwise.store.suppression import find_suppressed
from leadwise.web.mail import mail_routes
from leadwise.web.overload import Overloaded
from tests.connect.mail.conftest import SECRET, SITE, House
from tests.connect.mail.strict import parsed
from tests.web.recording import Recording

PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"}
Drafts = Callable[..., Draft]


@dataclass
class Kept(Recording):
    """The record as the service has it, without its queue."""

    store: Store | None = None
    clock: Callable[[], int] = lambda: 0

    async def record(self, received: Received) -> None:
        if self.full:
            raise Overloaded(1.0)
        assert self.store is not None
        self.store.write(lambda one: record(one, received, GateRules(), self.clock()))


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    intake = Intake(house.store, Links(SITE, SECRET), GateRules(), house.clock)
    kept = Kept(store=house.store, clock=house.clock)
    app = Starlette(routes=mail_routes(kept, intake, house.clock, "intake-key"))
    with TestClient(app, base_url=SITE, follow_redirects=False) as made:
        made.kept = kept
        yield made


def links_of(house: House) -> tuple[str, str, str]:
    """The addresses of the picture, of the link and for unsubscribing, in the last mail."""
    mail = parsed(house.post.messages()[-1])
    html = mail.get_body(("html",)).get_content()
    found = [re.search(rf'"({SITE}/m/{kind}/[^"]+)"', html) for kind in "ocu"]
    return tuple(unescape(one[1]) for one in found if one)


def marks(house: House) -> list[str]:
    with house.store.read() as connection:
        return [row.reason for row in connection.execute(event_mark.select())]


def test_opens_and_clicks_are_events_of_the_lead(
    house: House, draft: Drafts, client: TestClient
) -> None:
    house.outbox().post(draft())
    picture, link, _ = links_of(house)
    house.now_us += 90_000_000
    seen = client.get(picture, headers=PHONE)
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/gif")
    assert "no-store" in seen.headers["cache-control"]
    gone = client.get(link, headers=PHONE)
    assert gone.status_code == 302
    assert gone.headers["location"] == "https://acme.example/offer?a=1&b=2"
    sent, opened, clicked = house.events()
    assert [name for name, _ in (sent, opened, clicked)] == [
        "email_sent", "email_opened", "email_clicked",
    ]  # fmt: skip
    assert clicked[1]["link"] == "https://acme.example/offer?a=1&b=2"
    for _, said in (opened, clicked):
        assert (said["mail_id"], said["template"]) == (sent[1]["mail_id"], "offer")
    assert marks(house) == []


def test_a_gateway_that_follows_every_link_at_once_is_marked(
    house: House, draft: Drafts, client: TestClient
) -> None:
    house.outbox().post(draft())
    house.now_us += 2_000_000
    client.get(links_of(house)[1], headers=PHONE)
    assert marks(house) == ["delivery"]


def test_one_look_is_one_open(house: House, draft: Drafts, client: TestClient) -> None:
    house.outbox().post(draft())
    picture, link, _ = links_of(house)
    house.now_us += 90_000_000
    for _ in range(3):
        client.get(picture, headers=PHONE)
        client.get(link, headers=PHONE)
    client.head(link, headers=PHONE)
    client.get(link, headers=PHONE | {"Sec-Purpose": "prefetch;prerender"})
    assert [name for name, _ in house.events()] == ["email_sent", "email_opened", "email_clicked"]
    house.now_us += 3_600_000_000
    client.get(picture, headers=PHONE)
    assert [name for name, _ in house.events()][-1] == "email_opened"


@pytest.mark.parametrize(
    "url",
    ["https://evil.example/", "//evil.example", "javascript:alert(1)", "https://acme.example/offer",
     "https://acme.example/offer?a=1&b=2%0d%0aSet-Cookie: x", "", "https://acme.example@evil.example"],
)  # fmt: skip
def test_nobody_is_sent_where_we_did_not_say(
    house: House, draft: Drafts, client: TestClient, url: str
) -> None:
    house.outbox().post(draft())
    address = links_of(house)[1].partition("?")[0]
    answer = client.get(address, params={"u": url})
    assert answer.status_code == 404
    assert "location" not in answer.headers
    assert len(house.events()) == 1


def test_a_sign_is_good_for_one_thing(house: House, draft: Drafts, client: TestClient) -> None:
    house.outbox().post(draft())
    picture, _, leave = links_of(house)
    opened = picture.rpartition("/")[2].removesuffix(".gif")
    assert client.post(f"/m/u/{opened}").status_code == 404
    client.get(f"/m/o/{leave.rpartition('/')[2]}.gif")
    token, _, sign = leave.rpartition("/")[2].partition(".")
    other = Links(SITE, bytes(32)).sign("u", token)
    assert other != sign
    assert client.post(f"/m/u/{token}.{other}").status_code == 404
    with house.store.read() as connection:
        assert find_suppressed(connection, "ann@lead.example") is None
    assert len(house.events()) == 1


def test_a_click_goes_on_though_nothing_can_be_recorded(
    house: House, draft: Drafts, client: TestClient
) -> None:
    house.outbox().post(draft())
    client.kept.full = True
    assert client.get(links_of(house)[1], headers=PHONE).status_code == 302


def test_one_click_unsubscribes_and_looking_does_not(
    house: House, draft: Drafts, client: TestClient
) -> None:
    house.outbox().post(draft(language="es"))
    leave = links_of(house)[2]
    page = client.get(leave)
    assert page.status_code == 200
    assert "¿No quiere recibir más correos" in page.text
    assert '<form method="post">' in page.text
    assert "form-action 'self'" in page.headers["content-security-policy"]
    with house.store.read() as connection:
        assert find_suppressed(connection, "ann@lead.example") is None
    done = client.post(leave, data={"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200
    assert client.post(leave).status_code == 200
    with house.store.read() as connection:
        found = find_suppressed(connection, "ann@lead.example")
    assert found is not None
    assert (found.reason, found.by) == ("unsubscribed", "lead")
    assert [name for name, _ in house.events("unsub%")] == ["unsubscribed"]
    outbox = house.outbox()
    assert outbox.post(draft(key="next")).state == "suppressed"
    assert outbox.post(draft(key="answer", kind="transactional")).state == "sent"


def test_incoming_mail_wants_the_key(house: House, client: TestClient) -> None:
    assert client.post("/m/in", content=b"Subject: x\r\n\r\n").status_code == 401
    wrong = client.post("/m/in", content=b"x", headers={"Authorization": "Bearer no"})
    assert wrong.status_code == 401
    good = {"Authorization": "Bearer intake-key"}
    answer = client.post("/m/in", content=b"Subject: x\r\n\r\nhello", headers=good)
    assert answer.json() == {"said": "other", "lead": None}
