"""Conditions, schedules and changes in words."""

from __future__ import annotations

import pytest

from leadwise.card import parse_condition
from leadwise.playbooks.language.parse import playbook_of
from leadwise.playbooks.shapes import SHAPES
from leadwise.playbooks.words.conditions import condition_words
from leadwise.playbooks.words.describe import describe
from leadwise.playbooks.words.diff import diff
from leadwise.playbooks.words.schedules import schedule_words
from leadwise.playbooks.words.steps import step_words

BASE = """playbook: p
version: 1
starts: {band: hot}
steps:
  - {mail: a, id: first}
  - wait: 3 days
  - if: score > 10
    id: way
    then:
      - {push: crm, id: told}
    otherwise:
      - {mail: b, id: other}
goals:
  - booked: true
safety: {again: 30 days}
"""


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("band = 'hot' and score > 80", "band is hot and score is over 80"),
        ("a = 1 or b = 2 and not (c <= 3)", "a is 1 or (b is 2 and not (c is at most 3))"),
        ("country in ('es', 'pt', 'fr')", "country is es, pt or fr"),
        ("country not in ('es')", "country is not es"),
        ("score between 10 and 60", "score is between 10 and 60"),
        ("budget_usd is null", "budget is not known"),
        ("owner is not null", "owner is known"),
        ("contains(url, '/x')", 'url holds "/x"'),
        ("starts_with(lower(url), 'h')", 'url begins with "h"'),
        ("url like '%a%'", 'url is like "%a%"'),
        ("days_since(seen) > 3.5", "days since seen is over 3.5"),
        ("coalesce(a, 0) + 1 >= -2", "a (or else 0) + 1 is at least -2"),
        ("local_weekday in (6, 7) and local_hour < 9",
         "local weekday is Saturday or Sunday and local hour is under 9"),
        ("local_weekday <> 1", "local weekday is not Monday"),
        ("opted_in and not bounced", "opted in is yes and bounced is no"),
    ],
)  # fmt: skip
def test_conditions(condition: str, words: str) -> None:
    assert condition_words(parse_condition(condition), {"budget_usd": "budget"}) == words


def test_causes_of_a_band() -> None:
    text = "playbook: p\nversion: 1\nstarts: {band: {enters: [hot], causes: [event, card]}}\n"
    told = describe(playbook_of(text + "steps: [end]\n"))
    assert "enters the band hot (because of an event or a card)." in told


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("0 9 * * 1", "every Monday at 09:00"),
        ("30 7 * * *", "every day at 07:30"),
        ("0 9 * * 1-5", "every day from Monday to Friday at 09:00"),
        ("0 9 * * mon,thu", "every Monday and Thursday at 09:00"),
        ("15 * * * *", "every hour at minute 15"),
        ("0 8 1 * *", "on day 1 of every month at 08:00"),
        ("*/5 9-17 * * *", 'at the times of cron "*/5 9-17 * * *"'),
        ("0 9 1 1 *", 'at the times of cron "0 9 1 1 *"'),
    ],
)
def test_schedules(cron: str, words: str) -> None:
    assert schedule_words(cron) == words


def test_every_step_has_words() -> None:
    needed = {
        "wait": "for: 1 day", "if": "condition: score > 1, then: [end]", "notify": "to: team",
        "fetch": 'of: "{{ event.at }}"', "qualify": "conversation: x",
        "assign": "rules: [{when: score > 1, to: team}]",
    }  # fmt: skip
    words: dict[str, str] = {
        "event": "x",
        "values": "{a: b}",
        "choices": "{a: b}",
        "list": "[a]",
        "url": "https://example.com",
    }
    for kind, shape in SHAPES.items():
        must = [
            f"{one.name}: {one.one_of[2] if one.one_of else words.get(one.name) or typed}"
            for one in shape.settings
            if one.required
            for typed in [words.get(one.type, "abc")]
        ]
        inside = ", ".join([*must, needed[kind]] if kind in needed else must)
        head = "playbook: p\nversion: 1\nstarts: {band: hot}\n"
        step = playbook_of(f"{head}steps: [{{{kind}: {{{inside}}}}}]\n").steps[0]
        told = step_words(step, {})
        assert told[0].isupper()
        assert not told.endswith(".")
        assert "None" not in told


def test_changes_are_told_one_by_one() -> None:
    changed = (
        BASE.replace("version: 1", "version: 2").replace("band: hot", "band: [hot, warm]")
        .replace("- wait: 3 days", "- wait: 5 days\n  - {task: Call, id: call}")
        .replace("      - {push: crm, id: told}", "      - {mail: b, id: other}\n")
        .replace("    otherwise:\n      - {mail: b, id: other}\ngoals", "goals")
        .replace("mail: a", "mail: z, kind: transactional").replace("30 days", "60 days, a_day: 9")
        .replace("booked: true", "outcome: won")
    )  # fmt: skip
    assert diff(playbook_of(BASE), playbook_of(changed)) == (
        "playbook: version from 1 to 2",
        "removed start {band: {enters: [hot]}}",
        "added start {band: {enters: [hot, warm]}}",
        "added step 'call' (task Call)",
        "removed step 'told' (push crm)",
        "step 'first': template from a to z",
        "step 'first': added kind transactional",
        'step \'wait\': for from "3 days" to "5 days"',
        "step 'way': removed branch otherwise",
        "step 'other' moved to branch 'then' of 'way', from branch 'otherwise' of 'way'",
        "removed goal {booked: true}",
        "added goal {outcome: won}",
        'safety: again from "30 days" to "60 days"',
        "safety: added a_day 9",
    )


def test_renamed_and_reordered_steps() -> None:
    renamed = BASE.replace("id: first", "id: welcome").replace("id: told", "id: crm_told")
    assert diff(playbook_of(BASE), playbook_of(renamed)) == (
        "renamed step 'first' to 'welcome'",
        "renamed step 'told' to 'crm_told'",
    )
    other = BASE.replace("  - {mail: a, id: first}\n  - wait: 3 days\n",
                         "  - wait: 3 days\n  - {mail: a, id: first}\n")  # fmt: skip
    assert diff(playbook_of(BASE), playbook_of(other)) == ("the steps stand in another order",)
    assert diff(playbook_of(BASE), playbook_of(BASE)) == ()
    spaced = BASE.replace("score > 10", "score>10  # x")
    assert diff(playbook_of(BASE), playbook_of(spaced)) == ()


def test_a_description_numbers_all_steps() -> None:
    told = describe(playbook_of(BASE))
    assert [line.split(". ")[0].strip() for line in told.splitlines() if ". " in line] == [
        "1", "2", "3", "3.1", "3.2",
    ]  # fmt: skip
