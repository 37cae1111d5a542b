"""Shipped playbooks and the recipes: right, in form, with their mails, each told in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from leadwise.card import Card, load
from leadwise.errors import UserError
from leadwise.playbooks.language.format import format_text
from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.library import (
    NAMES,
    connections_of,
    mails_of,
    shipped_mails,
    shipped_playbook,
    shipped_text,
)
from leadwise.playbooks.mails.templates import check_template
from leadwise.playbooks.model import AnswerTrigger, ScoreTrigger
from leadwise.playbooks.words.describe import describe

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "playbooks"
RECIPES = sorted(p for p in EXAMPLES.glob("*.yaml") if p.name != "card.yaml")
WORDS = Path(__file__).parent / "words"


@pytest.fixture(scope="module")
def card() -> Card:
    """The card of the examples."""
    return load(EXAMPLES / "card.yaml")


def test_the_recipes_that_are_promised_are_there() -> None:
    assert {path.stem for path in RECIPES} == {
        "ticket-triage", "issue-triage", "meeting-request", "invoice", "internal-question",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_playbook_is_right_and_in_form(name: str, card: Card) -> None:
    text = shipped_text(name)
    parsed = parse(text, card=card, file=f"{name}.yaml", templates=shipped_mails().keys())
    assert parsed.problems == ()
    assert parsed.playbook is not None
    assert parsed.playbook.id == name
    assert parsed.playbook.about
    assert format_text(text) == text
    assert text.startswith("# ")


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_right_and_in_form(path: Path, card: Card) -> None:
    text = path.read_text(encoding="utf-8")
    mails = {one.stem for one in (EXAMPLES / "mails").glob("*.md")}
    parsed = parse(text, card=card, file=path.name, templates=mails)
    assert parsed.problems == ()
    assert format_text(text) == text


def test_every_shipped_mail_is_sent_by_a_playbook_and_can_be_filled_in() -> None:
    mails = shipped_mails()
    sent = {mail for name in NAMES for mail in mails_of(shipped_playbook(name))}
    assert sent == set(mails)
    given = {
        str(step.settings["template"]): tuple(values) if isinstance(values, dict) else ()
        for name in NAMES
        for step in shipped_playbook(name).steps
        if step.kind == "mail"
        for values in [step.settings.get("with")]
    }
    for name, text in mails.items():
        assert check_template(text, name, given=given[name]) == ()


@pytest.mark.parametrize("name", shipped_mails())
def test_a_shipped_mail_reads_as_a_letter(name: str) -> None:
    """A greeting, sentences, one thing to do, a way to answer, a name; said once in lists."""
    head, text = shipped_mails()[name].removeprefix("---\n").split("\n---\n")
    lines = dict(line.split(": ", 1) for line in head.splitlines())
    assert {"subject", "preheader", "about"} <= lines.keys()
    assert len(lines["subject"]) <= 60
    paragraphs = text.strip().split("\n\n")
    assert paragraphs[0] == 'Hello {{ lead.first_name | default("there") }},'
    assert all(part[:1].isupper() or part[:1] in "-[" for part in paragraphs)
    assert text.count("[[") == 1
    assert paragraphs[-1].startswith("Best regards,\n{{ owner.name | default(")
    assert max(map(len, text.splitlines())) <= 110


def test_the_three_follow_ups_share_the_scores_between_them() -> None:
    """10 to 60, 60 to 90, above 90: who rises past one edge starts the next one."""
    rises = {
        name: [one.rises_past for one in shipped_playbook(name).triggers
               if isinstance(one, ScoreTrigger) and one.rises_past is not None]
        for name in NAMES[:3]
    }  # fmt: skip
    assert rises == {"nurture-by-mail": [999], "commercial-offer": [5999], "call-now": [9000]}


def test_each_question_of_bant_has_its_playbook() -> None:
    questions = [
        trigger.question
        for name in NAMES
        for trigger in shipped_playbook(name).triggers
        if isinstance(trigger, AnswerTrigger)
    ]
    assert sorted(questions) == ["authority", "budget", "need", "timeline"]


def test_the_sales_call_goes_all_the_way() -> None:
    playbook = shipped_playbook("sales-call")
    kinds = [step.kind for step in playbook.steps]
    order = ["create", "book", "mail", "wait", "fetch", "qualify", "push", "if", "task"]
    assert [kind for kind in dict.fromkeys(kinds) if kind in order] == [
        "create", "book", "mail", "wait", "fetch", "task", "qualify", "push", "if",
    ]  # fmt: skip
    assert connections_of(playbook) == ("crm", "calendar", "calls")


@pytest.mark.parametrize("name", [*NAMES, *(path.stem for path in RECIPES)])
def test_each_is_told_in_words(name: str, card: Card) -> None:
    """Golden texts: `LEADWISE_UPDATE=1` writes them anew; read what changed."""
    text = shipped_text(name) if name in NAMES else (EXAMPLES / f"{name}.yaml").read_text("utf-8")
    playbook = parse(text, card=card).playbook
    assert playbook is not None
    told = describe(playbook, card)
    golden = WORDS / f"{name}.txt"
    if os.environ.get("LEADWISE_UPDATE"):
        WORDS.mkdir(exist_ok=True)
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def test_one_that_is_not_there_is_refused() -> None:
    with pytest.raises(UserError) as caught:
        shipped_text("no-such")
    assert caught.value.code == "no-such-playbook"
