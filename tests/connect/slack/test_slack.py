"""Slack, at a workspace in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.connect.http import Http
from leadwise.connect.model import (
    Connection,
    Hooks,
    Library,
    Messenger,
    Page,
    Request,
    Source,
)
from leadwise.connect.slack import KIND
from leadwise.errors import RemoteError, UserError
from leadwise.testing.serving import served
from leadwise.testing.slack import START_S, FakeSlack, signed

NOW_US = (START_S + 3600) * 1_000_000
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


@pytest.fixture
def workspace() -> Iterator[tuple[FakeSlack, str]]:
    fake = FakeSlack()
    with served(fake) as url:
        yield fake, url


def opened(url: str, *, dry: bool = False, **secrets: str) -> Any:
    slept: list[float] = []
    http = Http("Slack", dry=dry, sleep=slept.append)
    given = secrets or {"token": "xoxb-made-up", "signing_secret": SECRET}
    options = {"api": url + "/api/", "channel": "#sales", "channels": "#help"}
    return KIND.open(Connection(1, "team", "slack", options, given), http)


def test_it_does_what_is_asked_of_connections(workspace: tuple[FakeSlack, str]) -> None:
    slack = opened(workspace[1])
    assert isinstance(slack, Messenger)
    assert isinstance(slack, Source)
    assert isinstance(slack, Hooks)
    assert isinstance(slack, Library)
    assert slack.test() == "@leadwise in Acme (https://acme.slack.com/)"


def test_posted_once_however_often(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    slack = opened(url)
    first = slack.send("", "Hot: Ann & Co", "run-1-2")
    again = slack.send("C0000SALES", "Hot: Ann & Co", "run-1-2")
    other = slack.send("#sales", "Another", "run-1-3")
    assert first == again != other
    assert [one["text"] for one in fake.messages["C0000SALES"]] == ["Hot: Ann &amp; Co", "Another"]


def test_an_answer_that_was_lost_does_not_post_twice(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    fake.fail(0, path="chat.postMessage", taken=True)
    slack = opened(url)
    with pytest.raises(RemoteError) as raised:
        slack.send("#sales", "Call her", "run-9-1")
    assert not raised.value.permanent
    slack.send("#sales", "Call her", "run-9-1")
    assert len(fake.messages["C0000SALES"]) == 1


def test_names_of_leads_alert_nobody(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    opened(url).send("#sales", "New lead: <!channel> <@U00000ANNA>", "k")
    (said,) = [one["text"] for one in fake.messages["C0000SALES"]]
    assert said == "New lead: &lt;!channel&gt; &lt;@U00000ANNA&gt;"


def test_a_person_is_told_by_their_address(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    opened(url).send("anna@acme.example", "Your turn", "k")
    assert [one["text"] for one in fake.messages["D00000ANNA"]] == ["Your turn"]
    with pytest.raises(RemoteError, match="nobody in the workspace has this address") as raised:
        opened(url).send("nobody@acme.example", "Your turn", "k")
    assert raised.value.permanent


def test_answers_in_a_thread(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    ts = fake.say("C00000HELP", "U000000BEN", "How do I export?")
    slack = opened(url)
    slack.send(f"C00000HELP/{ts}", "See the manual", "k")
    slack.send(f"C00000HELP/{ts}", "See the manual", "k")
    assert [one.get("thread_ts") for one in fake.messages["C00000HELP"]] == [None, ts]


def test_obeys_limits_of_rate(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    fake.fail(429, headers={"Retry-After": "3"}, path="chat.postMessage")
    slack = opened(url)
    slack.send("#sales", "Hello", "k")
    assert slack.client.http.sleep.__self__ == [3.0]
    fake.fail(429, headers={"Retry-After": "120"}, path="chat.postMessage")
    with pytest.raises(RemoteError) as raised:
        slack.send("#sales", "Hello", "k2")
    assert (raised.value.permanent, raised.value.after_s) == (False, 120.0)


def test_what_slack_refuses_says_what_to_do(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    with pytest.raises(RemoteError, match="channel_not_found") as raised:
        opened(url).send("C0NOWHERE", "x", "k")
    assert raised.value.permanent
    with pytest.raises(RemoteError, match="copy it again") as raised:
        opened(url, token="xoxb-stale").test()
    assert "xoxb-stale" not in str(raised.value)
    fake.scopes.discard("users")
    with pytest.raises(RemoteError, match=r"users:read\.email"):
        opened(url).send("anna@acme.example", "x", "k")
    fake.scopes.discard("history")
    opened(url).send("#sales", "still posted", "k")
    assert fake.messages["C0000SALES"][-1]["text"] == "still posted"


def test_a_dry_run_posts_nothing(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    slack = opened(url, dry=True)
    assert slack.send("#sales", "Hello", "k") == ""
    assert fake.messages == {}
    assert [one.path for one in slack.client.http.would] == ["chat.postMessage"]


def test_messages_of_channels_are_followed(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    fake.page = 2
    slack = opened(url)
    for number in range(5):
        fake.say(
            "C00000HELP", "U000000BEN", f"question {number} &amp; more <https://a.example|here>"
        )
    fake.say("C00000HELP", "U000000BEN", "joined", subtype="channel_join")
    slack.send("#help", "ours", "k")
    (page,) = slack.pull(None, NOW_US)
    assert [one.document["text"] for one in page.messages] == [
        f"question {n} & more here (https://a.example)" for n in range(5)
    ]
    one = page.messages[0]
    assert (one.event, one.source, one.anonymous_id) == (
        "message_received", "team", "slack:T0LEADWISE:U000000BEN",
    )  # fmt: skip
    assert one.document["reply_to"] == f"C00000HELP/{one.document['ts']}"
    assert one.at_us == (START_S + 1) * 1_000_000 + 1
    (later,) = slack.pull(page.cursor, NOW_US)
    assert later.messages == ()
    fake.say("C00000HELP", "U000000BEN", "one more")
    (later,) = slack.pull(later.cursor, NOW_US)
    assert [one.document["text"] for one in later.messages] == ["one more"]


def request(
    body: bytes, *, secret: str = SECRET, at_s: int = NOW_US // 1_000_000, **more: str
) -> Request:
    headers = {**signed(body, secret, at_s), "content-type": "application/json", **more}
    return Request("POST", "https://leads.example/hooks/team", headers, body, NOW_US)


def event(**more: Any) -> bytes:
    said = {"type": "message", "channel": "C00000HELP", "user": "U000000BEN", "text": "It crashes",
            "ts": f"{START_S}.000001", **more}  # fmt: skip
    return json.dumps({"type": "event_callback", "team_id": "T1", "event_id": "Ev1",
                       "event": said}).encode()  # fmt: skip


def test_events_are_taken(workspace: tuple[FakeSlack, str]) -> None:
    slack = opened(workspace[1])
    page = slack.receive(request(event()))
    assert isinstance(page, Page)
    (one,) = page.messages
    assert (one.message_id, one.document["text"]) == (f"C00000HELP:{START_S}.000001", "It crashes")
    assert slack.receive(request(event(bot_id="B1"))).messages == ()
    assert slack.receive(request(event(subtype="message_changed"))).messages == ()
    shake = json.dumps({"type": "url_verification", "challenge": "3eZbrw1aBm2rZgRNFdxV"}).encode()
    assert slack.receive(request(shake)) == "3eZbrw1aBm2rZgRNFdxV"


def test_a_pulled_message_and_its_event_are_one(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    slack = opened(url)
    ts = fake.say("C00000HELP", "U000000BEN", "Hello")
    (page,) = slack.pull(None, NOW_US)
    told = slack.receive(request(event(ts=ts)))
    assert page.messages[0].message_id == told.messages[0].message_id


def test_slash_commands_are_taken(workspace: tuple[FakeSlack, str]) -> None:
    body = b"command=%2Flead&text=anna%40acme.example&user_id=U1&team_id=T1&trigger_id=9.8"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    page = opened(workspace[1]).receive(request(body, **kind))
    (one,) = page.messages
    assert (one.event, one.document["command"], one.document["text"]) == (
        "command_received", "/lead", "anna@acme.example",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "more"),
    [
        (event(), {"secret": "another"}),
        (event(), {"at_s": NOW_US // 1_000_000 - 301}),
        (event(), {"at_s": NOW_US // 1_000_000 + 301}),
    ],
)
def test_what_slack_did_not_sign_is_refused(
    workspace: tuple[FakeSlack, str], body: bytes, more: Any
) -> None:
    with pytest.raises(UserError) as raised:
        opened(workspace[1]).receive(request(body, **more))
    assert raised.value.code == "webhook-signature"


@pytest.mark.parametrize("stamp", ["", "x", "9" * 400, "9" * 5000, "\u0663" * 10, "-1"])
def test_a_time_that_is_none_is_not_signed(workspace: tuple[FakeSlack, str], stamp: str) -> None:
    headers = {"x-slack-request-timestamp": stamp, "x-slack-signature": "v0=1"}
    with pytest.raises(UserError) as raised:
        opened(workspace[1]).receive(Request("POST", "https://x", headers, b"{}", NOW_US))
    assert raised.value.code == "webhook-signature"


def test_an_event_that_slack_sends_again_is_the_same(workspace: tuple[FakeSlack, str]) -> None:
    """It does so within seconds where we were slow, and says which attempt it is."""
    slack = opened(workspace[1])
    again = {"x-slack-retry-num": "2", "x-slack-retry-reason": "http_timeout"}
    ids = [slack.receive(request(event(), **more)).messages[0].message_id for more in ({}, again)]
    assert ids[0] == ids[1]


def test_the_signature_is_slacks_own(workspace: tuple[FakeSlack, str]) -> None:
    # The example of Slack's page "Verifying requests from Slack".
    from leadwise.connect.slack.signing import signature

    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&"
        b"channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&"
        b"command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2F"
        b"T1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
        b"803a0bc887a14d10d2c447fce8b6703c"
    )
    expected = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature(SECRET, "1531420618", body) == expected
    tampered = request(event())
    with pytest.raises(UserError):
        opened(workspace[1]).receive(
            Request("POST", "", tampered.headers, tampered.body + b" ", NOW_US)
        )


def test_an_incoming_webhook_is_enough_to_tell(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    address = url + "/services/T1/B1/hidden"
    slack = opened(url, webhook_url=address)
    slack.send("", "Hello <b>", "k")
    assert fake.hooked == ["Hello &lt;b&gt;"]
    fake.fail(403, path="/services/", body="invalid_token")
    with pytest.raises(RemoteError) as raised:
        slack.send("", "Hello", "k")
    assert raised.value.permanent
    assert "hidden" not in str(raised.value)
    with pytest.raises(UserError, match="has no token"):
        list(slack.pull(None, NOW_US))


def test_a_connection_without_secrets_says_what_is_missing() -> None:
    with pytest.raises(UserError, match="has no token"):
        KIND.open(Connection(1, "team", "slack"), Http("Slack"))


def test_messages_are_papers_to_look_through(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    slack = opened(url)
    ts = fake.say("C00000HELP", "U000000BEN", "Exports are under Settings")
    (paper,) = slack.papers("export", 10)
    assert (paper.text, paper.at_us) == ("Exports are under Settings", (START_S + 1) * 10**6 + 1)
    assert slack.link(paper) == f"https://acme.slack.com/archives/C00000HELP/p{ts.replace('.', '')}"


def test_nothing_that_strangers_name_is_fetched(workspace: tuple[FakeSlack, str]) -> None:
    fake, url = workspace
    opened(url).send("#sales", "A lead: https://evil.example/pixel", "k1")
    (posted,) = [one for one in fake.calls if one.path.endswith("chat.postMessage")]
    said = json.loads(posted.body)
    assert (said["unfurl_links"], said["unfurl_media"]) == (False, False)
