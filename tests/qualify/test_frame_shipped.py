"""The frames that come with Leadwise: clean, whole in five languages, and fit for the BANT card."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from leadwise.card import load
from leadwise.errors import UserError
from leadwise.qualify.answer import LEVELS, MATCHES, PARTS, ROLES, STATUSES, Answer
from leadwise.qualify.fields import facts_of
from leadwise.qualify.frame.model import Frame, Question, Wording, plainly, said
from leadwise.qualify.frame.parse import parse
from leadwise.qualify.frame.schema import frame_schema
from leadwise.qualify.frame.shipped import NAMES, shipped_frame, shipped_text

ROOT = Path(__file__).parents[2]
LANGUAGES = {"en", "es", "de", "fr", "fi"}
CARD = ROOT / "examples" / "bant-software" / "card.yaml"


def wordings(question: Question) -> Iterator[Wording]:
    yield from (question.label, question.about, question.plain, question.help, *question.ask)
    yield from (option.label for option in question.options)
    if question.none:
        yield question.none


@pytest.mark.parametrize("name", NAMES)
def test_it_checks_clean_and_names_itself(name: str) -> None:
    assert parse(shipped_text(name), f"{name}.yaml").problems == ()
    assert shipped_frame(name).name == name


@pytest.mark.parametrize("name", NAMES)
def test_every_wording_is_there_in_every_language(name: str) -> None:
    frame = shipped_frame(name)
    assert set(frame.about) == LANGUAGES
    for question in frame.questions:
        assert 2 <= len(question.ask) <= 4
        for wording in wordings(question):
            assert set(wording) == LANGUAGES, (question.id, wording)
        for language in LANGUAGES:
            assert said(question.ask[0], language).endswith("?")
            assert plainly(question, language).endswith("?")
            texts = [said(one, language) for one in question.ask]
            assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", NAMES)
def test_the_reader_has_sentences_for_every_question(name: str) -> None:
    for question in shipped_frame(name).questions:
        assert question.prototypes["asked"]
        if question.kind == "choice":
            assert all(question.prototypes[option.id] for option in question.options)
        elif question.kind == "yes_no":
            assert question.prototypes["yes"]
            assert question.prototypes["no"]
        else:
            assert question.prototypes["stated"]


@pytest.mark.parametrize("name", NAMES)
def test_french_signs_stand_after_a_blank_that_does_not_break(name: str) -> None:
    for question in shipped_frame(name).questions:
        for wording in wordings(question):
            assert not re.search(r"(?<![\u00a0\u202f])[?!:;»]", wording["fr"]), wording["fr"]


@pytest.mark.parametrize("name", NAMES)
def test_fields_fit_the_bant_card_whatever_is_answered(name: str) -> None:
    """Fields that a frame shares with the card have its types, and its choices for every value."""
    fields = {field.name: field for field in load(CARD).fields}
    frame = shipped_frame(name)
    met = set()
    for question in frame.questions:
        for answer in possible(question):
            for field, fact in facts_of(frame, [answer]).items():
                if field in fields and fact is not None:
                    met.add(field)
                    known = fields[field]
                    assert not known.choices or fact in known.choices, (field, fact)
                    assert known.type != "number" or isinstance(fact, (int, float))
    assert met == ({"authority", "need_match"} if name == "meddic" else set(fields))


def possible(question: Question) -> Iterator[Answer]:
    values: Mapping[str, tuple[str, ...]] = {"level": LEVELS, "role": ROLES, "match": MATCHES}
    for part in PARTS[question.kind]:
        for value in values.get(part, (3.0,) if part in ("amount_min", "months") else ()):
            yield Answer(question.id, "stated", {part: value})
    for status in STATUSES:
        yield Answer(question.id, status)


def test_a_field_means_the_same_in_every_frame() -> None:
    """Who goes from one frame to another keeps the fields: same kind, same part, same values."""
    meant: dict[str, tuple[str, str, Mapping[str, str]]] = {}
    for name in NAMES:
        for question in shipped_frame(name).questions:
            for write in question.writes:
                now = (question.kind, write.part, write.map)
                assert meant.setdefault(write.name, now) == now, write.name
    assert {f"{field}_status" for field in ("budget", "authority", "need", "timeline")} <= set(
        meant
    )


@pytest.mark.parametrize("name", NAMES)
def test_options_state_what_a_form_may_send(name: str) -> None:
    for question in shipped_frame(name).questions:
        for option in question.options:
            assert set(option.value) <= set(PARTS[question.kind]), option.id
            assert option.value


def test_choosing_a_range_writes_its_lower_bound_in_the_frames_currency() -> None:
    bant = shipped_frame("bant")
    amounts = {}
    for option in bant.question("budget").options:
        value = {**option.value, "currency": bant.currency}
        amounts[option.id] = facts_of(bant, [Answer("budget", "stated", value)])["budget_usd"]
    assert amounts == {"under-10k": 10_000, "from-10k": 10_000, "from-25k": 25_000,
                       "from-50k": 50_000, "from-100k": 100_000}  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_the_schema(name: str) -> None:
    schema = frame_schema()
    Draft202012Validator.check_schema(schema)
    data = YAML(typ="safe", pure=True).load(shipped_text(name))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(data)] == []


@pytest.mark.parametrize("name", ["unknown-keys", "missing-keys", "not-a-frame", "unknown-kind"])
def test_broken_shapes_do_not_fit_the_schema(name: str) -> None:
    text = (Path(__file__).parent / "broken" / f"{name}.yaml").read_text("utf-8")
    data = YAML(typ="safe", pure=True).load(text)
    assert not Draft202012Validator(frame_schema()).is_valid(data)


def test_no_other_frame_is_shipped() -> None:
    with pytest.raises(UserError) as caught:
        shipped_frame("bnat")
    assert caught.value.code == "no-such-frame"
    assert "bant, anum, champ, meddic" in caught.value.hint


def test_a_wording_falls_back_to_english() -> None:
    frame: Frame = shipped_frame("bant")
    assert said(frame.questions[0].label, "sv") == "Budget"
    assert said({}, "en") == ""
