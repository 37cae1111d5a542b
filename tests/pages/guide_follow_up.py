"""Follow-up on the guide's site: a playbook with runs and tasks, a mail, a connection with its log.
Invented, so that the pages of playbooks show something."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from leadwise.card.values import SECOND
from leadwise.ingest.messages import Message
from leadwise.playbooks import versions
from leadwise.playbooks.library import shipped_text
from leadwise.store.connections import add_connection, note_exchange, set_cursor
from leadwise.store.documents import canonical
from leadwise.store.runs import change_run, put_step, start_run
from leadwise.store.schema import identity, identity_lead, score
from leadwise.store.tasks import open_task
from leadwise.store.templates import keep_template
from tests.pages.site import PagesSite

HOUR_US = 3_600 * SECOND
DAY_US = 24 * HOUR_US
TEXT = """playbook: callbacks
version: 1
label: Callback requested
about: Whoever asks for a call gets one on the same day; then what they need to decide.
starts:
  - event: callback_requested
steps:
  - task: {title: "Call contact {{ lead.id }} back", kind: call, to: owner, wait: true}
    id: call
  - if: score > 50
    id: strong
    then:
      - mail: {template: term-deposit}
      - wait: {event: calculator_used, at_most: 3 days}
        id: calculated
        late:
          - task: {title: "Ask contact {{ lead.id }} what is missing", kind: call, to: owner}
            id: ask
    otherwise:
      - wait: 2 weeks
      - mail: {template: term-deposit}
        id: later
goals:
  - outcome: won
safety: {again: 90 days, a_day: 40}
"""
MAIL = """---
subject: Your term deposit, in figures
---
Hello {{ lead.first_name | default("there") }},

you asked us to call about a term deposit. What it brings in a year stands here:
<https://bank.example/calculator>

Rates are fixed for the term. Reply to this mail, and
{{ owner.name | default("one of us") }} will call.

{{ owner.name | default(team.name) | default("Your bank") }}
"""
_USER_OF_FIRST = (
    select(identity.c.value)
    .join(identity_lead, identity_lead.c.identity_id == identity.c.id)
    .where(identity_lead.c.lead_id == 1, identity.c.kind == "user")
)
STANDING = (0, 0, 0, 1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 6)
"""The places in the playbook at which runs stand."""


def follow_up(site: PagesSite, now_us: int) -> None:
    """Make it all."""
    with site.leads.store.read() as connection:
        user = connection.execute(_USER_OF_FIRST).scalar_one()
    ana = {"email": "ana.ruiz@acme.example", "first_name": "Ana", "last_name": "Ruiz"}
    at_us = now_us - 30 * DAY_US
    site.leads.say(
        Message("identify", "guide", "ana", "identify", at_us, at_us, user_id=user,
                email=ana["email"], document=canonical(ana))
    )  # fmt: skip
    site.leads.write(lambda c: _follow_up(c, site, now_us))


def _follow_up(connection: Any, site: PagesSite, now_us: int) -> None:
    marta, rita = site.members["marketing"].actor, site.members["representative"].id
    keep_template(connection, "term-deposit", MAIL, by=marta, now_us=now_us)
    made = versions.add(connection, TEXT, actor=marta, now_us=now_us - 21 * DAY_US).version
    versions.publish(connection, made.id, actor=marta, now_us=now_us - 20 * DAY_US, why="")
    for name in ("nurture-by-mail", "hand-over"):
        versions.add(connection, shipped_text(name), actor=marta, now_us=now_us - DAY_US)
    best = select(score.c.lead_id).order_by(score.c.shown_score.desc()).limit(40)
    leads = list(connection.execute(best).scalars())
    over = _run(connection, made, leads[0], 40, now_us - 9 * DAY_US)
    change_run(connection, over, state="stopped", at=3, number=3, ended_us=now_us - 5 * DAY_US,
               why="The goal is reached: the lead was won.")  # fmt: skip
    _told(connection, over, now_us - 9 * DAY_US)
    for number, place in enumerate(STANDING):
        began = now_us - (number + 1) * 9 * HOUR_US
        run = _run(connection, made, leads[number + 1], number, began)
        change_run(connection, run, at=place, number=place, due_us=now_us + number * HOUR_US)
        if place == 0:
            open_task(connection, kind="call", title=f"Call contact {leads[number + 1]} back",
                      about="They asked for a call about a term deposit.", run_id=run, number=0,
                      lead_id=leads[number + 1], member_id=rita, now_us=began,
                      due_us=now_us + (number - 1) * 5 * HOUR_US)  # fmt: skip
    open_task(connection, kind="approval", title="May we offer 0.25 % more for 24 months?",
              lead_id=leads[20], member_id=rita, now_us=now_us, due_us=now_us + DAY_US)  # fmt: skip
    _connected(connection, now_us)


def _run(connection: Any, version: Any, lead: int, number: int, began_us: int) -> int:
    doc = {"event": {"name": "callback_requested"}}
    run = start_run(connection, version, lead, f"event:guide-{number}", doc, began_us)
    assert run is not None
    return run


def _told(connection: Any, run: int, began_us: int) -> None:
    steps: tuple[tuple[str, str, str, float, dict[str, str], str | None], ...] = (
        ("call", "task", "done", 5, {"said": "Interested, wants the figures by mail."}, None),
        ("strong", "if", "done", 5, {"took": "then"}, None),
        ("mail", "mail", "done", 5, {"subject": "Your term deposit, in figures"}, None),
        ("calculated", "wait", "skipped", 96, {}, "The goal is reached: the lead was won."),
    )
    at = began_us
    for number, (step, kind, state, hours, doc, why) in enumerate(steps):
        ended = began_us + int(hours * HOUR_US)
        put_step(connection, {
            "run_id": run, "number": number, "step": step, "kind": kind, "began_us": at,
            "ended_us": ended, "state": state, "why": why, "doc": doc,
        })  # fmt: skip
        at = ended


def _connected(connection: Any, now_us: int) -> None:
    crm = add_connection(
        connection, "crm", "hubspot", options={}, secrets={"token": "env:HUBSPOT_TOKEN"},
        mapping={"jobtitle": "job"}, pulls=True, pushes=True, by="guide", now_us=now_us,
    )  # fmt: skip
    for what in ("contacts", "deals"):
        set_cursor(connection, crm.id, what, "1", now_us - 300 * SECOND)
    told: tuple[tuple[Any, str, Any, int, str | None], ...] = (
        ("out", "push", "done", 12, None),
        ("in", "contacts", "done", 31, None),
        ("out", "push", "refused", 1, 'Contact 5120: "job" has no option "admin.".'),
        ("in", "webhook", "done", 1, None),
        ("out", "push", "failed", 0, "It answered 429: too many requests; asked again in 10 s."),
        ("in", "deals", "done", 4, None),
        ("out", "push", "done", 118, None),
        ("in", "contacts", "done", 400, None),
    )
    for number, (direction, what, state, records, detail) in reversed(list(enumerate(told))):
        at = now_us - (number + 1) * 300 * SECOND
        note_exchange(connection, crm.id, direction, what, state, records, at, detail)
