"""Zoom against its fake: recordings, transcripts late or never, a lead's call, signed webhooks."""

from __future__ import annotations

import json

import httpx2
import pytest

from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Hooks, Request, Source, Transcripts
from leadwise.connect.zoom import KIND
from leadwise.connect.zoom.client import escaped
from leadwise.connect.zoom.signing import signature
from leadwise.connect.zoom.sync import Zoom
from leadwise.errors import RemoteError, UserError
from leadwise.qualify.intake import opened as read_sent
from leadwise.testing.serving import served
from leadwise.testing.zoom import FakeZoom
from tests.connect.checking import checked

HOUR = 3_600_000_000
DAY = 24 * HOUR
NOON = 1_795_521_600_000_000  # 2026-11-24T12:00:00Z
TEN = "2026-11-24T10:00:00Z"
ANA, REP = ("ana@acme.example", "Ana Ruiz"), ("rep@us.example", "Rob")
SAID = [("Rob", "What is your budget?"), ("Ana Ruiz", "We have 80,000 euros.")]
FAULTS = ("is not a 'date-time'", "'' is not a 'uuid'", "is not of type 'string'")
"""Of Zoom's description, whose own words and examples say otherwise: days are yyyy-mm-dd, who is
not signed in has an empty id, and numbers of meetings are numbers."""
HOOK = "https://leads.us.example/connect/zoom"


@pytest.fixture
def zoom():
    return FakeZoom()


@pytest.fixture
def url(zoom):
    with (
        served(zoom) as found,
        checked(zoom, "zoom/zoom.us.json", "/v2", forgiven=FAULTS),
    ):
        zoom.url = found
        yield found


def opened(url, *, secret="pa55", webhook="hush", **options) -> Zoom:
    given = {"account_id": "acc", "client_id": "cid", "api": f"{url}/v2",
             "token_url": f"{url}/oauth/token", "back": "5", **options}  # fmt: skip
    one = Connection(1, "zoom", "zoom", given, {"client_secret": secret, "webhook_secret": webhook})
    http = Http("Zoom", sleep=lambda _: None, transport=httpx2.HTTPTransport(verify=False))
    return KIND.open(one, http)


def test_it_does_what_such_connections_do(url):
    zoom = opened(url)
    assert isinstance(zoom, Source)
    assert isinstance(zoom, Transcripts)
    assert isinstance(zoom, Hooks)
    assert zoom.test() == "Zoom's recordings of account acc"
    with pytest.raises(RemoteError, match="Invalid client_id") as caught:
        opened(url, secret="wrong-one").test()
    assert caught.value.permanent
    assert "wrong-one" not in str(caught.value) + repr(opened(url, secret="wrong-one").client)


def test_recordings_are_pulled_with_who_took_part_and_what_they_said(zoom, url):
    zoom.meeting("/ab//c==", TEN, [REP, ANA, ("", "Guest")])
    zoom.transcribe("/ab//c==", SAID)
    (page,) = opened(url).pull(None, NOON)
    assert [(one.type, one.email) for one in page.messages] == [
        ("identify", "ana@acme.example"), ("track", "ana@acme.example"),
    ]  # fmt: skip
    assert page.messages[1].document["minutes"] == 30
    (talk,) = page.talks
    assert talk.names == (("email", "ana@acme.example"),)
    conversation, held_us = read_sent(talk.sent, NOON)
    assert held_us == NOON - 2 * HOUR
    assert [(one.speaker, one.side) for one in conversation.turns] == [
        ("Rob", "seller"), ("Ana Ruiz", "buyer"),
    ]  # fmt: skip
    assert zoom.given == 1, "one token for all"


def test_labels_that_fit_nobody_are_no_trouble(zoom, url):
    zoom.meeting("a", TEN, [("rep@us.example", "Rob"), ("ana@acme.example", "iPhone of Ana")])
    zoom.transcribe("a", [("Rob", "Hello"), ("Ana: Ruiz", "Our budget: 80,000 euros"), ("", "Yes")])
    (page,) = opened(url).pull(None, NOON)
    conversation, _ = read_sent(page.talks[0].sent, NOON)
    assert conversation.turns[0].side == "seller"
    zoom.meeting("b", TEN, [])
    zoom.transcribe("b", [("Somebody", "Hello")])
    calls = opened(url).between(0, NOON, "2026-11-24|").calls
    assert {one.title for one in calls} == {"Intro"}


@pytest.mark.parametrize(
    "name",
    ["Ana | Acme (she/her)", "Dr. Ana Ruiz, MBA", "ana@acme.example", "https://acme.example",
     "12:30", "Ana - Acme - Madrid - the one with the very long name that fills the whole line up",
     "安娜", "Note", "<v Ana>"],
)  # fmt: skip
def test_whatever_people_call_themselves_the_talk_is_read(zoom, url, name):
    zoom.meeting("a", TEN, [REP, ("ana@acme.example", name)])
    zoom.transcribe("a", [("Rob", "Hello there"), (name, "We have 80,000 euros."), ("", "Good")])
    (page,) = opened(url).pull(None, NOON)
    for talk in page.talks:
        conversation, _ = read_sent(talk.sent, NOON)
        assert "80,000 euros" in " ".join(turn.text for turn in conversation.turns)


def test_a_transcript_that_comes_late_comes_once(zoom, url):
    zoom.meeting("a", TEN, [REP, ANA])
    (page,) = opened(url).pull(None, NOON)
    assert page.talks == ()
    before = len(zoom.made("GET", "participants"))
    pages = list(opened(url).pull(page.cursor, NOON + HOUR))
    assert len(zoom.made("GET", "participants")) == before, "that is dear, and asked for once"
    zoom.transcribe("a", SAID)
    pages = list(opened(url).pull(pages[-1].cursor, NOON + 2 * HOUR))
    assert [one.id for page in pages for one in page.talks] == ["a"]
    pages = list(opened(url).pull(pages[-1].cursor, NOON + 3 * HOUR))
    assert [one.id for page in pages for one in page.talks] == []


def test_months_are_asked_for_one_by_one_and_page_by_page(zoom, url):
    zoom.page = 2
    starts = ["2026-09-01", "2026-10-01", "2026-10-02", "2026-10-03", "2026-11-20"]
    for number, day in enumerate(starts):
        zoom.meeting(f"m{number}", f"{day}T10:00:00Z", [REP, ANA])
    pages = list(opened(url, back="90").pull(None, NOON))
    ids = [one.message_id for page in pages for one in page.messages if one.type == "track"]
    assert ids == [f"call:m{number}:ana@acme.example" for number in range(5)]
    first = pages[0]
    rest = list(opened(url, back="90").pull(first.cursor, NOON + HOUR))
    again = [one.message_id for page in rest for one in page.messages if one.type == "track"]
    assert again == ids[1:]


def test_the_call_of_a_lead_is_found_by_who_took_part(zoom, url):
    ask = (["ANA@acme.example"], NOON - 3 * HOUR, NOON)
    assert opened(url).find_talk(*ask) is None
    zoom.meeting("other", TEN, [REP, ("bo@other.example", "Bo")])
    zoom.transcribe("other", [("Bo", "Hello")])
    zoom.meeting("hers", TEN, [REP, ANA])
    assert opened(url).find_talk(*ask) is None, "its transcript is not there yet"
    zoom.transcribe("hers", SAID)
    assert opened(url).find_talk(*ask).id == "hers"


def test_by_host_only_where_the_team_allows_it_and_nothing_else_fits(zoom, url):
    zoom.meeting("a", TEN, [REP, ("", "Ana")])
    zoom.transcribe("a", SAID)
    at_us = NOON - 2 * HOUR
    assert opened(url).find_hosted("rep@us.example", at_us) is None
    allowed = opened(url, by_host="yes")
    assert allowed.find_hosted("Rep@us.example", at_us).id == "a"
    assert allowed.find_hosted("rep@us.example", at_us + HOUR) is None
    assert allowed.find_hosted("another@us.example", at_us) is None
    zoom.meeting("b", TEN, [REP, ("", "Bo")])
    zoom.transcribe("b", SAID)
    assert allowed.find_hosted("rep@us.example", at_us) is None, "it may be either"
    zoom.people["b"].append({"name": "Bo", "user_email": "bo@other.example"})
    assert allowed.find_hosted("rep@us.example", at_us).id == "a"


def test_our_token_goes_to_zoom_alone(zoom, url):
    zoom.meeting("a", TEN, [REP, ANA])
    meeting = zoom.transcribe("a", SAID)
    other = FakeZoom(texts=zoom.texts)
    with served(other) as elsewhere:
        zoom.elsewhere = elsewhere.replace("127.0.0.1", "localhost")
        (page,) = opened(url).pull(None, NOON)
        assert len(page.talks) == 1
        assert "authorization" not in other.calls[0].headers
    meeting["recording_files"][-1]["download_url"] = "https://zoom.us.evil.example/x.vtt"
    one = opened(url)
    with pytest.raises(RemoteError, match=r"evil\.example") as caught:
        one.transcripts(one.between(NOON - DAY, NOON, "").calls)
    assert caught.value.permanent


def test_a_transcript_that_can_never_be_had_holds_up_no_other(zoom, url, caplog):
    for name in ("a", "b", "c"):
        zoom.meeting(name, TEN, [REP, ANA])
        meeting = zoom.transcribe(name, SAID)
        if name == "b":
            where = meeting["recording_files"][-1]
            right, where["download_url"] = where["download_url"], "https://evil.example/x.vtt"
    (page,) = opened(url).pull(None, NOON)
    assert [one.id for one in page.talks] == ["a", "c"]
    assert len([one for one in page.messages if one.event == "call_held"]) == 3
    assert "evil.example, which is not Zoom's" in caplog.text
    where["download_url"] = right
    *_, late = opened(url).pull(page.cursor, NOON + HOUR)
    assert [one.id for one in late.talks] == ["b"]


def test_what_our_rights_do_not_reach_is_told(zoom, url, monkeypatch):
    zoom.meeting("a", TEN, [REP, ANA])
    zoom.transcribe("a", SAID)

    def forbidden(*_):
        raise RemoteError("no right", permanent=True, status=403)

    monkeypatch.setattr(Zoom, "transcripts", forbidden)
    with pytest.raises(RemoteError, match="no right"):
        list(opened(url).pull(None, NOON))


def test_a_token_that_holds_no_more_is_renewed(zoom, url):
    zoom.meeting("a", TEN, [REP, ANA])
    zoom.transcribe("a", SAID)
    one = opened(url)
    one.test()
    zoom.revoke()
    (page,) = one.pull(None, NOON)
    assert len(page.talks) == 1
    calls = one.between(NOON - DAY, NOON, "").calls
    zoom.revoke()
    assert one.transcripts(calls)
    assert zoom.given == 3


def hook(body: dict, *, secret="hush", at=NOON // 1_000_000, content=None) -> Request:
    sent = content if content is not None else json.dumps(body).encode()
    headers = {
        "x-zm-request-timestamp": str(at),
        "x-zm-signature": signature(secret, str(at), sent),
    }
    return Request("POST", HOOK, headers, sent, NOON)


def told(event: str, meeting: dict, **more) -> dict:
    return {"event": event, "event_ts": NOON // 1000,
            "payload": {"account_id": "acc", "object": meeting}, **more}  # fmt: skip


def test_the_handshake_is_answered_with_the_token_signed(url):
    body = {"event": "endpoint.url_validation", "payload": {"plainToken": "q9ibPhGeRZ6ayx5WTrXjRw"}}
    said = json.loads(opened(url, webhook="s3cret").receive(hook(body, secret="s3cret")))
    assert said == {
        "plainToken": "q9ibPhGeRZ6ayx5WTrXjRw",
        "encryptedToken": "d2e4b9a23ede1f84cab5aaec9043e42623072ef62eca47a6b4fe7920ea117376",
    }  # fmt: skip


def test_a_webhook_tells_of_a_recording_and_of_its_transcript_in_any_order(zoom, url):
    meeting = zoom.meeting("a", TEN, [REP, ANA])
    page = opened(url).receive(hook(told("recording.completed", meeting)))
    assert [one.event for one in page.messages] == ["identify", "call_held"]
    assert page.talks == ()
    meeting = zoom.transcribe("a", SAID)
    zoom.download_tokens.add("for-a-day")
    event = told("recording.transcript_completed", meeting, download_token="for-a-day")
    page = opened(url).receive(hook(event))
    assert [one.id for one in page.talks] == ["a"]
    zoom.download_tokens.clear()
    again = opened(url).receive(hook(event))
    assert [one.id for one in again.talks] == ["a"], "with our own token where that is over"
    assert opened(url).receive(hook(told("meeting.started", meeting))).messages == ()


@pytest.mark.parametrize(
    "change",
    [{"secret": "other"}, {"at": NOON // 1_000_000 - 600}, {"at": NOON // 1_000_000 + 600}],
)
def test_what_zoom_did_not_sign_lately_is_refused(url, change):
    with pytest.raises(UserError) as caught:
        opened(url).receive(hook({"event": "x", "payload": {}}, **change))
    assert caught.value.code == "webhook-signature"


def test_what_is_not_signed_at_all_is_refused(url):
    stamps = ("x", "9" * 400, "9" * 5000, "\u0663" * 10, "-1", "1e9")
    signed = [{"x-zm-request-timestamp": one, "x-zm-signature": "v0=1"} for one in stamps]
    for headers in ({}, *signed):
        with pytest.raises(UserError) as caught:
            opened(url).receive(Request("POST", HOOK, headers, b"{}", NOON))
        assert caught.value.code == "webhook-signature"
    with pytest.raises(UserError, match="no secret token"):
        opened(url, webhook="").receive(hook({}, secret=""))


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"{", b'{"event": "x", "payload": 7}'])
def test_a_webhook_that_is_none_is_refused_in_words(url, content):
    with pytest.raises(UserError) as caught:
        opened(url).receive(hook({}, content=content))
    assert caught.value.code == "not-json"


def test_ids_with_slashes_are_encoded_twice():
    assert escaped("/ab//c==") == "%252Fab%252F%252Fc%253D%253D"
    assert escaped("a/b==") == "a%2Fb%3D%3D"
