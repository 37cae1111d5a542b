"""Leads over HTTP: by priority, one with its ledger at any moment, overrides, what was noted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from leadwise.store.schema import account, lead, score
from tests.web.api_service import CARD, NOW_US, Running, message, running, with_leads


@pytest.fixture
def service(tmp_path: Path):
    with running(tmp_path) as found:
        with_leads(found)
        yield found


def ids(service: Running, query: str = "") -> list[int]:
    answer = service.client("read:leads").get(f"/api/leads{query}")
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


def test_leads_come_by_priority_and_by_every_filter(service: Running) -> None:
    # Ann: 30 and 40 halved in 30 days, two days on; Ben: 5, 12.5 and two views; Cy: a view.
    found = service.client("read:leads").get("/api/leads").json()["items"]
    assert [(one["id"], one["score"], one["shown_band"]) for one in found] == [
        (1, 68.19, "hot"), (2, 19.5, "cold"), (3, 1, "cold"),
    ]  # fmt: skip
    assert found[0]["account"]["name"] == "acme.example"
    assert found[0]["identities"][0] == {"kind": "email", "value": "ann@acme.example"}
    assert ids(service, "?band=cold") == [2, 3]
    assert ids(service, "?band=cold&band=hot") == [1, 2, 3]
    assert ids(service, "?min_score=19.5") == [1, 2]
    assert ids(service, "?max_score=19.49") == [3]
    assert ids(service, "?account=1") == [1]
    assert ids(service, "?email=ANN@acme.example") == [1]
    assert ids(service, "?user_id=ben") == [2]
    assert ids(service, "?anonymous_id=ben") == []
    assert ids(service, "?known=false") == []
    assert ids(service, "?updated_since=2027-01-15T08:00:00Z") == [1, 2, 3]
    assert ids(service, "?updated_since=2027-01-15T08:00:01Z") == []


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_hold_each_lead_once_whatever_their_size(service: Running, limit: int) -> None:
    """Many have the same score: then the id says who is next."""
    service.say(*(message("page", f"v{n}", 1, event="page_viewed") for n in range(9)))
    client, seen, cursor = service.client("read:leads"), [], ""
    while True:
        answer = client.get(f"/api/leads?limit={limit}{cursor}").json()
        seen += [(-item["shown_score"], item["id"]) for item in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert len(seen) == 12
    assert seen == sorted(seen)
    assert len({id_ for _, id_ in seen}) == 12


def test_a_page_is_read_by_the_index(service: Running) -> None:
    """Not by sorting everybody: ten thousand leads later a page costs what it did."""

    def plan(connection: Any) -> str:
        rows = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT lead.id FROM lead JOIN score ON score.lead_id = lead.id AND "
            "score.card_version_id = 1 ORDER BY score.shown_score DESC, score.lead_id LIMIT 50"
        )
        return " / ".join(row[3] for row in rows)

    found = service.write(plan)
    assert "scores_by_priority" in found


def test_without_a_live_card_all_leads_are_listed_by_id(tmp_path: Path) -> None:
    with running(tmp_path) as service:
        service.say(message("page", "a", 1, event="x"), message("page", "b", 1, event="x"))
        answer = service.client("read:leads").get("/api/leads?limit=1").json()
        assert [(one["id"], one["score"]) for one in answer["items"]] == [(1, None)]
        assert ids(service, f"?limit=1&cursor={answer['next']}") == [2]
        ledger = service.client("read:leads").get("/api/leads/1/ledger")
        assert (ledger.status_code, ledger.json()["code"]) == (404, "no-such-live-card")


def adds_up(ledger: dict[str, Any]) -> bool:
    computed = [line["points"] for line in ledger["lines"] if line["kind"] != "override"]
    own = [line["points"] for line in ledger["lines"] if line["kind"] == "override"]
    close = abs(sum(computed) - ledger["score"]) < 0.001
    return close and abs(sum(computed) + sum(own) - ledger["shown_score"]) < 0.001


def test_a_ledger_at_any_moment_adds_up_and_shows_what_stood_behind_it(service: Running) -> None:
    client = service.client("read:leads")
    now = client.get("/api/leads/1/ledger").json()
    assert adds_up(now)
    lines = {line["name"]: line for line in now["lines"]}
    assert lines["demo"]["points"] == 38.19
    assert lines["demo"]["occurrences"] == 1
    assert lines["demo"]["latest"] == "2027-01-13T08:00:00Z"
    assert lines["title"]["values"] == {"title": "boss"}
    assert lines["size"]["unknown"]
    before = client.get("/api/leads/1/ledger?as_of=2027-01-13T07:59:59Z").json()
    assert (before["score"], before["band"]) == (30, "warm")
    assert adds_up(before)
    earlier = client.get("/api/leads/1/ledger?as_of=2026-01-01").json()
    assert (earlier["score"], earlier["unknown"]) == (0, ["title", "size"])
    # What happened on the 13th, as far as somebody knew who looked on the 12th: nothing.
    known = client.get("/api/leads/1/ledger?as_of=2027-01-14&known_by=2027-01-12").json()
    assert known["score"] == 30


def test_an_override_is_a_line_of_its_own_while_it_holds(service: Running) -> None:
    client = service.client("write:leads")
    made = client.post(
        "/api/leads/1/overrides",
        json={"points": -10.25, "reason": "met them", "until": "2027-02-01"},
    )
    assert made.status_code == 201, made.text
    assert made.json()["points"] == -10.25
    service.now[0] += 3_600_000_000
    service.score()
    ledger = service.client("read:leads").get("/api/leads/1/ledger").json()
    assert adds_up(ledger)
    assert ledger["band"] == "hot"
    assert ledger["shown_band"] == "warm"
    own = ledger["lines"][-1]
    assert (own["kind"], own["points"], own["reason"]) == ("override", -10.25, "met them")
    listed = service.client("read:leads").get("/api/leads/1").json()
    assert listed["score"]["shown_score"] == round(listed["score"]["score"] - 10.25, 2)
    assert listed["score"]["shown_band"] == "warm"
    # Nobody had said it an hour ago, nor does it hold in March.
    for at in ("2027-01-15T07:59:00Z", "2027-03-01"):
        then = service.client("read:leads").get(f"/api/leads/1/ledger?as_of={at}").json()
        assert then["lines"][-1]["kind"] == "criterion"
    ended = client.post(f"/api/overrides/{made.json()['id']}/end")
    assert (ended.status_code, ended.json()["in_force"]) == (200, False)
    assert client.post(f"/api/overrides/{made.json()['id']}/end").status_code == 404
    service.score()
    assert ids(service, "?band=hot") == [1]
    again = client.post("/api/leads/1/overrides", json={"reason": "x"})
    assert (again.status_code, again.json()["code"]) == (400, "override-what")


def test_what_is_worth_asking_and_what_comes(service: Running) -> None:
    client = service.client("read:leads")
    assert client.get("/api/leads/3").json()["questions"] is None
    asked = client.get("/api/leads/3?questions=true").json()["questions"]
    assert [(q["fields"], q["best"], q["answer"]) for q in asked] == [
        (["title"], 30, {"title": "boss"}), (["employees"], 12.5, {"employees": 200.0}),
    ]  # fmt: skip
    ahead = client.get("/api/leads/1/forecast?days=30").json()
    # 40 * 2^(-days/30) is 30 less a hundredth: 12.46 days after the demo.
    assert [(c["from_band"], c["to_band"], c["score"]) for c in ahead["changes"]] == [
        ("hot", "warm", 59.99)
    ]
    assert client.get("/api/leads/1/forecast?days=5").json()["changes"] == []
    then = ahead["changes"][0]["at"]
    at = client.get(f"/api/leads/1/ledger?as_of={then}").json()
    assert (at["score"], at["band"]) == (59.99, "warm")


def test_history_is_what_is_true_now_scores_what_we_said(service: Running) -> None:
    """A late event changes the one and not the other."""
    client = service.client("read:leads")
    asked = "/api/leads/3/history?start=2027-01-13&end=2027-01-15&days=1"
    assert [p["score"] for p in client.get(asked).json()["scores"]] == [0, 0, 1]
    said = client.get("/api/leads/3/scores").json()["items"]
    late = message("page", "cy", 2, ago=2, event="page_viewed")
    service.say(late)
    assert [p["score"] for p in client.get(asked).json()["scores"]] == [0, 1, 2]
    now = client.get("/api/leads/3/scores").json()["items"]
    assert [one["score"] for one in now] == [2, 1]
    assert now[1:] == said
    many = client.get("/api/leads/3/history?start=2000-01-01")
    assert (many.status_code, many.json()["code"]) == (400, "history-too-long")


def test_events_are_listed_with_marks_and_weigh_once_these_are_cleared(service: Running) -> None:
    from leadwise.store.schema import event_mark
    from leadwise.store.touching import touch

    def mark(connection: Any) -> None:
        row = {"event_id": 2, "reason": "crawler", "marked_us": NOW_US}
        connection.execute(event_mark.insert().values(row))
        touch(connection, (1,), "correction", NOW_US)

    service.write(mark)
    service.score()
    client = service.client("write:leads")
    reader = service.client("read:leads")
    events = reader.get("/api/leads/1/events").json()["items"]
    assert [(e["id"], e["event"], e["weighs"]) for e in events] == [
        (2, "demo_requested", False), (1, "identify", True),
    ]  # fmt: skip
    assert ids(service, "?band=hot") == []
    assert client.post("/api/leads/2/events/2/clear", json={"why": "x"}).status_code == 404
    cleared = client.post("/api/leads/1/events/2/clear", json={"why": "a person"})
    assert cleared.json() == {"lead_ids": [1], "leads": 1}
    service.score()
    assert ids(service, "?band=hot") == [1]
    first = reader.get("/api/leads/1/events?limit=1").json()
    assert first["items"][0]["marks"][0]["cleared_why"] == "a person"
    rest = reader.get(f"/api/leads/1/events?limit=1&cursor={first['next']}").json()
    assert [e["id"] for e in rest["items"]] == [1]


def test_merge_and_undo(service: Running) -> None:
    client = service.client("write:leads")
    made = client.post("/api/leads/1/merges", json={"other_id": 3})
    assert made.status_code == 201
    service.score()
    assert ids(service) == [1, 2]
    assert service.client("read:leads").get("/api/leads/3").json()["merged_into"] == 1
    part = service.client("read:leads").get("/api/leads/3/ledger")
    assert (part.status_code, part.json()["code"]) == (409, "lead-merged")
    assert service.client("read:leads").get("/api/leads/1").json()["score"]["score"] == 69.19
    again = client.post("/api/leads/1/merges", json={"other_id": 3})
    assert (again.status_code, again.json()["code"]) == (409, "lead-merged")
    assert client.post(f"/api/merges/{made.json()['id']}/undo").status_code == 200
    service.score()
    assert ids(service) == [1, 2, 3]


def test_outcomes_once_each_and_in_order(service: Running) -> None:
    client = service.client("write:leads")
    won = {"kind": "won", "value": 1200.5, "currency": "EUR", "id": "deal-7"}
    assert client.post("/api/leads/1/outcomes", json=won).status_code == 201
    again = client.post("/api/leads/1/outcomes", json=won)
    assert (again.status_code, again.json()["value"]) == (200, 1200.5)
    client.post("/api/leads/2/outcomes", json={"kind": "lost", "reason": "no budget"})
    reader = service.client("read:leads")
    listed = reader.get("/api/outcomes?limit=1").json()
    assert [o["kind"] for o in listed["items"]] == ["won"]
    rest = reader.get(f"/api/outcomes?limit=1&cursor={listed['next']}").json()
    assert [(o["kind"], o["lead_id"]) for o in rest["items"]] == [("lost", 2)]
    assert len(reader.get("/api/outcomes?lead=1").json()["items"]) == 1
    for wrong, code in (
        ({"kind": "won", "value": 1}, "outcome-without-currency"),
        ({"kind": "won", "at": "2100-01-01"}, "outcome-later"),
    ):
        answer = client.post("/api/leads/1/outcomes", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_who_read_whom_is_noted(service: Running) -> None:
    reader = service.client("read:leads")
    reader.get("/api/leads")
    reader.get("/api/leads/2")
    reader.get("/api/leads/2/ledger")
    assert reader.get("/api/audit").status_code == 403
    trail = service.client("privacy").get("/api/audit?subject=lead").json()["items"]
    assert [(e["actor"], e["action"], e["subject_id"], e["detail"]) for e in trail] == [
        ("key:1 read:leads", "read", "2", "ledger"), ("key:1 read:leads", "read", "2", None),
        ("key:1 read:leads", "list", None, "3 leads"),
    ]  # fmt: skip
    own = service.client("privacy").get("/api/audit?subject=lead&subject_id=2&limit=1").json()
    assert own["items"][0]["detail"] == "ledger"
    assert own["next"] is not None


def test_privacy_export_objection_erasure(service: Running) -> None:
    client = service.client("privacy")
    assert "ann@acme.example" in client.post("/api/leads/1/export").text
    assert client.post("/api/leads/1/object").json() == {"lead_id": 1, "objects": True}
    service.score()
    assert ids(service, "?band=hot") == []
    reader = service.client("read:leads")
    assert reader.get("/api/leads/1").json()["score"] is None
    for what in ("ledger", "forecast", "history?start=2027-01-14"):
        answer = reader.get(f"/api/leads/1/{what}")
        assert (answer.status_code, answer.json()["code"]) == (409, "lead-objected")
    assert reader.get("/api/leads/1/scores").json()["items"] == []
    assert client.post("/api/leads/1/withdraw-objection").status_code == 200
    service.score()
    assert ids(service, "?band=hot") == [1]
    jobs = service.api.with_jobs()
    jobs.enqueue("import", {"name": "ann@acme.example.csv", "of": "leads"}, id="import:1")
    assert client.post("/api/leads/1/erase").json()["events"] == 2
    assert "ann@" not in str(jobs.get("import:1").arguments)
    assert [job.kind for job in jobs.list("mirror")] == ["mirror"]
    assert client.get("/api/audit").status_code == 200
    gone = service.client("read:leads").get("/api/leads/1")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")


def test_accounts_by_score(service: Running) -> None:
    from leadwise.live.accounts import AccountRules, score_accounts
    from leadwise.store.touching import touch_accounts
    from tests.web.api_service import publish

    text = """
card: companies
version: 1
fields: {best_score: {type: number}, people: {type: number}}
dimensions:
  - id: people
    criteria:
      - {id: best, when: best_score > 50, points: 20}
      - {id: several, when: people > 1, points: 10}
"""
    reader = service.client("read:leads")
    assert [a["score"] for a in reader.get("/api/accounts").json()["items"]] == [None]

    def work(connection: Any) -> None:
        publish(connection, text, "account")
        connection.execute(account.insert().values(name="B", created_us=1, doc={"size": 5}))
        connection.execute(lead.update().where(lead.c.id == 2).values(account_id=2))
        touch_accounts(connection, (1, 2))
        score_accounts(connection, NOW_US, AccountRules())

    service.write(work)
    listed = reader.get("/api/accounts?limit=1").json()
    assert [(a["id"], a["score"]) for a in listed["items"]] == [(1, 20)]
    rest = reader.get(f"/api/accounts?cursor={listed['next']}").json()["items"]
    assert [(a["id"], a["score"]) for a in rest] == [(2, 0)]
    one = reader.get("/api/accounts/1").json()
    assert one["keys"] == [{"kind": "domain", "value": "acme.example"}]
    assert {line["name"]: line["points"] for line in one["lines"]} == {"best": 20, "several": 0}
    assert one["scored"]["best_score"] == 68.19
    assert reader.get("/api/accounts/2").json()["traits"] == {"size": 5}
    assert [a["id"] for a in reader.get("/api/accounts?domain=ACME.example").json()["items"]] == [1]


def test_the_record_and_what_is_answered_say_the_same(service: Running) -> None:
    """The stored score, the ledger worked out afresh, and the stateless score of the same facts."""
    reader = service.client("read:leads")
    stored = service.write(lambda c: {row.lead_id: row.score for row in c.execute(score.select())})
    for lead_id, hundredths in stored.items():
        assert reader.get(f"/api/leads/{lead_id}/ledger").json()["score"] * 100 == hundredths
    sent = service.client("read:cards").post(
        "/api/score",
        json={
            "card": CARD,
            "lead": {"title": "clerk", "employees": "500"},
            "events": [
                {"event": "Page Viewed", "at": "2027-01-14T08:00:00Z"},
                {"event": "page_viewed", "at": "2027-01-13T20:00:00Z"},
                {"event": "page_viewed", "at": "2027-01-14", "received": "2027-01-20"},
            ],
            "questions": True,
        },
    )
    assert sent.json()["score"] * 100 == stored[2]
    assert sent.json()["questions"] == []
    assert adds_up({**sent.json(), "shown_score": sent.json()["score"]})


def test_a_wrong_card_is_answered_with_all_its_problems(service: Running) -> None:
    wrong = CARD.replace("points: 30}", "points: many}").replace(
        "on: page_viewed\n        p", "on: pages\n        p"
    )
    client = service.client("write:cards")
    answer = client.post("/api/cards", json={"card": wrong})
    assert answer.status_code == 422
    problems = answer.json()["problems"]
    assert len(problems) == 2
    assert all(problem["where"]["line"] > 0 for problem in problems)
    checked = service.client("read:cards").post("/api/cards/check", json={"card": wrong}).json()
    assert not checked["usable"]
    assert [p["code"] for p in checked["problems"] if p["severity"] == "error"] == [
        p["code"] for p in problems if p["severity"] == "error"
    ]
    scored = service.client("read:cards").post("/api/score", json={"card": wrong})
    assert scored.status_code == 422


def test_cards_are_added_compared_and_handed_to_jobs(service: Running) -> None:
    client = service.client("admin")
    new = CARD.replace("version: 1", "version: 2").replace("points: 40", "points: 50")
    added = client.post("/api/cards", json={"card": new, "why": "more for demos"})
    assert (added.status_code, added.json()["status"]) == (201, "draft")
    id_ = added.json()["id"]
    assert client.post("/api/cards", json={"card": new + "\n# x\n"}).json()["id"] == id_
    assert [c["id"] for c in client.get("/api/cards?status=draft").json()["items"]] == [id_]
    changes = client.get(f"/api/cards/{id_}/diff").json()
    assert changes == {
        "against": 1, "changes": ["card: version from 1 to 2", "demo: points from 40 to 50"],
    }  # fmt: skip
    assert client.post(f"/api/cards/{id_}/shadow", json={"on": True}).json()["status"] == "shadow"
    assert client.post(f"/api/cards/{id_}/shadow", json={"on": False}).json()["status"] == "draft"
    assert client.post("/api/cards/1/shadow", json={"on": True}).status_code == 409
    refused = client.post(f"/api/cards/{id_}/shadow/score", json={})
    assert (refused.status_code, refused.json()["code"]) == (400, "not-a-shadow")
    for path, body in (("try", {"days": 7}), ("publish", {"why": "better"})):
        job = client.post(f"/api/cards/{id_}/{path}", json=body)
        assert (job.status_code, job.json()["kind"]) == (202, path)
        assert client.get(f"/api/jobs/{job.json()['id']}").json()["state"] == "waiting"
    assert client.post("/api/cards/1/publish", json={"why": "x"}).status_code == 409
    assert client.post("/api/cards/roll-back", json={"why": "x"}).status_code == 404


def test_a_parameter_that_is_not_known_is_refused(service: Running) -> None:
    client = service.client("read:leads")
    found = client.get("/api/leads?user=ben&band=hot")
    assert found.status_code == 422
    (problem,) = found.json()["problems"]
    assert problem["where"] == {"field": "query.user"}
    assert "did you mean user_id" in problem["message"]
    one = client.get("/api/leads/1?as_of=2026-01-01")
    assert one.status_code == 422
    assert "takes questions" in one.json()["detail"]
    assert client.get("/api/leads/1/events?limit=3&cursor=").status_code == 400
    assert client.get("/api/leads/1/merges?x=").status_code == 422
