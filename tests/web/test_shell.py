"""The application around the routes: errors, headers, limits, health, metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from leadwise.errors import CardError, Place, Problem, RemoteError, UserError
from leadwise.settings import LimitSettings, Settings
from leadwise.web.app import create_app
from leadwise.web.backlog import Backlog
from leadwise.web.health import store_answers
from leadwise.web.problems import Refused
from leadwise.web.service import Part, Service
from tests.web.shell import service

ROUTER = APIRouter(prefix="/leads")
PROBLEMS = (
    Problem("unknown-name", "'contry' is not a field.", "did you mean 'country'?",
            Place("card.yaml", 3, 7)),
    Problem("unused-field", "'x' is unused.", where=Place("card.yaml", 9), severity="warning"),
)  # fmt: skip
RAISED: dict[str, Exception] = {
    "missing": UserError("no-such-lead", "There is no lead 'x'.", hint="Look for another."),
    "twice": UserError("already-published", "It is live already."),
    "wrong": UserError("bad-cursor", "That is no cursor.", where=Place("cursor")),
    "card": CardError(PROBLEMS),
    "remote": RemoteError("The database did not do as asked: password=hunter2", permanent=False),
    "slow": Refused(429, UserError("too-many-requests", "Slower."), {"Retry-After": "7"}),
    "defect": ZeroDivisionError("secret inside"),
}


@ROUTER.get("/{lead_id}")
def lead(lead_id: int, limit: int = 10) -> dict[str, int]:
    return {"lead": lead_id, "limit": limit}


@ROUTER.get("/raise/{name}")
def raising(name: str) -> None:
    raise RAISED[name]


@ROUTER.post("")
async def posted(request: Request) -> dict[str, int]:
    return {"bytes": len(await request.body())}


async def plain(request: Request) -> Response:
    if request.method == "POST":
        return Response(str(len(await request.body())))
    raise RAISED[request.path_params["name"]]


def client(running: Service, **more: Any) -> TestClient:
    routes = [Route("/plain/{name}", plain, methods=["GET", "POST"])]
    app = create_app(running, routes, [ROUTER])
    return TestClient(app, raise_server_exceptions=False, **more)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Service]:
    with service(tmp_path) as found:
        yield found


@pytest.fixture
def web(running: Service) -> TestClient:
    return client(running)


@pytest.mark.parametrize("base", ["/api/leads/raise", "/plain"])
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("missing", 404, "no-such-lead"),
        ("twice", 409, "already-published"),
        ("wrong", 400, "bad-cursor"),
        ("card", 422, "unknown-name"),
        ("remote", 503, "remote"),
        ("slow", 429, "too-many-requests"),
        ("defect", 500, "defect"),
    ],
)
def test_every_error_has_one_shape(
    web: TestClient, base: str, name: str, status: int, code: str
) -> None:
    answer = web.get(f"{base}/{name}")
    document = answer.json()
    assert (answer.status_code, document["status"], document["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["request_id"] == answer.headers["x-request-id"]
    assert document["title"]
    assert "hunter2" not in answer.text
    assert "secret inside" not in answer.text


def test_problems_are_listed_with_their_places(web: TestClient) -> None:
    document = web.get("/plain/card").json()
    first, second = document["problems"]
    assert first["where"] == {"file": "card.yaml", "line": 3, "column": 7}
    assert first["hint"] == "did you mean 'country'?"
    assert second["severity"] == "warning"
    assert document["detail"] == "'contry' is not a field."


def test_headers_of_a_refusal_are_kept(web: TestClient) -> None:
    assert web.get("/plain/slow").headers["retry-after"] == "7"
    assert web.get("/plain/remote").headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "no-such-page"),
        ("GET", "/api/nothing", 404, "no-such-page"),
        ("DELETE", "/api/leads/3", 405, "no-such-method"),
        ("DELETE", "/healthz", 405, "no-such-method"),
    ],
)
def test_what_the_framework_refuses_has_the_same_shape(
    web: TestClient, method: str, path: str, status: int, code: str
) -> None:
    answer = web.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_fields_that_are_wrong_are_all_named(web: TestClient) -> None:
    document = web.get("/api/leads/three?limit=x").json()
    assert document["code"] == "bad-request"
    assert [p["where"]["field"] for p in document["problems"]] == ["path.lead_id", "query.limit"]


def test_the_description_says_what_errors_look_like(web: TestClient) -> None:
    document = web.get("/api/openapi.json").json()
    responses = document["paths"]["/leads/{lead_id}"]["get"]["responses"]
    assert set(responses) == {"200", "4XX", "5XX"}
    reference = responses["4XX"]["content"]["application/problem+json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/Problem"
    assert document["components"]["schemas"]["Problem"]["required"]


def test_every_answer_has_an_id_and_the_headers_of_safety(web: TestClient) -> None:
    answer = web.get("/api/leads/3", headers={"X-Request-Id": "abc-1"})
    assert answer.headers["x-request-id"] == "abc-1"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers
    other = web.get("/api/leads/3", headers={"X-Request-Id": "a b\tc" * 50})
    assert other.headers["x-request-id"] != "a b\tc" * 50


def test_over_tls_browsers_are_told_to_stay_there(running: Service) -> None:
    secure = client(running, base_url="https://leads.example")
    assert "max-age" in secure.get("/healthz").headers["strict-transport-security"]


@pytest.mark.parametrize("path", ["/api/leads", "/plain/x"])
def test_a_body_over_the_limit_is_refused_told_or_not(tmp_path: Path, path: str) -> None:
    settings = Settings(data=tmp_path, limits=LimitSettings(body_bytes=2048))
    with service(tmp_path, settings) as running:
        web = client(running)
        assert web.post(path, content=b"x" * 2048).status_code == 200
        told = web.post(path, content=b"x" * 2049)
        untold = web.post(path, content=(b"x" * 100 for _ in range(21)))
    for answer in (told, untold):
        assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
        assert "2,048" in answer.json()["detail"]
        assert answer.headers["connection"] == "close"


def test_of_one_address_only_so_many_requests(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, limits=LimitSettings(api_per_second=5))
    with service(tmp_path, settings) as running:
        web = client(running)
        answers = [web.get(f"/api/leads/{n}") for n in range(30)]
        # Those at /healthz and of tracking are not counted.
        assert {web.get("/healthz").status_code for _ in range(30)} == {200}
    refused = [answer for answer in answers if answer.status_code == 429]
    assert 15 <= len(refused) <= 25
    assert refused[0].json()["code"] == "too-many-requests"
    assert int(refused[0].headers["retry-after"]) >= 1


def test_a_key_is_limited_whatever_its_addresses(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, limits=LimitSettings(api_per_second=5))
    with service(tmp_path, settings) as running:
        app = create_app(running, (), [ROUTER])
        statuses = [
            TestClient(app, client=(f"192.0.2.{n}", 1))
            .get("/api/leads/1", headers={"Authorization": "Bearer lw_1"})
            .status_code
            for n in range(1, 40)
        ]
    assert statuses[:5] == [200] * 5
    assert 429 in statuses


def test_pages_of_the_allowed_origins_may_call_the_api(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, cors_origins=("https://app.example",))
    asked = {"Access-Control-Request-Method": "GET"}
    with service(tmp_path, settings) as running:
        web = client(running)
        good = web.options("/api/leads/1", headers=asked | {"Origin": "https://app.example"})
        bad = web.options("/api/leads/1", headers=asked | {"Origin": "https://evil.example"})
    assert good.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-origin" not in bad.headers


def test_metrics_want_the_token_or_this_machine(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        here = client(running, client=("127.0.0.1", 1))
        assert here.get("/metrics").status_code == 200
        assert here.get("/metrics", headers={"X-Forwarded-For": "1.2.3.4"}).status_code == 403
        assert client(running, client=("192.0.2.1", 1)).get("/metrics").status_code == 403
    settings = Settings(data=tmp_path, metrics_token="tell me")
    with service(tmp_path, settings) as running:
        web = client(running, client=("192.0.2.1", 1))
        assert web.get("/metrics").status_code == 401
        assert web.get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401
        given = web.get("/metrics", headers={"Authorization": "Bearer tell me"})
        assert given.status_code == 200


def test_requests_are_counted_by_the_template_of_their_route(running: Service) -> None:
    web = client(running, client=("127.0.0.1", 1))
    for path in ("/api/leads/1", "/api/leads/2", "/plain/slow", "/nothing/1", "/api/none/2"):
        web.get(path)
    text = web.get("/metrics").text
    count = "leadwise_request_seconds_count"
    assert f'{count}{{method="GET",route="/api/leads/{{lead_id}}",status="200"}} 2.0' in text
    assert f'{count}{{method="GET",route="/plain/{{name}}",status="429"}} 1.0' in text
    assert f'{count}{{method="GET",route="unmatched",status="404"}} 1.0' in text
    assert f'{count}{{method="GET",route="/api/*",status="404"}} 1.0' in text


def test_a_gauge_that_fails_does_not_hide_the_others(running: Service) -> None:
    running.metrics.watch("leadwise_bad", "Fails.", lambda: 1 / 0)
    running.metrics.watch("leadwise_good", "Works.", lambda: 7)
    running.metrics.watch_by("leadwise_kinds", "By kind.", "kind", lambda: {"a": 1, "b": 2})
    text = running.metrics.text().decode()
    assert "leadwise_good 7.0" in text
    assert 'leadwise_kinds{kind="b"} 2.0' in text
    assert "leadwise_bad" not in text


def test_ready_says_why_not(tmp_path: Path) -> None:
    said: list[str | None] = ["Scoring is 300 s behind.", None]
    with service(tmp_path, None, Part("lag", trouble=lambda: said.pop(0))) as running:
        web = client(running)
        first = web.get("/readyz")
        assert first.status_code == 503
        assert first.json() == {"status": "not ready", "reasons": ["Scoring is 300 s behind."]}
        # For a second the answer is given again without asking.
        assert web.get("/readyz").status_code == 503
        time.sleep(1.1)
        assert web.get("/readyz").json() == {"status": "ready"}
        assert web.get("/healthz").json() == {"status": "alive"}
        running.stopping.set()
        assert web.get("/readyz").json()["reasons"] == ["The service is stopping."]


def test_a_check_that_fails_is_a_reason(tmp_path: Path) -> None:
    def fails() -> str | None:
        raise RuntimeError("inside")

    with service(tmp_path, None, Part("jobs", trouble=fails)) as running:
        assert running.troubles() == ["jobs: RuntimeError"]


def test_ready_notices_a_store_that_is_gone(tmp_path: Path) -> None:
    with service(tmp_path) as running:
        part = store_answers(running.store)
        assert part.trouble() is None
        path = running.store.path
        assert path is not None
    for file in tmp_path.iterdir():
        file.unlink()
    path.write_bytes(b"this is no database, and long enough to be seen as none" * 100)
    said = part.trouble()
    assert said == "The store does not answer."


def test_the_backlog_is_as_old_as_its_oldest_row(tmp_path: Path) -> None:
    now = [100.0]
    with service(tmp_path) as running:
        backlog = Backlog(running.store, lambda: 1_000, lambda: now[0])
        insert = (
            "INSERT INTO touched (lead_id, cause, at_us, not_before_us) VALUES (1, 'event', 5, ?)"
        )
        assert (backlog.size(), backlog.lag_seconds()) == (0, 0)
        running.store.write(lambda c: c.exec_driver_sql(insert, (0,)))
        running.store.write(lambda c: c.exec_driver_sql(insert, (0,)))
        running.store.write(lambda c: c.exec_driver_sql(insert, (2_000,)))  # to be scored later
        assert (backlog.size(), backlog.lag_seconds()) == (3, 0)
        now[0] += 130
        assert backlog.lag_seconds() == 130
        check = backlog.check(120)
        assert check.trouble() == "Scoring is 130 s behind (the bound is 120 s)."
        running.store.write(lambda c: c.exec_driver_sql("DELETE FROM touched WHERE id = 1"))
        assert backlog.lag_seconds() == 0
        running.store.write(lambda c: c.exec_driver_sql("DELETE FROM touched WHERE id = 2"))
        now[0] += 1000
        assert (backlog.size(), backlog.lag_seconds(), check.trouble()) == (1, 0, None)


def test_parts_start_in_order_and_stop_in_reverse_also_after_a_failure(tmp_path: Path) -> None:
    done: list[str] = []

    def part(name: str, *, fails: str = "") -> Part:
        def act(what: str) -> None:
            done.append(f"{what} {name}")
            if fails == what:
                raise UserError("x", "no")

        return Part(name, lambda: act("start"), lambda _: act("stop"))

    with service(tmp_path) as bare:
        parts = (part("a"), part("b", fails="stop"), part("c"))
        running = Service(bare.settings, bare.store, parts=parts)
        running.start()
        running.stop()
        assert done == ["start a", "start b", "start c", "stop c", "stop b", "stop a"]
        done.clear()
        failing = Service(bare.settings, bare.store, parts=(part("a"), part("b", fails="start")))
        with pytest.raises(UserError):
            failing.start()
        assert done == ["start a", "start b", "stop a"]
