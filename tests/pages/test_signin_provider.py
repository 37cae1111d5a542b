"""Signing in through an OpenID Connect provider: a real one, on this machine, by its own forms."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import RSAKey
from oidc_provider_mock import User, run_server_in_thread
from starlette.testclient import TestClient

from leadwise.errors import UserError
from leadwise.store.audit import list_audit
from leadwise.store.members import Member, change_member, find_member
from leadwise.web.pages.signin import provider as module
from leadwise.web.pages.signin.provider import Provider, new_flow
from leadwise.web.pages.signin.provider_pages import COOKIE, MOST_TABS, SECONDS, cookie_name
from leadwise.web.pages.signin.signed import unsigned
from tests.pages.signing import sign_in_settings
from tests.pages.site import SECRET, PagesSite
from tests.web.shell import free_port

EMAIL = "representative@team.example"


@contextmanager
def provider(*users: tuple[str, dict[str, object]]) -> Iterator[str]:
    """The address of a provider that knows these people."""
    known = [User(sub=sub, claims=claims) for sub, claims in users]
    with run_server_in_thread(require_nonce=True, user_claims=known) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def issuer(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    # The provider of the tests speaks no TLS; this is its own switch.
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    people: tuple[tuple[str, dict[str, object]], ...] = (
        ("rep", {"email": EMAIL.upper(), "email_verified": True, "name": "Rep"}),
        ("other", {"email": EMAIL, "email_verified": True}),
        ("new", {"email": "new@team.example", "email_verified": True, "name": "Nina New"}),
        ("loose", {"email": "marketing@team.example", "email_verified": False}),
        ("mute", {}),
    )
    with provider(*people) as address:
        yield address


def use(site: PagesSite, issuer: str, **more: Any) -> None:
    sign_in_settings(site, issuer=issuer, client_id="leadwise", client_secret="s3cret",
                     provider_name="Acme", **more)  # fmt: skip


def ask(there: str, sub: str) -> str:
    """Fill in the provider's form; the address with which it sends the browser back."""
    with httpx2.Client() as browser:
        assert browser.get(there).status_code == 200
        answer = browser.post(there, data={"sub": sub})
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


def sign_in(client: TestClient, sub: str, next_: str = "/leads") -> Any:
    there = client.get("/sign-in/provider", params={"next": next_}).headers["location"]
    return client.get(ask(there, sub))


def kept_in(client: TestClient) -> list[tuple[str, str]]:
    """The cookies of sign-ins that have begun: names and values."""
    return [(name, value) for name, value in client.cookies.items() if name.startswith(COOKIE)]


def test_two_tabs_sign_in_at_the_same_time(site: PagesSite, issuer: str) -> None:
    use(site, issuer)
    client = site.client()
    first = client.get("/sign-in/provider?next=/leads").headers["location"]
    second = client.get("/sign-in/provider?next=/studio").headers["location"]
    for there, next_ in ((first, "/leads"), (second, "/studio")):
        back = ask(there, "rep")
        answer = client.get(back)
        assert (answer.status_code, answer.headers["location"]) == (303, next_)
    assert not kept_in(client)
    assert client.get(back).headers["location"] == "/", "signed in, an old address does no harm"
    assert site.client().get(back).status_code == 403
    for _ in range(20):
        client.get("/sign-in/provider")
    assert len(kept_in(client)) <= MOST_TABS


def member(site: PagesSite, email: str) -> Member | None:
    with site.leads.store.read() as connection:
        return find_member(connection, email=email)


def test_a_verified_address_joins_once_then_the_subject_counts(
    site: PagesSite, issuer: str
) -> None:
    use(site, issuer)
    client = site.client()
    assert "Sign in with Acme" in client.get("/sign-in").text
    answer = sign_in(client, "rep")
    assert (answer.status_code, answer.headers["location"]) == (303, "/leads")
    assert "Representative One" in client.get("/account").text
    assert not kept_in(client)
    found = member(site, EMAIL)
    assert found is not None
    assert found.subject == f"{issuer} rep"
    # Their address here changes; the person is the same.
    site.leads.write(lambda c: change_member(c, found.id, email="renamed@team.example"))
    assert sign_in(site.client(), "rep").status_code == 303
    # Whoever has the address at the provider later is somebody else.
    site.leads.write(lambda c: change_member(c, found.id, email=EMAIL))
    refused = sign_in(site.client(), "other")
    assert refused.status_code == 403
    with site.leads.store.read() as connection:
        told = [(e.action, e.detail) for e in list_audit(connection, subject="member")]
    assert told == [
        ("sign-in-failed", "provider"), ("sign-in", "provider"), ("sign-in", "provider"),
        ("join", "provider"),
    ]  # fmt: skip


def test_it_is_the_code_flow_with_pkce_state_and_nonce(site: PagesSite, issuer: str) -> None:
    use(site, issuer)
    answer = site.client().get("/sign-in/provider?next=//evil.example")
    asked = {name: value[0] for name, value in
             parse_qs(urlsplit(answer.headers["location"]).query).items()}  # fmt: skip
    assert answer.headers["location"].startswith(f"{issuer}/oauth2/authorize?")
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert asked["client_id"] == "leadwise"
    assert asked["scope"] == "openid email profile"
    assert asked["redirect_uri"] == "http://testserver/sign-in/provider/back"
    cookie = answer.headers["set-cookie"]
    assert {"HttpOnly", "SameSite=lax", f"Max-Age={SECONDS}"} <= set(cookie.split("; "))
    text = cookie.split(";")[0].partition("=")[2]
    kept = unsigned(SECRET, "provider", text, site.leads.now[0])
    assert kept is not None
    assert (kept["state"], kept["nonce"], kept["next"]) == (asked["state"], asked["nonce"], "/")
    assert asked["code_challenge"] == create_s256_code_challenge(kept["verifier"])
    assert kept["verifier"] not in answer.headers["location"]
    object.__setattr__(site.leads.api.settings, "public_url", "https://leads.example")
    there = site.client().get("/sign-in/provider").headers["location"]
    assert "https%3A%2F%2Fleads.example%2Fsign-in%2Fprovider%2Fback" in there


@pytest.mark.parametrize("sub", ["new", "loose", "mute"])
def test_who_is_no_member_learns_whom_to_ask(site: PagesSite, issuer: str, sub: str) -> None:
    use(site, issuer)
    answer = sign_in(site.client(), sub)
    assert answer.status_code == 403
    assert "Ask an administrator: Administrator One." in answer.text
    assert ("is verified" in answer.text) == (sub != "new")
    assert "leadwise_session" not in answer.headers.get("set-cookie", "")
    assert member(site, "new@team.example") is None
    marketing = member(site, "marketing@team.example")
    assert marketing is not None
    assert marketing.subject is None, "an address that nobody verified joins nobody"


def test_what_no_record_keeps_is_left_out_or_refused(
    site: PagesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")
    odd: dict[str, object] = {"email": "odd@team.example", "email_verified": True}
    people = (
        ("odd", {**odd, "name": "Nina\0\n New"}), ("a\0b", odd), ("x" * 256, odd),
    )  # fmt: skip
    with provider(*people) as issuer:
        use(site, issuer, new_member_role="read_only")
        assert sign_in(site.client(), "odd").status_code == 303
        for sub in ("a\0b", "x" * 256):
            assert "did not succeed" in sign_in(site.client(), sub).text
    found = member(site, "odd@team.example")
    assert found is not None
    assert found.name == "Nina   New"


def test_new_people_get_a_role_where_the_settings_say_so(site: PagesSite, issuer: str) -> None:
    use(site, issuer, new_member_role="read_only")
    client = site.client()
    assert sign_in(client, "new").status_code == 303
    found = member(site, "new@team.example")
    assert found is not None
    assert (found.name, found.role, found.password) == ("Nina New", "read_only", None)
    assert sign_in(site.client(), "loose").status_code == 403
    site.leads.write(lambda c: change_member(c, found.id, disabled_us=1))
    assert sign_in(site.client(), "new").status_code == 403
    assert client.get("/account").status_code == 303


def test_answers_that_were_not_asked_for_are_refused(site: PagesSite, issuer: str) -> None:
    use(site, issuer)
    client = site.client()
    there = client.get("/sign-in/provider").headers["location"]
    (name, kept), back = kept_in(client)[0], ask(there, "rep")

    def answered(address: str, cookie: str | None) -> int:
        one = site.client()
        if cookie is not None:
            asked = parse_qs(urlsplit(address).query)["state"][0]
            one.cookies.set(cookie_name(asked), cookie)
        found = one.get(address)
        assert "leadwise_session" not in found.headers.get("set-cookie", "")
        assert found.status_code == 303 or 'role="alert"' in found.text
        return int(found.status_code)

    state = parse_qs(urlsplit(back).query)["state"][0]
    assert answered(back, None) == 403, "another browser"
    assert answered(back.replace(state, "x" * len(state)), kept) == 403, "another state"
    body, _, seal = kept.partition(".")
    changed = json.loads(base64.urlsafe_b64decode(body + "=="[: -len(body) % 4])) | {"nonce": "x"}
    forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).decode().rstrip("=")
    assert answered(back, f"{forged}.{seal}") == 403, "a cookie that was changed"
    assert answered(f"/sign-in/provider/back?state={state}&error=access_denied", kept) == 403
    assert answered(f"/sign-in/provider/back?state={state}&code=guessed", kept) == 403
    assert answered(f"{back}&iss=https://other.example", kept) == 403, "another provider"
    site.leads.now[0] += SECONDS * 1_000_000
    assert answered(back, kept) == 403, "too late"
    site.leads.now[0] -= 1
    client.cookies.set(name, kept)
    assert client.get(back).status_code == 303
    assert answered(back, kept) == 403, "a code is good once"


def test_another_nonce_is_refused(
    site: PagesSite, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code of another sign-in, put into this one."""
    use(site, issuer)
    client = site.client()
    there = client.get("/sign-in/provider").headers["location"]
    nonce = parse_qs(urlsplit(there).query)["nonce"][0]
    back = ask(there.replace(nonce, "another"), "rep")
    assert client.get(back).status_code == 403


@cache
def two_keys() -> tuple[RSAKey, RSAKey]:
    return RSAKey.generate_key(2048), RSAKey.generate_key(2048)


def token_of(key: RSAKey, issuer: str, now: int, **claims: Any) -> str:
    values = {
        "iss": issuer, "sub": "x", "aud": "leadwise", "iat": now, "exp": now + 60, "nonce": "n",
    } | claims  # fmt: skip
    return jwt.encode({"alg": "RS256"}, {k: v for k, v in values.items() if v is not None}, key)


@pytest.mark.parametrize(
    ("fault", "claims"),
    [
        ("", {}), ("", {"aud": ["other", "leadwise"], "azp": "leadwise"}),
        ("issuer", {"iss": "https://other.example"}), ("audience", {"aud": "other"}),
        ("party", {"aud": ["other", "leadwise"], "azp": "other"}), ("over", {"exp": 1_000}),
        ("nonce", {"nonce": "m"}), ("no nonce", {"nonce": None}), ("nobody", {"sub": None}),
        ("key", {}), ("alg none", {}), ("alg HS256", {}),
    ],
)  # fmt: skip
def test_id_tokens_are_checked(fault: str, claims: dict[str, Any]) -> None:
    issuer, now = "https://id.example", int(time.time())
    key, other = two_keys()
    token = token_of(other if fault == "key" else key, issuer, now, **claims)
    if fault.startswith("alg"):
        header = {"alg": fault.split()[1]}
        parts = [json.dumps(header).encode(), base64.urlsafe_b64decode(token.split(".")[1] + "==")]
        made = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
        token = ".".join([*made, ""])
    about = {"issuer": issuer, "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"]}
    keys = {"keys": [key.as_dict(private=False)]}
    own = Provider(issuer, "leadwise", "", "")
    if fault:
        with pytest.raises(UserError):
            own._claims(about, keys, {"id_token": token}, "n")
    else:
        assert own._claims(about, keys, {"id_token": token}, "n")["sub"] == "x"


def test_a_provider_that_is_down_is_said_to_be(
    site: PagesSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SECONDS", 2.0)
    use(site, f"http://127.0.0.1:{free_port()}")
    answer = site.client().get("/sign-in/provider?next=/leads")
    assert answer.status_code == 503
    assert "Acme does not answer. Try again in a few minutes." in " ".join(
        answer.text.replace("<strong>", "").replace("</strong>", "").split()
    )
    assert 'name="next" value="/leads"' in answer.text, "with a password one can go on"


def test_without_a_provider_there_is_none(site: PagesSite) -> None:
    client = site.client()
    assert "/sign-in/provider" not in client.get("/sign-in").text
    assert client.get("/sign-in/provider").status_code == 404
    assert client.get("/sign-in/provider/back?state=x&code=y").status_code == 403


def test_every_sign_in_has_chances_of_its_own() -> None:
    one, two = new_flow(), new_flow()
    values = {one.state, one.nonce, one.verifier, two.state, two.nonce, two.verifier}
    assert len(values) == 6
    assert min(len(value) for value in values) >= 43
