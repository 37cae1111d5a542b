"""Shipped playbooks and recipes lived through by the engine: its real inner steps, real values in
texts, a clock that is set by hand, and an outside that answers as the test says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from leadwise.asking.instants import written
from leadwise.playbooks.library import shipped_text
from leadwise.playbooks.runs.acting import Came, Leave
from leadwise.playbooks.runs.ways import Ways
from leadwise.playbooks.texts.values import texts_of_run
from leadwise.store.members import add_member
from leadwise.store.opening import Store
from leadwise.store.runs import start_run
from leadwise.store.tasks import Task, end_task, list_tasks
from tests.databases import make_tables
from tests.playbooks.engine.test_steps import happens
from tests.playbooks.engine.world import DAY, MINUTE, World

EXAMPLES = Path(__file__).parents[3] / "examples" / "playbooks"
HOUR = 60 * MINUTE
ISSUE = ["kind", "no_issue", "urgency", "team", "issue", "reply", "hurry"]
MESSAGE = {"text": "The import fails with an error", "reply_to": "C1/17", "from": "joe@x.example"}


class Lived(World):
    """A world whose texts are those of the service."""

    @property
    def ways(self) -> Ways:
        """With real values."""
        made = super().ways

        def text(connection: Any, run: Any, now_us: int) -> Callable[[str], str]:
            return texts_of_run(connection, run, now_us, self.settings)

        return Ways(made.read, text, made.reached, made.may_go, made.inner, made.outer,
                    made.settings, made.patience)  # fmt: skip

    def live(self, name: str, answers: dict[str, list[Any]] | None = None, **doc: Any) -> int:
        """A run of it, moved as far as it goes now. A message is of no lead."""
        recipe = EXAMPLES / f"{name}.yaml"
        text = recipe.read_text("utf-8") if recipe.exists() else shipped_text(name)
        self.answers = answers or {}
        version = self.publish(text[text.index("playbook:") :])
        lead_id = None if "message" in doc else self.lead("ann@acme.example", name="Ann Lee")
        run_id = self.store.write(
            lambda c: start_run(c, version, lead_id, "event:1", doc, self.now_us)
        )
        assert run_id is not None
        self.move()
        return run_id

    def clicks(self, run_id: int) -> None:
        """The lead follows the link of a mail."""
        lead_id = self.run(run_id).lead_id
        assert lead_id is not None

        happens(self, lead_id, "email_clicked")
        self.move()

    def tasks(self) -> list[Task]:
        """Open ones, the oldest first."""
        with self.store.read() as connection:
            return sorted(list_tasks(connection, state="open"), key=lambda one: one.id)

    def finish(self, task: Task, state: str = "done", said: str = "") -> None:
        """Somebody does it, or says no."""
        self.store.write(
            lambda c: end_task(c, task.id, state, by="ann", said=said, now_us=self.now_us)
        )
        self.move()

    def took(self, run_id: int) -> list[str]:
        """The ids of the steps that were done, in their order."""
        return [one.step for one in self.steps(run_id)]

    def ended(self, run_id: int) -> tuple[str, str]:
        """How the run stands, and why."""
        run = self.run(run_id)
        return run.state, run.why or ""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Lived]:
    """With two representatives and an administrator."""
    with Store(str(tmp_path / "record.db")) as store:
        make_tables(store)
        lived = Lived(store)
        for name, role in (("Bea", "representative"), ("Cy", "representative"),
                           ("Ada", "administrator")):  # fmt: skip
            address = f"{name.lower()}@team.example"
            store.write(lambda c, n=name, a=address, r=role: add_member(
                c, n, a, r, by="test", now_us=1))  # fmt: skip
        yield lived


def test_a_call_that_is_not_made_in_time_goes_to_somebody_else(world: Lived) -> None:
    run_id = world.live("call-now")
    (first,) = world.tasks()
    assert (first.title, first.kind, first.due_us) == ("Call Ann Lee", "call", world.now_us + HOUR)
    world.pass_time(HOUR + MINUTE)
    assert world.took(run_id) == [
        "assign", "call", "other", "second_call", "notify", "push",
    ]  # fmt: skip
    given = [one.member_id for one in world.tasks()]
    assert first.member_id is not None
    assert set(given) - {first.member_id}
    assert world.run(run_id).state == "done"


def test_a_call_that_is_made_needs_nobody_else(world: Lived) -> None:
    run_id = world.live("call-now")
    world.finish(world.tasks()[0])
    assert world.took(run_id) == ["assign", "call", "push"]


def test_three_mails_in_two_weeks(world: Lived) -> None:
    run_id = world.live("nurture-by-mail")
    sent = []
    for days in range(15):
        sent.append((days, sum(world.done.values())))
        world.pass_time(DAY)
    assert [day for day, number in sent if number == 1] == [0, 1, 2, 3, 4, 5]
    assert next(day for day, number in sent if number == 3) == 13
    assert world.run(run_id).state == "done"


def test_a_nurturing_ends_where_the_score_leaves_its_range(world: Lived) -> None:
    run_id = world.live("nurture-by-mail")
    world.holds = lambda run, step: Leave("It does not hold any more.")
    world.pass_time(7 * DAY)
    assert (world.took(run_id)[0], world.run(run_id).state) == ("guide", "stopped")
    assert sum(world.done.values()) == 1


def _days(world: Lived, number: int) -> None:
    for _ in range(number):
        world.pass_time(DAY)


def test_an_offer_that_nobody_looks_at_is_sent_twice_and_then_let_go(world: Lived) -> None:
    run_id = world.live("commercial-offer")
    _days(world, 60)
    assert world.took(run_id) == ["offer", "clicked", "reminder", "last_chance", "end"]
    assert world.ended(run_id) == ("done", "The offer was not looked at.")
    assert world.tasks() == []


def test_who_looks_at_the_offer_is_spoken_with(world: Lived) -> None:
    run_id = world.live("commercial-offer")
    world.pass_time(DAY)
    world.clicks(run_id)
    (task,) = world.tasks()
    assert (task.title, task.kind) == ("Speak with Ann Lee about the offer", "call")
    assert task.due_us == world.now_us + DAY
    assert task.member_id is not None
    assert world.run(run_id).state == "done"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("budget-return", "Ask Ann Lee whether there is a budget now"),
        ("authority-summary", "Ask Ann Lee who else should be in the next call"),
        ("need-cases", "Ask Ann Lee what changed since"),
        ("timeline-waiting", "Ask Ann Lee when it is to be settled"),
    ],
)
def test_what_failed_is_followed_up_over_a_month(world: Lived, name: str, title: str) -> None:
    run_id = world.live(name)
    assert world.took(run_id) == ["breath"]
    days = []
    for day in range(1, 40):
        world.pass_time(DAY)
        days.append((day, sum(world.done.values()), len(world.tasks())))
    assert next(day for day, mails, _ in days if mails == 1) == 2
    assert next(day for day, mails, _ in days if mails == 2) == 12
    assert next(day for day, _, tasks in days if tasks) == 26
    assert [one.title for one in world.tasks()] == [title]
    assert world.run(run_id).state == "done"


def test_leads_gone_quiet_get_two_mails_and_no_more(world: Lived) -> None:
    run_id = world.live("quiet-leads")
    _days(world, 180)
    assert world.took(run_id) == ["news", "back", "stay", "end"]
    assert sum(world.done.values()) == 2
    assert world.ended(run_id) == ("done", "They did not come back.")


def test_who_comes_back_is_looked_at(world: Lived) -> None:
    run_id = world.live("quiet-leads")
    world.pass_time(3 * DAY)
    world.clicks(run_id)
    assert [one.title for one in world.tasks()] == ["See what Ann Lee came back for"]
    assert world.run(run_id).state == "done"


def test_a_hand_over_is_accepted(world: Lived) -> None:
    run_id = world.live("hand-over")
    (task,) = world.tasks()
    assert (task.kind, task.title) == ("hand-over", "Accept Ann Lee")
    world.finish(task)
    assert world.took(run_id) == ["convert", "assign", "accept", "accepted", "push"]


def test_a_hand_over_is_sent_back_with_the_reason(world: Lived) -> None:
    heard: list[str] = []

    def told(here: Any) -> Came:
        heard.append(here.words("text"))
        return Came("done")

    run_id = world.live("hand-over", {"tell_marketing": [told]})
    world.finish(world.tasks()[0], "refused", "No budget at all")
    assert world.took(run_id)[-3:-1] == ["rejected", "tell_marketing"]
    assert world.ended(run_id) == ("done", "Sales sent it back.")
    assert heard == ["Bea sent Ann Lee back: No budget at all"]


def test_a_hand_over_that_nobody_takes_is_given_on_and_then_told(world: Lived) -> None:
    run_id = world.live("hand-over")
    (first,) = world.tasks()
    world.pass_time(4 * HOUR + MINUTE)
    second = world.tasks()[-1]
    assert second.title == "Accept Ann Lee, given on to you"
    assert second.member_id not in (None, first.member_id)
    world.pass_time(2 * HOUR + MINUTE)
    assert world.took(run_id)[-2] == "alarm"
    assert world.ended(run_id) == ("done", "Nobody accepted it.")


def _call(world: Lived) -> dict[str, list[Any]]:
    at, until = world.now_us + DAY, world.now_us + DAY + HOUR
    booked = {"id": "m1", "at": written(at), "until": written(until), "link": "https://m.example"}
    return {"book": [Came("done", {**booked})]}


def test_the_sales_call_with_answers_that_a_person_looks_at(world: Lived) -> None:
    answers = _call(world) | {
        "fetch": [
            Came("waits", until_us=world.now_us + DAY + 2 * HOUR),
            Came("done", {"conversation": "7"}),
        ],
        "qualify": [Came("done", {"answers": {}, "doubtful": ["budget", "need"]})],
    }
    run_id = world.live("sales-call", answers, event={"when": "2026-12-01T10:00:00Z"})
    assert world.took(run_id)[:4] == ["record", "assign", "book", "mail"]
    assert world.run(run_id).state == "waiting"
    world.pass_time(DAY + 90 * MINUTE)
    assert "qualify" not in world.took(run_id)
    world.pass_time(HOUR)
    (task,) = world.tasks()
    assert task.title == "Check the answers of Ann Lee: budget, need"
    world.finish(task)
    assert world.took(run_id)[-6:] == ["fetch", "qualify", "score", "doubt", "review",
                                       "score_again"]  # fmt: skip
    assert world.run(run_id).state == "done"


def test_the_sales_call_with_sure_answers_needs_nobody(world: Lived) -> None:
    answers = _call(world) | {
        "fetch": [Came("done", {"conversation": "7"})],
        "qualify": [Came("done", {"answers": {}, "doubtful": []})],
    }
    run_id = world.live("sales-call", answers, event={})
    world.pass_time(DAY + 2 * HOUR)
    assert world.took(run_id)[-3:] == ["qualify", "score", "doubt"]
    assert world.tasks() == []


def test_the_sales_call_without_a_transcript_asks_a_person(world: Lived) -> None:
    answers = _call(world) | {"fetch": [Came("done", branch="missing")]}
    run_id = world.live("sales-call", answers, event={})
    world.pass_time(DAY + 2 * HOUR)
    assert [one.title for one in world.tasks()] == [
        "Write down what Ann Lee said, there is no transcript"
    ]
    assert world.ended(run_id) == ("done", "There is no transcript of the call.")


def _class(name: str) -> list[Any]:
    return [Came("done", {"class": name, "confidence": 90, "quote": "x"})]


@pytest.mark.parametrize(
    ("kind", "urgency", "took"),
    [
        ("chat", "low", ["kind", "no_issue", "end"]),
        ("unclear", "low", ["kind", "no_issue", "end"]),
        ("bug", "low", ISSUE),
        ("bug", "high", [*ISSUE, "alarm"]),
    ],
)  # fmt: skip
def test_issues_from_chat(world: Lived, kind: str, urgency: str, took: list[str]) -> None:
    answers = {
        "kind": _class(kind), "urgency": _class(urgency), "team": _class("data"),
        "issue": [Came("done", {"id": "T-7", "new": True})],
    }  # fmt: skip
    run_id = world.live("issue-triage", answers, message=MESSAGE)
    assert world.took(run_id) == took
    assert world.run(run_id).state == "done"


def test_a_support_ticket(world: Lived) -> None:
    heard: list[str] = []

    def told(here: Any) -> Came:
        heard.append(here.words("text"))
        return Came("done")

    answers = {
        "answers": [Came("done", {"found": [], "best": "Try again: https://docs.example/1"})],
        "kind": _class("broken"), "urgency": _class("normal"), "tell": [told],
    }  # fmt: skip
    run_id = world.live("ticket-triage", answers, message={**MESSAGE, "subject": "Import"})
    assert world.took(run_id) == [
        "acknowledge", "answers", "kind", "urgency", "ticket", "hurry", "tell",
    ]  # fmt: skip
    assert [one.strip() for one in heard] == [
        "New broken: Import. Perhaps: Try again: https://docs.example/1"
    ]


@pytest.mark.parametrize(
    ("best", "took"),
    [("In the handbook: https://docs.example/2", ["found", "reply"]),
     (None, ["found", "by_hand", "say_so"])],
)  # fmt: skip
def test_a_question_is_answered_or_given_to_a_person(
    world: Lived, best: str | None, took: list[str]
) -> None:
    found = {"found": []} if best is None else {"found": [], "best": best}
    answers = {"kind": _class("question"), "answer": [Came("done", dict(found))]}
    run_id = world.live("internal-question", answers, message=MESSAGE)
    assert world.took(run_id) == ["kind", "asked", "answer", *took]


@pytest.mark.parametrize(
    ("state", "took"),
    [("done", ["entry", "keep"]), ("refused", ["keep_refused", "tell", "end"])],
)
def test_an_invoice_is_paid_when_a_person_says_so(
    world: Lived, state: str, took: list[str]
) -> None:
    fields = {"supplier": "Paper Ltd", "amount": "1200.00 EUR", "due": "2026-12-24", "order": "44"}
    answers = {
        "read": [Came("done", {"fields": dict(fields), "quotes": {}, "missing": []})],
        "order": [Came("done", {"found": [], "best": "Order 44: 1,200 EUR"})],
        "ordered": [Came("done", {"fields": {"amount": "1200.00 EUR"}})],
    }
    run_id = world.live("invoice", answers, message={"ref": "file:invoices/a.pdf", "file": "a.pdf"})
    (asked,) = world.tasks()
    assert asked.title.startswith(
        "It fits the order. Pay 1200.00 EUR to Paper Ltd by 2026-12-24? The order: Order 44"
    )
    world.finish(asked, state)
    assert world.took(run_id) == ["read", "complete", "order", "ordered", "yes", *took]


def test_a_meeting_request_is_answered_with_a_time(world: Lived) -> None:
    answers = _call(world) | {
        "kind": _class("meeting"),
        "wish": [Came("done", {"fields": {"topic": "A demo"}, "quotes": {}, "missing": []})],
        "reading": [Came("done", {"found": []})],
    }
    run_id = world.live("meeting-request", answers, message=MESSAGE)
    assert world.took(run_id) == ["kind", "asked", "wish", "reading", "book", "free", "propose"]
    assert world.run(run_id).state == "done"
