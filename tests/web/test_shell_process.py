"""`leadwise serve` as a process: how it starts, what keeps it from starting, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import threading
import time
from pathlib import Path

import httpx2
import pytest

from leadwise.store.opening import Store
from tests.web.shell import Server, fresh_store, free_port, serving, started

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and rights are POSIX")


def ended(folder: Path, *arguments: str, **variables: str) -> tuple[int, str]:
    """The exit code and what was said of a server that cannot start."""
    server = started(folder, *arguments, **variables)
    try:
        return server.wait(), server.logged()
    finally:
        server.process.kill()


def test_from_nothing_to_answers_to_a_graceful_end(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        for path in ("/healthz", "/readyz", "/metrics", "/api/openapi.json"):
            assert server.get(path).status_code == 200, path
        _one_giant_body(server)
        _ten_thousand_requests_that_are_none(server)
        assert server.get("/readyz").status_code == 200
        data = tmp_path / "data"
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        for file in data.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        assert (data / "leadwise.db").is_file()
        assert len((data / "secret.key").read_text().strip()) == 64
        said = (tmp_path / "out").read_text()
        assert f"http://127.0.0.1:{server.port}/readyz" in said
        server.process.send_signal(signal.SIGTERM)
        assert server.wait() == 0
    lines = [json.loads(line) for line in server.logged().splitlines()]
    assert lines[-1]["message"] == "stopped"
    # Neither bytes that are no HTTP nor health checks are news.
    assert len(lines) < 40


def _one_giant_body(server: Server) -> None:
    """A gigabyte is refused before it is sent, and the client gets to read why."""
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        client.sendall(b"POST /api/leads HTTP/1.1\r\nHost: x\r\nContent-Length: 1073741824\r\n\r\n")
        sent = 0
        try:
            while sent < 64 * 1024 * 1024:
                sent += client.send(b"x" * 65536)
        except OSError:
            pass
        assert sent < 64 * 1024 * 1024
    response = httpx2.post(server.url + "/api/leads", content=b"x" * 6_000_000, timeout=30)
    assert response.status_code == 413


def _ten_thousand_requests_that_are_none(server: Server) -> None:
    wrong = b"\x16\x03\x01 nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 50, b"A" * 9000
    for number in range(400):
        with socket.create_connection(("127.0.0.1", server.port), 30) as client:
            client.sendall(wrong[number % len(wrong)] * 25)


def test_requests_under_way_are_answered_before_the_end(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        with socket.create_connection(("127.0.0.1", server.port), 30) as client:
            client.sendall(b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
            with socket.create_connection(("127.0.0.1", server.port), 30) as idle:
                server.process.send_signal(signal.SIGTERM)
                assert idle.recv(100) == b""
            client.sendall(b"cde")
            assert client.recv(100).startswith(b"HTTP/1.1 405")
        assert server.wait() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        path = Store(f"sqlite:///{tmp_path / 'data' / 'leadwise.db'}")
        held, release = threading.Event(), threading.Event()

        def hold() -> None:
            with path.transaction():
                held.set()
                release.wait(30)

        holder = threading.Thread(target=hold)
        holder.start()
        held.wait(30)
        client = socket.create_connection(("127.0.0.1", server.port), 30)
        client.sendall(b"POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab")
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert server.process.poll() is None
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)
        assert server.wait() == 128 + signal.SIGINT
        assert time.monotonic() - began < 5
        release.set()
        holder.join()
        client.close()
        path.close()
    assert "ended before everything was finished" in server.logged()


def test_what_keeps_it_from_starting_is_said_in_words(tmp_path: Path) -> None:
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        code, said = ended(tmp_path / "port", "--port", str(port))
        assert code == 2
        assert "error[port-taken]" in said
        assert "--port" in said
    newer = tmp_path / "newer" / "data"
    newer.mkdir(parents=True)
    (newer / "leadwise.db").write_bytes(fresh_store())
    with Store(f"sqlite:///{newer / 'leadwise.db'}") as store, store.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'x99'")
    code, said = ended(tmp_path / "newer")
    assert code == 2
    assert "error[store-newer]" in said
    code, said = ended(tmp_path / "host", "--host", "192.0.2.1")
    assert code == 2
    assert "error[cannot-listen]" in said
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / "data").write_text("no folder")
    code, said = ended(tmp_path / "file")
    assert code == 2
    assert "error[data-folder]" in said
    code, said = ended(tmp_path / "setting", LEADWISE_PROT="1")
    assert code == 2
    assert "did you mean 'LEADWISE_PORT'?" in said
    for folder in ("port", "newer", "host", "file", "setting"):
        assert "Traceback" not in (tmp_path / folder / "log").read_text()
