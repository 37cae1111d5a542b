"""Every kind of connection against a system that says back all that it was sent: its secrets, and
the tokens that it was given for them, stand in no error, no repr and no line of a log."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import httpx2
import pytest

from leadwise.connect.http import Http
from leadwise.connect.kinds import kinds
from leadwise.connect.model import Connection, Kind, Meeting, Request, Update
from leadwise.errors import LeadwiseError
from leadwise.testing.serving import Answer, Fake, Query, served
from tests.connect.google_accounts import service_account

NOW_US = 1_790_000_000_000_000
GIVEN = "t0ken+that/was=given&for%it"
OWN = {"files", "warehouse", "apprise"}
"""Kinds that speak no HTTP of ours; their own tests see to what they tell."""
ADDRESSES = ("api", "url", "address", "token_url")


class Parrot(Fake):
    """Says back the request, in the forms in which systems do."""

    gives = False
    url = ""

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        if self.gives and "token" in path:
            return 200, {}, {"access_token": GIVEN, "expires_in": 3600, "instance_url": self.url,
                             "id": f"{self.url}/id"}  # fmt: skip
        target = f"{path}?" + "&".join(f"{key}={quote(query[key], safe='')}" for key in query)
        auth = headers.get("authorization", "").partition(" ")[2]
        plain = ""
        with suppress(ValueError):
            plain = base64.b64decode(auth).decode("utf-8", "replace")
        said = [method, target, unquote_plus(target), auth, plain, body.decode("utf-8", "replace"),
                unquote_plus(body.decode("utf-8", "replace"))]  # fmt: skip
        return 400, {}, {"message": " | ".join(said), "error": said, "errors": said}


@pytest.fixture(params=[False, True], ids=["no token", "a token"])
def parrot(request: pytest.FixtureRequest) -> Iterator[Parrot]:
    fake = Parrot()
    fake.gives = request.param
    with served(fake) as url:
        fake.url = url
        yield fake


def opened(kind: Kind, url: str) -> tuple[Any, list[str]]:
    secrets = {
        ask.name: service_account(url) if ask.name == "service_account" else f"s3/cr+t={ask.name}&%"
        for ask in kind.asks
        if ask.secret and not (kind.name == "slack" and ask.name == "webhook_url")
    }
    options = {ask.name: ask.default for ask in kind.asks if not ask.secret and ask.default}
    for ask in kind.asks:
        if ask.name in ADDRESSES and not ask.secret:
            options[ask.name] = f"{url}/token" if ask.name == "token_url" else url
    options |= {name: "x" for name in ("user", "account_id", "client_id", "database", "login",
                                       "form", "channel") if name not in options}  # fmt: skip
    if kind.name == "rest":
        options = {"text": f"rest: x\nurl: {url}\nauth: {{query: key}}\npull:\n  path: /a\n"
                           "  identity: {email: email}\n"}  # fmt: skip
    connection = Connection(1, "one", kind.name, options, secrets)
    http = Http("one", secrets=tuple(secrets.values()), sleep=lambda _: None,
                transport=httpx2.HTTPTransport(verify=False))  # fmt: skip
    return kind.open(connection, http), list(secrets.values())


def asked(to: Any) -> Iterator[Callable[[], Any]]:
    update = Update(1, (("email", "a@b.example"),), "7", 1, "hot", "A", (), None, "bank 1", 1)
    meeting = Meeting("x", NOW_US, NOW_US + 1, ("a@b.example",), "", "", "UTC")
    headers = {"authorization": "Bearer x", "x-zm-request-timestamp": "1", "x-zm-signature": "v0=1",
               "x-hubspot-signature-v3": "x", "x-hubspot-request-timestamp": "1"}  # fmt: skip
    ways: dict[str, tuple[Any, ...]] = {
        "test": (), "prepare": (), "pull": (None, NOW_US), "push": ([update],), "hours": (),
        "busy": (NOW_US, NOW_US + 1), "book": (meeting, "key"), "cancel": ("1", "key"),
        "send": ("#x", "hello", "key"), "find_talk": (["a@b.example"], 0, NOW_US),
        "receive": (Request("POST", "https://x", headers, b"{}", NOW_US),),
        "ask": ({"email": "a@b.example"},), "papers": ("x", 1),
    }  # fmt: skip
    for name, given in ways.items():
        way = getattr(to, name, None)
        if way is not None:
            yield lambda way=way, given=given: list(way(*given) or ())


@pytest.mark.parametrize("name", sorted({kind.name for kind in kinds()} - OWN))
def test_no_secret_is_told(parrot: Parrot, name: str, caplog: pytest.LogCaptureFixture) -> None:
    (kind,) = [one for one in kinds() if one.name == name]
    url = parrot.url
    to, secrets = opened(kind, url)
    told: list[str] = [repr(to)]
    errors = 0
    with caplog.at_level(logging.DEBUG, logger="leadwise"):
        for ask in asked(to):
            try:
                ask()
            except LeadwiseError as error:
                errors += 1
                told += [str(error), repr(error), repr(error.__cause__)]
            told.append(repr(to))
    assert errors
    assert parrot.calls
    own = [line.getMessage() for line in caplog.records if line.name.startswith("leadwise")]
    for text in (*told, *own):
        for secret in (*secrets, GIVEN):
            if name.startswith("google") and secret.startswith("{"):
                secret = json.loads(secret)["private_key"]
            for form in {
                secret,
                quote(secret, safe=""),
                quote_plus(secret),
                json.dumps(secret)[1:-1],
                base64.b64encode(secret.encode()).decode(),
            }:
                assert form not in text, text
