"""What surrounds every page: who may, what is said where something goes wrong, how it is kept."""

from __future__ import annotations

import html
import re

import pytest

from leadwise.web.pages.forged import FIELD, HEADER, proof, proves
from leadwise.web.pages.opening import COOKIE, SECURE_COOKIE, cookie_of
from leadwise.web.pages.rendering import POLICY
from leadwise.web.pages.visit import NOTICE, is_local
from tests.pages.framed import framed, quiet, visit_of
from tests.pages.site import PagesSite

CROSS = {"sec-fetch-site": "cross-site"}


@pytest.fixture
def frame(site: PagesSite) -> PagesSite:
    return framed(site)


def said(answer: object) -> str:
    return html.unescape(answer.text)


# --- forged requests


def test_a_proof_is_of_one_token_and_another_one_on_each_page() -> None:
    first, second = proof("token"), proof("token")
    assert first != second
    assert proves("token", first)
    assert proves("token", second)
    assert not proves("other", first)
    assert not any(proves("token", bad) for bad in (None, "", ".", first[:-1], "é." + first[17:]))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "cross-site", "origin": "http://testserver"}, 403),
        ({"origin": "http://testserver"}, 303),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({}, 303),
    ],
)
@pytest.mark.parametrize("path", ["/test/save", "/test/anybody"])
def test_what_another_site_sends_is_refused(
    frame: PagesSite, path: str, headers: dict[str, str], status: int
) -> None:
    client = frame.client("representative")
    del client.headers["sec-fetch-site"]
    answer = client.post(path, data={"to": "/queue"}, headers=headers)
    assert answer.status_code == status
    assert (answer.headers.get("location") == "/queue") is (status == 303)


def test_a_form_needs_the_proof_of_its_session(frame: PagesSite) -> None:
    client = frame.client("representative")
    session, _ = frame.signed_in("representative")
    other, _ = frame.signed_in("marketing")
    given = client.headers.pop(HEADER)
    assert client.post("/test/save").status_code == 403
    assert client.post("/test/save", data={FIELD: proof(other.token)}).status_code == 403
    assert client.post("/test/save", data={FIELD: proof(session.token)}).status_code == 303
    assert client.post("/test/save", headers={HEADER: given}).status_code == 303


def test_a_role_that_may_not_is_told_so_and_gets_no_proof(frame: PagesSite) -> None:
    client = frame.client("read_only")
    answer = client.post("/test/save", data={"note": "mine"})
    assert answer.status_code == 403
    assert "Your role does not allow this" in answer.text
    client.headers.pop(HEADER)
    answer = client.post("/test/save", data={"note": "mine"})
    assert "Your role does not allow this" in answer.text
    assert "mine" not in answer.text


# --- signed out in the middle


def test_who_is_signed_out_signs_in_and_comes_back(frame: PagesSite) -> None:
    client = frame.client()
    answer = client.get("/test/shown?a=1&b=ä")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2Ftest%2Fshown%3Fa%3D1%26b%3D%25C3%25A4"
    assert client.head("/test/shown").status_code == 303


def test_a_part_says_that_one_is_signed_out_and_leaves_the_page_as_it_is(frame: PagesSite) -> None:
    for send in (frame.client().get, frame.client().post):
        answer = send("/test/save" if "post" in repr(send) else "/test/shown",
                      headers={"hx-request": "true"})  # fmt: skip
        assert answer.status_code == 401
        assert answer.headers["hx-retarget"] == "#problem"
        assert "<html" not in answer.text
        assert "You are signed out" in answer.text


def test_what_was_typed_outlives_the_session(frame: PagesSite) -> None:
    typed = {"note": "first line\r\nsecond & <last>", "reason": "no budget",
             "password": "hunter2"}  # fmt: skip
    answer = frame.client().post("/test/save?from=1", data=typed)
    assert answer.status_code == 401
    assert "first line" in said(answer)
    assert "second & <last>" in said(answer)
    assert "second &amp; &lt;last&gt;" in answer.text
    assert "hunter2" not in answer.text
    assert "passwords are not kept" in answer.text
    assert 'action="/test/save?from=1"' in answer.text
    assert FIELD not in answer.text

    # Signed in anew, in another session than the one the form was shown in.
    client = frame.client("representative")
    client.headers.pop(HEADER)
    again = client.post("/test/save?from=1", data=typed)
    assert again.status_code == 403
    assert "no budget" in again.text
    given = re.search(f'name="{FIELD}" value="([^"]+)"', again.text)
    assert given is not None
    done = client.post("/test/save?from=1", data={**typed, FIELD: given[1]})
    assert done.status_code == 303


def test_another_site_gets_no_form_to_send_again(frame: PagesSite) -> None:
    client = frame.client("representative")
    client.headers.pop(HEADER)
    answer = client.post("/test/save", data={"note": "planted"}, headers=CROSS)
    assert answer.status_code == 403
    assert "planted" not in answer.text


def test_over_https_only_the_cookie_is_taken_that_no_neighbour_can_plant(frame: PagesSite) -> None:
    own = object()
    assert cookie_of(visit_of(own)) == COOKIE
    assert cookie_of(visit_of(own, scheme="https")) == SECURE_COOKIE
    assert SECURE_COOKIE.startswith("__Host-")


# --- what is not there, what fails


def test_people_get_a_page_and_programs_a_problem(frame: PagesSite) -> None:
    for path, status in (("/nowhere", 404), ("/static/none.js", 404), ("/test/save", 405)):
        page = quiet(frame).get(path)
        assert page.status_code == status, path
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.headers["content-security-policy"] == POLICY
        assert "<h1>" in page.text
        machine = quiet(frame).get(path, headers={"accept": "application/json"})
        assert machine.status_code == status
        assert machine.json()["status"] == status


def test_who_is_not_signed_in_sees_no_navigation_on_a_missing_page(frame: PagesSite) -> None:
    answer = frame.client().get("/nowhere")
    assert answer.status_code == 404
    assert "<nav" not in answer.text


def test_a_method_that_nothing_takes(frame: PagesSite) -> None:
    answer = quiet(frame).request("PROPFIND", "/test/shown")
    assert answer.status_code == 405
    assert "GET" in answer.headers["allow"]
    assert "<h1>" in answer.text


def test_head_is_answered_as_get_without_a_body(frame: PagesSite) -> None:
    got, headed = frame.client("read_only").get("/test/shown"), None
    headed = frame.client("read_only").head("/test/shown")
    assert headed.status_code == got.status_code == 200
    assert headed.headers["content-type"] == got.headers["content-type"]
    assert headed.content == b""
    assert frame.client("read_only").head("/test/flows").status_code == 200


def test_too_large_a_form_is_answered_with_a_page(frame: PagesSite) -> None:
    def parts() -> object:
        yield b"note=" + b"x" * 70_000

    kind = {"content-type": "application/x-www-form-urlencoded"}
    for content in (b"note=" + b"x" * 70_000, parts()):
        answer = quiet(frame).post("/test/save", content=content, headers=kind)
        assert answer.status_code == 413
        assert "too large" in answer.text
        assert "<h1>" in answer.text
    machine = quiet(frame).post("/test/save", content=b"x" * 70_000, headers={"accept": "*/*"})
    assert machine.json()["code"] == "body-too-large"


def test_too_many_fields_are_told(frame: PagesSite) -> None:
    fields = {f"field{number}": "x" for number in range(600)}
    answer = quiet(frame).post("/test/save", data=fields)
    assert answer.status_code == 400
    assert "could not be read" in answer.text


def test_a_defect_says_nothing_of_its_inside_and_gives_a_number(frame: PagesSite) -> None:
    answer = quiet(frame).get("/test/breaks", headers={"x-request-id": "abc-1"})
    assert answer.status_code == 500
    assert "abc-1" in answer.text
    assert "ZeroDivision" not in answer.text
    assert answer.headers["content-security-policy"] == POLICY
    part = quiet(frame).get("/test/breaks", headers={"hx-request": "true"})
    assert part.status_code == 500
    assert "<html" not in part.text


def test_another_system_that_fails_is_no_defect(frame: PagesSite) -> None:
    answer = quiet(frame).get("/test/remote")
    assert answer.status_code == 503
    assert "went away" not in answer.text


def test_an_error_of_a_page_is_told_and_escaped(frame: PagesSite) -> None:
    answer = frame.client("read_only").get("/test/fails")
    assert answer.status_code == 404
    assert "There is no lead &lt;b&gt;." in answer.text
    part = frame.client("read_only").get("/test/fails", headers={"hx-request": "true"})
    assert part.headers["hx-retarget"] == "#problem"
    assert part.text.startswith('<div class="problem" role="alert">')
    whole = frame.client("read_only").get(
        "/test/fails", headers={"hx-request": "true", "hx-request-type": "full"}
    )
    assert "<html" in whole.text


def test_a_number_beyond_all_of_ours_is_a_page_that_is_not_there(frame: PagesSite) -> None:
    client = frame.client("read_only")
    assert client.get(f"/test/number/{2**63 - 1}").text == str(2**63 - 1)
    assert client.get(f"/test/number/{2**63}").status_code == 404


@pytest.mark.parametrize("name", ["utf-7", "unicode_escape", "idna", "hex", "nonsense"])
def test_a_form_in_another_encoding_is_refused(frame: PagesSite, name: str) -> None:
    # Half a surrogate, which no database keeps, or what the encoding itself fails at.
    body = b'--B\r\nContent-Disposition: form-data; name="email"\r\n\r\n+2AA-\\ud800zz\r\n--B--\r\n'
    kind = f"multipart/form-data; boundary=B; charset={name}"
    answer = frame.client().post("/test/anybody", content=body, headers={"content-type": kind})
    assert answer.status_code == 400
    assert "could not be read" in answer.text
    ours = {"content-type": 'multipart/form-data; boundary=B; charset="UTF-8"'}
    assert frame.client().post("/test/anybody", content=body, headers=ours).status_code == 303


# --- going on


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        ("/queue", True), ("/leads?search=a b&x=//", True), ("/", True),
        ("//evil.example", False), ("/\\evil.example", False), ("/\t/evil.example", False),
        ("/\n/evil.example", False), ("\t//evil.example", False), ("https://evil.example", False),
        ("javascript:alert(1)", False), ("evil.example", False), ("", False),
    ],
)  # fmt: skip
def test_one_goes_on_within_the_site_only(frame: PagesSite, address: str, ours: bool) -> None:
    assert is_local(address) is ours
    client = frame.client("representative")
    expected = address.replace(" ", "%20") if ours else "/"
    assert client.post("/test/save", data={"to": address}).headers["location"] == expected
    part = client.post("/test/save", data={"to": address}, headers={"hx-request": "true"})
    assert part.status_code == 204
    assert part.headers["hx-redirect"] == expected


def test_what_was_done_is_said_once_on_the_next_page(frame: PagesSite) -> None:
    client = frame.client("representative")
    set_ = client.post("/test/save").headers["set-cookie"]
    assert set_.startswith(NOTICE)
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in set_.split(";")}
    assert "Saved “ä”." in client.get("/test/shown").text
    assert "Saved" not in client.get("/test/shown").text


# --- headers


def test_every_page_carries_the_policy(frame: PagesSite) -> None:
    headers = frame.client("read_only").get("/test/shown").headers
    assert headers["content-security-policy"] == POLICY
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "unsafe" not in POLICY
    assert "default-src 'none'" in POLICY


def test_a_redirect_is_not_without_a_policy(frame: PagesSite) -> None:
    headers = frame.client().get("/test/shown").headers
    assert "default-src 'none'" in headers["content-security-policy"]


def test_names_from_outside_are_escaped(frame: PagesSite) -> None:
    page = frame.client("read_only").get("/test/shown")
    assert "&lt;i&gt;" in page.text
    assert "<i>" not in page.text
