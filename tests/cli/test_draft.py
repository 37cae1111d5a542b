"""`leadwise draft`: from words through a provider on this machine, from answers, from nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.qualify.model_server import Reply, serving

TEXT = """playbook: spain
version: 1
label: Spain
starts:
  - event: unsubscribed
steps:
  - task: {title: Call, kind: call}
safety: {again: never}
"""


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("LEADWISE_MODEL_NAME", "openai:test")
    monkeypatch.setenv("LEADWISE_MODEL_KEY", "sk-secret")
    return monkeypatch


def test_a_wish_goes_to_the_model_and_its_faults_go_back(
    model: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    wrong = TEXT.replace("kind: call", "kind: sing")
    out = tmp_path / "spain.yaml"
    with serving(Reply(text=f"```yaml\n{wrong}```"), Reply(text=f"```yaml\n{TEXT}```")) as server:
        model.setenv("LEADWISE_MODEL_BASE_URL", server.url)
        done = run("draft", "When somebody leaves, call.", "--out", str(out))
    assert out.read_text(encoding="utf-8") == TEXT
    assert "It starts when the lead unsubscribed." in done.stdout
    assert "Nothing is live." in done.stdout
    assert len(server.requests) == 2
    asked = [str(one) for one in server.requests]
    assert "When somebody leaves, call." in asked[0]
    assert "sing" in asked[1]


def test_a_draft_with_errors_is_shown_with_them(model: pytest.MonkeyPatch) -> None:
    with serving(Reply(text="I cannot do that.")) as server:
        model.setenv("LEADWISE_MODEL_BASE_URL", server.url)
        done = run("draft", "Sing", "--json", code=1)
    said = json.loads(done.stdout)
    assert (said["fine"], said["tries"], said["words"]) == (False, 4, None)
    assert said["text"] == "I cannot do that.\n"
    assert said["problems"]
    assert "sk-secret" not in done.output


def test_answers_make_the_same_without_a_model() -> None:
    done = run("draft", "--answer", "label=Hot", "--answer", "start=score", "--answer",
               "first=call", "--answer", "then=nothing", "--json")  # fmt: skip
    said = json.loads(done.stdout)
    assert "score: {rises_past: 60, back: 5}" in said["text"]
    assert "rises past 60" in said["words"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "Nothing is said of what the draft is to do."),
        (("Call them",), "No model is set that could write."),
        (("--answer", "first"), "'first' is no answer."),
        (("--answer", "label=x", "--answer", "start=moon"), "The answer to 'start'"),
        (("--kind", "card", "--answer", "label=x"), "Questions make playbooks here."),
    ],
)
def test_what_is_wrong_is_said(
    arguments: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LEADWISE_MODEL_NAME", raising=False)
    done = run("draft", *arguments, code=2)
    assert told in " ".join(done.stderr.split())
