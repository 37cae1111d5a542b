"""Serving a fake vendor on 127.0.0.1, with troubles on demand and a record of every request."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

Answer: TypeAlias = tuple[int, Mapping[str, str], Any]
"""Status, headers, body: bytes or text as they are, None for no body, anything else as JSON."""


class Query(dict[str, str]):
    """The parameters of an address: the last value of each name, and `all` of them."""

    def __init__(self, pairs: list[tuple[str, str]]):
        super().__init__(pairs)
        self._pairs = pairs

    def all(self, name: str) -> list[str]:
        """Every value of a name, in order."""
        return [value for key, value in self._pairs if key == name]


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came, and the status that it got (0: the line was cut). Names of headers are
    in lower case, `path` is without percent signs, `target` is path and query as they were sent."""

    method: str
    path: str
    target: str
    headers: Mapping[str, str]
    query: Query
    body: bytes
    status: int

    @property
    def json(self) -> Any:
        """The body read as JSON; None where there is none."""
        return json.loads(self.body) if self.body else None


@dataclass(slots=True)
class Trouble:
    """What goes wrong with the next `times` requests that fit."""

    status: int
    times: int
    method: str
    path: str
    headers: Mapping[str, str]
    body: Any
    slow_s: float
    taken: bool

    def fits(self, method: str, path: str) -> bool:
        """Whether it strikes this request."""
        ends = self.path.endswith("$") and path.endswith(self.path[:-1])
        return (not self.method or self.method == method) and (ends or self.path in path)


@dataclass
class Fake:
    """A vendor's cloud in memory. A subclass says how to `handle` a request."""

    calls: list[Call] = field(default_factory=list, init=False, repr=False)
    lock: threading.RLock = field(default_factory=threading.RLock, init=False, repr=False)
    _troubles: list[Trouble] = field(default_factory=list, init=False, repr=False)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        """The answer to a request; one at a time."""
        raise NotImplementedError

    def fail(
        self, status: int, times: int = 1, *, method: str = "", path: str = "",
        headers: Mapping[str, str] | None = None, body: Any = None,
        slow_s: float = 0.0, taken: bool = False,
    ) -> None:  # fmt: skip
        """The next `times` requests (of this method, with `path` in their path, or with a `$` at
        its end as the end of theirs) get this status.

        Status 0 cuts the line without an answer; 200 answers as always, after `slow_s` seconds.
        `taken`: the request does its work first, and only its answer is lost.
        """
        trouble = Trouble(status, times, method, path, headers or {}, body, slow_s, taken)
        with self.lock:
            self._troubles.append(trouble)

    def made(self, method: str, path: str = "") -> list[Call]:
        """The calls of this method with `path` in their path."""
        return [call for call in self.calls if call.method == method and path in call.path]

    def answer(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | None:
        """What a request gets, troubles included; None where the line is cut."""
        parts = urlsplit(target)
        path, query = unquote(parts.path), Query(parse_qsl(parts.query, keep_blank_values=True))
        trouble = self._trouble(method, path)
        if trouble is not None and trouble.slow_s:
            time.sleep(trouble.slow_s)
        with self.lock:
            answer: Answer = (200, {}, None)
            if trouble is None or trouble.taken or trouble.status == 200:
                answer = self.handle(method, path, headers, query, body)
            if trouble is not None and trouble.status != 200:
                answer = (trouble.status, trouble.headers, trouble.body)
            status = answer[0]
            self.calls.append(Call(method, path, target, dict(headers), query, body, status))
        return answer if status else None

    def _trouble(self, method: str, path: str) -> Trouble | None:
        with self.lock:
            for trouble in self._troubles:
                if trouble.fits(method, path):
                    trouble.times -= 1
                    if trouble.times <= 0:
                        self._troubles.remove(trouble)
                    return trouble
        return None


@contextmanager
def served(fake: Fake, *, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """Serve it until the end of the block: the address, without a slash at its end. With `tls`
    (a server's context, of trustme for one) it is an https address of `localhost`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(fake))
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake", daemon=True
    )
    thread.start()
    port = server.server_address[1]
    try:
        yield f"https://localhost:{port}" if tls is not None else f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _handler_of(fake: Fake) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def handle_one_request(self) -> None:
            with suppress(ConnectionError):
                super().handle_one_request()

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):  # whatever the method: PROPFIND and REPORT are some too
                return self._serve
            raise AttributeError(name)

        def log_message(self, *_: Any) -> None:
            pass

        def _serve(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = _read(self.rfile, headers)
            answer = None
            if body is not None:  # who ended in the middle of a request has asked for nothing
                answer = fake.answer(self.command, self.path, headers, body)
            if answer is None:
                self.close_connection = True
                return
            status, more, said = answer
            content, kind = _written(said)
            self.send_response(status)
            sent = {name.lower() for name in more}
            for name, value in more.items():
                self.send_header(name, value)
            if kind and "content-type" not in sent:
                self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

    return Handler


def _written(said: Any) -> tuple[bytes, str]:
    """A body and the type of its content."""
    if said is None:
        return b"", ""
    if isinstance(said, bytes):
        return said, "application/octet-stream"
    if isinstance(said, str):
        return said.encode(), "text/plain; charset=utf-8"
    return json.dumps(said).encode(), "application/json"


def _read(stream: BufferedIOBase, headers: Mapping[str, str]) -> bytes | None:
    """A request's body, chunked ones too; None where the line ended before it was whole."""
    if headers.get("transfer-encoding", "").lower() != "chunked":
        size = int(headers.get("content-length") or 0)
        body = stream.read(size)
        return body if len(body) == size else None
    parts = []
    while line := stream.readline():
        size = int(line.split(b";")[0], 16)
        parts.append(stream.read(size))
        if len(parts[-1]) < size or not stream.readline():
            return None
        if not size:
            return b"".join(parts)
    return None
