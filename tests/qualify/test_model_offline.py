"""The model reader without a network: pydantic-ai's own models for tests, and the packages away."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic_ai import models
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel as AnyAnswer

from leadwise.errors import RemoteError, UserError
from leadwise.qualify.answer import Reading
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.frame.shipped import NAMES, shipped_frame
from leadwise.qualify.own import classify, extract
from leadwise.qualify.provider import connect
from leadwise.qualify.provider.reader import ModelReader
from leadwise.qualify.reading import read
from leadwise.settings.reader import ModelSettings
from tests.qualify.spoken import answers, conversation


@pytest.fixture(autouse=True)
def no_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "ALLOW_MODEL_REQUESTS", False)


def reading(model: models.Model, frame: Frame, output: str = "auto") -> Reading:
    settings = ModelSettings.model_validate({"name": "openai:m", "key": "k", "output": output})
    return read(conversation(), frame, ModelReader(settings, {}, model=lambda *_: model))


def saying(*script: dict[str, Any] | str) -> tuple[FunctionModel, list[list[ModelMessage]]]:
    """A model that gives the answers of a script, and what it was asked each time."""
    left: Iterator[dict[str, Any] | str] = iter(script)
    asked: list[list[ModelMessage]] = []

    def answer(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        asked.append(list(messages))
        given = next(left)
        if isinstance(given, str):
            return ModelResponse([TextPart(given)])
        if info.output_tools:
            return ModelResponse([ToolCallPart(info.output_tools[0].name, given)])
        return ModelResponse([TextPart(json.dumps(given))])

    return FunctionModel(answer), asked


@pytest.mark.parametrize("name", NAMES)
def test_every_frame_has_a_typed_answer_and_a_made_up_one_is_refused(name: str) -> None:
    frame = shipped_frame(name)
    made = reading(AnyAnswer(), frame)
    assert [one.question for one in made.answers] == [one.id for one in frame.questions]
    assert {one.status for one in made.answers} == {"not_discussed"}


def test_real_requests_are_not_allowed_here() -> None:
    settings = ModelSettings.model_validate({"name": "openai:m", "key": "k"})
    with pytest.raises((RuntimeError, RemoteError)):
        read(conversation(), shipped_frame("bant"), ModelReader(settings, {}))


@pytest.mark.parametrize("output", ["tool", "prompted"])
def test_the_second_answer_counts(output: str) -> None:
    quotes = [{"turn": 3, "words": "I am the vice president"}]
    wrong = answers(authority={"status": "stated", "level": "vp", "quotes": quotes})
    model, asked = saying(wrong, answers())
    made = reading(model, shipped_frame("bant"), output)
    assert made.answer("authority").value["level"] == "c_level"
    assert len(asked) == 2
    assert "I am the vice president" in str(asked[1][-1])


def test_all_frames_questions_are_in_the_instructions() -> None:
    model, asked = saying(answers())
    reading(model, shipped_frame("bant"))
    told = str(asked[0][0].instructions)
    for question in shipped_frame("bant").questions:
        assert f"\n{question.id}: " in told
    assert "- lost water" in told


def test_a_question_of_ones_own_is_read() -> None:
    frame = classify("What kind of building?", ["Factory", "Office"], "building")
    quote = [{"turn": 3, "words": "We lose water every night"}]
    model, _ = saying({"building": {"status": "stated", "choice": "Factory", "quotes": quote}})
    made = reading(model, frame)
    assert made.answer("building").value == {"choice": "Factory"}
    frame = extract("How often do they lose water?", "text", "how-often".replace("-", "_"))
    model, _ = saying({"how_often": {"status": "stated", "text": "every night", "quotes": quote}})
    assert reading(model, frame).answer("how_often").value == {"text": "every night"}


def test_a_choice_that_is_none_of_the_listed_is_sent_back() -> None:
    frame = classify("What kind of building?", ["Factory", "Office"], "building")
    quote = [{"turn": 3, "words": "We lose water every night"}]
    wrong = {"building": {"status": "stated", "choice": "Castle", "quotes": quote}}
    model, asked = saying(wrong, {"building": {"status": "not_discussed"}})
    assert reading(model, frame).answer("building").status == "not_discussed"
    assert "Castle" in str(asked[1])


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    away: Callable[[str], None] = lambda _: None  # noqa: E731 - one line of a test
    monkeypatch.setattr(connect, "find_spec", away)
    with pytest.raises(UserError) as caught:
        read(conversation(), shipped_frame("bant"), ModelReader(ModelSettings(name="ollama:m"), {}))
    assert caught.value.code == "no-model-extra"
    assert "leadwise[model]" in caught.value.hint


def test_the_model_client_is_loaded_only_when_a_model_is_asked() -> None:
    code = (
        "import sys; import leadwise.qualify.provider.reader; "
        "import leadwise.qualify.provider.describe; "
        "print([n for n in ('pydantic_ai', 'openai', 'anthropic', 'google.genai') "
        "if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
