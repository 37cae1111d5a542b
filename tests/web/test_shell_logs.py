"""Log lines: their form, and that nothing secret is in them, whoever wrote them."""

from __future__ import annotations

import io
import json
import logging
import time
from typing import Any

import pytest
import structlog
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from leadwise.settings import LogSettings
from leadwise.web.envelope import Envelope
from leadwise.web.logs import configured
from leadwise.web.metrics import Metrics
from leadwise.web.redaction import LONGEST, redact, redacted

SECRETS = {
    "postgresql://leadwise:hunter2@db.example/leads": "hunter2",
    "could not reach https://user:p%40ss@hooks.example/x?a=1": "p%40ss",
    "postgresql+psycopg://leadwise:hunt/er2@db/leads": "hunt/er2",
    "Authorization: Basic d3JpdGVrZXk6": "d3JpdGVrZXk6",
    "authorization: bearer lw_2Yk8aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789": "2Yk8aBcDe",
    "key lww_2Yk8aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789 is revoked": "2Yk8aBcDe",
    "secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw": "MfKQ9r8GKY",
    '{"writeKey": "abc def", "type": "track"}': "abc def",
    "GET /v1/x?write_key=k123&a=1": "k123",
    "password = 'open sesame' for": "open sesame",
    "ada.lovelace@example.com asked": "ada.lovelace",
    "/api/leads/ada%40example.com/events": "ada%40",
    "mailto:Ünal+news@exämple.de": "Ünal",
}


@pytest.mark.parametrize(("text", "secret"), SECRETS.items())
def test_secrets_are_taken_out_of_texts(text: str, secret: str) -> None:
    said = redacted(text)
    assert secret not in said
    assert "***" in said or "[e-mail]" in said
    assert redacted(said) == said


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/leads/42/events?limit=10 took 3.2 ms",
        "ready at http://127.0.0.1:8000",
        "sqlite:///leadwise-data/leadwise.db",
        "postgresql://db.example/leads",
        "lead 42 went from warm to hot (event demo_requested)",
        "2026-11-22T00:15:14.573829Z",
    ],
)
def test_other_texts_stay(text: str) -> None:
    assert redacted(text) == text


def test_what_has_a_secret_name_goes_and_what_is_nested_is_seen() -> None:
    said = redact(
        {
            "api_key": "k",
            "x_token": 5,
            "headers": {"Cookie": "a=b", "host": "h"},
            "leads": [("ada@example.com", 3)],
            "error": ValueError("no such key lw_2Yk8aBcDeFgHi"),
            "key": "demo_requested",
            "count": 7,
        }
    )
    assert said == {
        "api_key": "***",
        "x_token": 5,
        "headers": {"Cookie": "***", "host": "h"},
        "leads": [["[e-mail]", 3]],
        "error": "no such key lw_***",
        "key": "demo_requested",
        "count": 7,
    }


@pytest.mark.parametrize(
    "sign", ["a", "@", "a@", "://", "a:", "%40", "key=", "basic a", "lw_", "="]
)
def test_no_text_takes_long(sign: str) -> None:
    began = time.process_time()
    redacted(sign * 1_000_000)
    assert time.process_time() - began < 1.0
    assert len(redacted(sign * LONGEST)) < LONGEST * 4


def lines(format_: str = "json", **more: Any) -> tuple[io.StringIO, LogSettings]:
    return io.StringIO(), LogSettings(format=format_, **more)


def test_lines_are_json_whoever_writes_them() -> None:
    stream, settings = lines()
    with configured(settings, stream):
        structlog.stdlib.get_logger("leadwise.x").info("scored", leads=3, to="ada@example.com")
        logging.getLogger("leadwise.y").warning("cannot reach %s", "redis://:pw@cache/0")
        logging.getLogger("leadwise.z").info("structured", extra={"lead": 4, "token": "t"})
        logging.getLogger("sqlalchemy").info("a line of a library that nobody asked for")
        try:
            raise ValueError("postgresql://a:hunter2@db")
        except ValueError:
            logging.getLogger("leadwise.y").exception("failed")
    first, second, third, fourth = map(json.loads, stream.getvalue().splitlines())
    assert list(first)[:4] == ["timestamp", "level", "logger", "message"]
    assert (first["message"], first["leads"], first["to"]) == ("scored", 3, "[e-mail]")
    assert second["message"] == "cannot reach redis://***@cache/0"
    assert (third["lead"], third["token"]) == (4, "***")
    assert "ValueError" in fourth["exception"]
    assert "hunter2" not in fourth["exception"]


def test_lines_for_people() -> None:
    stream, settings = lines("console", level="warning")
    with configured(settings, stream):
        logging.getLogger("leadwise.y").info("not this")
        logging.getLogger("leadwise.y").warning("of %s", "ada@example.com")
    assert "of [e-mail]" in stream.getvalue()
    assert "not this" not in stream.getvalue()
    assert "\x1b[" not in stream.getvalue()


def test_logging_is_as_before_afterwards() -> None:
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    with configured(*reversed(lines())):
        assert root.handlers != before[0]
    assert (list(root.handlers), root.level) == before


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    tried = []

    class Full(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            raise OSError(28, "No space left on device")

    with configured(LogSettings(format="json"), Full()):
        logging.getLogger("leadwise.y").warning("of this nothing is left")
    assert any("of this nothing is left" in text for text in tried)


async def _answer(scope: Scope, receive: Receive, send: Send) -> None:
    prefix = scope["path"].rpartition("/")[0]
    scope["route"] = Route(prefix + "/{email}", _answer)
    await Response("", 404 if "no" in scope["path"] else 200)(scope, receive, send)


@pytest.mark.parametrize(
    ("access", "prefix", "wanted"),
    [
        ("all", "/v1", ["ok", "no"]),
        ("api", "/v1", ["no"]),
        ("api", "/api", ["ok", "no"]),
        ("failed", "/api", ["no"]),
        ("none", "/api", []),
    ],
)
def test_the_line_of_a_request(access: str, prefix: str, wanted: list[str]) -> None:
    stream, settings = lines(access=access)
    with configured(settings, stream):
        web = TestClient(Envelope(_answer, Metrics(), settings), client=("192.0.2.7", 1))
        web.get(f"{prefix}/ok-ada@example.com?writeKey=abc")
        web.get(f"{prefix}/no-ada@example.com?writeKey=abc", headers={"X-Request-Id": "r1"})
    found = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [line["path"] for line in found] == [f"{prefix}/[e-mail]"] * len(wanted)
    assert "abc" not in stream.getvalue()
    assert [line["status"] for line in found] == [{"ok": 200, "no": 404}[w] for w in wanted]
    # The address of a client is noted where something was wrong, and only there.
    assert [line.get("client") for line in found] == [
        {"ok": None, "no": "192.0.2.7"}[w] for w in wanted
    ]
    if wanted:
        assert found[-1]["request_id"] == "r1"
        assert found[-1]["route"] == prefix + "/{email}"
