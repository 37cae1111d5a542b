"""The commands for playbooks in a record, as somebody would use them."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadwise.playbooks.runs.running import move_due
from leadwise.settings import Settings
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from tests.cli.running import document, run
from tests.playbooks.engine.world import World
from tests.records import add_lead

TEXT = """
playbook: calls
version: 1
starts: {event: demo_requested}
steps:
  - task: {title: Call, wait: true, to: team}
    id: call
"""


class Place:
    """A data folder with a store, two leads and a member."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.at = folder, ["--data", str(folder / "data")]
        run("init", *self.at)
        self.url = f"sqlite:///{folder / 'data' / 'leadwise.db'}"
        with Store(self.url) as store:
            store.write(lambda c: add_lead(c, "ann@acme.example"))
            store.write(lambda c: add_lead(c, "bob@acme.example"))
            store.write(
                lambda c: add_member(c, "Rep", "rep@t.example", "representative", by="x", now_us=1)
            )

    def run(self, *arguments: object, code: int = 0) -> str:
        return run(*arguments, *self.at, code=code).output

    def document(self, *arguments: object) -> dict[str, object]:
        return document(*arguments, *self.at)

    def move(self) -> None:
        """What a running service does."""
        import time

        with Store(self.url) as store:
            ways = World(store, settings=Settings()).ways
            while store.write(lambda c: move_due(c, ways, time.time_ns() // 1000)).runs:
                pass


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_why_says_what_speaks_against_a_start(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "calls.yaml"
    file.write_text(TEXT)
    place.run("playbook", "publish", file)
    said = place.run("playbook", "why", "calls", "--lead", "ann@acme.example")
    assert "calls, version 1, and lead 1:" in said
    assert "the lead never did that." in " ".join(said.split())
    found = place.document("playbook", "why", "calls", "--lead", "2")["found"]
    assert isinstance(found, list)
    assert [(one["what"], one["against"]) for one in found] == [
        ("playbook", False), ("start", True),
    ]  # fmt: skip
    assert "lead" in place.run("playbook", "why", "calls", "--lead", "99", code=2)


def test_from_a_file_to_a_finished_run(place: Place) -> None:
    assert "There are no playbooks" in place.run("playbook", "versions")
    file = place.folder / "calls.yaml"
    file.write_text(TEXT, encoding="utf-8")
    assert "calls 1 is draft" in place.run("playbook", "publish", str(file), "--draft")
    assert "No playbook calls is live" in place.run(
        "playbook", "start", "calls", "--lead", "1", code=2
    )
    assert "calls 1 is live" in place.run("playbook", "publish", "1", "--why", "they asked")
    started = place.run("playbook", "start", "calls", "--lead", "1", "--lead", "bob@acme.example")
    assert "2 runs started: 1, 2." in started
    place.move()
    runs = place.run("playbook", "runs", "--state", "waiting")
    assert "Waits for task 1." in runs
    assert "call" in runs
    assert "Call" in place.run("task")
    assert "Task 1 is done: Call" in place.run("task", "done", "1", "--said", "reached her")
    assert "already" in place.run("task", "done", "1", code=2)
    place.move()
    told = place.run("playbook", "run", "1")
    assert "Run 1 of calls for lead 1: done." in told
    assert "All steps are done." in told
    assert "1 run stopped." in place.run("playbook", "stop", "--lead", "bob@acme.example")
    (one,) = place.document("playbook", "versions", "--json")["playbooks"]
    assert (one["status"], one["active"], one["why"]) == ("live", 0, "they asked")


def test_a_playbook_is_paused_moved_and_retired(place: Place) -> None:
    file = place.folder / "calls.yaml"
    file.write_text(TEXT, encoding="utf-8")
    place.run("playbook", "publish", str(file))
    place.run("playbook", "start", "calls", "--lead", "1")
    place.move()
    file.write_text(TEXT.replace("version: 1", "version: 2").replace("Call", "Ring"))
    place.run("playbook", "publish", str(file))
    assert "1 run moved to version 2." in place.run("playbook", "move", "1", "2")
    file.write_text(TEXT.replace("version: 1", "version: 3").replace("id: call", "id: other"))
    place.run("playbook", "publish", str(file), "--draft")
    assert "is a draft" in place.run("playbook", "move", "2", "3", code=2)
    place.run("playbook", "publish", "3")
    assert "1 run stays: version 3 has no step call." in place.run("playbook", "move", "2", "3")
    assert "calls is paused" in place.run("playbook", "pause", "calls")
    assert "paused" in place.run("playbook", "versions")
    assert "calls goes on." in place.run("playbook", "resume", "calls")
    assert "not held" in place.run("playbook", "go-on", "1", code=2)
    assert "calls is retired. 1 run stopped." in place.run("playbook", "retire", "calls", "--stop")


def test_a_task_is_somebodys_by_their_address(place: Place) -> None:
    file = place.folder / "calls.yaml"
    file.write_text(TEXT, encoding="utf-8")
    place.run("playbook", "publish", str(file))
    place.run("playbook", "start", "calls", "--lead", "1")
    place.move()
    said = place.run("task", "give", "1", "--member", "rep@t.example")
    assert said.startswith("Task 1 is with rep@t.example now: Call")
    assert "rep@t.example" in place.run("task")
    (one,) = place.document("task", "list", "--json")["tasks"]
    assert one["address"] == "rep@t.example"
    assert "nobody's now" in place.run("task", "give", "1")
    assert "no member" in place.run("task", "give", "1", "--member", "x@t.example", code=2)


def test_a_playbook_that_mails_is_doubtful_where_no_mail_goes(place: Place) -> None:
    file = place.folder / "mails.yaml"
    file.write_text(
        "playbook: mails\nversion: 1\nstarts: {event: demo_requested}\n"
        "steps:\n  - {mail: offer-1, id: offer}\n  - {notify: hello, to: team}\n",
        encoding="utf-8",
    )
    told = " ".join(place.run("playbook", "publish", str(file)).split())
    assert "mails 1 is live" in told
    assert "offer, notify: sends mail, and [mail] sender is not set: it would fail" in told


@pytest.mark.parametrize(
    "typed",
    [("playbook", "run"), ("playbook", "stop"), ("playbook", "go-on"), ("playbook", "move", "1"),
     ("playbook", "publish"), ("task", "done"), ("absence", "remove")],
)  # fmt: skip
def test_a_number_that_no_record_keeps_is_no_defect(place: Place, typed: tuple[str, ...]) -> None:
    assert "defect" not in place.run(*typed, "9" * 30, code=2)


def test_a_shipped_playbook_is_published_by_its_name(place: Place) -> None:
    assert "budget-return 1 is live" in place.run("playbook", "publish", "budget-return")
    told = " ".join(place.run("playbook", "publish", "call-now", code=2).split())
    assert "there are none yet: make it by leadwise connect add crm KIND" in told
    assert "neither a file nor a shipped" in place.run("playbook", "publish", "nothing", code=2)


def test_absences_by_commands(place: Place) -> None:
    assert "Who is away?" in place.run(
        "absence", "add", "--from", "2026-12-24", "--until", "2026-12-25", code=2
    )
    assert "Everybody is there." in place.run("absence")
    away = ("--from", "2026-12-24", "--until", "2999-01-07", "--reason", "holiday")
    said = place.run("absence", "add", "--member", "rep@t.example", *away)
    assert "Rep is away until 2999-01-07" in said
    assert "holiday" in place.run("absence")
    assert "no time" in place.run(
        "absence", "add", "--member", "rep@t.example", "--from", "soon", code=2
    )
    assert "Rep is there after all." in place.run("absence", "remove", "1")
    assert "There is no absence 1." in place.run("absence", "remove", "1", code=2)


def test_what_is_refused_is_called_by_its_file_and_templates_of_the_folder_are_known(
    place: Place,
) -> None:
    file = place.folder / "thanks.yaml"
    file.write_text(
        "playbook: thanks\nversion: 1\nstarts: {event: demo_requested}\n"
        "steps:\n  - mail: folder-thanks\n",
        encoding="utf-8",
    )
    refused = place.run("playbook", "publish", str(file), code=2)
    assert "thanks.yaml:5:" in refused
    assert "unknown-template" in refused
    templates = place.folder / "templates"
    templates.mkdir()
    text = "---\nsubject: Thanks\n---\nThank you.\n"
    (templates / "folder-thanks.md").write_text(text, encoding="utf-8")
    settings = place.folder / "own.toml"
    settings.write_text(f'[mail]\ntemplates = "{templates}"\n', encoding="utf-8")
    said = place.run("playbook", "publish", str(file), "--config", str(settings))
    assert "thanks 1 is live" in said


def test_a_run_that_there_is_not_is_said_to_be_none(place: Place) -> None:
    assert "There is no run 7." in place.run("playbook", "go-on", "7", code=2)


def test_mail_that_was_never_set_up_is_said_to_be_not_set(place: Place) -> None:
    told = place.run("mail", "test", code=2)
    assert "No server is set that mail goes through." in told
    assert "Set host" in told
