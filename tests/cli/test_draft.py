"""`leadwise draft`: from words through a provider on this machine, from answers, from nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.running import EXAMPLES, run
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
    assert f"before you publish it: leadwise playbook publish {out}" in done.stdout
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


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_draft_may_name_what_the_store_has_and_is_dry_run_on_it(
    model: pytest.MonkeyPatch, place: Path
) -> None:
    run("init", "--card", EXAMPLES / "playbooks" / "card.yaml")
    (place / "leads.csv").write_text("lead_id,country\nann,es\n", encoding="utf-8")
    at = datetime.now(UTC).isoformat()
    (place / "events.csv").write_text(
        f"lead_id,event,timestamp\nann,demo_requested,{at}\n", encoding="utf-8"
    )
    run("import", "--leads", "leads.csv", "--events", "events.csv")
    text = TEXT.replace("unsubscribed", "demo_requested").replace("task:", "mail: offer-1 #")
    with serving(Reply(text=text)) as server:
        model.setenv("LEADWISE_MODEL_BASE_URL", server.url)
        done = run("draft", "When a lead from Spain asks for a demo, write.", "--out", "one.yaml")
    asked = str(server.requests[0])
    for name in (
        "demo_requested",
        "Bands, the lowest first: cold, nurture, offer, call",
        "quiet-1-news",
    ):
        assert name in asked, name
    assert "It would have begun once, for 1 lead" in done.stdout
    assert "leadwise playbook publish one.yaml" in done.stdout
    with serving(*[Reply(text=text.replace("offer-1", "offer-9"))] * 4) as server:
        model.setenv("LEADWISE_MODEL_BASE_URL", server.url)
        said = json.loads(run("draft", "Write.", "--json", code=1).stdout)
    assert [one["code"] for one in said["problems"]] == ["unknown-template"]
    assert said["tried"] is None


def test_a_card_is_tried_on_the_leads_of_a_file(model: pytest.MonkeyPatch, place: Path) -> None:
    (place / "leads.csv").write_text("lead_id,employees\na,500\nb,2\n", encoding="utf-8")
    card = """card: size
version: 1
fields: {employees: number}
dimensions:
  - {id: fit, criteria: [{id: large, when: employees >= 100, points: 20}]}
bands: [{id: cold}, {id: hot, from: 20}]
"""
    with serving(Reply(text=card)) as server:
        model.setenv("LEADWISE_MODEL_BASE_URL", server.url)
        done = run("draft", "Large firms", "--kind", "card", "--leads", "leads.csv", "--json")
    assert json.loads(done.stdout)["tried"] == {"leads": 2, "bands": {"cold": 1, "hot": 1}}


def test_without_leads_it_is_said_that_it_was_tried_on_nobody(place: Path) -> None:
    given = ("--answer", "label=Demo", "--answer", "start=event", "--answer", "first=call")
    done = run("draft", *given, "--answer", "event=demo_requested")
    assert "It was tried on nobody" in done.stdout
    told = run("draft", "A wish", *given, code=2).stderr
    assert "not of both" in told
    assert not (place / "leadwise-data").exists()
