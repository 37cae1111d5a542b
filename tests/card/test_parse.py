"""From text to card: what the short forms become, and what is kept exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadwise.card import Card, check_text, format_problem, load, parse
from leadwise.card.model import (
    Limit,
    OccurrenceCriterion,
    StateCriterion,
    Variable,
)
from leadwise.card.values import DAY
from leadwise.errors import Place, Problem, UserError

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*/card*.yaml"))


def card_of(text: str) -> Card:
    parsed = parse(text)
    assert parsed.card is not None, parsed.problems
    return parsed.card


def small(criterion: str, more: str = "") -> str:
    return f"""card: small
version: 1
fields:
  size: {{type: number}}
events:
  viewed: {{path: text}}
  sent:
dimensions:
  - id: fit
    criteria:
      - {criterion}
{more}"""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_have_no_problem(path: Path) -> None:
    assert check_text(path.read_text(encoding="utf-8")) == ()
    assert load(path) == load(str(path))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 4


def test_forms_of_criteria() -> None:
    short = card_of(small("{id: a, when: size > 1, points: 12.5, unknown: -0.01}")).criteria[0]
    assert isinstance(short, StateCriterion)
    assert (short.short, short.tiers[0].points, short.unknown) == (True, 1250, -1)
    long = card_of(small("{id: a, tiers: [{when: size > 1, points: 5}, {otherwise: 0}]}")).criteria[
        0
    ]
    assert isinstance(long, StateCriterion)
    assert (long.short, long.otherwise, long.unknown) == (False, 0, None)
    limited = "on: [viewed, sent], points: -0.29, within: 2 weeks, limit: {times: 1, per: day}"
    done = card_of(small("{id: a, " + limited + "}")).criteria[0]
    assert isinstance(done, OccurrenceCriterion)
    assert done.occurrences.on == ("viewed", "sent")
    assert (done.points, done.occurrences.within) == (-29, 14 * DAY)
    assert done.limit == Limit(1, per_day=True)


def test_texts_stay_as_written() -> None:
    card = card_of(
        """card: words
version: 1
fields:
  answer: {type: choice, choices: [yes, NO, 1, 0.10, true, on, null], nulls: [~, 999, n/a]}
  when_on: {type: text, from: on, label: 007, about: "null"}
dimensions:
  - {id: fit, criteria: [{id: a, when: answer = 'NO' and when_on = '1', points: 1}]}
"""
    )
    assert card.fields[0].choices == ("yes", "NO", "1", "0.10", "true", "on", "null")
    assert card.fields[0].nulls == ("~", "999", "n/a")
    assert card.fields[1] == Variable("when_on", "text", "on", label="007", about="null")


def test_signs_of_grades_may_be_numbers() -> None:
    grade = """grade:
  letter: {of: fit, steps: {A: 1, B: null}}
  number: {of: fit, steps: {1: 0.5, 2: -3, 3: null}}
"""
    card = card_of(small("{id: a, when: size > 1, points: 5}", grade))
    assert card.grade is not None
    assert card.grade.number.steps == (("1", 50), ("2", -300), ("3", None))


def test_json_is_a_card_too() -> None:
    text = """{
\t"card": "json", "version": 1,
\t"fields": {"smile": {"type": "text", "label": "\\ud83d\\ude00 \\u00e9 \\/"}},
\t"dimensions": [{"id": "fit", "criteria": [
\t\t{"id": "a", "when": "smile = 'x'", "points": 0.1}]}]
}"""
    card = card_of(text)
    assert card.fields[0].label == "\N{GRINNING FACE} é /"
    found = check_text(text.replace("smile =", "smiel ="))
    assert [(p.code, p.where.line, p.where.column) for p in found] == [("unknown-name", 5, 24)]


def test_windows_files_and_byte_order_marks(tmp_path: Path) -> None:
    text = small("{id: a, when: size > 1, points: 1}", "bands: [{id: cold}]\n")
    path = tmp_path / "card.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert load(path) == card_of(text)


def test_places_in_quoted_and_long_conditions() -> None:
    def where(scalar: str) -> tuple[int | None, int | None]:
        found = check_text(small(f"{{id: a, points: 1, when: {scalar}}}"))
        assert [p.code for p in found] == ["unknown-name"]
        return found[0].where.line, found[0].where.column

    start = len("      - {id: a, points: 1, when: ") + 1
    assert where("size > 1 or sise > 2") == (11, start + 12)
    assert where('"size > 1 or sise > 2"') == (11, start + 13)
    assert where("'size > 1 or sise = ''x'''") == (11, start + 13)
    assert where("'''x'' = sise'") == (11, start + 9)
    assert where('"size > 1 or\\x20sise > 2"') == (11, start)
    assert where('"size > 1\n        or sise > 2"') == (11, start)


def test_one_fault_does_not_hide_another() -> None:
    text = small(
        "{id: a, when: sise > 1, points: 0.125}",
        """      - {id: b, when: size == 1, points: 1, lable: x}
      - {when: size > 'x', points: many}
      - {id: d, on: view, points: 1}
bands:
  - {id: cold, from: 5}
score: {min: x}
""",
    )
    codes = [problem.code for problem in check_text(text)]
    assert codes == [
        "unknown-name", "points-decimals", "double-equals", "unknown-key", "missing-key",
        "type-mismatch", "wrong-type", "unknown-event", "band-threshold", "wrong-type",
    ]  # fmt: skip


def test_what_was_cut_out_is_not_called_unknown() -> None:
    text = small("{id: a, when: size > 1 and color = 'x', points: 1}").replace("number", "numeral")
    assert [problem.code for problem in check_text(text)] == ["wrong-type", "unknown-name"]
    lost = check_text(text.replace("{type: numeral}", "5"))
    assert [problem.code for problem in lost] == ["wrong-type", "unknown-name"]


def test_missing_files(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        load(tmp_path / "none.yaml")
    assert caught.value.code == "cannot-read"
    with pytest.raises(UserError):
        load(tmp_path)


def test_problems_as_text() -> None:
    problem = Problem("unknown-name", "'x' is not a field", "did you mean 'y'?", Place("c", 12, 7))
    assert format_problem(problem) == (
        "c:12:7: error[unknown-name]: 'x' is not a field\n    hint: did you mean 'y'?"
    )
    assert format_problem(Problem("a-b", "m", severity="warning")) == "warning[a-b]: m"
