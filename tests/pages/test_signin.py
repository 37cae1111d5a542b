"""Signing in and out with a password, in a process of its own sessions and failures."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from starlette.testclient import TestClient

from leadwise.errors import UserError
from leadwise.store.audit import list_audit
from leadwise.store.members import change_member, get_member
from leadwise.store.opening import Store
from leadwise.store.schema import session, sign_in_failure
from leadwise.store.sessions import IDLE_US, LONGEST_US, find_session, see_session
from leadwise.store.sign_in_failures import (
    WINDOW_US,
    begin_attempt,
    forget_failures,
    locked_until,
)
from leadwise.web.pages.routing import COOKIE, SECURE_COOKIE
from leadwise.web.pages.signin import passwords
from leadwise.web.pages.signin.passwords import hashed, is_weak, verified
from leadwise.web.pages.signin.signed import signed, unsigned
from tests.pages.conftest import PASSWORD
from tests.pages.signing import sign_in_settings
from tests.pages.site import PagesSite

SECOND_US = 1_000_000


def sign_in(client: TestClient, password: str = PASSWORD, **more: str) -> Any:
    sent = {"email": "representative@team.example", "password": password} | more
    return client.post("/sign-in", data=sent)


def trail(site: PagesSite, subject: str = "member") -> list[tuple[str, str, str | None]]:
    with site.leads.store.read() as connection:
        return [(e.action, e.actor, e.detail) for e in list_audit(connection, subject=subject)]


def test_a_password_signs_in_and_out(known: PagesSite) -> None:
    client = known.client()
    assert client.get("/account").headers["location"] == "/sign-in?next=%2Faccount"
    answer = sign_in(client, next="/account")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    page = client.get("/account")
    assert page.status_code == 200
    assert "Representative One" in page.text
    proof = re.search(r'name="_proof" value="([^"]+)"', page.text)
    assert proof is not None
    out = client.post("/sign-out", data={"_proof": proof[1]})
    assert out.headers["location"] == "/sign-in"
    assert client.get("/account").status_code == 303
    assert [action for action, _, _ in trail(known)] == ["sign-out", "sign-in"]
    with known.leads.store.read() as connection:
        who = get_member(connection, known.members["representative"].id)
    assert who.last_in_us == known.leads.now[0]


def test_by_https_the_cookie_is_one_that_only_this_host_can_set(known: PagesSite) -> None:
    client = TestClient(known.app, base_url="https://leads.example", follow_redirects=False)
    cookie = sign_in(client).headers["set-cookie"]
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert {"Secure", "HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert client.get("/account").status_code == 200
    # Another host of the domain, or an answer without TLS, can set the plain name: it is nothing.
    plain = TestClient(known.app, base_url="https://leads.example", follow_redirects=False)
    plain.cookies.set(COOKIE, known.signed_in("administrator")[1])
    assert plain.get("/account").status_code == 303


def test_what_is_wrong_is_not_told(known: PagesSite) -> None:
    never = known.members["read_only"]
    known.leads.write(lambda c: change_member(c, never.id, password=None))
    gone = known.members["marketing"]
    known.leads.write(lambda c: change_member(c, gone.id, disabled_us=1))
    client = known.client()
    answers = [
        sign_in(client, "a typing mistake"),
        sign_in(client, email="nobody@team.example"),
        sign_in(client, email="not an address"),
        sign_in(client, email=never.email),
        sign_in(client, email=gone.email),
        sign_in(client, PASSWORD + " " * 400),
    ]
    assert {answer.status_code for answer in answers} == {422}
    said = {re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}
    assert len(said) == 1
    assert "The e-mail address or the password is wrong." in said.pop()
    assert not any("set-cookie" in answer.headers for answer in answers)
    # What was typed stays, but for the password; the trail has no address in it.
    assert 'value="not an address"' in answers[2].text
    assert "a typing mistake" not in answers[0].text
    told = trail(known)
    assert {action for action, _, _ in told} == {"sign-in-failed"}
    assert not any("@" in (detail or "") for _, _, detail in told)


def test_a_hash_is_compared_also_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch, quick_hashes: object
) -> None:
    compared = []
    real = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher, "verify",
        lambda self, kept, given: compared.append(kept[:27]) or real(self, kept, given),
    )  # fmt: skip
    own = hashed(PASSWORD)
    for kept in (own, None):
        assert verified(kept, "another password") == (False, None)
    assert verified("no hash of Argon2", "another password") == (False, None)
    assert len(compared) == 3
    assert compared[0] == compared[1] == own[:27], "the same parameters, so the same time"


def test_a_hash_of_other_parameters_is_renewed(known: PagesSite) -> None:
    who = known.members["representative"]
    weak = PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    known.leads.write(lambda c: change_member(c, who.id, password=weak))
    assert sign_in(known.client()).status_code == 303
    with known.leads.store.read() as connection:
        kept = get_member(connection, who.id).password
    assert kept is not None
    assert kept.split("$")[3] == "m=64,t=1,p=1"
    assert verified(kept, PASSWORD) == (True, None)


def test_hashes_are_as_the_library_has_them_by_default() -> None:
    """RFC 9106's second choice: Argon2id, 64 MiB, three passes, four lanes."""
    kept = hashed(PASSWORD)
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert verified(kept, PASSWORD) == (True, None)


def test_letters_are_the_same_however_they_are_composed(quick_hashes: object) -> None:
    assert verified(hashed("caf\u00e9 au lait le matin"), "cafe\u0301 au lait le matin")[0]


@pytest.mark.parametrize(
    ("password", "weak"),
    [
        ("elevenchars", True), ("twelve chars", False), ("aaaaaaaaaaaaaa", True),
        ("Representative One", True), ("x" * 100 + "abcdefgh" * 20, True), (PASSWORD, False),
    ],
)  # fmt: skip
def test_weak_passwords(password: str, weak: bool) -> None:
    assert is_weak(password, "representative one", "r@team.example") is weak


def test_after_too_many_failures_the_member_waits(known: PagesSite) -> None:
    sign_in_settings(known, attempts=3)
    client = known.client()
    assert [sign_in(client, "wrong").status_code for _ in range(3)] == [422, 422, 429]
    locked = sign_in(client)
    assert locked.status_code == 429, "also with the right password"
    assert locked.headers["retry-after"] == "901"
    assert "in 15 minutes, at 08:15" in locked.text.replace("8:15\u202fAM", "08:15")
    assert sign_in(client, email="REPRESENTATIVE@team.example").status_code == 429
    assert [action for action, _, _ in trail(known)] == ["lock-out", *["sign-in-failed"] * 3]
    # Others are not held up, and time ends it.
    assert sign_in(known.client(), email="marketing@team.example").status_code == 303
    known.leads.now[0] += WINDOW_US
    assert sign_in(client).status_code == 303
    with known.leads.store.read() as connection:
        assert connection.execute(select(sign_in_failure)).all() == []


def test_a_right_password_makes_failures_forgotten(known: PagesSite) -> None:
    sign_in_settings(known, attempts=2)
    client = known.client()
    for _ in range(3):
        assert sign_in(client, "wrong").status_code == 422
        assert sign_in(client).status_code == 303
        client.cookies.clear()


def test_failures_are_counted_in_the_record(tmp_path: Any) -> None:
    """By member, and three times as many by network address; over processes and restarts."""
    from leadwise.store.schema import metadata

    file = str(tmp_path / "record.db")
    with Store(file) as store:
        store.write(metadata.create_all)
        for number in range(6):
            email = f"{number}@team.example"
            assert store.write(lambda c, e=email: begin_attempt(c, e, "1.2.3.4", 2, 100)) is None
    with Store(file) as store:
        locked = 100 + WINDOW_US
        assert store.write(lambda c: begin_attempt(c, "x@x.example", "1.2.3.4", 2, 200)) == locked
        assert store.write(lambda c: begin_attempt(c, "0@team.example", "5.6.7.8", 2, 200)) is None
        assert (
            store.write(lambda c: begin_attempt(c, "0@team.example", "9.9.9.9", 2, 201)) == locked
        )
        with store.read() as c:
            assert locked_until(c, "1@team.example", "9.9.9.9", 2, 201) is None
            assert "team.example" not in str(c.execute(select(sign_in_failure)).all())
        store.write(lambda c: forget_failures(c, " 0@TEAM.example"))
        assert store.write(lambda c: begin_attempt(c, "0@team.example", "9.9.9.9", 2, 202)) is None
        late = locked + WINDOW_US
        assert store.write(lambda c: begin_attempt(c, "0@team.example", "1.2.3.4", 2, late)) is None
        with store.read() as c:
            assert len(c.execute(select(sign_in_failure)).all()) == 1, "old ones are gone"


def test_every_sign_in_is_a_session_of_its_own(known: PagesSite) -> None:
    client = known.client()
    sign_in(client)
    first = client.cookies[COOKIE]
    sign_in(client)
    second = client.cookies[COOKIE]
    assert first != second
    thief = known.client()
    thief.cookies.set(COOKIE, first)
    assert thief.get("/account").status_code == 303, "the one before has ended"
    thief.cookies.clear()
    thief.cookies.set(COOKIE, "chosen-by-somebody")
    sign_in(thief)
    assert thief.cookies.get(COOKIE, domain="testserver.local") != "chosen-by-somebody"
    with known.leads.store.read() as connection:
        kept = connection.execute(select(session)).all()
    assert len(kept) == 2
    assert second not in str(kept), "a secret is kept as its hash"


def test_a_session_that_nobody_uses_ends(known: PagesSite) -> None:
    client, began = known.client(), known.leads.now[0]
    sign_in(client)
    for hours in (11, 22):
        known.leads.now[0] = began + hours * 3600 * SECOND_US
        assert client.get("/account").status_code == 200
        known.leads.store.write(lambda _: None)  # what was submitted before is written
    known.leads.now[0] += IDLE_US
    assert client.get("/account").status_code == 303
    sign_in(client)
    with known.leads.store.read() as connection:
        assert len(connection.execute(select(session)).all()) == 1, "ended ones are deleted"


def test_no_session_lasts_for_ever(known: PagesSite) -> None:
    began = known.leads.now[0]
    found, secret = known.signed_in("marketing")
    known.leads.write(lambda c: see_session(c, found.id, began + LONGEST_US - 1))
    with known.leads.store.read() as connection:
        assert find_session(connection, secret, began + LONGEST_US - 1) is not None
        assert find_session(connection, secret, began + LONGEST_US) is None


def test_after_signing_in_one_stays_here(known: PagesSite) -> None:
    client = known.client()
    for given, there in {
        "/leads?q=a": "/leads?q=a", "//evil.example": "/", "https://evil.example": "/",
        "/\\evil.example": "/", "/sign-in?next=/x": "/", "": "/", "javascript:x": "/",
    }.items():  # fmt: skip
        assert sign_in(client, next=given).headers["location"] == there
        assert client.get("/sign-in", params={"next": given}).headers["location"] == there


def test_other_sites_cannot_sign_anybody_in(known: PagesSite) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        client = known.client()
        client.headers.update(headers)
        assert sign_in(client).status_code == 403
    client = TestClient(known.app, headers={"origin": "https://evil.example"})
    assert sign_in(client).status_code == 403


def test_passwords_can_be_turned_off(known: PagesSite) -> None:
    sign_in_settings(known, passwords=False)
    client = known.client()
    assert 'name="password"' not in client.get("/sign-in").text
    assert sign_in(client).status_code == 403


def test_what_is_signed_is_good_for_one_purpose_and_time() -> None:
    text = signed(b"key", "one", {"a": 1}, 100)
    assert unsigned(b"key", "one", text, 99) == {"a": 1}
    assert unsigned(b"key", "one", text, 100) is None
    assert unsigned(b"key", "other", text, 99) is None
    assert unsigned(b"other", "one", text, 99) is None
    body, _, seal = text.partition(".")
    for wrong in ("", ".", body, f"{body[:-2]}AA.{seal}", f"{text}é", "x" * 9_000):
        assert unsigned(b"key", "one", wrong, 99) is None


def test_only_a_few_hashes_are_worked_out_at_one_time(
    monkeypatch: pytest.MonkeyPatch, quick_hashes: object
) -> None:
    monkeypatch.setattr(passwords, "WAIT_S", 0.01)
    with ExitStack() as taken:
        for _ in range(passwords.AT_ONCE):
            taken.enter_context(passwords._place())
        with pytest.raises(UserError, match="Too many people are signing in"):
            hashed(PASSWORD)
    assert verified(hashed(PASSWORD), PASSWORD)[0]


def test_no_password_is_written_into_the_form_to_send_again(site: PagesSite) -> None:
    typed = {"old": "the words of today", "password": "the words of tomorrow"}
    answer = site.client().post("/account/password", data=typed)
    assert answer.status_code == 401
    assert "the words of" not in answer.text


def test_signing_out_again_is_no_fault(site: PagesSite) -> None:
    answer = site.client().post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
