"""The fake workspace is what Slack's own description and Slack's own SDK take for Slack."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from leadwise.testing.serving import served
from leadwise.testing.slack import FakeSlack

ROOT = Path(__file__).parents[3]
SPECS = Path(os.environ.get("LEADWISE_SPECS", ROOT.parent / "shared" / "specs"))
NEWER = {"metadata", "include_all_metadata", "ts"}
"""Parameters that came after the description was last touched (2021)."""


@pytest.fixture(scope="module")
def description() -> Any:
    file = SPECS / "slack" / "slack_web_openapi_v2.json"
    if not file.is_file():
        pytest.skip("Slack's description is not here (LEADWISE_SPECS)")
    return json.loads(file.read_text())


@pytest.mark.parametrize(
    ("method", "given"),
    [
        ("auth.test", {}),
        ("chat.postMessage", {"channel": "C0000SALES", "text": "Hi", "metadata": "{}"}),
        ("chat.postMessage", {"channel": "C0NOWHERE", "text": "Hi"}),
        ("users.lookupByEmail", {"email": "anna@acme.example"}),
        ("users.lookupByEmail", {"email": "nobody@acme.example"}),
        ("conversations.open", {"users": "U00000ANNA"}),
        (
            "conversations.list",
            {"limit": "10", "exclude_archived": "true"},
        ),
        ("conversations.history", {"channel": "C00000HELP", "oldest": "0", "limit": "10"}),
        ("chat.getPermalink", {"channel": "C00000HELP", "message_ts": "1763800001.000001"}),
    ],
)
def test_answers_as_slack_says_it_does(
    description: Any, method: str, given: dict[str, str]
) -> None:
    import httpx2
    import jsonschema

    fake = FakeSlack()
    fake.say("C00000HELP", "U00000ANNA", "Hello")
    operation = next(iter(description["paths"]["/" + method].values()))
    known = {one["name"] for one in operation["parameters"]} | NEWER
    assert given.keys() <= known
    with served(fake) as url:
        answer = httpx2.post(
            f"{url}/api/{method}", data=given, headers={"Authorization": f"Bearer {fake.token}"}
        ).json()
    schema = operation["responses"]["200" if answer["ok"] else "default"]["schema"]
    whole = {**schema, "definitions": description["definitions"]}
    if method in ("conversations.list", "conversations.open"):
        # The description wants of a channel all that Slack knows of it; the fake has id and name.
        assert answer["ok"]
        assert schema["properties"].keys() >= answer.keys()
        return
    problems = list(jsonschema.Draft4Validator(whole).iter_errors(answer))
    if method == "users.lookupByEmail" and answer["ok"]:
        problems = [one for one in problems if list(one.path)[:1] != ["user"]]
    assert [one.message for one in problems] == []


def test_slacks_own_sdk_takes_it_for_slack() -> None:
    sdk = pytest.importorskip("slack_sdk", reason="slack-sdk is not installed")
    from slack_sdk.errors import SlackApiError

    fake = FakeSlack()
    with served(fake) as url:
        client = sdk.WebClient(token=fake.token, base_url=url + "/api/")
        assert client.auth_test()["team"] == "Acme"
        posted = client.chat_postMessage(channel="#sales", text="From the SDK")
        assert client.chat_getPermalink(channel="C0000SALES", message_ts=posted["ts"])["ok"]
        history = client.conversations_history(channel="C0000SALES")
        assert [one["text"] for one in history["messages"]] == ["From the SDK"]
        user = client.users_lookupByEmail(email="anna@acme.example")["user"]
        assert client.conversations_open(users=user["id"])["channel"]["id"] == "D00000ANNA"
        with pytest.raises(SlackApiError) as raised:
            client.chat_postMessage(channel="C0NOWHERE", text="x")
        assert raised.value.response["error"] == "channel_not_found"
        fake.fail(429, headers={"Retry-After": "7"}, body={"ok": False, "error": "ratelimited"})
        with pytest.raises(SlackApiError) as raised:
            client.auth_test()
        assert raised.value.response.headers["Retry-After"] == "7"


def test_slacks_own_sdk_signs_alike() -> None:
    pytest.importorskip("slack_sdk", reason="slack-sdk is not installed")
    from slack_sdk.signature import SignatureVerifier

    from leadwise.connect.slack.signing import signature

    body = b'{"type":"event_callback"}'
    own = SignatureVerifier("secret").generate_signature(timestamp="1763800000", body=body)
    assert own == signature("secret", "1763800000", body)
