"""Pages of playbooks: written, checked, published, drawn with counts, run step by step; tasks."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from leadwise.errors import UserError
from leadwise.playbooks import versions
from leadwise.playbooks.library import NAMES, mails_of, shipped_playbook, shipped_text
from leadwise.playbooks.triggers.left_out import remember
from leadwise.playbooks.triggers.model import Candidate
from leadwise.store.audit import list_audit
from leadwise.store.owners import give_lead
from leadwise.store.playbooks import get_playbook, list_playbooks
from leadwise.store.runs import get_run, list_runs
from leadwise.store.tasks import list_tasks, open_task
from leadwise.store.templates import list_templates
from tests.cli.running import run
from tests.pages.site import PagesSite
from tests.playbooks.engine.world import DAY, World

TEXT = """playbook: follow-up
version: 1
label: After a demo
starts:
  - event: demo_requested
steps:
  - task: {title: "Call <b>{{ lead.id }}</b>", kind: call, to: owner, wait: true}
  - if: score > 1000
    then:
      - wait: 3 days
    otherwise:
      - approve: {question: May we go on?, of: owner}
safety: {again: 90 days}
"""


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


@pytest.fixture
def marta(site: PagesSite) -> TestClient:
    return site.client("marketing")


@pytest.fixture
def world(site: PagesSite) -> World:
    return World(site.leads.store, now_us=site.leads.now[0])


def kept(site: PagesSite, marta: TestClient, text: str = TEXT) -> int:
    answer = marta.post("/playbooks/write", data={"text": text})
    assert answer.status_code == 303, plain(answer.text)
    return int(answer.headers["location"].rpartition("/")[2])


def begun(site: PagesSite, marta: TestClient, world: World) -> int:
    """A published playbook in which a lead of Rita's is at the first step."""
    version_id = kept(site, marta)
    assert marta.post(f"/playbooks/{version_id}/publish", data={"why": "now"}).status_code == 303
    rita = site.members["representative"]

    def start(connection: Any) -> int:
        give_lead(connection, 1, rita.id, was=None, actor="t", now_us=world.now_us)
        made = versions.start_by_hand(connection, "follow-up", [1], actor="t", now_us=world.now_us)
        return made.run_ids[0]

    run_id = site.leads.store.write(start)
    world.move()
    return run_id


def test_there_is_something_to_begin_from(site: PagesSite, marta: TestClient) -> None:
    page = marta.get("/playbooks")
    assert "There is no playbook yet" in plain(page.text)
    assert page.text.count("/playbooks/write?ready=") == len(NAMES)
    assert "/playbooks/wish" not in page.text  # no model is set
    for name in NAMES:
        shown = plain(marta.get(f"/playbooks/write?ready={name}").text)
        assert f"playbook: {name}" in shown
    assert "Begin one" not in plain(site.client("read_only").get("/playbooks").text)


def test_a_text_with_faults_is_shown_with_them_and_kept(site: PagesSite, marta: TestClient) -> None:
    wrong = TEXT.replace("score > 1000", "colour = 'red'").replace("wait: 3 days", "wait: 3 moons")
    for then in ("", "check"):
        answer = marta.post("/playbooks/write", data={"text": wrong, "then": then})
        assert answer.status_code == (200 if then else 422)
        page = plain(answer.text)
        assert "3 moons" in page
        assert "Line 10" in page
    with site.leads.store.read() as connection:
        assert not list_playbooks(connection)


def test_it_is_checked_published_paused_and_retired(
    site: PagesSite, marta: TestClient, world: World
) -> None:
    version_id = kept(site, marta)
    address = f"/playbooks/{version_id}"
    page = plain(marta.get(address).text)
    assert "After a demo draft" in page
    assert "When 'demo_requested' happens." in page
    assert "If so" in page
    assert "Otherwise" in page
    for act, said in (
        ("publish", "live"), ("pause", "paused"), ("resume", "live"), ("retire", "retired"),
    ):  # fmt: skip
        assert marta.post(f"{address}/{act}", data={}).headers["location"] == address
        with site.leads.store.read() as connection:
            assert [one.status for one in list_playbooks(connection)] == [said]
    with site.leads.store.read() as connection:
        trail = [one.action for one in list_audit(connection, subject="playbook")]
    assert trail == ["retire", "resume", "pause", "publish", "add"]


def test_runs_are_counted_where_they_stand_and_told_step_by_step(
    site: PagesSite, marta: TestClient, world: World
) -> None:
    run_id = begun(site, marta, world)
    drawn = marta.get("/playbooks/1").text
    assert re.search(r'class="step of-task" data-at="1"', drawn)
    assert "1 here" in plain(drawn)
    assert 'id="counted" hx-get="/playbooks/1" hx-trigger="every 10s"' in drawn  # it is renewed
    listed = plain(marta.get("/playbooks").text)
    assert "After a demo follow-up, version 1 live 1 0 0 0" in listed
    run = plain(marta.get(f"/playbooks/runs/{run_id}").text)
    assert "waiting" in run
    assert "It stands at this step: Give the lead's owner a task" in run
    assert "null" not in run
    there = re.search(r'href="(/playbooks/runs\?version=1&amp;at=[0-9])"', drawn)
    assert there is not None
    standing = marta.get(html.unescape(there[1])).text
    assert f'/playbooks/runs/{run_id}"' in standing
    assert "at this step: Give the lead's owner a task" in plain(standing)
    assert f'/playbooks/runs/{run_id}"' not in marta.get("/playbooks/runs?version=1&at=9").text

    rita = site.client("representative")
    tasks = rita.get("/tasks").text
    assert "Call &lt;b&gt;1&lt;/b&gt;" in tasks
    assert "Yours (1)" in plain(tasks)
    with site.leads.store.read() as connection:
        (task,) = list_tasks(connection, state="open")
    done = rita.post(f"/tasks/{task.id}/end", data={"state": "done", "said": "She is in."})
    assert done.headers["location"] == "/tasks"
    world.move()
    shown = plain(marta.get(f"/playbooks/runs/{run_id}").text)
    assert "She is in." in shown
    assert "Nothing is asked of you." not in plain(rita.get("/tasks").text)  # the approval is next

    with site.leads.store.read() as connection:
        (approval,) = list_tasks(connection, state="open")
    assert approval.kind == "approval"
    assert "May we go on?" in plain(rita.get("/tasks").text)
    rita.post(f"/tasks/{approval.id}/end", data={"state": "refused"})
    world.move()
    with site.leads.store.read() as connection:
        assert get_run(connection, run_id).state in ("stopped", "done")
    assert "1" in plain(marta.get("/playbooks/runs?playbook=follow-up").text)


def test_a_run_is_stopped_and_its_task_goes(
    site: PagesSite, marta: TestClient, world: World
) -> None:
    run_id = begun(site, marta, world)
    reader = site.client("read_only")
    assert "Stop this run" not in plain(reader.get(f"/playbooks/runs/{run_id}").text)
    assert reader.post(f"/playbooks/runs/{run_id}/stop").status_code == 403
    marta.post(f"/playbooks/runs/{run_id}/stop")
    with site.leads.store.read() as connection:
        assert get_run(connection, run_id).state == "stopped"
        assert not list_tasks(connection, state="open")


def test_runs_move_to_another_version_on_purpose(
    site: PagesSite, marta: TestClient, world: World
) -> None:
    begun(site, marta, world)
    other = kept(site, marta, TEXT.replace("version: 1", "version: 2").replace("3 days", "4 days"))
    marta.post(f"/playbooks/{other}/publish", data={})
    page = plain(marta.get(f"/playbooks/{other}").text)
    assert "1 run is on version 1." in page
    marta.post(f"/playbooks/{other}/move", data={"from": "1"})
    assert "1 run was moved." in plain(marta.get(f"/playbooks/{other}").text)
    with site.leads.store.read() as connection:
        assert [run.version_id for run in list_runs(connection)] == [other]


def test_a_task_is_given_to_somebody_else(site: PagesSite, marta: TestClient) -> None:
    rita, admin = site.members["representative"], site.members["administrator"]
    now_us = site.leads.now[0]
    made = site.leads.store.write(
        lambda c: open_task(
            c, kind="to-do", title="Look", now_us=now_us - 2 * DAY, member_id=rita.id,
            due_us=now_us - DAY,
        )
    )  # fmt: skip
    number = made if isinstance(made, int) else made.id
    client = site.client("representative")
    assert "late" in plain(client.get("/tasks").text)
    client.post(f"/tasks/{number}/give", data={"member": str(admin.id)})
    assert "Nothing is asked of you." in plain(client.get("/tasks").text)
    assert "Administrator One" in plain(client.get("/tasks?of=all").text)


def test_answers_make_a_text_in_the_editor(site: PagesSite, marta: TestClient) -> None:
    page = plain(marta.get("/playbooks/guided").text)
    assert "What starts it? the lead comes into a band its score rises past a number" in page
    assert "a mail is sent its owner gets a task to call" in page
    finnish = marta.get("/playbooks/guided", headers={"accept-language": "fi"}).text
    assert "Mistä se alkaa?" in finnish
    assert "liidi tulee luokkaan" in finnish
    said = {"label": "Hot ones", "start": "band", "band": "hot", "first": "call",
            "then": "nothing"}  # fmt: skip
    made = marta.post("/playbooks/guided", data=said)
    assert "band: {enters: [hot]}" in html.unescape(made.text)
    wrong = marta.post("/playbooks/guided", data=said | {"a_day": "many"})
    assert wrong.status_code == 422
    assert "“For how many leads a day at most? (nothing: any number)” Write a whole number." in (
        plain(wrong.text)
    )
    assert 'value="many"' in wrong.text
    spanish = {"accept-language": "es"}
    wrong = marta.post("/playbooks/guided", data=said | {"label": ""}, headers=spanish)
    assert "«¿Cómo se llama?» Escriba un nombre" in plain(wrong.text)
    wrong = marta.post("/playbooks/guided", data=said | {"start": "moon"})
    assert "“What starts it?” Choose one of the answers." in plain(wrong.text)
    late = said | {"then": "task", "wait": "a while"}
    assert "A time is written as 3 days" in plain(marta.post("/playbooks/guided", data=late).text)


def test_a_run_that_failed_stands_under_needs_you_and_in_the_tasks(
    site: PagesSite, marta: TestClient, world: World
) -> None:
    steps = "  - notify: {text: Hello, to: team}\n    id: tell\n"
    version = world.publish(steps)
    assert "Needs you" not in marta.get(f"/playbooks/{version.id}").text
    world.answers = {"tell": [UserError("x", "The key <i>ran</i> out.")]}
    world.start(version, 1)
    world.move()
    page = plain(marta.get(f"/playbooks/{version.id}").text)
    assert "Needs you follow: a run failed at the step tell" in page
    assert "The key <i>ran</i> out." in page
    tasks = marta.get("/tasks?of=all").text
    assert "follow: a run failed at the step tell" in tasks
    assert 'href="/playbooks/runs?playbook=follow&amp;state=failed"' in tasks
    with world.store.read() as connection:
        (task,) = list_tasks(connection)
    marta.post(f"/tasks/{task.id}/end", data={"state": "done"})
    assert "Needs you" not in marta.get(f"/playbooks/{version.id}").text


def test_a_lead_and_a_playbook_say_why_nothing_happened(
    site: PagesSite, marta: TestClient, world: World
) -> None:
    assert "No playbook is live" in plain(marta.get("/leads/1/why").text)
    version = world.publish("  - notify: {text: Hello, to: team}\n")
    world.publish("  - notify: {text: Hello, to: team}\n", "other")
    assert 'href="/leads/1/why"' in marta.get("/leads/1").text
    page = marta.get("/leads/1/why?playbook=other").text
    assert "other, version 1" in plain(page)
    assert "speaks against it" in plain(page)
    assert 'aria-current="page">other</a>' in page
    assert "No playbook of this name" in plain(marta.get("/leads/1/why?playbook=no").text)
    assert "Whom it left out" not in marta.get(f"/playbooks/{version.id}").text
    one = Candidate("event:1", "event", 0, 2, 1)
    counts = {"cools down": 1_234}
    world.store.write(lambda c: remember(c, "follow", [(one, "cools down")], counts, world.now_us))
    page = marta.get(f"/playbooks/{version.id}").text
    assert 'href="/leads/2/why?playbook=follow"' in page
    assert "Whom it left out cools down 1,234" in plain(page)


def test_a_playbook_links_to_its_mails(site: PagesSite, marta: TestClient) -> None:
    version_id = kept(site, marta, shipped_text("nurture-by-mail"))
    page = marta.get(f"/playbooks/{version_id}").text
    named = mails_of(shipped_playbook("nurture-by-mail"))
    assert named
    for name in named:
        assert f'href="/playbooks/mails/{name}"' in page
        assert marta.get(f"/playbooks/mails/{name}").status_code == 200


def test_words_need_a_model(site: PagesSite, marta: TestClient) -> None:
    assert "No language model is set" in plain(marta.get("/playbooks/wish").text)
    answer = marta.post("/playbooks/wish", data={"wish": "Call them."})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "address", ["/playbooks/99", "/playbooks/runs/99", "/playbooks/99999999999999999999"]
)
def test_what_is_not_there_is_said(marta: TestClient, address: str) -> None:
    answer = marta.get(address)
    assert answer.status_code == 404
    assert "There is no" in plain(answer.text)


def test_a_mail_is_written_looked_at_for_a_lead_and_kept(
    site: PagesSite, marta: TestClient
) -> None:
    assert "call-booked" in plain(marta.get("/playbooks/mails").text)
    text = "---\nsubject: For {{ lead.email }}\n---\nHello <b>{{ lead.title }}</b>,\n\nbye.\n"
    looked = marta.post("/playbooks/new-mail", data={"name": "offer", "text": text,
                                                     "lead": "1", "then": "look"})  # fmt: skip
    page = plain(looked.text)
    assert "As this lead would get it" in page
    assert "For ann@" in page
    with site.leads.store.read() as connection:
        assert not list_templates(connection)
    kept_at = marta.post("/playbooks/new-mail", data={"name": "offer", "text": text})
    assert kept_at.headers["location"] == "/playbooks/mails/offer"
    alone = marta.get("/playbooks/mails/offer/html?lead=1")
    assert alone.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert "&lt;b&gt;boss&lt;/b&gt;" in alone.text
    wrong = marta.post("/playbooks/mails/offer", data={"text": text.replace("}}", "}")})
    assert wrong.status_code == 422
    assert "Line" in plain(wrong.text)
    named = marta.post("/playbooks/new-mail", data={"name": "Not so", "text": text})
    assert named.status_code == 422
    assert "bye." in named.text
    reader = site.client("read_only")
    assert "Keep it" not in plain(reader.get("/playbooks/mails/offer?lead=1").text)
    assert reader.post("/playbooks/mails/offer", data={"text": text}).status_code == 403


def test_a_draft_is_tried_on_the_past_and_begins_nothing(
    site: PagesSite, marta: TestClient
) -> None:
    version_id = kept(site, marta)
    with site.leads.store.read() as connection:
        happened = connection.execute(
            text("SELECT count(*) FROM event WHERE event = 'demo_requested'")
        ).scalar_one()
    assert happened
    page = plain(marta.get(f"/playbooks/{version_id}/dry-run?days=365").text)
    assert f"It would have begun {happened} time" in page
    assert "For whom, the latest first" in page
    none = plain(marta.get(f"/playbooks/{version_id}/dry-run?days=0").text)
    assert "It would have begun 0 times" in none
    with site.leads.store.read() as connection:
        assert not list_runs(connection)


def test_the_page_and_the_command_tell_the_same_of_the_past(
    site: PagesSite, marta: TestClient, tmp_path: Path
) -> None:
    version_id = kept(site, marta)
    with site.leads.store.read() as connection:
        own = get_playbook(connection, version_id).text
    file = tmp_path / "own.yaml"
    file.write_text(own, encoding="utf-8")
    until = datetime.fromtimestamp(site.leads.now[0] / 1_000_000, UTC).isoformat()
    said = run("playbook", "dry-run", file, "--days", 365, "--until", until, "--json",
               "--database", site.leads.store.url)  # fmt: skip
    told = json.loads(said.stdout)
    assert told["runs"]
    page = plain(marta.get(f"/playbooks/{version_id}/dry-run?days=365").text)
    runs, leads, mails = told["runs"], told["leads"], told["mails"]
    most = max(told["runs_by_day"].values())
    assert re.search(
        f"It would have begun {runs} times?, for {leads} (different )?leads?; "
        f"on the busiest day {most} time", page
    )  # fmt: skip
    assert f"It would have sent {mails} mail" in page
    for one in told["begun"]:
        assert f" {one['by']} {one['mails']} {one['ended']}" in page
