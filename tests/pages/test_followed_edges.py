"""Pages of playbooks, tasks and connections where something is not as it should be: stale pages,
hostile words, numbers beyond all. Each answer is a page with words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from leadwise.playbooks import versions
from leadwise.store.cards import set_status
from leadwise.store.connections import list_connections
from leadwise.store.playbooks import get_playbook
from leadwise.store.privacy import erase_person
from leadwise.store.runs import get_run, list_runs
from leadwise.store.tasks import count_own, get_task, list_tasks
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.pages.followed import HOSTILE, TEXT, Followed, connect, follow
from tests.pages.framed import quiet
from tests.pages.site import PagesSite
from tests.pages.test_playbooks import plain
from tests.web.api_service import CARD, publish

HUGE = "9" * 19
HEAD = "playbook: a\nversion: 1\nlabel: L\nstarts:\n  - event: demo_requested\nsteps:\n"


@pytest.fixture
def followed(site: PagesSite) -> Followed:
    return follow(site)


@pytest.fixture
def marta(site: PagesSite, followed: Followed) -> TestClient:
    return quiet(site, "marketing")


@pytest.fixture
def admin(site: PagesSite) -> TestClient:
    connect(site)
    return quiet(site, "administrator")


def task_now(site: PagesSite, number: int) -> Any:
    with site.leads.store.read() as connection:
        return get_task(connection, number)


ODD = {
    f"/tasks?after={HUGE}-1": 200,
    "/tasks?after=x-y&of=%00": 200,
    f"/playbooks/runs?lead={HUGE}&before={HUGE}&state=none": 200,
    "/playbooks/runs?playbook=%00&lead=-1": 200,
    f"/playbooks/write?version={HUGE}": 404,
    f"/playbooks/mails/offer?lead={HUGE}": 200,
    "/playbooks/mails/offer/html?lead=777": 404,
    "/playbooks/mails/%00": 404,
    "/playbooks/1/dry-run?days=99999": 200,
    "/admin/connections/%00": 404,
    "/admin/connections/new/%00": 404,
    f"/admin/connections/crm?before={HUGE}": 200,
}


def test_odd_addresses(followed: Followed, admin: TestClient) -> None:
    for address, status in ODD.items():
        answer = admin.get(address)
        assert answer.status_code == status, (address, plain(answer.text))
        assert "<h1" in answer.text


def test_hostile_words_are_words(followed: Followed, admin: TestClient) -> None:
    pages = ["/playbooks", f"/playbooks/{followed.version}", "/playbooks/runs", "/tasks?of=all",
             "/admin/connections", "/admin/connections/crm",
             *(f"/playbooks/runs/{number}" for number in followed.runs.values())]  # fmt: skip
    for path in pages:
        answer = admin.get(path)
        assert answer.status_code == 200, path
        assert "<script>alert" not in answer.text, path
    told = admin.get(f"/playbooks/runs/{followed.runs['failed']}").text
    assert HOSTILE[40:2_000] in told
    assert HOSTILE[40:3_000] not in told  # a page stays readable


def test_a_lead_that_is_not_there_has_no_mail(marta: TestClient) -> None:
    page = plain(marta.get("/playbooks/mails/offer?lead=777").text)
    assert "There is no lead 777" in page


def test_no_yes_is_guessed(site: PagesSite, followed: Followed, marta: TestClient) -> None:
    approval, held = followed.tasks["approval"], followed.tasks["held"]
    for number in (approval, held):
        for sent in ({}, {"state": "nonsense"}, {"how": "nonsense"}):
            assert marta.post(f"/tasks/{number}/end", data=sent).status_code >= 400
        assert task_now(site, number).state == "open"
    # What belongs to a held run is no answer to an approval.
    assert marta.post(f"/tasks/{approval}/end", data={"how": "go on"}).status_code >= 400
    assert marta.post(f"/tasks/{held}/end", data={"how": "stop"}).status_code == 303
    assert task_now(site, held).state == "refused"


def test_two_people_end_one_task(site: PagesSite, followed: Followed, marta: TestClient) -> None:
    number, rita = followed.tasks["call"], quiet(site, "representative")
    assert marta.post(f"/tasks/{number}/end", data={"state": "done"}).status_code == 303
    late = rita.post(f"/tasks/{number}/end", data={"state": "refused", "said": "no"})
    assert late.status_code == 409
    assert "already" in plain(late.text)
    assert task_now(site, number).state == "done"
    assert rita.post(f"/tasks/{number}/give", data={"member": "1"}).status_code == 409


def test_a_task_is_given_to_members_only(
    site: PagesSite, followed: Followed, marta: TestClient
) -> None:
    number = followed.tasks["call"]
    had = task_now(site, number).member_id
    for member in ("999999", HUGE, "x", "-1"):
        answer = marta.post(f"/tasks/{number}/give", data={"member": member})
        assert answer.status_code == 404, member
    assert task_now(site, number).member_id == had


def test_a_stale_page_pauses_nothing_newer(
    site: PagesSite, followed: Followed, marta: TestClient
) -> None:
    marta.post(f"/playbooks/{followed.draft}/publish", data={})
    for act in ("pause", "resume", "retire"):  # of the version that was live before
        answer = marta.post(f"/playbooks/{followed.version}/{act}", data={"stop": "1"})
        assert answer.status_code in (404, 409)
        assert "not live" in plain(answer.text)
    with site.leads.store.read() as connection:
        assert get_playbook(connection, followed.draft).status == "live"
        assert get_run(connection, followed.runs["waiting"]).state == "waiting"
    own = marta.post(f"/playbooks/{followed.draft}/move", data={"from": str(followed.draft)})
    assert own.status_code >= 400
    for other in ("", "x", "999", HUGE):
        answer = marta.post(f"/playbooks/{followed.draft}/move", data={"from": other})
        assert answer.status_code == 404


def test_stopping_what_is_over_says_so(
    site: PagesSite, followed: Followed, marta: TestClient
) -> None:
    address = f"/playbooks/runs/{followed.runs['done']}"
    marta.post(f"{address}/stop")
    assert "The run was over already." in plain(marta.get(address).text)
    assert marta.post("/playbooks/runs/999/stop").status_code == 404


def test_a_version_that_fits_the_card_no_more(site: PagesSite, marta: TestClient) -> None:
    site.leads.write(lambda c: set_status(c, 1, "retired"))
    site.leads.write(lambda c: publish(c, CARD.replace("version: 1", "version: 2")))
    text = TEXT.replace("follow-up", "by-size").replace("score > 1000", "heads > 10")
    made = site.leads.write(
        lambda c: versions.add(c, text, actor="t", now_us=site.leads.now[0])
    ).version  # fmt: skip
    page = marta.get(f"/playbooks/{made.id}")
    assert page.status_code == 200
    assert "heads" in plain(page.text)
    answer = marta.post(f"/playbooks/{made.id}/publish", data={})
    assert 400 <= answer.status_code < 500
    assert "heads" in plain(answer.text)


def test_texts_that_are_too_much(marta: TestClient) -> None:
    nest, indent = HEAD, "  "
    for _ in range(150):
        nest += f"{indent}- if: score > 1\n{indent}  then:\n"
        indent += "    "
    for text in (HEAD + "  - wait: 1 day\n" * 1_000, "[" * 2_000, "x: " * 2_000,
                 nest + f"{indent}- wait: 1 day\n", HEAD.replace("1", HUGE * 2) + "  - x: 1\n",
                 HEAD + "  - wait: 99999999999999999999 days\n"):  # fmt: skip
        answer = marta.post("/playbooks/write", data={"text": text})
        assert answer.status_code == 422
    assert marta.post("/playbooks/write", data={"text": "x" * 1_100_000}).status_code == 413
    sent = marta.post("/playbooks/write", files={"text": ("x.yaml", b"\xff")})
    assert sent.status_code == 422
    assert "UploadFile" not in sent.text


def test_runs_of_who_was_erased_are_gone(
    site: PagesSite, followed: Followed, marta: TestClient
) -> None:
    site.leads.write(lambda c: erase_person(c, 1, site.leads.now[0], "t"))
    assert marta.get(f"/playbooks/runs/{followed.runs['waiting']}").status_code == 404
    assert marta.get(f"/playbooks/runs/{followed.runs['working']}").status_code == 200
    assert "Call Ann" not in plain(marta.get("/tasks?of=all").text)
    assert marta.post(f"/tasks/{followed.tasks['call']}/end", data={"state": "done"}
                      ).status_code == 404  # fmt: skip
    assert marta.get("/leads/1").status_code in (404, 410)


def test_a_kind_that_is_not_installed_can_be_removed(site: PagesSite, admin: TestClient) -> None:
    assert "of-yesterday pulls not installed" in plain(admin.get("/admin/connections").text)
    page = admin.get("/admin/connections/old")
    assert page.status_code == 200
    assert "old-secret" not in page.text
    assert "Remove this connection" in plain(page.text)
    for act in ("test", "save", "map", "pause", "start"):
        answer = admin.post(f"/admin/connections/old/{act}", data={"what": "pull"})
        assert 400 <= answer.status_code < 500, act
    assert not site.leads.api.with_jobs().list(kind="pull")
    assert admin.post("/admin/connections/old/remove").status_code == 303
    with site.leads.store.read() as connection:
        assert [one.name for one in list_connections(connection)] == ["crm"]


def test_a_connection_starts_only_what_it_does(site: PagesSite, admin: TestClient) -> None:
    for what in ("", "fetch"):
        assert admin.post("/admin/connections/crm/start", data={"what": what}).status_code == 422
    admin.post("/admin/connections/crm/pause")
    assert admin.post("/admin/connections/crm/start", data={"what": "pull"}).status_code == 422
    assert not site.leads.api.with_jobs().list(kind="pull")


def test_a_secret_that_cannot_be_sent_is_not_shown(admin: TestClient) -> None:
    with served(FakeHubSpot(token="x")) as url:
        for token in ("t\u00f6k\u202en-hidden", "two\nlines-hidden"):
            admin.post("/admin/connections/crm/save", data={"token": token, "address": url})
            answer = admin.post("/admin/connections/crm/test")
            assert answer.status_code == 422
            assert "signs that no request can carry" in plain(answer.text)
            assert "hidden" not in re.sub(r"<[^>]*>", "", answer.text)


def test_tasks_stand_in_the_queue_and_at_their_lead(site: PagesSite, followed: Followed) -> None:
    rita = quiet(site, "representative")
    queue = rita.get("/queue")
    assert 'href="/tasks">Your tasks (4)</a>' in queue.text
    assert "2 late" in plain(queue.text)
    lead = rita.get("/leads/1")
    for name in ("call", "approval", "held"):
        assert f'href="/tasks?lead=1#task-{followed.tasks[name]}"' in lead.text
    assert f"#task-{followed.tasks['late']}" not in lead.text
    for state, place in (("waiting", 1), ("held", 1), ("working", 2)):
        there = f'href="/playbooks/runs/{followed.runs[state]}"' in lead.text
        assert there == (place == 1)
    own = rita.get("/tasks?lead=1").text
    assert "Call Ann" in own
    assert "Is 20 % off allowed?" not in own
    done = {"state": "done", "lead": "1"}
    ended = rita.post(f"/tasks/{followed.tasks['call']}/end", data=done)
    assert ended.headers["location"] == "/tasks?lead=1"
    assert "Your tasks (3)" in rita.get("/queue").text
    assert "/playbooks/runs/" not in rita.get("/leads/3").text
    none = quiet(site, "read_only").get("/queue").text
    assert "Your tasks" not in none
    for lead in ("0", "x", HUGE):
        assert rita.get(f"/tasks?lead={lead}").status_code == 200


def test_the_queue_and_a_lead_ask_by_index(site: PagesSite, followed: Followed) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, given: Any, *_: Any) -> None:
        asked.append((sql, given))

    with site.leads.store.read() as connection:
        event.listen(connection, "before_cursor_execute", note)
        count_own(connection, 1, 5)
        list_tasks(connection, lead_id=1, state="open", limit=6)
        list_runs(connection, lead_id=1, limit=6)
        for sql, given in tuple(asked):
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given).all()
            assert "SEARCH" in plan[0][3], (sql, plan)
            assert "_of_" in plan[0][3], (sql, plan)  # of the member, of the lead
