"""Administration: members, keys, the trail, jobs, refused events, sources, how the service is."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from leadwise.ingest.forms import Form
from leadwise.ingest.gate.rules import GateRules
from leadwise.ingest.incoming import Incoming
from leadwise.ingest.messages import Received
from leadwise.ingest.record import record
from leadwise.ingest.segment import Arrival, receive_again
from leadwise.ingest.sources import save_form, save_incoming
from leadwise.store.audit import audit, list_audit
from leadwise.store.keys import list_keys, verify_key
from leadwise.store.members import find_member, get_member
from leadwise.store.refusals import list_refused
from leadwise.store.sessions import find_session
from leadwise.store.signing import set_signing_key
from leadwise.web.pages.site import Health
from tests.pages.signing import sign_in_settings
from tests.pages.site import PagesSite
from tests.web.api_service import NOW_US

PASSWORD = "a phrase for the tests"


@pytest.fixture
def admin(site: PagesSite) -> TestClient:
    return site.client("administrator")


def trail(site: PagesSite, subject: str) -> list[tuple[str, str]]:
    with site.leads.store.read() as connection:
        return [(e.action, e.actor) for e in list_audit(connection, subject=subject)]


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def test_the_overview_says_what_waits(site: PagesSite, admin: TestClient) -> None:
    page = plain(admin.get("/admin").text)
    assert "these pages run without it" in page
    assert "Refused events 0 Jobs running 0 Jobs waiting 0 Jobs failed 0" in page
    assert "Members who may sign in 4" in page
    assert "SQLite, one file" in page


@pytest.mark.parametrize("troubles", [[], ["The scorer has ended."]])
def test_the_overview_says_what_is_wrong(
    site: PagesSite, troubles: list[str], tmp_path: Any
) -> None:
    from leadwise.web.app import create_app
    from leadwise.web.pages.routes import mounted, site_of
    from leadwise.web.service import Service

    own = site_of(site.leads.api, b"0" * 32, Health(lambda: troubles, lambda: 300.0))
    service = Service(site.leads.api.settings, site.leads.store)
    site.app = create_app(service, pages=[mounted(lambda: own)])
    page = plain(site.client("administrator").get("/admin").text)
    assert ("The service is ready" in page) == (not troubles)
    assert ("The scorer has ended." in page) == bool(troubles)
    assert "the first for 5 minutes (allowed: 2 minutes)" in page


def test_a_member_is_added_and_comes_in_by_the_link(site: PagesSite, admin: TestClient,
                                                    quick_hashes: object) -> None:  # fmt: skip
    sent = {"name": "Nina New", "email": "Nina@Team.example", "role": "marketing"}
    page = admin.post("/admin/members", data=sent)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    found = re.search(r'value="(http://testserver/welcome\?key=[^"]+)"', page.text)
    assert found is not None
    link = urlsplit(html.unescape(found[1]))
    key = parse_qs(link.query)["key"][0]
    with site.leads.store.read() as connection:
        nina = find_member(connection, email="nina@team.example")
    assert nina is not None
    assert (nina.role, nina.password) == ("marketing", None)
    come = site.client().post("/welcome", data={"key": key, "password": PASSWORD})
    assert come.headers["location"] == "/"
    assert "Nina New" in admin.get("/admin/members").text
    assert ("create", site.members["administrator"].actor) in trail(site, "member")
    twice = admin.post("/admin/members", data=sent)
    assert twice.status_code == 422
    assert "Somebody with this address is a member already." in twice.text
    assert 'value="Nina New"' in twice.text
    for fault in ({"role": "boss"}, {"email": "nina"}, {"name": " "}):
        wrong = admin.post("/admin/members", data=sent | {"email": "x@team.example"} | fault)
        assert wrong.status_code == 422
        assert wrong.text.count('aria-invalid="true"') == 1


def test_without_passwords_a_new_member_needs_no_link(site: PagesSite, admin: TestClient) -> None:
    sign_in_settings(site, passwords=False)
    sent = {"name": "Nina", "email": "nina@team.example", "role": "marketing"}
    assert admin.post("/admin/members", data=sent).headers["location"] == "/admin/members"
    page = admin.get(f"/admin/members/{site.members['marketing'].id}")
    assert "/link" not in page.text


def test_roles_change_and_members_are_disabled(site: PagesSite, admin: TestClient) -> None:
    who = site.members["representative"]
    _, secret = site.signed_in("representative")
    assert "a test" in admin.get(f"/admin/members/{who.id}").text
    assert (
        admin.post(f"/admin/members/{who.id}/role", data={"role": "read_only"}).status_code == 303
    )
    with site.leads.store.read() as connection:
        assert get_member(connection, who.id).role == "read_only"
    assert admin.post(f"/admin/members/{who.id}/role", data={"role": "x"}).status_code == 422
    assert admin.post(f"/admin/members/{who.id}/disable").status_code == 303
    with site.leads.store.read() as connection:
        assert find_session(connection, secret, NOW_US) is None
    assert "disabled" in admin.get("/admin/members").text
    admin.post(f"/admin/members/{who.id}/enable")
    with site.leads.store.read() as connection:
        assert get_member(connection, who.id).disabled_us is None
        assert find_session(connection, secret, NOW_US) is None, "what has ended stays so"
    marketing = site.members["marketing"]
    _, secret = site.signed_in("marketing")
    admin.post(f"/admin/members/{marketing.id}/sign-out")
    with site.leads.store.read() as connection:
        assert find_session(connection, secret, NOW_US) is None
    assert [action for action, _ in trail(site, "member")] == [
        "sign-out", "enable", "disable", "role",
    ]  # fmt: skip
    assert admin.get("/admin/members/999").status_code == 404
    link = admin.post(f"/admin/members/{who.id}/link")
    assert "/welcome?key=" in link.text


def test_the_last_administrator_stays(site: PagesSite, admin: TestClient) -> None:
    own = site.members["administrator"].id
    for path, sent in (("role", {"role": "marketing"}), ("disable", {})):
        refused = admin.post(f"/admin/members/{own}/{path}", data=sent)
        assert refused.status_code == 400
        assert "is the last administrator" in refused.text
    assert admin.get("/admin").status_code == 200


@pytest.mark.parametrize(
    ("language", "last", "member", "key"),
    [
        ("en", "One is the last administrator.", "There is no member 99.", "There is no key 99."),
        ("es", "Es el último administrador.", "No existe ese miembro.", "No existe esa clave."),
        ("fi", "viimeinen ylläpitäjä", "Tällaista jäsentä ei ole.", "Tällaista avainta ei ole."),
    ],
)
def test_what_is_refused_is_said_in_the_readers_language(
    site: PagesSite, admin: TestClient, language: str, last: str, member: str, key: str
) -> None:
    admin.headers["accept-language"] = language
    own = site.members["administrator"].id
    assert last in admin.post(f"/admin/members/{own}/disable").text
    assert member in admin.get("/admin/members/99").text
    refused = admin.post("/admin/keys/99/revoke").text
    assert key in refused
    assert "/api/" not in refused


def test_keys_are_shown_once(site: PagesSite, admin: TestClient) -> None:
    sent = {"name": "reports", "kind": "api", "scope": ["read:leads", "read:cards"], "days": "30"}
    page = admin.post("/admin/keys", data=sent)
    found = re.search(r'value="(lw_[0-9A-Za-z]{43})"', page.text)
    assert found is not None
    with site.leads.store.read() as connection:
        key = verify_key(connection, found[1], NOW_US)
    assert key is not None
    assert key.scopes == {"read:leads", "read:cards"}
    assert key.expires_us == NOW_US + 30 * 86_400_000_000
    assert key.created_by == site.members["administrator"].actor
    listed = admin.get("/admin/keys").text
    assert key.prefix in listed
    assert found[1] not in listed
    assert admin.post(f"/admin/keys/{key.id}/revoke").status_code == 303
    with site.leads.store.read() as connection:
        assert verify_key(connection, found[1], NOW_US) is None
    assert [action for action, _ in trail(site, "key")] == ["revoke", "create"]
    assert admin.post("/admin/keys/999/revoke").status_code == 404


def test_keys_for_tracking_have_origins(site: PagesSite, admin: TestClient) -> None:
    sent = {"name": "site", "kind": "write", "scope": "admin",
            "origins": "https://a.example\r\nhttps://b.example"}  # fmt: skip
    page = admin.post("/admin/keys", data=sent)
    found = re.search(r'value="(lww_[0-9A-Za-z]{43})"', page.text)
    assert found is not None
    with site.leads.store.read() as connection:
        key = verify_key(connection, found[1], NOW_US, "write")
    assert key is not None
    assert (key.scopes, key.origins) == (frozenset(), ("https://a.example", "https://b.example"))


def test_what_is_wrong_with_a_key_is_said(site: PagesSite, admin: TestClient) -> None:
    faults: list[tuple[dict[str, Any], str]] = [
        ({"name": ""}, "This is needed."),
        ({"scope": []}, "at least one thing"),
        ({"scope": ["everything"]}, "at least one thing"),
        ({"days": "soon"}, "A whole number"),
        ({"days": "0"}, "A whole number"),
        ({"days": "9" * 30}, "A whole number"),
        ({"origins": "https://a.example/path"}, "is no origin"),
        ({"origins": "javascript:alert(1)"}, "is no origin"),
        ({"kind": "x"}, ""),
    ]
    for fault, said in faults:
        sent: dict[str, Any] = {"name": "kept", "kind": "api", "scope": ["read:leads"]} | fault
        page = admin.post("/admin/keys", data=sent)
        assert page.status_code == 422, fault
        assert said in page.text, fault
        assert "name" in fault or 'value="kept"' in page.text
    with site.leads.store.read() as connection:
        assert "kept" not in [key.name for key in list_keys(connection)]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("origins", "https://[x"), ("origins", "https://a.example#x"),
        ("days", "000000001" + "9" * 99),
    ],
)  # fmt: skip
def test_odd_values_for_a_key_are_faults(admin: TestClient, field: str, given: str) -> None:
    answer = admin.post("/admin/keys", data={"name": "Site", "kind": "write", field: given})
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text


def test_origins_are_kept_as_browsers_write_them(site: PagesSite, admin: TestClient) -> None:
    given = {"name": "Site", "kind": "write", "origins": "https://WWW.Example.com"}
    assert admin.post("/admin/keys", data=given).status_code == 200
    with site.leads.store.read() as connection:
        assert list_keys(connection)[0].origins == ("https://www.example.com",)


def test_the_trail_is_filtered_and_goes_on(site: PagesSite, admin: TestClient) -> None:
    actor = site.members["marketing"].actor

    def write(connection: Any) -> None:
        for number in range(60):
            audit(connection, actor, "publish", "card", number, f"<b>{number}</b>", NOW_US)
        audit(connection, "key:crm", "export", "lead", 7, None, NOW_US)

    site.leads.write(write)
    page = admin.get("/admin/trail")
    assert "Marketing One" in page.text
    assert 'href="/leads/7"' in page.text
    assert "&lt;b&gt;59&lt;/b&gt;" in page.text
    older = re.search(r'href="(/admin/trail\?[^"]*before=[^"]*)"', page.text)
    assert older is not None
    rest = admin.get(html.unescape(older[1])).text
    assert "&lt;b&gt;0&lt;/b&gt;" in rest
    assert "&lt;b&gt;59&lt;/b&gt;" not in rest
    of_card = admin.get("/admin/trail?subject=card&id=12").text
    assert "card 12" in of_card
    assert "card 13" not in of_card
    assert "nothing about that" in admin.get("/admin/trail?subject=unicorn").text
    assert admin.get("/admin/trail?before=%27x&subject=" + "a" * 500).status_code == 200


def test_jobs_are_listed_cancelled_tried_again(site: PagesSite, admin: TestClient) -> None:
    assert "No job has been put in yet" in admin.get("/admin/jobs").text
    jobs = site.leads.api.with_jobs()
    job = jobs.enqueue("mirror", {}, id="mirror:one/two")
    assert "mirror:one/two" in admin.get("/admin/jobs?state=waiting").text
    assert "No job is in this state" in admin.get("/admin/jobs?state=failed").text
    assert admin.post("/admin/jobs/cancel", data={"job": job}).status_code == 303
    assert jobs.get(job).state == "cancelled"
    assert "Try again" in admin.get("/admin/jobs").text
    assert admin.post("/admin/jobs/retry", data={"job": job}).status_code == 303
    assert jobs.get(job).state == "waiting"
    assert admin.post("/admin/jobs/cancel", data={"job": "none"}).status_code == 404
    assert [action for action, _ in trail(site, "job")] == ["retry", "cancel"]
    assert admin.get("/admin/jobs?after=nonsense&state=nonsense").status_code == 200


def test_refused_events_are_put_right_and_sent_again(site: PagesSite, admin: TestClient) -> None:
    assert "everything that came was taken" in admin.get("/admin/refused").text
    wrong = '{"type": "track", "userId": "ann", "messageId": "m1"}'
    arrival = Arrival("site", NOW_US)
    received = receive_again(wrong, arrival)
    assert isinstance(received, Received)
    assert received.refusals
    site.leads.write(lambda c: record(c, received, GateRules(), NOW_US))
    with site.leads.store.read() as connection:
        (refused,) = list_refused(connection)
    listed = admin.get("/admin/refused")
    assert refused.reason in html.unescape(listed.text)
    assert f"/admin/refused/{refused.id}" in listed.text
    assert "nobody" not in admin.get("/admin/refused?source=nobody").text.replace(
        'value="nobody"', ""
    )
    page = admin.get(f"/admin/refused/{refused.id}")
    assert "messageId" in page.text
    again = admin.post(f"/admin/refused/{refused.id}/again", data={"body": "{not json"})
    assert again.status_code == 422
    assert "{not json" in again.text, "what was typed stays"
    assert 'aria-invalid="true"' in again.text
    right = wrong.replace('"track"', '"track", "event": "Demo Requested"')
    done = admin.post(f"/admin/refused/{refused.id}/again", data={"body": right})
    assert done.headers["location"] == "/admin/refused"
    with site.leads.store.read() as connection:
        assert list_refused(connection, waiting=True) == []
    assert "sent again" in admin.get("/admin/refused?all=1").text
    assert admin.get("/admin/refused/999").status_code == 404
    assert admin.post("/admin/refused/999/again").status_code == 404
    told = [action for action, _ in trail(site, "refused")]
    assert told.count("resend") == 1
    assert "read" in told


def test_forms_and_sources_are_listed(site: PagesSite, admin: TestClient) -> None:
    assert "No web form posts here yet." in admin.get("/admin/sources").text
    secret = "whsec_c2VjcmV0"
    site.leads.write(lambda c: save_form(c, Form("contact", "form:contact"), 1))
    site.leads.write(lambda c: save_incoming(c, Incoming("billing", (secret,)), 1))
    site.leads.write(lambda c: save_incoming(c, Incoming("open"), 1))
    page = admin.get("/admin/sources").text
    assert "http://testserver/f/contact" in page
    assert "http://testserver/in/billing" in page
    assert page.count("whoever knows the name may post") == 1
    assert secret not in page


def test_a_name_and_an_address_are_corrected(site: PagesSite, admin: TestClient) -> None:
    who = site.members["read_only"]
    path = f"/admin/members/{who.id}"
    new = {"name": "Rea Donly", "email": "Rea.Donly@Acme.example "}
    assert admin.post(f"{path}/name", data=new).status_code == 303
    page = admin.get(path).text
    assert "Rea Donly" in page
    assert "rea.donly@acme.example" in page
    taken = {"name": "Rea", "email": site.members["marketing"].email}
    refused = admin.post(f"{path}/name", data=taken)
    assert refused.status_code == 422
    assert "is a member already" in refused.text
    assert site.members["marketing"].email in refused.text  # what was typed is kept


def test_who_presses_add_twice_gets_the_link_again(admin: TestClient, quick_hashes: object) -> None:
    form = {"name": "New Person", "email": "new@acme.example", "role": "read_only"}
    assert "/welcome?key=" in admin.post("/admin/members", data=form).text
    assert "/welcome?key=" in admin.post("/admin/members", data=form).text
    other = admin.post("/admin/members", data=form | {"role": "marketing"})
    assert other.status_code == 422


def test_another_servers_key_is_told(site: PagesSite, admin: TestClient) -> None:
    told = "signs with another secret key"
    assert told not in admin.get("/admin").text
    site.leads.store.write(lambda connection: set_signing_key(connection, b"another" * 8))
    assert told in admin.get("/admin").text


def test_the_trail_of_one_member(site: PagesSite, admin: TestClient) -> None:
    actor = site.members["administrator"].actor
    admin.post(f"/admin/members/{site.members['read_only'].id}/disable")
    page = admin.get("/admin/trail", params={"who": actor}).text
    assert "disabled" in page
    assert "nothing about that" in admin.get("/admin/trail?who=member:0").text
