"""`leadwise member`, and the link that `leadwise serve` prints while there is none."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from leadwise.cli.serve import _where_to_look
from leadwise.settings import Settings
from leadwise.store.audit import list_audit
from leadwise.store.members import Member, find_member
from leadwise.store.opening import Store
from leadwise.store.sessions import begin_session, find_session
from leadwise.web.pages.signin.links import invited, is_start_key
from leadwise.web.pages.signin.passwords import verified
from leadwise.web.secret import secret_key
from tests.cli.running import run
from tests.web.shell import fresh_store

PASSWORD = "correct horse battery staple"


class Place:
    """A data folder with an empty store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "leadwise.db").write_bytes(fresh_store())

    def run(self, *arguments: str, code: int = 0, stdin: str | None = None) -> str:
        found = run("member", *arguments, "--data", self.folder, code=code, stdin=stdin)
        return found.output

    def member(self, email: str) -> Member:
        with Store(str(self.folder / "leadwise.db")) as store, store.read() as connection:
            found = find_member(connection, email=email)
        assert found is not None
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_member_with_a_password(place: Place) -> None:
    said = place.run("add", "--email", "Ann@Example.com", "--role", "marketing", "--name", "Ann A",
                     "--password-stdin", stdin=f"{PASSWORD}\n")  # fmt: skip
    assert said == "Ann A (ann@example.com) is a member now.\n"
    ann = place.member("ann@example.com")
    assert (ann.role, ann.name) == ("marketing", "Ann A")
    assert verified(ann.password, PASSWORD)[0]
    listed = json.loads(place.run("list", "--json"))["members"]
    assert [(one["email"], one["password"]) for one in listed] == [("ann@example.com", True)]
    assert "marketing" in place.run("list")
    assert PASSWORD not in place.run("list", "--json")


def test_a_member_with_a_link(place: Place) -> None:
    made = json.loads(
        place.run("add", "--email", "bo@example.com", "--role", "administrator", "--json")
    )
    link = urlsplit(made["link"])
    assert (link.scheme, link.netloc, link.path) == ("http", "127.0.0.1:8000", "/welcome")
    assert made["name"] == "bo"
    secret, key = secret_key(place.folder / "secret.key"), parse_qs(link.query)["key"][0]
    soon_us = made["id"] and place.member("bo@example.com").created_us + 1
    with Store(str(place.folder / "leadwise.db")) as store, store.read() as connection:
        found = invited(connection, secret, key, soon_us)
    assert found is not None
    assert found.email == "bo@example.com"


def test_members_change(place: Place) -> None:
    for name in ("ann", "bo"):
        place.run("add", "--email", f"{name}@example.com", "--role", "administrator")
    ann = place.member("ann@example.com")
    with Store(str(place.folder / "leadwise.db")) as store:
        _, secret = store.write(lambda c: begin_session(c, ann.id, "", 1))
    place.run("disable", "--email", "ann@example.com")
    assert place.member("ann@example.com").disabled_us is not None
    with Store(str(place.folder / "leadwise.db")) as store, store.read() as connection:
        assert find_session(connection, secret, 2) is None
    last = place.run("disable", "--email", "bo@example.com", code=2)
    assert "error[last-administrator]" in last
    place.run("enable", "--email", "ann@example.com")
    assert "is read_only now" in place.run("role", "--email", "bo@example.com", "--role",
                                           "read_only")  # fmt: skip
    said = place.run("password", "--email", "bo@example.com", "--password-stdin", stdin=PASSWORD)
    assert "has a new password" in said
    assert verified(place.member("bo@example.com").password, PASSWORD)[0]
    assert "/welcome?key=" in place.run("password", "--email", "bo@example.com")
    with Store(str(place.folder / "leadwise.db")) as store, store.read() as connection:
        told = [entry.action for entry in list_audit(connection, subject="member")]
    assert told == ["password", "role", "enable", "disable", "create", "create"]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["fly"], None, "member cannot fly"),
        (["add"], None, "Which member?"),
        (["add", "--email", "ann"], None, "Which role?"),
        (["add", "--email", "ann", "--role", "boss"], None, "Which role?"),
        (["add", "--email", "ann", "--role", "marketing"], None, "is no e-mail address"),
        (["disable", "--email", "no@example.com"], None, "error[member-unknown]"),
        (
            ["add", "--email", "a@example.com", "--role", "marketing", "--password-stdin"],
            "short\n", "error[weak-password]",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(
    place: Place, arguments: list[str], stdin: str | None, said: str
) -> None:
    assert said in place.run(*arguments, code=2, stdin=stdin)
    assert json.loads(place.run("list", "--json")) == {"members": []}


def test_the_service_prints_the_link_of_the_first_start(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(data=place.folder)
    for _ in range(2):  # the same after a restart
        _where_to_look(settings, "http://127.0.0.1:8000")
    links = [line.strip() for line in capsys.readouterr().out.splitlines() if "/start?" in line]
    assert len(links) == 2
    assert links[0] == links[1]
    key = parse_qs(urlsplit(links[0]).query)["key"][0]
    assert is_start_key(secret_key(settings.secret_key_path), key)
    place.run("add", "--email", "ann@example.com", "--role", "administrator")
    _where_to_look(settings, "http://127.0.0.1:8000")
    assert "/start" not in capsys.readouterr().out
