"""Malformed requests to every address of a running service, which answers none of them with 5xx.

    python -m tests.weather.malformed --requests 10000

Half of them are well-formed HTTP with junk inside (in the path, the query, headers, a body that was
once right), the others are junk from the first byte or cut somewhere. The seed is fixed.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from leadwise.store.keys import create_key
from leadwise.store.opening import Store
from tests.weather.nursery import nursery
from tests.weather.servers import Server, prepared, resident_mib
from tests.weather.wires import wire

TRACKING = "identify track page screen group alias batch import t b m".split()
LIMITS = {
    "LEADWISE_LIMITS_API_PER_SECOND": "100000",
    "LEADWISE_LIMITS_TRACKING_PER_SECOND": "100000",
    "LEADWISE_LIMITS_FORMS_PER_MINUTE": "100000",
}
"""So that what is wrong is looked at, and not only how much of it comes."""
BROKEN_SECONDS = 0.05
"""How long an answer is waited for where the server may wait for the rest of the request."""
TYPES = ("application/json", "text/plain", "multipart/form-data; boundary=x", "text/csv",
         "application/x-www-form-urlencoded", "application/cloudevents+json", "\xff;=")  # fmt: skip
WORDS = (
    "0", "-1", "1", "2", "99999999999999999999", "1e999", "NaN", "null", "true", "", "'", '"',
    "%00", "%ff", "%", "..", "../..", "%2e%2e%2f", "a" * 3_000, "\xe9", "lead", "[]", "{}",
    "2026-11-22", "2026-11-22T00:00:00Z",
    "9999-12-31", "0001-01-01", "+", "%F0%9F%90%9B", "a b", "u1", "limit",
    "' OR 1=1 --", "eyJhIjoxfQ",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1.5, 2**63, 10**40, 1e308, "", "x", "\x00", "\ud800", "a" * 5_000, [], {},
    [[]], {"a": {"b": [1, None]}}, [1, "a", None], "2026-11-22T00:00:00Z", "p@q.example",
)  # fmt: skip


@dataclass
class Story:
    """What was answered, and how the memory of the service went."""

    statuses: Counter[int] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    """Requests that were answered with 5xx, such as they were."""
    memory_mib: list[float] = field(default_factory=list)
    """After each tenth of the requests."""
    seconds: float = 0.0


@dataclass(frozen=True)
class Target:
    """Addresses with their methods and what their bodies may hold, and the keys."""

    routes: tuple[tuple[str, str, tuple[str, ...]], ...]
    bearer: str
    basic: str


def target(server: Server, write_key: str, admin_key: str) -> Target:
    """Every address of the service: those of its description, and the tracking API's."""
    described = json.loads(asked(server, "/api/openapi.json"))
    routes: list[tuple[str, str, tuple[str, ...]]] = [
        (method.upper(), path, tuple(_fields(described, operation)))
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        # A stream never ends, and the key that is used must not be taken away.
        if "stream" not in path and "/keys/{" not in path
    ]
    event = ("type", "event", "userId", "anonymousId", "traits", "properties", "batch", "context")
    routes = [
        (method, path if path.startswith("/api") else f"/api{path}", fields)
        for method, path, fields in routes
    ]
    routes += [("POST", f"/v1/{path}", event) for path in TRACKING]
    routes += [("GET", "/v1/projects/{key}/settings", ()), ("POST", "/f/{form}", ("email",))]
    routes += [("POST", "/in/{source}", ("id", "type", "data")), ("GET", "/{nowhere}", ())]
    routes += [("GET", path, ()) for path in ("/healthz", "/readyz", "/metrics")]
    basic = base64.b64encode(f"{write_key}:".encode()).decode()
    return Target(
        tuple(routes), f"Authorization: Bearer {admin_key}", f"Authorization: Basic {basic}"
    )


def _fields(described: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """All names that occur in what an operation takes."""
    names = [parameter["name"] for parameter in operation.get("parameters", ())]
    said = json.dumps(operation.get("requestBody", {}))
    for reference in re.findall(r"#/components/schemas/(\w+)", said):
        names += described["components"]["schemas"][reference].get("properties", {})
    return names


def asked(server: Server, path: str) -> bytes:
    """The body of an answer to a GET."""
    with wire(server.address or "") as opened:
        opened.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while part := opened.recv(65_536):
            answer += part
    return answer.partition(b"\r\n\r\n")[2]


def request(target: Target, chance: random.Random) -> tuple[bytes, bool]:
    """One request, of which something is mostly wrong, and whether the server has all of it."""
    method, path, fields = chance.choice(target.routes)
    if chance.random() < 0.05:
        method = chance.choice(("PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW"))
    path = re.sub(r"\{\w+\}", lambda _: _word(chance), path)
    if chance.random() < 0.4:
        names = [*fields, "limit", "after", "x"]
        pairs = [f"{chance.choice(names)}={_word(chance)}" for _ in range(chance.randrange(1, 4))]
        path += "?" + "&".join(pairs)
    lines = [f"{method} {path} HTTP/1.1", "Host: x", f"Content-Type: {chance.choice(TYPES)}"]
    if chance.random() < 0.95:
        lines.append(target.bearer if path.startswith("/api") else target.basic)
    if chance.random() < 0.1:
        lines.append(f"Content-Encoding: {chance.choice(('gzip', 'br', 'x'))}")
    if chance.random() < 0.1:
        lines.append(
            f"{chance.choice(('If-Match', 'Origin', 'X-Request-Id', 'Accept'))}: {_word(chance)}"
        )
    body = _body(fields, chance) if method not in ("GET", "HEAD") else b""
    length = len(body) if chance.random() < 0.97 else chance.choice((0, 7, 10**12, -1))
    raw = "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode("latin-1") + body
    if chance.random() < 0.3:
        return _broken(raw, chance), False
    return raw, length == len(body)


def _word(chance: random.Random) -> str:
    word = chance.choice(WORDS)
    return word.replace(" ", "%20") if chance.random() < 0.95 else word


def _body(fields: tuple[str, ...], chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.1:
        return chance.randbytes(chance.randrange(300))
    if kind < 0.15:
        return b"[" * chance.choice((10, 900, 60_000))
    names = list(fields) or ["x"]
    document: Any = {
        chance.choice(names): chance.choice(VALUES) for _ in range(chance.randrange(1, 9))
    }
    if "batch" in document:
        document["batch"] = [{**document, "batch": 1}, chance.choice(VALUES)]
    if chance.random() < 0.1:
        document = [document]
    body = json.dumps(document).encode()
    return _broken(body, chance) if chance.random() < 0.2 else body


def _broken(raw: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(raw) + 1)
    if chance.random() < 0.2:
        return raw[:at]
    return raw[:at] + chance.randbytes(chance.randrange(4)) + raw[at + chance.randrange(3) :]


def send(server: Server, target: Target, requests: int, chance: random.Random) -> Story:
    """Send so many, one after the other."""
    story = Story()
    process = server.process
    assert process is not None
    began = time.monotonic()
    for number in range(1, requests + 1):
        raw, whole = request(target, chance)
        status = answered(server, raw, 20 if whole else BROKEN_SECONDS)
        story.statuses[status] += 1
        if status >= 500:
            story.failed.append(f"{status}: {raw[:600]!r}")
        assert process.poll() is None, f"the service has ended after {raw[:600]!r}"
        if number % (requests // 10) == 0:
            story.memory_mib.append(round(resident_mib(process.pid), 1))
    story.seconds = time.monotonic() - began
    return story


def answered(server: Server, raw: bytes, seconds: float) -> int:
    """The status of what is answered to these bytes; 0 where nothing is."""
    with wire(server.address or "", seconds) as opened:
        try:
            opened.sendall(raw)
            said = opened.recv(1_000)
        except TimeoutError:
            assert seconds == BROKEN_SECONDS, f"no answer to {raw[:600]!r}"
            return 0
        except (ConnectionResetError, BrokenPipeError):
            return 0
    return int(said.split()[1]) if said.startswith(b"HTTP/1.") else 0


def keys(server: Server) -> tuple[str, str]:
    """Make the store; a key for tracking and one that may do everything."""
    write_key = prepared(server.url)
    with Store(server.url) as store, store.transaction() as connection:
        _, admin_key = create_key(
            connection, "all", by="weather", now_us=1, scopes=frozenset({"admin"})
        )
    return write_key, admin_key


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="leadwise-malformed-") as name, nursery() as mother:
        server = Server(Path(name), nursery=mother, variables=LIMITS)
        with server:
            pair = keys(server)
            server.start()
            server.until_ready()
            story = send(server, target(server, *pair), given.requests, random.Random(given.seed))
            ended = server.stop()
        errors = [line for line in server.log.splitlines() if '"level": "error"' in line]
    lines = [
        f"{given.requests} requests in {story.seconds:.0f} s: {sorted(story.statuses.items())}",
        f"memory after each tenth: {story.memory_mib} MiB; stopped with {ended}",
        *(f"WRONG: {each}" for each in story.failed),
        f"{len(errors)} lines of errors in the log",
        *errors[:20],
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if story.failed or ended else 0


if __name__ == "__main__":
    sys.exit(main())
