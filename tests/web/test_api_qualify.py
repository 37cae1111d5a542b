"""Conversations, answers, reviews, frames and segments over HTTP, on both stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadwise.jobs import run_here
from leadwise.web.work import handlers_of
from tests.databases import postgres_database
from tests.web.api_service import Running, running, with_leads

CALL = (
    "Sam (Vendor): Is there a budget for this?\n"
    "Ana Ruiz: Yes, we have a budget of $80,000 approved for this project.\n"
    "Sam (Vendor): And when would you start?\n"
    "Ana Ruiz: We want to go live within three months.\n"
)
HELD = "2026-10-07T09:00:00Z"
SENT: dict[str, Any] = {"text": CALL, "held_at": HELD, "seller": ["Sam"], "title": "First call"}
TURNS = [
    {"speaker": "Sam", "side": "seller", "text": "Is there a budget for this?"},
    {"speaker": "Ana", "side": "buyer", "text": "Yes, we have a budget of $80,000 approved."},
]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        with_leads(found)
        yield found


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    """The service on one store and on the other."""
    if request.param == "sqlite":
        yield request.getfixturevalue("service")
        return
    server = str(request.getfixturevalue("postgres_url"))
    with postgres_database(server) as url, running(tmp_path, url) as found:
        with_leads(found)
        yield found


@pytest.fixture
def ann(service: Running) -> int:
    return ann_of(service)


def ann_of(service: Running) -> int:
    found = service.client().get("/api/leads", params={"user_id": "ann"}).json()["items"]
    return int(found[0]["id"])


def of(answers: list[dict[str, Any]], question: str) -> dict[str, Any]:
    return next(one for one in answers if one["question"] == question)


def test_a_conversation_is_kept_read_and_known(either: Running) -> None:
    service, ann = either, ann_of(either)
    client = service.client("write:leads")
    made = client.post(f"/api/leads/{ann}/conversations", json=SENT)
    assert made.status_code == 201, made.text
    found = made.json()
    assert found["held_at"] == "2026-10-07T09:00:00Z"
    assert [turn["side"] for turn in found["turns"]] == ["seller", "buyer"] * 2
    budget = of(found["answers"], "budget")
    assert budget["status"] == "stated"
    assert budget["value"]["amount_min"] == 80_000
    assert budget["at"] == found["held_at"]
    for quote in budget["quotes"]:
        turn = found["turns"][quote["turn"]]
        assert turn["text"][quote["start"] :].startswith(quote["text"])
        assert turn["speaker"] == quote["speaker"]
    assert found["seconds"] >= 0
    assert found["job"] is None

    reader = service.client("read:leads")
    service.score()
    facts = reader.get(f"/api/leads/{ann}").json()["facts"]
    assert facts["budget_usd"] == 80_000
    assert facts["budget_status"] == "stated"
    assert facts["title"] == "boss"

    again = client.post(f"/api/leads/{ann}/conversations", json=SENT)
    assert again.status_code == 200
    assert again.json()["id"] == found["id"]
    assert again.json()["seconds"] is None
    listed = reader.get(f"/api/leads/{ann}/conversations").json()
    assert [one["title"] for one in listed["items"]] == ["First call"]
    assert "turns" not in listed["items"][0]
    one = reader.get(f"/api/conversations/{found['id']}").json()
    assert one["answers"] == found["answers"]


def test_turns_and_text_are_alike_and_never_both(service: Running, ann: int) -> None:
    client = service.client()
    sent = {"turns": TURNS, "held_at": HELD}
    found = client.post(f"/api/leads/{ann}/conversations", json=sent)
    assert found.status_code == 201
    assert [turn["speaker"] for turn in found.json()["turns"]] == ["Sam", "Ana"]
    assert of(found.json()["answers"], "budget")["status"] == "stated"
    for bad in ({**sent, "text": CALL}, {"held_at": HELD}):
        refused = client.post(f"/api/leads/{ann}/conversations", json=bad)
        assert (refused.status_code, refused.json()["code"]) == (400, "bad-conversation")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"text": "   "}, "empty-conversation"),
        ({"held_at": None}, "undated-conversation"),
        ({"held_at": "2031-01-01T00:00:00Z"}, "held-in-future"),
        ({"frame": "spin"}, "no-such-frame"),
        ({"seller": ["Nobody at all"]}, "unknown-speaker"),
        ({"text": "WEBVTT\n\n00:00:99 --> nowhere\nhello", "format": "vtt"}, "broken-transcript"),
        ({"helt_at": HELD}, "bad-request"),
        ({"reader": "model"}, "no-model"),
        ({"reader": "oracle"}, "bad-request"),
        ({"held_at": "0001-01-01T00:00:00Z"}, "held-too-early"),
        ({"held_on": "2026-02-30"}, "bad-request"),
        ({"text": 7}, "bad-request"),
        ({"turns": [{"speaker": "Ana"}], "text": None}, "bad-request"),
        ({"turns": [], "text": None}, "empty-conversation"),
        ({"text": '{"turns": 3}', "format": "json"}, "not-a-conversation"),
        ({"text": "hi \x00 there", "title": "a\x00b"}, "bad-request"),
        ({"product": "x" * 2_001}, "bad-request"),
        ({"language": "english"}, "bad-request"),
        ({"seller": ["x" * 10_000]}, "bad-request"),
    ],
)
def test_what_cannot_be_read_says_why(
    service: Running, ann: int, change: dict[str, Any], code: str
) -> None:
    client = service.client()
    refused = client.post(f"/api/leads/{ann}/conversations", json=SENT | change)
    assert refused.json()["code"] == code, refused.text
    assert 400 <= refused.status_code < 500
    assert refused.json()["hint"] or code == "bad-request"
    assert client.get(f"/api/leads/{ann}/conversations").json()["items"] == []


def test_where_nobody_buys_nothing_is_discussed(service: Running, ann: int) -> None:
    sent = SENT | {"text": "Sam: We have 80k.\nTim: Great.", "seller": ["Sam", "Tim"]}
    found = service.client().post(f"/api/leads/{ann}/conversations", json=sent).json()
    assert {one["status"] for one in found["answers"]} == {"not_discussed"}


def test_a_person_decides_and_the_second_is_told(either: Running) -> None:
    service, ann = either, ann_of(either)
    client = service.client("write:leads")
    found = client.post(f"/api/leads/{ann}/conversations", json=SENT).json()
    budget = of(found["answers"], "budget")
    address = f"/api/answers/{budget['id']}/review"
    said = {"decision": "correct", "value": {"amount_min": 60_000, "currency": "EUR"}}
    made = client.post(address, json=said)
    assert made.status_code == 200, made.text
    assert made.json()["corrects"] == budget["id"]
    assert made.json()["answered_by"] == "key:2 write:leads"
    assert made.json()["quotes"] == budget["quotes"]
    (labelled,) = service.client().get("/api/answers/labelled").json()["items"]
    assert labelled["gold"]["budget"]["amount_min"] == 60_000
    assert list(labelled["gold"]) == ["budget"]
    late = client.post(address, json={"decision": "confirm"})
    assert (late.status_code, late.json()["code"]) == (409, "already-reviewed")

    again = client.post(f"/api/conversations/{found['id']}/read", json={}).json()
    assert of(again["answers"], "budget")["id"] == made.json()["id"]

    rejected = client.post(
        f"/api/answers/{made.json()['id']}/review", json={"decision": "reject", "seen": "confirmed"}
    )
    assert rejected.json()["review"] == "rejected"
    facts = service.client().get(f"/api/leads/{ann}").json()["facts"]
    assert "budget_usd" not in facts
    bad = client.post(
        f"/api/answers/{of(found['answers'], 'need')['id']}/review",
        json={"decision": "correct", "value": {"match": "rather"}},
    )
    assert (bad.status_code, bad.json()["code"]) == (400, "bad-answer")


def test_answers_in_doubt_wait(service: Running, ann: int) -> None:
    client = service.client()
    object.__setattr__(service.api.settings.qualify, "review_sample", 1.0)
    try:
        client.post(f"/api/leads/{ann}/conversations", json=SENT)
    finally:
        object.__setattr__(service.api.settings.qualify, "review_sample", 0.05)
    first = client.get("/api/answers/waiting", params={"limit": 3}).json()
    assert first["waiting"] == 4
    rest = client.get("/api/answers/waiting", params={"limit": 3, "cursor": first["next"]}).json()
    asked = [one["question"] for one in first["items"] + rest["items"]]
    assert asked == ["budget", "authority", "need", "timeline"]
    client.post(f"/api/answers/{first['items'][0]['id']}/review", json={"decision": "confirm"})
    assert client.get("/api/answers/waiting").json()["waiting"] == 3


def test_a_form_is_answered_and_what_to_ask_next_is_known(service: Running, ann: int) -> None:
    client = service.client("write:leads")
    address = f"/api/leads/{ann}/answers"
    at = "2027-01-14T10:00:00Z"
    for amount in (5, 50_000):
        value = {"amount_min": amount, "currency": "USD"}
        put = client.put(f"{address}/budget", json={"status": "stated", "value": value, "at": at})
        assert put.status_code == 200, put.text
    assert client.put(f"{address}/budgets", json={"status": "none"}).json()["code"] == "bad-answer"
    found = service.client("read:leads").get(address, params={"history": True}).json()
    budget = of(found["questions"], "budget")
    assert budget["answer"]["value"] == {"amount_min": 50_000, "currency": "USD"}
    assert budget["ask"] is None
    assert found["next"] == ["authority", "need", "timeline"]
    assert of(found["questions"], "need")["status"] == "not_discussed"
    assert of(found["questions"], "need")["ask"]
    assert [one["review"] for one in found["history"]] == ["replaced", "none"]
    assert service.client().get(f"/api/leads/{ann}").json()["facts"]["budget_usd"] == 50_000


def test_a_deleted_conversation_leaves_no_facts(service: Running, ann: int) -> None:
    client = service.client()
    found = client.post(f"/api/leads/{ann}/conversations", json=SENT).json()
    assert client.delete(f"/api/conversations/{found['id']}").json() == {"did": True}
    assert client.delete(f"/api/conversations/{found['id']}").status_code == 404
    assert "budget_usd" not in client.get(f"/api/leads/{ann}").json()["facts"]


def test_reading_alone_keeps_nothing(service: Running, ann: int) -> None:
    found = service.client("read:cards").post("/api/qualify", json=SENT | {"frame": "bant"})
    assert found.status_code == 200, found.text
    assert found.json()["facts"]["budget_usd"] == 80_000
    assert of(found.json()["answers"], "budget")["quotes"][0]["speaker"] == "Ana Ruiz"
    assert service.client().get(f"/api/leads/{ann}/conversations").json()["items"] == []


def test_segments_count_everybody_who_is_known(either: Running) -> None:
    service, ann = either, ann_of(either)
    client = service.client()
    client.post(f"/api/leads/{ann}/conversations", json=SENT)
    client.put(f"/api/leads/{ann}/answers/authority", json={"status": "none"})
    counts = of(client.get("/api/qualification/segments").json()["items"], "budget")
    assert (counts["stated"], counts["unknown"]) == (1, 2)
    failed = client.get(
        "/api/qualification/segments/leads",
        params={"question": "authority", "standing": ["none", "contradicted"]},
    ).json()
    assert [one["lead_id"] for one in failed["items"]] == [ann]
    unknown = client.get(
        "/api/qualification/segments/leads", params={"question": "budget", "standing": "unknown"}
    ).json()
    assert len(unknown["items"]) == 2
    assert ann not in [one["lead_id"] for one in unknown["items"]]
    bad = client.get(
        "/api/qualification/segments/leads", params={"question": "x", "standing": "unknown"}
    )
    assert (bad.status_code, bad.json()["code"]) == (404, "no-such-question")


def test_a_question_of_ones_own_becomes_a_fact_with_its_quote(either: Running) -> None:
    service, ann = either, ann_of(either)
    client = service.client("write:leads")
    asked = {
        "question": "What is the budget?", "kind": "money", "field": "spend", "lead_id": ann,
        "text": CALL, "held_at": HELD, "seller": ["Sam"],
    }  # fmt: skip
    found = client.post("/api/extract", json=asked)
    assert found.status_code == 200, found.text
    made = found.json()
    assert (made["frame"], made["facts"]["spend"]) == ("own:spend", 80_000)
    assert service.client().get(f"/api/leads/{ann}").json()["facts"]["spend"] == 80_000
    kept = service.client().get(f"/api/conversations/{made['conversation_id']}").json()
    (answer,) = [one for one in kept["answers"] if one["frame"] == "own:spend"]
    assert answer["quotes"]

    corrected = client.post(
        f"/api/answers/{answer['id']}/review",
        json={"decision": "correct", "value": {"amount_min": 70_000}},
    )
    assert corrected.status_code == 200, corrected.text
    assert service.client().get(f"/api/leads/{ann}").json()["facts"]["spend"] == 70_000

    sent = {"question": "New or renewal?", "choices": ["new", "renewal"]}
    kind = client.post("/api/classify", json=sent | {"conversation_id": kept["id"]})
    assert kind.status_code == 200, kind.text
    assert kind.json()["conversation_id"] is None
    both = client.post("/api/classify", json=sent | {"conversation_id": kept["id"], "lead_id": ann})
    assert both.json()["code"] == "bad-conversation"
    no_field = client.post("/api/classify", json=sent | SENT_TURNS | {"lead_id": ann})
    assert no_field.json()["code"] == "own-question"


SENT_TURNS = {"turns": TURNS, "held_at": HELD}
OWN = """frame: ours
version: 1
label: Ours
questions:
  - id: rooms
    kind: number
    label: Rooms
    writes:
      rooms: number
"""


def test_a_frame_of_ones_own_is_saved_version_by_version(service: Running, ann: int) -> None:
    client = service.client()
    made = client.put("/api/frames/ours", json={"text": OWN})
    assert made.status_code == 200, made.text
    assert (made.json()["version"], made.json()["own"]) == (1, True)
    names = [one["name"] for one in client.get("/api/frames").json()["items"]]
    assert names == ["bant", "anum", "champ", "meddic", "ours"]

    again = client.put("/api/frames/ours", json={"text": OWN, "last": None})
    assert (again.status_code, again.json()["code"]) == (409, "stale-frame")
    newer = OWN.replace("version: 1", "version: 2").replace("Rooms", "Hotel rooms")
    assert client.put("/api/frames/ours", json={"text": newer, "last": 1}).json()["version"] == 2
    assert client.get("/api/frames/ours").json()["text"] == newer
    assert client.get("/api/frames/ours", params={"version": 1}).json()["text"] == OWN
    for name, text, code in (
        ("bant", OWN, "frame-name"), ("theirs", OWN, "frame-name"),
        ("ours", newer.replace("kind: number", "kind: rooms"), None),
        ("ours", newer, "frame-version"),
    ):  # fmt: skip
        refused = client.put(f"/api/frames/{name}", json={"text": text, "last": 2})
        assert 400 <= refused.status_code < 500
        assert code is None or refused.json()["code"] == code

    put = client.put(
        f"/api/leads/{ann}/answers/rooms",
        json={"frame": "ours", "status": "stated", "value": {"number": 120}},
    )
    assert put.json()["frame_version"] == 2
    assert client.get(f"/api/leads/{ann}").json()["facts"]["rooms"] == 120


def test_who_may_not_read_leads_sees_nothing_of_them(service: Running, ann: int) -> None:
    for scope in ("read:cards", "write:events"):
        client = service.client(scope)
        for path in (f"/api/leads/{ann}/conversations", f"/api/leads/{ann}/answers",
                     "/api/answers/waiting", "/api/qualification/segments"):  # fmt: skip
            assert client.get(path).status_code == 403
    for path in (f"/api/leads/{ann}/conversations", "/api/classify"):
        assert service.client("read:leads").post(path, json=SENT).status_code == 403
    assert service.client("write:leads").put("/api/frames/x", json={"text": "x"}).status_code == 403


def test_the_ledger_shows_the_words_behind_its_lines(service: Running, ann: int) -> None:
    client = service.client("write:leads")
    asked = {
        "question": "What is the budget?", "kind": "money", "field": "employees", "lead_id": ann,
        "text": CALL, "held_at": HELD, "seller": ["Sam"],
    }  # fmt: skip
    made = client.post("/api/extract", json=asked).json()
    ledger = service.client().get(f"/api/leads/{ann}/ledger").json()
    size = next(line for line in ledger["lines"] if line["id"] == "size")
    assert size["points"] == 12.5
    (said,) = size["said"]
    assert (said["field"], said["conversation_id"]) == ("employees", made["conversation_id"])
    assert said["at"] == "2026-10-07T09:00:00Z"
    assert [quote["speaker"] for quote in said["quotes"]] == ["Ana Ruiz"]
    assert said["quotes"][0]["text"] in CALL
    at = {"as_of": "2026-10-07T08:59:59Z"}
    before = service.client().get(f"/api/leads/{ann}/ledger", params=at).json()
    size = next(line for line in before["lines"] if line["id"] == "size")
    assert (size["points"], size["said"]) == (0, [])


def test_a_batch_is_a_job_and_fills_in_the_past(service: Running, ann: int) -> None:
    client = service.client("write:leads")
    lines = [
        {"user_id": "ann", "held_at": HELD, "text": CALL, "seller": ["Sam"]},
        {"user_id": "nobody", "held_at": HELD, "text": CALL},
    ]
    body = "\n".join(json.dumps(one) for one in lines)
    sent = {"content": body, "headers": {"Content-Type": "application/x-ndjson"}}
    made = client.post("/api/qualify/batch", **sent)
    assert made.status_code == 202, made.text
    job = made.json()
    assert (job["kind"], job["state"]) == ("qualify", "waiting")
    assert client.get(f"/api/qualify/batch/{job['id']}").json()["id"] == job["id"]
    assert client.get("/api/qualify/batch/publish:1").status_code == 404

    (path,) = (service.api.settings.data / "uploads").iterdir()
    handler = handlers_of(service.api.settings, service.store)["qualify"]
    by = {"frame": "bant", "reader": "embedded", "source": "batch", "by": "key:x"}
    done: Any = run_here(handler, {"path": str(path), **by})
    assert (done["conversations"], done["refused"]) == (1, 1)
    assert not path.exists()
    at = {"as_of": "2026-10-07T09:00:00Z"}
    assert service.client().get(f"/api/leads/{ann}/ledger", params=at).status_code == 200
    assert service.client().get(f"/api/leads/{ann}").json()["facts"]["budget_usd"] == 80_000

    wrong = client.post("/api/qualify/batch", params={"frame": "spin"}, **sent)
    assert (wrong.status_code, wrong.json()["code"]) == (404, "no-such-frame")
    model = client.post("/api/qualify/batch", params={"reader": "model"}, **sent)
    assert (model.status_code, model.json()["code"]) == (400, "no-model")
    assert list((service.api.settings.data / "uploads").iterdir()) == []
    plain = client.post("/api/qualify/batch", content=body, headers={"Content-Type": "text/csv"})
    assert plain.status_code == 415


def test_what_a_job_never_read_is_read_when_it_is_sent_again(
    service: Running, ann: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = service.client("write:leads")
    path = f"/api/leads/{ann}/conversations"
    assert client.post(path, json=SENT | {"frame": None}).json()["answers"] == []
    monkeypatch.setattr("leadwise.web.api.conversations.reader_of", lambda *_: None)
    again = client.post(path, json=SENT | {"reader": "model"})
    assert again.status_code == 200
    assert again.json()["job"]


@pytest.mark.parametrize(
    ("question", "given", "code"),
    [
        ("authority", {"status": "stated", "value": {"title": "a\x00b"}}, "bad-answer"),
        ("need", {"status": "stated", "value": {"items": ["a\x00b"]}}, "bad-answer"),
        ("budget", {"status": "none", "at": "9999-01-01T00:00:00Z"}, "held-in-future"),
        ("budget", {"status": "none", "at": "0001-01-01T00:00:00Z"}, "held-too-early"),
    ],
)
def test_an_answer_that_cannot_be_kept_is_refused(
    either: Running, question: str, given: dict[str, Any], code: str
) -> None:
    client, ann = either.client(), ann_of(either)
    refused = client.put(f"/api/leads/{ann}/answers/{question}", json=given)
    assert (refused.status_code, refused.json()["code"]) == (400, code), refused.text
