"""The first start, invitations, one's own account."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import delete

from leadwise.store.audit import list_audit
from leadwise.store.members import change_member, find_member, get_member
from leadwise.store.schema import member
from leadwise.store.sessions import begin_session, find_session
from leadwise.store.sign_in_failures import WINDOW_US
from leadwise.web.pages.signin.links import INVITED_US, invitation, start_key, start_link
from tests.databases import postgres_database
from tests.pages.conftest import PASSWORD
from tests.pages.signing import sign_in_settings
from tests.pages.site import SECRET, PagesSite, pages_site

NEW = "an entirely different phrase"
ANN = {"name": "Ann Admin", "email": "Ann@Team.example", "password": NEW}


@pytest.fixture
def empty(tmp_path: Path, quick_hashes: object) -> Iterator[PagesSite]:
    """A site without members."""
    with pages_site(tmp_path) as found:
        found.leads.write(lambda c: c.execute(delete(member)))
        yield found


def test_the_first_start_makes_an_administrator(empty: PagesSite) -> None:
    client = empty.client()
    assert "leadwise member add" in client.get("/sign-in").text
    with empty.leads.store.read() as connection:
        link = start_link(connection, SECRET, "https://leads.example")
    assert link is not None
    key = parse_qs(urlsplit(link).query)["key"][0]
    assert link == f"https://leads.example/start?key={key}"
    page = client.get(f"/start?key={key}")
    assert page.status_code == 200
    assert key in page.text
    short = client.post("/start", data={**ANN, "password": "short", "key": key})
    assert short.status_code == 422
    assert 'value="Ann Admin"' in short.text
    assert 'aria-invalid="true" aria-describedby="password-hint password-fault"' in short.text
    assert "short" not in re.sub(r"<p.*?</p>", "", short.text)
    made = client.post("/start", data={**ANN, "key": key})
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert "Ann Admin" in client.get("/account").text
    with empty.leads.store.read() as connection:
        ann = find_member(connection, email="ann@team.example")
        assert start_link(connection, SECRET, "") is None
        told = [entry.action for entry in list_audit(connection, subject="member")]
    assert ann is not None
    assert ann.role == "administrator"
    assert told == ["sign-in", "create"]
    # The link has done what it is for.
    other = empty.client()
    for answer in (other.get(f"/start?key={key}"), other.post("/start", data={**ANN, "key": key})):
        assert answer.headers["location"] == "/sign-in"
        assert "leadwise_session" not in answer.headers.get("set-cookie", "")


def test_nobody_starts_without_the_link(empty: PagesSite) -> None:
    client = empty.client()
    for key in ("", "0" * 40, start_key(b"another secret"), "é"):
        assert client.get("/start", params={"key": key}).status_code == 403
        assert client.post("/start", data={**ANN, "key": key}).status_code == 403
    with empty.leads.store.read() as connection:
        assert start_link(connection, SECRET, "") is not None


def test_an_invitation_is_used_once(known: PagesSite) -> None:
    who, now_us = known.members["marketing"], known.leads.now[0]
    with known.leads.store.read() as connection:
        who = get_member(connection, who.id)
    _, elsewhere = known.leads.write(lambda c: begin_session(c, who.id, "a phone", now_us))
    link = invitation(SECRET, who, "", now_us)
    key = parse_qs(urlsplit(link).query)["key"][0]
    client = known.client()
    assert "Marketing One" in client.get(link).text
    assert client.post("/welcome", data={"key": key, "password": "short"}).status_code == 422
    done = client.post("/welcome", data={"key": key, "password": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/")
    assert client.get("/account").status_code == 200
    assert client.get(link).status_code == 410
    assert client.post("/welcome", data={"key": key, "password": NEW}).status_code == 410
    with known.leads.store.read() as connection:
        assert find_session(connection, elsewhere, now_us) is None
    fresh = known.client()
    sent = {"email": who.email, "password": NEW}
    assert fresh.post("/sign-in", data=sent).status_code == 303


def test_an_invitation_ends(known: PagesSite) -> None:
    now_us = known.leads.now[0]
    with known.leads.store.read() as connection:
        who = get_member(connection, known.members["marketing"].id)
    link = invitation(SECRET, who, "", now_us)
    forged = invitation(b"another secret", who, "", now_us)
    client = known.client()
    assert client.get(link).status_code == 200
    assert client.get(forged).status_code == 410
    known.leads.write(lambda c: change_member(c, who.id, disabled_us=1))
    assert client.get(link).status_code == 410
    known.leads.write(lambda c: change_member(c, who.id, disabled_us=None))
    known.leads.now[0] += INVITED_US
    assert client.get(link).status_code == 410


def test_ones_own_account(known: PagesSite) -> None:
    client = known.client("read_only")
    page = client.get("/account")
    assert "Language" in page.text
    sent = {"name": " Rita\x00 Read ", "language": "", "zone": "America/Bogota"}
    assert client.post("/account", data=sent).headers["location"] == "/account"
    with known.leads.store.read() as connection:
        who = get_member(connection, known.members["read_only"].id)
    assert (who.name, who.language, who.zone) == ("Rita Read", None, "America/Bogota")
    assert "03:00" in client.get("/account").text, "08:00 UTC in Bogota"
    for fault in ({"name": ""}, {"zone": "Atlantis/Here"}, {"language": "tlh"}):
        wrong = client.post("/account", data=sent | fault)
        assert wrong.status_code == 422
        assert wrong.text.count('aria-invalid="true"') == 1
    client.post("/account", data=sent | {"language": "en"})
    with known.leads.store.read() as connection:
        assert get_member(connection, who.id).language == "en"


def test_a_new_password_wants_the_old_one(known: PagesSite) -> None:
    client, now_us = known.client("marketing"), known.leads.now[0]
    who = known.members["marketing"]
    _, elsewhere = known.leads.write(lambda c: begin_session(c, who.id, "a phone", now_us))
    wrong = client.post("/account/password", data={"old": "guessed", "password": NEW})
    assert wrong.status_code == 422
    assert "This is not your password." in wrong.text
    weak = client.post("/account/password", data={"old": PASSWORD, "password": "marketing one"})
    assert weak.status_code == 422
    done = client.post("/account/password", data={"old": PASSWORD, "password": NEW})
    assert done.headers["location"] == "/account"
    assert client.get("/account").status_code == 200, "here one stays signed in"
    with known.leads.store.read() as connection:
        assert find_session(connection, elsewhere, now_us) is None
    fresh = known.client()
    for password, status in ((PASSWORD, 422), (NEW, 303)):
        sent = {"email": who.email, "password": password}
        assert fresh.post("/sign-in", data=sent).status_code == status


def test_guessing_the_old_password_is_held_up_too(known: PagesSite) -> None:
    sign_in_settings(known, attempts=2)
    client = known.client("marketing")
    for _ in range(2):
        client.post("/account/password", data={"old": "guessed", "password": NEW})
    held = client.post("/account/password", data={"old": PASSWORD, "password": NEW})
    assert "Too many wrong passwords" in held.text


def test_one_signs_out_elsewhere(known: PagesSite) -> None:
    client, now_us = known.client("marketing"), known.leads.now[0]
    own, other = known.members["marketing"].id, known.members["administrator"].id
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    one, first = known.leads.write(lambda c: begin_session(c, own, agent, now_us))
    _, second = known.leads.write(lambda c: begin_session(c, own, "curl/8", now_us))
    theirs, third = known.leads.write(lambda c: begin_session(c, other, agent, now_us))
    page = client.get("/account").text
    assert "Firefox on Linux" in page
    assert "curl/8" in page

    def live() -> list[bool]:
        with known.leads.store.read() as connection:
            return [
                find_session(connection, secret, now_us) is not None
                for secret in (first, second, third)
            ]

    client.post("/account/sessions", data={"session": str(one.id)})
    assert live() == [False, True, True]
    client.post("/account/sessions", data={"session": str(theirs.id)})
    assert live() == [False, True, True], "only one's own"
    client.post("/account/sessions")
    assert live() == [False, False, True]
    assert client.get("/account").status_code == 200


def test_all_of_it_on_postgresql(tmp_path: Path, postgres_url: str, quick_hashes: object) -> None:
    with postgres_database(postgres_url) as url, pages_site(tmp_path, url) as site:
        site.leads.write(lambda c: c.execute(delete(member)))
        client = site.client()
        made = client.post("/start", data={**ANN, "key": start_key(SECRET)})
        assert made.headers["location"] == "/"
        client.cookies.clear()
        sign_in_settings(site, attempts=2)
        sent = {"email": ANN["email"], "password": "a wrong one"}
        assert [client.post("/sign-in", data=sent).status_code for _ in range(3)] == [422, 429, 429]
        site.leads.now[0] += WINDOW_US
        assert client.post("/sign-in", data=sent | {"password": NEW}).status_code == 303
        for path in ("", "/members", "/keys", "/trail", "/jobs", "/refused", "/sources"):
            assert client.get(f"/admin{path}").status_code == 200, path
