"""The relay: encrypted, signed in to, one connection for many mails, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import ssl
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from pydantic import SecretStr

from leadwise.connect.mail.outbox import Draft
from leadwise.connect.mail.relay import Relay, is_hard
from leadwise.errors import RemoteError, UserError
from leadwise.settings.mail import MailSettings
from leadwise.store import mails
from tests.connect.mail.conftest import SETTINGS, House
from tests.connect.mail.server import Post, serving
from tests.connect.mail.strict import parsed

Drafts = Callable[..., Draft]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's certificate of 127.0.0.1, and the file of who made it."""
    made = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.issue_cert("127.0.0.1").configure_cert(context)
    file = tmp_path_factory.mktemp("ca") / "ca.pem"
    made.cert_pem.write_to_path(str(file))
    return context, file


@pytest.fixture
def relays() -> Iterator[list[Relay]]:
    made: list[Relay] = []
    yield made
    for one in made:
        one.close()


def settings(post: Post, **more: object) -> MailSettings:
    return SETTINGS.model_copy(update={"port": post.port, **more})


def send(relay: Relay, text: bytes = b"Subject: x\r\n\r\nhello\r\n") -> tuple[str, str]:
    done = relay.deliver("a@acme.example", "ann@lead.example", text, lambda: True)
    return done.state, done.said


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_it_is_encrypted_and_checked(
    authority: tuple[ssl.SSLContext, Path], relays: list[Relay], security: str
) -> None:
    context, file = authority
    with serving(context, implicit=security == "tls", password="right horse") as post:
        password = SecretStr("right horse")
        wanted = settings(
            post,
            security=security,
            ca_file=file,
            username="ann",
            password=password,
        )
        relay = Relay(wanted)
        relays.append(relay)
        assert "ann" in relay.test()
        assert send(relay)[0] == "sent"
        assert post.tls == [True]
        stranger = Relay(wanted.model_copy(update={"ca_file": None}))
        assert send(stranger)[0] == "later"
        wrong = Relay(wanted.model_copy(update={"password": SecretStr("wrong horse")}))
        state, said = send(wrong)
        assert state == "later"
        assert "535" in said
        assert "wrong horse" not in said
        with pytest.raises(RemoteError) as error:
            wrong.test()
        assert error.value.permanent
        assert len(post.got) == 1
        relay.close()


def test_a_password_is_not_sent_in_the_clear(authority: tuple[ssl.SSLContext, Path]) -> None:
    with serving() as post:  # offers no STARTTLS
        relay = Relay(settings(post, security="starttls", username="ann",
                               password=SecretStr("right horse")))  # fmt: skip
        assert send(relay)[0] == "later"
        assert not post.got


def test_many_mails_go_on_one_connection(relays: list[Relay]) -> None:
    with serving() as post:
        relay = Relay(settings(post))
        relays.append(relay)
        for _ in range(5):
            assert send(relay)[0] == "sent"
        assert (len(post.got), post.connections) == (5, 1)
        relay.close()
        assert send(relay)[0] == "sent"
        assert post.connections == 2
        relay.close()


def test_dots_and_long_lines_arrive_as_they_were(relays: list[Relay]) -> None:
    text = b"Subject: x\r\n\r\n.\r\n..\r\n.x\r\nlast"
    with serving() as post:
        relay = Relay(settings(post))
        relays.append(relay)
        assert send(relay, text)[0] == "sent"
        assert post.messages() == [text + b"\r\n"]
        relay.close()


def test_what_is_not_to_go_after_all_does_not(relays: list[Relay]) -> None:
    with serving() as post:
        relay = Relay(settings(post))
        relays.append(relay)
        done = relay.deliver("a@acme.example", "b@lead.example", b"x", lambda: False)
        assert done.state == "later"
        assert send(relay)[0] == "sent"
        assert len(post.got) == 1
        relay.close()


def test_mails_are_paced() -> None:
    now, slept = [0.0], list[float]()

    def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))
        now[0] += seconds

    with serving() as post:
        relay = Relay(settings(post, per_minute=120), monotonic=lambda: now[0], sleep=sleep)
        for _ in range(3):
            send(relay)
        relay.close()
    assert slept == [0.5, 0.5]


def test_without_a_server_nothing_is_sent() -> None:
    with pytest.raises(UserError) as error:
        send(Relay(MailSettings()))
    assert error.value.code == "mail-settings"


@pytest.mark.parametrize(
    ("code", "said", "hard"),
    [
        (550, "5.1.1 no such user", True), (550, "no such user", True), (553, "bad", True),
        (550, "5.7.1 blocked", False), (552, "5.2.2 full", False), (554, "no", False),
        (550, "5.2.1 disabled", True), (556, "5.1.10 null MX", True), (450, "4.1.1 later", False),
        (550, "5.1.8 bad sender", False),
    ],
)  # fmt: skip
def test_which_refusals_are_of_the_address(code: int, said: str, hard: bool) -> None:
    assert is_hard(code, said) is hard


PROCESS = textwrap.dedent("""
    import os, sys
    from leadwise.connect.mail import relay as module
    from leadwise.connect.mail.addresses import mailbox
    from leadwise.connect.mail.links import Links
    from leadwise.connect.mail.outbox import Draft, Outbox
    from leadwise.ingest.gate.rules import GateRules
    from leadwise.settings.mail import MailSettings
    from leadwise.store.opening import Store
    from tests.connect.mail.conftest import SECRET, SETTINGS, SITE

    url, port, now, dies = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    if dies == "after the text":
        taken = module._text
        async def text(client, message, seconds):
            answer = await taken(client, message, seconds)
            os.kill(os.getpid(), 9)
        module._text = text
    if dies == "before the text":
        async def text(client, message, seconds):
            os.kill(os.getpid(), 9)
        module._text = text
    settings = SETTINGS.model_copy(update={"port": port})
    with Store(url) as store:
        outbox = Outbox(store, settings, Links(SITE, SECRET), module.Relay(settings), GateRules(),
                        lambda: now)
        print(outbox.post(Draft("run-9-9", mailbox("ann@lead.example"), "x", "hello")).state)
""")


@pytest.mark.parametrize(
    ("dies", "unsure"),
    [("after the text", "hold"), ("after the text", "send again"), ("before the text", "hold")],
)
def test_killed_between_the_text_and_the_answer(
    house: House, draft: Drafts, dies: str, unsure: str
) -> None:
    """Exactly one of: it went and nobody knows; it did not go and nobody knows. The sender said
    what then."""
    url = house.store.url
    house.store.close()
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, url, str(house.post.port), str(house.now_us), dies],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}, check=False,
        capture_output=True, timeout=60, text=True,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    time.sleep(0.1)
    went = 1 if dies == "after the text" else 0
    assert len(house.post.got) == went
    house.store = type(house.store)(url)
    one = Draft(
        "run-9-9", draft(key="x").to.__class__("ann@lead.example"), "x", "hello"
    )  # fmt: skip
    outbox = house.outbox()
    first = outbox.post(one, unsure=unsure)
    assert first.state == "waiting"  # the other process may be at it still
    house.now_us = first.until_us or 0
    then = outbox.post(one, unsure=unsure)
    if unsure == "hold":
        assert then.state == "held"
        assert len(house.post.got) == went
        with house.store.read() as connection:
            assert [m.state for m in mails.mails_in_state(connection, ["unsure"])] == ["unsure"]
    else:
        assert then.state == "sent"
        assert len(house.post.got) == went + 1
        assert len({parsed(text)["message-id"] for text in house.post.messages()}) == 1
    house.store.close()
