"""Qualifying: answers with their quotes, read once, with what is in doubt told apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from leadwise.errors import UserError
from leadwise.playbooks.steps.qualify import act
from leadwise.qualify.intake import Sent, take_in
from leadwise.qualify.reviewing import confirm
from leadwise.store.answers import answers_of_lead
from leadwise.store.opening import Store
from leadwise.store.schema import answer, touched
from tests.databases import make_tables
from tests.playbooks.steps.house import Around
from tests.records import NOW_US

SAID = [
    {"speaker": "Rob", "side": "seller", "text": "What is your budget for this?"},
    {"speaker": "Ana", "side": "buyer", "text": "We have a budget of 80,000 euros for it."},
    {"speaker": "Rob", "side": "seller", "text": "Who decides?"},
    {"speaker": "Ana", "side": "buyer", "text": "Perhaps my boss, I am not sure."},
]


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    with Store(str(tmp_path / "record.db")) as store:
        make_tables(store)
        found = Around(store, NOW_US)
        found.lead()
        done = take_in(
            store, found.lead_id, Sent(turns=SAID, held_us=NOW_US - 60_000_000, channel="call"),
            "bant", None, found.settings.qualify, source="calls", actor="playbook:calls",
            now_us=NOW_US,
        )  # fmt: skip
        found.doc["step"]["fetch"] = {"conversation": done.conversation_id}
        scored(found)
        yield found


def scored(around: Around) -> None:
    """What the scorer does in the end."""
    around.store.write(lambda c: c.execute(delete(touched)))


def count(around: Around) -> int:
    with around.store.read() as c:
        return c.execute(select(func.count()).select_from(answer)).scalar_one()


def test_a_conversation_is_read_once_into_answers_with_their_quotes(around):
    came = around.ask(act, "qualify")
    assert came.state == "waits", "the score is not there yet"
    assert came.until_us == NOW_US + 1_000_000
    read = count(around)
    scored(around)
    around.now_us += 1_000_000
    came = around.ask(act, "qualify")
    assert came.state == "done"
    budget = came.result["answers"]["budget"]
    assert "80,000 euros" in budget["quote"]
    assert budget["speaker"] == "Ana"
    assert 0 < budget["confidence"] <= 1
    assert around.ask(act, "qualify").result == came.result
    assert count(around) == read, "what was read is not read again"
    with around.store.read() as c:
        assert {one.question for one in answers_of_lead(c, around.lead_id)} >= {"budget"}


def test_where_nobody_scores_the_run_goes_on_all_the_same(around):
    assert around.ask(act, "qualify").state == "waits"
    around.now_us += 61_000_000
    assert around.ask(act, "qualify").state == "done"


def test_what_is_less_sure_than_asked_is_doubtful_until_a_person_has_looked(around):
    around.ask(act, "qualify")
    scored(around)
    everything = around.ask(act, "qualify", sure=101)
    assert set(everything.result["doubtful"]) == set(everything.result["answers"])
    assert around.ask(act, "qualify", sure=0).result["doubtful"] == []
    with around.store.read() as c:
        first = answers_of_lead(c, around.lead_id)[0]
    around.store.write(lambda c: confirm(c, first.id, actor="member:1", now_us=NOW_US + 1))
    left = around.ask(act, "qualify", sure=101).result["doubtful"]
    assert set(left) == set(everything.result["doubtful"]) - {first.question}


def test_without_a_conversation_there_is_nothing_to_read(around):
    around.doc["step"]["fetch"] = {"conversation": ""}
    came = around.ask(act, "qualify")
    assert (came.state, came.result) == ("done", {"answers": {}, "doubtful": []})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"conversation": "99"}, "no-such-conversation"),
        ({"conversation": "the last one"}, "no-such-conversation"),
        ({"frame": "no-such"}, "no-such-frame"),
        ({"reader": "model"}, "no-model"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(around, given, code):
    with pytest.raises(UserError) as caught:
        around.ask(act, "qualify", **given)
    assert caught.value.code == code


def test_another_reader_reads_it_again(around):
    around.ask(act, "qualify")
    scored(around)
    around.ask(act, "qualify", reader="embedded")
    with pytest.raises(UserError) as caught:
        around.ask(act, "qualify", reader="model")
    assert caught.value.code == "no-model", "the model has not read it yet"
