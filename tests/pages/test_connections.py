"""Pages of connections: made, tested against a system, mapped, what was sent, never a secret."""

from __future__ import annotations

import html
import re

import pytest
from starlette.testclient import TestClient

from leadwise.connect.kinds import kinds
from leadwise.store.audit import list_audit
from leadwise.store.connections import (
    change_connection,
    get_connection,
    list_connections,
    note_exchange,
)
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.pages.site import PagesSite

PLACE = "/admin/connections"
TOKEN = "pat-very-secret"


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.fixture
def admin(site: PagesSite) -> TestClient:
    return site.client("administrator")


def made(admin: TestClient, url: str = "http://127.0.0.1:9", token: str = TOKEN) -> None:
    given = {"connection_name": "crm", "token": token, "address": url, "pulls": "1"}
    answer = admin.post(f"{PLACE}/new/hubspot", data=given)
    assert answer.headers.get("location") == f"{PLACE}/crm", plain(answer.text)


def test_every_kind_has_a_form(admin: TestClient) -> None:
    page = admin.get(PLACE)
    assert "Nothing is connected yet." in plain(page.text)
    for kind in kinds():
        assert f"{PLACE}/new/{kind.name}" in page.text
        form = admin.get(f"{PLACE}/new/{kind.name}")
        assert form.status_code == 200
        assert all(f'name="{ask.name}"' in form.text for ask in kind.asks)


def test_it_is_tested_against_the_system(site: PagesSite, admin: TestClient) -> None:
    with served(FakeHubSpot(token=TOKEN)) as url:
        made(admin, url)
        page = plain(admin.post(f"{PLACE}/crm/test").text)
        assert "It answers." in page
        assert "pull, push" in page
        with site.leads.store.transaction() as connection:
            change_connection(connection, 1, mapping={"jobtitel": "role"})
        page = plain(admin.post(f"{PLACE}/crm/test").text)
        assert "The mapping names fields that it does not have: jobtitel" in page
        admin.post(f"{PLACE}/crm/save", data={"token": "wrong", "address": url, "pulls": "1"})
        refused = admin.post(f"{PLACE}/crm/test")
        assert refused.status_code == 422
        assert "401" in plain(refused.text)


def test_a_secret_is_never_shown_and_stays_where_it_is_not_given(
    site: PagesSite, admin: TestClient
) -> None:
    made(admin)
    assert TOKEN not in admin.get(f"{PLACE}/crm").text
    assert "One is kept." in plain(admin.get(f"{PLACE}/crm").text)
    admin.post(f"{PLACE}/crm/save", data={"token": "", "address": "http://127.0.0.1:8"})
    with site.leads.store.read() as connection:
        row = get_connection(connection, "crm")
        trail = [(one.action, one.detail) for one in list_audit(connection, subject="connection")]
    assert (row.secrets["token"], row.options["address"]) == (TOKEN, "http://127.0.0.1:8")
    assert (row.pulls, row.pushes) == (False, False)
    assert TOKEN not in str(trail)
    admin.post(f"{PLACE}/crm/save", data={"token": "env:HUBSPOT_TOKEN"})
    assert "env:HUBSPOT_TOKEN" in admin.get(f"{PLACE}/crm").text


def test_fields_are_mapped_line_by_line(site: PagesSite, admin: TestClient) -> None:
    made(admin)
    said = "jobtitle = title\nnumemployees = employees\nphone ="
    admin.post(f"{PLACE}/crm/map", data={"mapping": said})
    with site.leads.store.read() as connection:
        mapping = dict(get_connection(connection, "crm").mapping)
    assert mapping == {"jobtitle": "title", "numemployees": "employees", "phone": ""}
    wrong = admin.post(f"{PLACE}/crm/map", data={"mapping": "jobtitle\nx = y"})
    assert wrong.status_code == 422
    assert "Line 1" in plain(wrong.text)
    assert "x = y" in wrong.text


def test_it_rests_goes_on_and_goes(site: PagesSite, admin: TestClient) -> None:
    made(admin)
    admin.post(f"{PLACE}/crm/pause")
    assert "paused" in plain(admin.get(PLACE).text)
    admin.post(f"{PLACE}/crm/resume")
    with site.leads.store.read() as connection:
        row = get_connection(connection, "crm")
        assert row.paused_us is None
    now_us = site.leads.now[0]
    site.leads.store.write(
        lambda c: note_exchange(
            c, row.id, "out", "push", "refused", 3, now_us, "no such field <score>"
        )
    )  # fmt: skip
    assert "push refused 3 no such field <score>" in plain(admin.get(f"{PLACE}/crm").text)
    admin.post(f"{PLACE}/crm/remove")
    with site.leads.store.read() as connection:
        assert not list_connections(connection)


def test_pulling_is_a_job(site: PagesSite, admin: TestClient) -> None:
    made(admin)
    admin.post(f"{PLACE}/crm/start", data={"what": "pull"})
    (job,) = site.leads.api.with_jobs().list(kind="pull")
    assert job.arguments == {"connection": "crm"}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"connection_name": "Not a name", "token": "x"}, "cannot be the name"),
        ({"connection_name": "crm", "token": ""}, "needs token"),
    ],
)
def test_what_is_wrong_is_said_and_the_form_stays(
    admin: TestClient, data: dict[str, str], told: str
) -> None:
    answer = admin.post(f"{PLACE}/new/hubspot", data=data)
    assert answer.status_code == 422
    assert told in plain(answer.text)
    assert "x" not in re.findall(r'type="password"[^>]*value="([^"]*)"', answer.text)


def test_what_is_not_there_is_said(admin: TestClient) -> None:
    assert admin.get(f"{PLACE}/none").status_code == 404
    assert admin.get(f"{PLACE}/new/none").status_code in (404, 422)


def test_the_list_says_what_is_known_and_no_more(
    site: PagesSite, admin: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_SUCH_TOKEN", raising=False)
    made(admin, token="env:NO_SUCH_TOKEN")
    assert "not set NO_SUCH_TOKEN" in plain(admin.get(PLACE).text)
    assert "A secret is not there." in plain(admin.get(f"{PLACE}/crm").text)
    monkeypatch.setenv("NO_SUCH_TOKEN", TOKEN)
    assert "nothing exchanged yet" in plain(admin.get(PLACE).text)
    assert "A secret is not there." not in plain(admin.get(f"{PLACE}/crm").text)
    with site.leads.store.transaction() as connection:
        note_exchange(connection, 1, "in", "pull", "done", 3, 1, "3 new")
    shown = plain(admin.get(PLACE).text)
    assert "nothing exchanged yet" not in shown
    assert "well" in shown
