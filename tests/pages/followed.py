"""A site where playbooks are at work: runs of every state, tasks, mails, a connection."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from leadwise.playbooks import versions
from leadwise.store.connections import (
    add_connection,
    get_connection,
    note_exchange,
    set_cursor,
    set_trouble,
)
from leadwise.store.owners import give_lead
from leadwise.store.runs import change_run, put_step, start_run
from leadwise.store.tasks import HELD, open_task
from leadwise.store.templates import keep_template
from tests.pages.site import PagesSite
from tests.playbooks.engine.world import DAY

TEXT = """playbook: follow-up
version: 1
label: After a demo <script>alert(1)</script>
about: What we do for whoever asks for a demo, in the order in which it works for us.
starts:
  - event: demo_requested
steps:
  - id: call
    task: {title: "Call {{ lead.id }}", kind: call, to: owner, wait: true}
  - if: score > 1000
    then:
      - wait: 3 days
      - if: score > 2000
        then:
          - wait: 2 days
        otherwise:
          - mail: {template: offer}
    otherwise:
      - approve: {question: May we go on?, of: owner}
safety: {again: 90 days}
"""
MAIL = """---
subject: For {{ lead.email }}
---
Hello <b>{{ lead.title }}</b>,

a demo is booked for you.

bye.
"""
HOSTILE = "<script>alert(1)</script> \u202e" + "long" * 2_500
"""A name of 10,000 signs that is a script and runs from right to left."""
STATES = ("waiting", "working", "held", "done", "stopped", "failed")


@dataclass(frozen=True)
class Followed:
    """Numbers of what there is: the version, a run of each state, the open tasks by kind."""

    version: int
    draft: int
    runs: dict[str, int]
    tasks: dict[str, int]


def follow(site: PagesSite) -> Followed:
    """Make it all."""
    return site.leads.write(lambda c: _follow(c, site))


def _follow(connection: Any, site: PagesSite) -> Followed:
    now_us, actor = site.leads.now[0], site.members["marketing"].actor
    rita = site.members["representative"]
    keep_template(connection, "offer", MAIL, by=actor, now_us=now_us)
    made = versions.add(connection, TEXT, actor=actor, now_us=now_us - 9 * DAY).version
    draft = TEXT.replace("version: 1", "version: 2").replace("3 days", "4 days")
    versions.publish(connection, made.id, actor=actor, now_us=now_us - 8 * DAY, why="it works")
    newer = versions.add(connection, draft, actor=actor, now_us=now_us - DAY).version
    for lead_id in (1, 2):
        give_lead(connection, lead_id, rita.id, was=None, actor="t", now_us=now_us)
    runs = {state: _run(connection, made, state, place, now_us)
            for place, state in enumerate(STATES)}  # fmt: skip
    return Followed(made.id, newer.id, runs, _tasks(connection, rita.id, runs, now_us))


def _run(connection: Any, version: Any, state: str, place: int, now_us: int) -> int:
    doc = {"event": {"name": "demo_requested", "title": HOSTILE, "seats": [1, {"a": None}]}}
    began = now_us - (place + 1) * DAY
    run_id = start_run(connection, version, 1 + place % 2, f"event:{place}", doc, began)
    assert run_id is not None
    over = state in ("done", "stopped", "failed")
    why = {"held": "The mail may have been sent: nobody knows.", "failed": HOSTILE,
           "stopped": "They booked.", "done": "It went to its end."}.get(state)  # fmt: skip
    change_run(connection, run_id, state=state, at=place % 3, number=3, why=why,
               due_us=now_us + DAY if state == "waiting" else now_us,
               awaits="demo_booked" if state == "waiting" else None,
               ended_us=now_us if over else None)  # fmt: skip
    last = {"held": "held", "failed": "failed", "working": "working"}.get(state, "done")
    for number, step, ended in ((1, "call", "done"), (2, "if", "done"), (3, "mail", last)):
        put_step(connection, {
            "run_id": run_id, "number": number, "step": step, "kind": step,
            "began_us": began + number, "ended_us": None if ended == "working" else began + DAY,
            "state": ended, "why": why if ended in ("held", "failed") else None,
            "doc": {"said": "She is in.", "to": HOSTILE} if number == 3 else {"took": "then"},
        })  # fmt: skip
    return run_id


def _tasks(connection: Any, member_id: int, runs: dict[str, int], now_us: int) -> dict[str, int]:
    ask = {"lead_id": 1, "member_id": member_id, "now_us": now_us - 2 * DAY}
    found = {
        "call": open_task(connection, kind="call", title="Call Ann", due_us=now_us - DAY,
                          about="She asked for a demo.\nTell her of the offer.",
                          run_id=runs["waiting"], number=3, **ask),
        "approval": open_task(connection, kind="approval", title=f"May we go on? {HOSTILE}",
                              due_us=now_us + DAY, **ask),
        "held": open_task(connection, kind="review", title="How does this run go on?",
                          about="The mail may have been sent.", run_id=runs["held"], number=3,
                          doc={HELD: True}, **ask),
        "late": open_task(connection, kind="approval", title="Is 20 % off allowed?",
                          due_us=now_us - 3 * DAY, **{**ask, "lead_id": 2}),
        "nobodys": open_task(connection, kind="to-do", title="Look at this", now_us=now_us),
    }  # fmt: skip
    return {name: task.id for name, task in found.items()}


def connect(site: PagesSite) -> None:
    """A connection that is in trouble, with a log; and one whose kind is not installed any more."""
    site.leads.write(lambda c: _connect(c, site.leads.now[0]))


def _connect(connection: Any, now_us: int) -> None:
    crm = add_connection(
        connection, "crm", "hubspot", options={"address": "http://127.0.0.1:9"},
        secrets={"token": "pat-very-secret"}, mapping={"jobtitle": "title", "phone": ""},
        pulls=True, pushes=True, by="t", now_us=now_us,
    )  # fmt: skip
    set_trouble(connection, crm.id, f"It answered 401. {HOSTILE}", now_us)
    set_cursor(connection, crm.id, "contacts", "2027-01-01", now_us - DAY)
    told = (("in", "pull", "done", 1200, None), ("out", "push", "refused", 3, HOSTILE),
            ("in", "webhook", "failed", 0, "the signature is wrong"))  # fmt: skip
    for number, (direction, what, state, records, detail) in enumerate(told):
        note_exchange(connection, crm.id, direction, what, state, records, now_us - number * DAY,
                      detail)  # fmt: skip
    add_connection(connection, "old", "of-yesterday", options={"address": "x"},
                   secrets={"token": "old-secret"}, by="t", now_us=now_us)  # fmt: skip
    assert get_connection(connection, "old").kind == "of-yesterday"
