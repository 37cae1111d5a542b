"""Keys and scopes; what is answered to what nobody should send; jobs and imports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from leadwise.store.keys import SCOPES, create_key, verify_key
from leadwise.store.schema import api_key, refused
from tests.web.api_service import DAY_US, NOW_US, Running, message, running, with_leads

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def service(tmp_path: Path):
    with running(tmp_path) as found:
        yield found


def operations(service: Running) -> list[tuple[str, str, str]]:
    """Method, path and scope of every operation."""
    document = service.client("").get("/api/openapi.json").json()
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            ((scope,),) = [need["key"] for need in operation["security"]]
            found.append((method, path, scope))
    return found


def test_every_operation_wants_a_key_with_its_scope(service: Running) -> None:
    """No route is open, and each scope opens its own routes only."""
    found = operations(service)
    assert len(found) > 45
    assert {scope for _, _, scope in found} == set(SCOPES)
    nobody = service.client("")
    others = {scope: service.client(next(s for s in SCOPES if s not in (scope, "admin")))
              for scope in SCOPES}  # fmt: skip
    for method, path, scope in found:
        address = "/api" + path.replace("{", "").replace("}", "")
        if "_id" in address:
            address = "/".join("1" if "_id" in part else part for part in address.split("/"))
        answer = nobody.request(method, address)
        assert (answer.status_code, answer.json()["code"]) == (401, "no-key"), address
        assert answer.headers["www-authenticate"].startswith("Bearer")
        answer = others[scope].request(method, address)
        assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed"), address
        assert scope in answer.json()["detail"]


def test_a_key_is_made_used_and_revoked(service: Running) -> None:
    admin = service.client("admin")
    made = admin.post(
        "/api/keys",
        json={"name": "CRM", "scopes": ["read:leads"], "expires": "2027-01-16T08:00:00Z"},
    )
    assert made.status_code == 201
    secret, key_id = made.json()["secret"], made.json()["id"]
    assert secret.startswith("lw_")
    assert len(secret) == 46
    assert made.json()["prefix"] == secret[:9]
    assert secret not in admin.get("/api/keys").text
    use = {"Authorization": f"Bearer {secret}"}
    client = service.client("")
    assert client.get("/api/leads", headers=use).status_code == 200
    # Anything but the whole of it is nobody's.
    for wrong in (secret[:-1], secret + "0", secret.swapcase(), "lw_", "", "x" * 9_000):
        bad = {"Authorization": f"Bearer {wrong}"}
        assert client.get("/api/leads", headers=bad).status_code == 401, wrong
    assert client.get("/api/leads", headers={"Authorization": f"Basic {secret}"}).status_code == 401
    service.now[0] += DAY_US
    assert client.get("/api/leads", headers=use).status_code == 401  # expired
    service.now[0] -= DAY_US
    assert admin.post(f"/api/keys/{key_id}/revoke").json()["revoked"] is not None
    assert client.get("/api/leads", headers=use).status_code == 401
    trail = admin.get("/api/audit?subject=key").json()["items"]
    assert [(e["action"], e["subject_id"]) for e in trail] == [
        ("revoke", str(key_id)), ("create", str(key_id)),
    ]  # fmt: skip


def test_only_a_hash_is_kept_and_the_use_is_noted_once_a_minute(service: Running) -> None:
    with service.store.read() as connection:
        rows = [tuple(row) for row in connection.execute(api_key.select())]
    assert service.keys["admin"] not in json.dumps(rows)
    client = service.client("read:leads")

    def last_used() -> int:
        service.write(lambda _: None)  # whatever was handed over before is written by now
        row = api_key.select().where(api_key.c.name == "read:leads")
        with service.store.read() as connection:
            return connection.execute(row).one().last_used_us

    client.get("/api/leads")
    assert last_used() == NOW_US
    service.now[0] += 59_000_000
    client.get("/api/leads")
    assert last_used() == NOW_US
    service.now[0] += 1_000_000
    client.get("/api/leads")
    assert last_used() == NOW_US + 60_000_000


def test_a_key_for_tracking_is_of_no_use_here(service: Running) -> None:
    made = service.client("admin").post("/api/keys", json={"name": "site", "kind": "write"})
    secret = made.json()["secret"]
    assert secret.startswith("lww_")
    answer = service.client("").get("/api/leads", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    with service.store.read() as connection:
        assert verify_key(connection, secret, NOW_US, "write") is not None
        assert verify_key(connection, secret, NOW_US, "api") is None
    for wrong in (
        {"kind": "write", "scopes": ["admin"]}, {"scopes": ["everything"]}, {"name": "a\nb"},
        {"origins": ["example.com"]}, {"expires": "2020-01-01"},
    ):  # fmt: skip
        answer = service.client("admin").post("/api/keys", json={"name": "x", **wrong})
        assert answer.status_code in (400, 422), wrong


def test_all_secrets_differ(service: Running) -> None:
    def many(connection):
        return {create_key(connection, "x", by="t", now_us=1)[1] for _ in range(50)}

    secrets = service.write(many)
    assert len(secrets) == 50
    assert {len(secret) for secret in secrets} == {46}


@pytest.mark.parametrize(
    "path",
    [
        "/api/leads/9223372036854775808",
        "/api/leads/-1",
        "/api/leads/0",
        "/api/leads/1e3",
        "/api/leads/%00",
        "/api/leads?account=99999999999999999999999",
        "/api/leads?min_score=NaN",
        "/api/leads?min_score=1e999999999",
        "/api/leads?min_score=0.001",
        "/api/leads?band=%00",
        "/api/leads?user_id=a%00b",
        "/api/leads?email=x&user_id=y",
        "/api/leads?email=nobody",
        "/api/leads?cursor=AAAA",
        "/api/leads?cursor=W10",
        "/api/leads?cursor=WzEsMl0.",
        "/api/leads?cursor=WzFlOTksMV0",
        "/api/leads?limit=0",
        "/api/leads?limit=201",
        "/api/leads?updated_since=10000-01-01",
        "/api/leads?updated_since=yesterday",
        "/api/leads/1/ledger?as_of=0000-01-01",
        "/api/leads/1/ledger?as_of=2026-02-30",
        "/api/leads/1/ledger?card=99",
        "/api/leads/1/history?start=0001-01-01",
        "/api/leads/1/history?start=2027-01-01&days=0.0000001",
        "/api/leads/1/history?start=2027-01-01&days=nan",
        "/api/leads/1/forecast?days=99999999999999999999",
        "/api/outcomes?kind=maybe",
        "/api/jobs/%ff",
        "/api/audit?subject=%ff%fe%00",
        "/api/nothing",
    ],
)
def test_odd_questions_are_refused_in_words(service: Running, path: str) -> None:
    answer = service.client().get(path)
    assert answer.status_code in (400, 404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"]
    assert answer.json()["detail"].endswith((".", "!", "?"))


@pytest.mark.parametrize("path", ["/api/leads/1/ledger?as_of=0001-01-01",
                                  "/api/leads/1/ledger?as_of=9999-12-31T23:59:59.999999Z",
                                  "/api/leads/1/forecast?as_of=9999-12-31&days=3660",
                                  "/api/leads?user_id=%F0%9F%A6%84",
                                  "/api/leads?user_id=%27%3B%20DROP%20TABLE%20lead"])  # fmt: skip
def test_far_times_and_strange_names_are_answered(service: Running, path: str) -> None:
    with_leads(service)
    assert service.client().get(path).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"{", b"\xff\xfe", b'{"card": 1}', b"[" * 100_000,
        b'{"version": 99999999999999999999999999}', b'{"version": ' + b"9" * 10_000 + b"}",
        b'{"as_of": 5}', b'{"as_of": "12026-01-01"}', b'{"lead": []}', b'{"unheard": 1}',
        b'{"events": [{"event": "", "at": "2026-01-01"}]}',
        b'{"events": [{"event": "a", "at": "2026-01-01", "properties": 5}]}',
        b'{"card": "a: \\u0000"}', b'{"card": "\\ud800"}', b'{"card": "a: &a [*a, *a]"}',
    ],
)  # fmt: skip
def test_odd_bodies_are_refused_in_words(service: Running, body: bytes) -> None:
    answer = service.client().post("/api/score", content=body, headers=JSON)
    assert answer.status_code in (400, 404, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


def test_strange_facts_are_scored_all_the_same(service: Running) -> None:
    with_leads(service)
    body = (
        '{"lead": {"title": "boss", "employees": 1e999, "x": "\\ud800", "y": "a\\u0000b", '
        '"deep": {"a": {"b": [1, {"c": null}]}}, "": 1, "since": "yesterday"}, '
        '"events": [{"event": "Page Viewed", "at": "2027-01-14", "properties": {"n": -1e400}}]}'
    )
    answer = service.client().post("/api/score", content=body, headers=JSON)
    assert answer.status_code == 200, answer.text
    assert (answer.json()["score"], answer.json()["unknown"]) == (31, ["size"])


def test_refused_events_are_listed_and_sent_again(service: Running) -> None:
    good = '{"type": "track", "event": "Page Viewed", "userId": "zoe", "messageId": "m1"}'

    def keep(connection):
        for place, text in enumerate((good.replace("zoe", ""), good, "not json")):
            connection.execute(
                refused.insert().values(
                    received_us=NOW_US, source="site", place=place, code="no-identity",
                    reason="nobody", body=text,
                )
            )  # fmt: skip

    service.write(keep)
    client = service.client("write:events")
    listed = client.get("/api/refused?waiting=true&limit=2").json()
    assert [r["id"] for r in listed["items"]] == [3, 2]
    again = client.get(f"/api/refused?waiting=true&limit=2&cursor={listed['next']}").json()
    assert [r["id"] for r in again["items"]] == [1]
    answer = client.post("/api/refused/1/resend", json={})
    assert (answer.status_code, answer.json()["code"]) == (400, "no-identity")
    assert client.post("/api/refused/3/resend", json={}).status_code == 400
    fixed = client.post("/api/refused/1/resend", json={"body": good})
    assert fixed.json() == {"recorded": 1, "duplicates": 0}
    assert client.post("/api/refused/2/resend", json={}).json() == {"recorded": 0, "duplicates": 1}
    assert [r["id"] for r in client.get("/api/refused?waiting=true").json()["items"]] == [3]
    service.score()
    found = service.client("read:leads").get("/api/leads?user_id=zoe").json()["items"]
    assert len(found) == 1


def test_a_file_is_taken_in_whole_and_handed_to_a_job(service: Running, tmp_path: Path) -> None:
    client = service.client("write:events")
    rows = b"lead_id,title\n" + b"".join(b"%d,boss\n" % n for n in range(20_000))
    sent = client.post(
        "/api/imports?of=leads&source=crm&column=lead_id=Id",
        content=(rows[start : start + 4_096] for start in range(0, len(rows), 4_096)),
        headers={"Content-Type": "text/csv; charset=utf-8"},
    )
    assert sent.status_code == 202, sent.text
    job = service.api.with_jobs().get(sent.json()["id"])
    assert job.kind == "import"
    assert {k: v for k, v in job.arguments.items() if k != "path"} == {
        "format": "csv", "of": "leads", "source": "crm", "columns": {"lead_id": "Id"},
        "by": "key:6 write:events", "identity": "crm", "name": None,
    }  # fmt: skip
    path = Path(str(job.arguments["path"]))
    assert path.read_bytes() == rows
    assert path.parent == tmp_path / "uploads"
    assert client.get(f"/api/imports/{job.id}").json()["state"] == "waiting"
    assert [one["id"] for one in client.get("/api/imports").json()["items"]] == [job.id]
    assert client.get("/api/imports/import:nobody").status_code == 404
    for content, type_ in ((b"", "text/csv"), (b"x", "application/pdf")):
        wrong = client.post(
            "/api/imports?of=leads&source=crm", content=content, headers={"Content-Type": type_}
        )
        assert wrong.status_code in (400, 415)
    assert list(path.parent.iterdir()) == [path]
    admin = service.client("admin")
    assert admin.post(f"/api/jobs/{job.id}/cancel").json() == {"did": True}
    assert admin.get("/api/jobs?state=cancelled").json()["items"][0]["id"] == job.id
    assert admin.post(f"/api/jobs/{job.id}/retry").json() == {"did": True}


def test_lists_of_jobs_go_on_where_they_stopped(service: Running) -> None:
    jobs = service.api.with_jobs()
    for n in range(5):
        jobs.enqueue("try", {"n": n}, id=f"try:{n}")
    client, seen, cursor = service.client("admin"), [], ""
    while True:
        answer = client.get(f"/api/jobs?limit=2{cursor}").json()
        seen += [item["id"] for item in answer["items"]]
        if answer["next"] is None:
            break
        cursor = f"&cursor={answer['next']}"
    assert sorted(seen) == [f"try:{n}" for n in range(5)]


def test_rules_that_clear_marks_stand_and_are_forgotten(service: Running) -> None:
    client = service.client("write:leads")
    rule = {"reason": "crawler", "identity": None, "mail": None, "user_agent": "Lynx"}
    answer = client.post("/api/clearing-rules", json={"rule": rule, "why": "people use it"})
    assert answer.json() == {"lead_ids": [], "leads": 0}
    assert service.client("read:leads").get("/api/clearing-rules").json()["items"] == [rule]
    assert client.post("/api/clearing-rules/forget", json=rule).json() == {"stood": True}
    assert client.post("/api/clearing-rules/forget", json=rule).json() == {"stood": False}
    assert client.post("/api/clearing-rules/forget", json={}).status_code == 400


def test_every_answer_says_its_version_and_request(service: Running) -> None:
    service.say(message("page", "a", 1, event="x"))
    answer = service.client().get("/api/leads", headers={"X-Request-Id": "abc"})
    assert answer.headers["x-leadwise-api"] == "1"
    assert answer.headers["x-request-id"] == "abc"
    assert answer.headers["ratelimit-limit"] == "100000"
    left = int(answer.headers["ratelimit-remaining"])
    assert 0 < left < 100_000
