"""What templates see of a lead that was scored, owned and asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.playbooks.model import Playbook, Safety
from leadwise.playbooks.runs.acting import Run
from leadwise.playbooks.texts.values import texts_of_run, values_of_lead
from leadwise.settings import Settings
from leadwise.store.answers import KeptQuote, NewAnswer, add_answers, new_answer_ids
from leadwise.store.identities import names_of
from leadwise.store.members import add_member
from leadwise.store.owners import give_lead
from tests.web.api_service import NOW_US, Running, message, publish, running

PLAYBOOK = Playbook("calls", 3, "Calls", "", "en", (), None, (), (), (), Safety())


def prepared(service: Running) -> int:
    """A lead of which everything is known; its id."""
    service.store.write(publish)
    facts = {
        "title": "boss", "employees": 500, "name": "Ana García", "language": "es-ES",
        "timezone": "Europe/Madrid",
    }  # fmt: skip
    service.say(
        message("identify", "ann", 1, email="ana@lead.example", values=facts),
        message("track", "ann", 3, event="Demo Requested", values={"seats": 3}),
    )

    def more(connection: object) -> int:
        from sqlalchemy import select

        from leadwise.store.schema import lead

        lead_id: int = connection.execute(select(lead.c.id)).scalar_one()
        member = add_member(
            connection, "Bo Boss", "bo@acme.example", "representative", by="test", now_us=1
        )  # fmt: skip
        give_lead(connection, lead_id, member.id, was=None, actor="test", now_us=NOW_US)
        identity_id = names_of(connection, lead_id)[0][0]
        quote = KeptQuote(0, 0, "about forty thousand", "Ana")
        one = NewAnswer(
            identity_id, None, "bant", 1, "budget", "stated", {"amount_min": 40000}, 0.91,
            (quote,), "", "embedded/1", NOW_US - 1, NOW_US - 1, "none",
        )  # fmt: skip
        (id_,) = new_answer_ids(connection, 1)
        add_answers(connection, [(id_, one)])
        return lead_id

    return int(service.store.write(more))


def test_all_that_a_text_can_name(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        lead_id = prepared(service)
        doc = {
            "event": {"name": "demo_requested", "at": "2027-01-15T08:00:00Z"},
            "step": {"mail-2": {"message_id": "x@y"}},
        }
        run = Run(1, PLAYBOOK, lead_id, 0, 1, NOW_US, doc)
        with service.store.read() as connection:
            text = texts_of_run(connection, run, NOW_US, Settings())
            for template, said in (
                ("{{ lead.first_name }} {{ lead.email }}", "Ana ana@lead.example"),
                ("{{ owner.first_name }} {{ owner.email }}", "Bo bo@acme.example"),
                ("{{ band }}", "hot"),
                ("{{ reasons | length > 1 }}", "True"),
                ("{{ answers.budget.quote }}: {{ answers.budget.amount_min | money }}",
                 "about forty thousand: 40.000 €"),
                ("{{ answers.budget.confidence }}", "91"),
                ("{{ answers.need.quote | default('-') }}", "-"),
                ("{{ event.at | time }}", "9:00"),
                ("{{ step.mail_2.message_id }}{{ step['mail-2'].message_id }}", "x@yx@y"),
                ("{{ playbook.label }} {{ playbook.version }}", "Calls 3"),
                ("no values", "no values"),
            ):  # fmt: skip
                assert text(template).replace("\xa0", " ") == said
            assert float(text("{{ score }}")) > 60
            with pytest.raises(UserError):
                text("{{ lead.shoe_size }}")


def test_only_what_is_named_is_read(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        lead_id = prepared(service)
        with service.store.read() as connection:
            values = values_of_lead(connection, lead_id, NOW_US)
            assert set(values.of("{{ lead.email }}")) == {"lead"}
            assert set(values._kept) == {":facts", "lead"}
