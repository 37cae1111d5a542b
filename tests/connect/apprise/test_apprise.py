"""Messages through apprise, with its json:// service to a server of this machine."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from leadwise.connect.apprise import KIND
from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Messenger
from leadwise.errors import RemoteError, UserError
from leadwise.testing.serving import Answer, Fake, Query, served


class Taking(Fake):
    """Takes any post."""

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        return 200, {}, {"ok": True}


@pytest.fixture
def server() -> Iterator[tuple[Taking, str]]:
    fake = Taking()
    with served(fake) as url:
        yield fake, url.replace("http://", "json://user:pass-word@")


def opened(url: str, *, dry: bool = False, **options: str) -> Any:
    return KIND.open(Connection(1, "sms", "apprise", options, {"url": url}), Http("sms", dry=dry))


def test_a_message_goes_out(server: tuple[Taking, str]) -> None:
    fake, url = server
    service = opened(url + "/hidden", title="Leadwise")
    assert isinstance(service, Messenger)
    service.send("", "Call Ana: <b>hot</b>", "run-1-1")
    (call,) = fake.calls
    assert call.path == "/hidden"
    assert (call.json["title"], call.json["message"]) == ("Leadwise", "Call Ana: <b>hot</b>")


def test_the_recipient_goes_into_the_address(server: tuple[Taking, str]) -> None:
    fake, url = server
    service = opened(url + "/to/{to}")
    service.send("+34600123456", "Hello", "k")
    service.send("../other?x=1#y", "Hello", "k")
    assert [call.path for call in fake.calls] == ["/to/+34600123456", "/to/../other?x=1#y"]
    assert all(call.target.startswith("/to/") for call in fake.calls)
    with pytest.raises(UserError, match="to whom"):
        service.send("", "Hello", "k")
    with pytest.raises(UserError, match="one recipient"):
        opened(url).send("+34600123456", "Hello", "k")


@pytest.mark.parametrize(
    ("status", "permanent"), [(401, True), (404, True), (429, False), (500, False), (0, False)]
)
def test_failures_tell_no_keys(server: tuple[Taking, str], status: int, permanent: bool) -> None:
    fake, url = server
    fake.fail(status, times=3, body="no, hidden and pass-word are wrong")
    logged = io.StringIO()
    handler, root = logging.StreamHandler(logged), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with pytest.raises(RemoteError) as raised:
            opened(url + "/hidden").send("", "Hello", "k")
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
    assert raised.value.permanent is permanent
    said = str(raised.value) + repr(raised.value) + logged.getvalue()
    assert "hidden" not in said
    assert "pass-word" not in said
    assert "JSON did not take the message" in str(raised.value)


def test_an_address_that_is_none_tells_nothing() -> None:
    with pytest.raises(UserError) as raised:
        opened("nonsense://secret-token").test()
    assert raised.value.code == "bad-apprise-url"
    assert "secret-token" not in str(raised.value) + raised.value.hint


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("tgram://123456789:abcdefg_hijklmnop/12315544/", "Telegram"),
        ("twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@15551231234/{to}", "Twilio"),
        ("whatsapp://tokenXYZ@123456789/{to}", "WhatsApp"),
    ],
)
def test_the_services_people_ask_for_are_known(url: str, name: str) -> None:
    said = opened(url).test()
    assert said.startswith(name)
    assert "Nothing was sent" in said


def test_a_dry_run_sends_nothing(server: tuple[Taking, str]) -> None:
    fake, url = server
    service = opened(url, dry=True)
    service.send("", "Hello", "k")
    assert fake.calls == []
    assert [(one.path, one.body) for one in service.http.would] == [("JSON", "Hello")]
