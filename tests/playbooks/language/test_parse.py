"""What a text becomes: triggers, steps in one row, defaults, goals, safety."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from leadwise.card import Card, load
from leadwise.playbooks.conditions.names import own_variables, playbook_scope
from leadwise.playbooks.language.parse import parse, playbook_of
from leadwise.playbooks.model import (
    AnswerTrigger,
    BandTrigger,
    Condition,
    EventTrigger,
    MessageTrigger,
    Rule,
    Safety,
    ScheduleTrigger,
    ScoreTrigger,
    TaskTrigger,
)
from leadwise.playbooks.shapes import SHAPES

ROOT = Path(__file__).parents[3]
HEAD = "playbook: p\nversion: 3\n"
DAY = 86_400_000_000


def test_every_start() -> None:
    text = (
        HEAD
        + """
starts:
  - band: hot
  - band: {leaves: [hot, warm], causes: [event, import]}
  - score: {rises_past: 59.99, back: 5}
  - score: {falls_below: 20}
  - {event: page_viewed, where: url = 'x'}
  - form: asked
  - booked: true
  - answer: {question: budget, is: failed, frame: bant}
  - task: {state: overdue}
  - {schedule: 0 9 * * 1, zone: Europe/Madrid}
  - message: support
when: score > 1
steps: [end]
"""
    )
    starts = playbook_of(text).triggers
    where = starts[4]
    assert isinstance(where, EventTrigger)
    assert isinstance(where.where, Condition)
    assert starts == (
        BandTrigger(enters=("hot",)),
        BandTrigger(leaves=("hot", "warm"), causes=("event", "import")),
        ScoreTrigger(rises_past=5999, back=500),
        ScoreTrigger(falls_below=2000),
        EventTrigger("page_viewed", where.where),
        EventTrigger("asked"),
        EventTrigger("meeting_booked"),
        AnswerTrigger("budget", "failed", "bant"),
        TaskTrigger(None, "overdue"),
        ScheduleTrigger("0 9 * * 1", "Europe/Madrid"),
        MessageTrigger("support"),
    )


def test_steps_stand_in_one_row_and_branches_meet_behind_their_step() -> None:
    text = (
        HEAD
        + """
starts: {band: hot}
steps:
  - mail: a
  - if: score > 1
    then:
      - task: x
        refused: [{push: crm}]
      - push: other
    otherwise:
      - wait: 1 day
  - end
"""
    )
    steps = playbook_of(text).steps
    assert [(s.id, s.kind, s.next) for s in steps] == [
        ("mail", "mail", 1), ("if", "if", 6), ("task", "task", 4), ("push", "push", 4),
        ("push_2", "push", 6), ("wait", "wait", 6), ("end", "end", 7),
    ]  # fmt: skip
    assert steps[1].settings["then"] == 2
    assert steps[1].settings["otherwise"] == 5
    assert steps[2].settings["refused"] == 3
    assert steps[1].line == 7


def test_the_last_step_of_all_goes_to_the_end() -> None:
    text = HEAD + "starts: {band: hot}\nsteps:\n  - if: score > 1\n    then: [{push: crm}]\n"
    steps = playbook_of(text).steps
    assert [step.next for step in steps] == [2, 2]


def test_settings_are_of_their_types_with_defaults() -> None:
    text = (
        HEAD
        + """
starts: {band: hot}
steps:
  - wait: {event: {on: page_viewed, where: url = 'x'}, at_most: 36 hours}
  - assign: territory
    rules:
      - {when: country = 'es', to: ann@example.com}
      - {when: country = 'pt', to: [role:marketing, joe@example.com]}
  - fetch: {from: calls, of: "{{ event.at }}"}
  - classify: "{{ event.text }}"
    into: [bug, wish]
  - {push: crm, failed: go on, label: To the CRM}
"""
    )
    wait, assign, fetch, classify, push = playbook_of(text).steps
    assert isinstance(wait.settings["event"], EventTrigger)
    assert wait.settings["at_most"] == DAY * 3 // 2
    rules = assign.settings["rules"]
    assert isinstance(rules, tuple)
    assert [rule.to for rule in rules if isinstance(rule, Rule)] == [
        ("ann@example.com",), ("role:marketing", "joe@example.com"),
    ]  # fmt: skip
    assert assign.settings["among"] == ("role:representative",)
    assert fetch.settings["every"] == 15 * 60_000_000
    assert "missing" not in fetch.settings
    assert classify.settings["into"] == {"bug": "bug", "wish": "wish"}
    assert (push.failed, push.label) == ("go on", "To the CRM")


@pytest.mark.parametrize("kind", SHAPES)
def test_every_step_may_say_all_of_its_settings(kind: str) -> None:
    """Of the types alone: `read_setting` has a reader for each of them."""
    from leadwise.playbooks.language.settings import READERS

    for setting in SHAPES[kind].settings:
        assert setting.type == "steps" or setting.type in READERS


def test_safety_and_goals() -> None:
    text = (
        HEAD
        + """
starts: {band: hot}
steps: [end]
goals:
  - {event: email_replied, label: They wrote}
  - outcome: won
  - when: score < 3
safety: {again: 90 days, settle: 1 hour, a_day: 50, over: leave out, cool_down: 7 days, group: g,
         quiet: false, caps: false, still: owner is null}
"""
    )
    playbook = playbook_of(text)
    assert [goal.label for goal in playbook.goals] == ["They wrote", "outcome won", "score < 3"]
    still = playbook.safety.still
    assert isinstance(still, Condition)
    assert playbook.safety == Safety(
        90 * DAY, DAY // 24, 50, "leave out", 7 * DAY, "g", False, False, still
    )
    assert playbook_of(HEAD + "starts: {band: hot}\nsteps: [end]\n").safety == Safety()
    always = HEAD + "starts: {band: hot}\nsteps: [end]\nsafety: {again: always}\n"
    assert playbook_of(always).safety.again_after_us == 0


def test_measures_of_its_own_may_be_asked_for() -> None:
    card = load(ROOT / "examples" / "playbooks" / "card.yaml")
    text = (
        HEAD
        + """
starts: {band: call}
when: quiet_for > 30 and looked >= 2 and fit > 10
measures:
  quiet_for: {on: any, days_since: last}
  looked: {on: page_viewed, where: "contains(url, '/pricing')", count: all, within: 7 days}
steps: [end]
"""
    )
    parsed = parse(text, card=card)
    assert parsed.problems == ()
    assert [one.name for one in parsed.playbook.measures] == ["quiet_for", "looked"]
    wrong = parse(text.replace("looked >= 2", "looked = 'two'"), card=card)
    assert [one.code for one in wrong.problems] == ["type-mismatch"]


def test_without_a_card_only_what_needs_none_is_checked() -> None:
    text = HEAD + "starts: {band: whatever}\nwhen: anything = 'x' and 1 = 1\nsteps: [end]\n"
    assert parse(text.replace(" and 1 = 1", "")).problems == ()
    assert parse(text.replace("= 'x' and 1 = 1", "==")).problems[0].code == "double-equals"


def test_what_only_a_playbook_knows_has_types() -> None:
    card = load(ROOT / "examples" / "everything" / "card.yaml")
    scope = playbook_scope(card, ())
    band, score = scope.get("band"), scope.get("score")
    assert band is not None
    assert score is not None
    assert (band.type, band.choices) == ("choice", tuple(one.id for one in card.bands))
    assert score.type == "number"
    names = [one.name for one in own_variables(card)]
    assert len(names) == len(set(names))
    for dimension in card.dimensions:
        assert dimension.id.replace("-", "_") in names


def test_a_name_of_the_card_is_the_cards() -> None:
    from leadwise.card import parse as parse_card

    text = (ROOT / "examples" / "playbooks" / "card.yaml").read_text(encoding="utf-8")
    card = parse_card(text.replace("  country:", "  owner: number\n  country:")).card
    assert isinstance(card, Card)
    assert "owner" not in [one.name for one in own_variables(card)]
    text = HEAD + "starts: {band: call}\nwhen: owner > 3\nsteps: [end]\n"
    assert parse(text, card=card).problems == ()


def test_a_very_long_playbook_is_refused() -> None:
    text = HEAD + "starts: {band: hot}\nsteps:\n" + "  - push: crm\n" * 501
    assert [one.code for one in parse(text).problems] == ["too-many-steps"]
    assert parse(text.replace("  - push: crm\n", "", 1)).problems == ()


def test_a_playbook_of_ten_thousand_steps_is_refused_in_little_memory() -> None:
    text = HEAD + "starts: {band: hot}\nsteps:\n" + "  - push: crm\n" * 4_000
    tracemalloc.start()
    assert [one.code for one in parse(text).problems] == ["too-many-steps"]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 100_000_000
