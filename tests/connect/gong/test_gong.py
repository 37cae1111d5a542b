"""Gong against its fake: calls, transcripts that come late, a lead's call, webhooks."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from leadwise.connect.gong import KIND
from leadwise.connect.gong.sync import Gong
from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Hooks, Request, Source, Transcripts
from leadwise.errors import RemoteError, UserError
from leadwise.qualify.intake import opened as read_sent
from leadwise.testing.gong import FakeGong
from leadwise.testing.serving import served
from tests.connect.checking import checked

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOON = 1_795_521_600_000_000  # 2026-11-24T12:00:00Z
ANA, REP = ("Ana@Acme.example", "Ana Ruiz", "External"), ("rep@us.example", "Rob", "Internal")
SAID = [("rep@us.example", "What is your budget?"), ("Ana@Acme.example", "We have 80,000 euros.")]
HOOK = "https://leads.us.example/connect/gong"


@pytest.fixture
def gong():
    return FakeGong()


@pytest.fixture
def url(gong):
    with served(gong) as found, checked(gong, "gong/gong-calls-openapi.yml", "/v2"):
        yield found


@functools.cache
def key() -> RSAKey:
    return RSAKey.generate_key(2048)


def opened(url, *, secret="secret", pem=None, **options) -> Gong:
    public = key().as_pem(private=False).decode() if pem is None else pem
    secrets = {"access_key": "key", "access_key_secret": secret, "webhook_key": public}
    one = Connection(1, "gong", "gong", {"api": url, **options}, secrets)
    http = Http("Gong", sleep=lambda _: None, transport=httpx2.HTTPTransport(verify=False))
    return KIND.open(one, http)


def test_it_does_what_such_connections_do(url):
    gong = opened(url)
    assert isinstance(gong, Source)
    assert isinstance(gong, Transcripts)
    assert isinstance(gong, Hooks)
    assert gong.test() == "Gong's calls and transcripts"
    with pytest.raises(RemoteError, match="401: Unauthorized") as caught:
        opened(url, secret="wrong-one").test()
    assert caught.value.permanent
    assert "wrong-one" not in str(caught.value)


def test_calls_are_pulled_with_their_guests_and_what_was_said(gong, url):
    gong.call("1", "2026-11-24T10:00:00Z", [REP, ANA, ("", "Unknown caller", "Unknown")])
    gong.transcribe("1", SAID)
    (page,) = opened(url).pull(None, NOON)
    who, held = page.messages
    assert (who.type, who.email, who.document["name"]) == (
        "identify",
        "ana@acme.example",
        "Ana Ruiz",
    )
    assert (held.event, held.document["minutes"], held.source) == ("call_held", 30, "gong")
    assert held.at_us == NOON - 2 * HOUR
    (talk,) = page.talks
    assert (talk.id, talk.names) == ("1", (("email", "ana@acme.example"),))
    conversation, held_us = read_sent(talk.sent, NOON)
    assert held_us == NOON - 2 * HOUR
    assert [(turn.speaker, turn.side) for turn in conversation.turns] == [
        ("Rob", "seller"), ("Ana Ruiz", "buyer"),
    ]  # fmt: skip
    assert conversation.turns[1].start_s == 4.0
    assert conversation.title == "Intro"


def test_a_transcript_that_comes_late_comes_and_one_that_never_comes_is_given_up(gong, url):
    gong.call("1", "2026-11-24T10:00:00Z", [REP, ANA])
    gong.call("2", "2026-11-24T11:00:00Z", [REP, ANA])
    (page,) = opened(url).pull(None, NOON)
    assert (len(page.messages), page.talks) == (4, ())
    *_, page = opened(url).pull(page.cursor, NOON + HOUR)
    assert (page.messages, page.talks) == ((), ())
    gong.transcribe("1", SAID)
    pages = list(opened(url).pull(page.cursor, NOON + 2 * HOUR))
    assert [talk.id for one in pages for talk in one.talks] == ["1"]
    assert not any(one.messages for one in pages)
    assert list(json.loads(pages[-1].cursor)["waiting"]) == ["2"]
    *_, page = opened(url).pull(pages[-1].cursor, NOON + 8 * DAY)
    assert json.loads(page.cursor)["waiting"] == {}
    assert json.loads(page.cursor)["seen"] == {}, "what is looked at no more is forgotten"


def test_a_call_that_gong_tells_of_late_is_not_missed_and_none_comes_twice(gong, url):
    gong.call("2", "2026-11-24T11:00:00Z", [REP, ANA])
    (page,) = opened(url).pull(None, NOON)
    gong.call("1", "2026-11-23T10:00:00Z", [REP, ANA])
    gong.call("3", "2026-11-24T12:30:00Z", [REP, ANA])
    page, *_ = opened(url).pull(page.cursor, NOON + HOUR)
    assert [one.message_id for one in page.messages if one.type == "track"] == [
        "call:1:ana@acme.example", "call:3:ana@acme.example",
    ]  # fmt: skip


def test_a_first_pull_goes_page_by_page_and_on_where_it_was_cut_off(gong, url):
    gong.page = 2
    for number in range(5):
        gong.call(str(number), f"2026-11-0{number + 1}T10:00:00Z", [REP, ANA])
        gong.transcribe(str(number), SAID)
    pages = list(opened(url).pull(None, NOON))
    assert [(one.done, one.total) for one in pages] == [(2, 5), (4, 5), (5, 5)]
    rest = list(opened(url).pull(pages[0].cursor, NOON + HOUR))
    assert [talk.id for one in rest for talk in one.talks] == ["2", "3", "4"]
    assert json.loads(rest[-1].cursor)["until"] == NOON
    with pytest.raises(UserError):
        list(opened(url, back="a year").pull(None, NOON))
    none = list(opened(url, back="3").pull(None, NOON))
    assert [one.done for one in none] == [0]


def test_the_call_of_a_lead_is_found_by_who_took_part_and_when(gong, url):
    ask = (["ANA@acme.example"], NOON - 3 * HOUR, NOON)
    assert opened(url).find_talk(*ask) is None
    gong.call("1", "2026-11-24T10:00:00Z", [REP, ("bo@acme.example", "Bo", "External"), ANA])
    gong.call("2", "2026-11-24T10:00:00Z", [REP, ("x@other.example", "X", "External")])
    gong.call("3", "2026-11-24T07:00:00Z", [REP, ANA])
    gong.call("4", "2026-11-24T10:40:00Z", [REP, ANA], duration=20)
    gong.transcribe("2", [("rep@us.example", "Hello")])
    assert opened(url).find_talk(*ask) is None, "its transcript is not there yet"
    gong.transcribe("4", SAID)
    assert opened(url).find_talk(*ask).id == "4"
    gong.transcribe("1", SAID)
    talk = opened(url).find_talk(*ask)
    assert talk.id == "1", "the longer one"
    assert talk.names == (("email", "ana@acme.example"), ("email", "bo@acme.example"))
    assert opened(url).find_talk(["no address"], NOON - 3 * HOUR, NOON) is None


def test_its_limits_are_kept_to(gong, url):
    gong.fail(429, path="/extensive", headers={"Retry-After": "2"})
    waited: list[float] = []
    gong.call("1", "2026-11-24T10:00:00Z", [REP, ANA])
    one = opened(url)
    one.client.http.sleep = waited.append
    (page,) = one.pull(None, NOON)
    assert len(page.messages) == 2
    assert 2.0 in waited
    assert all(0 < pause <= 0.34 for pause in waited if pause != 2.0), "three a second"
    gong.fail(429, path="/extensive", headers={"Retry-After": "3600"})
    with pytest.raises(RemoteError) as caught:
        list(opened(url).pull(None, NOON))
    assert (caught.value.permanent, caught.value.after_s) == (False, 3600)
    gong.fail(500, 3)
    with pytest.raises(RemoteError) as caught:
        opened(url).test()
    assert not caught.value.permanent


def hook(body: dict, *, signer: RSAKey | None = None, **claims) -> Request:
    content = json.dumps(body).encode()
    said = {"webhook_url": HOOK, "body_sha256": hashlib.sha256(content).hexdigest(),
            "exp": NOON // 1_000_000 + 60, **claims}  # fmt: skip
    token = jwt.encode({"alg": "RS256"}, said, signer or key())
    return Request("POST", HOOK, {"authorization": token}, content, NOON)


def test_a_webhook_tells_of_a_call_at_once_and_twice_is_the_same(gong, url):
    call = gong.call("1", "2026-11-24T10:00:00Z", [REP, ANA])
    page = opened(url).receive(hook({"callData": call, "isTest": False}))
    assert [one.event for one in page.messages] == ["identify", "call_held"]
    assert page.talks == ()
    gong.transcribe("1", SAID)
    again = opened(url).receive(hook({"callData": call}))
    assert [one.message_id for one in again.messages] == [one.message_id for one in page.messages]
    assert [one.id for one in again.talks] == ["1"]
    assert opened(url).receive(hook({"callData": call, "isTest": True})).messages == ()
    bare = "".join(key().as_pem(private=False).decode().split("\n")[1:-2])
    assert opened(url, pem=bare).receive(hook({"callData": call})).talks


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"signer": "other"}, "not that of the rule"),
        ({"body_sha256": "0" * 64}, "body"),
        ({"exp": NOON // 1_000_000 - 3600}, "expired"),
        ({"webhook_url": "https://leads.us.example/connect/other"}, "another address"),
    ],
)
def test_what_gong_did_not_sign_is_refused(url, change, why):
    if change.get("signer"):
        change = {"signer": RSAKey.generate_key(2048)}
    with pytest.raises(UserError, match=why) as caught:
        opened(url).receive(hook({"callData": {}}, **change))
    assert caught.value.code == "webhook-signature"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
def test_no_signature_is_none(url, token):
    with pytest.raises(UserError) as caught:
        opened(url).receive(Request("POST", HOOK, {"authorization": token}, b"{}", NOON))
    assert caught.value.code == "webhook-signature"
    with pytest.raises(UserError, match="no public key"):
        opened(url, pem="").receive(hook({}))


def test_a_symmetric_signature_made_of_the_public_key_is_none(url):
    body = b"{}"
    said = {"body_sha256": hashlib.sha256(body).hexdigest()}
    parts = [base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=")
             for one in ({"alg": "HS256"}, said)]  # fmt: skip
    signed = hmac.digest(key().as_pem(private=False), b".".join(parts), "sha256")
    token = b".".join((*parts, base64.urlsafe_b64encode(signed).rstrip(b"="))).decode()
    with pytest.raises(UserError) as caught:
        opened(url).receive(Request("POST", HOOK, {"authorization": token}, body, NOON))
    assert caught.value.code == "webhook-signature"


@pytest.mark.parametrize("body", [[], {"callData": None}, {"callData": 7}, {}])
def test_a_webhook_without_a_call_is_refused_in_words(url, body):
    with pytest.raises(UserError) as caught:
        opened(url).receive(hook(body))
    assert caught.value.code == "not-json"
