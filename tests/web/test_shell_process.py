"""`leadwise serve` as a process: how it starts, what keeps it from starting, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import time
from pathlib import Path

import httpx2
import pytest

from leadwise.errors import UserError
from leadwise.settings import Settings
from leadwise.store.keys import create_key
from leadwise.store.opening import Store
from leadwise.web.secret import secret_key
from leadwise.web.serving import serve
from leadwise.web.starting import one_process
from leadwise.web.supervisor import notify
from tests.web.shell import Server, fresh_store, serving, started

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and rights are POSIX")


HALF_A_REQUEST = (
    b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    b"Content-Length: 5\r\n\r\n{}"
)
"""The tracking API reads the body before it looks for a key in it."""


def test_from_nothing_to_answers_to_a_graceful_end(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(tmp_path) as server:
        for path in ("/healthz", "/readyz", "/metrics", "/api/openapi.json"):
            assert server.get(path).status_code == 200, path
        _an_event_is_recorded(server, data)
        _one_giant_body(server)
        _ten_thousand_requests_that_are_none(server)
        assert server.get("/readyz").status_code == 200
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        for file in data.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file
        assert (data / "leadwise.db").is_file()
        assert len((data / "secret.key").read_text().strip()) == 64
        said = (tmp_path / "out").read_text()
        assert f"http://127.0.0.1:{server.port}/readyz" in said
        _another_process_is_refused(data / "leadwise.db")
        _ends_when_what_came_is_answered(server)
    lines = [json.loads(line) for line in server.logged().splitlines()]
    assert lines[-1]["message"] == "stopped"
    # Neither bytes that are no HTTP nor health checks are news.
    assert len(lines) < 40


def _an_event_is_recorded(server: Server, data: Path) -> None:
    with Store(f"sqlite:///{data / 'leadwise.db'}") as store, store.transaction() as connection:
        _, key = create_key(connection, "site", by="tests", now_us=1, kind="write")
    body = {"event": "Demo Requested", "userId": "ada", "messageId": "m1"}
    for _ in range(2):
        answer = httpx2.post(server.url + "/v1/track", json=body, auth=(key, ""), timeout=30)
        assert answer.json() == {"success": True}
    text = server.get("/metrics").text
    assert 'leadwise_events_total{outcome="recorded"} 1.0' in text
    assert 'leadwise_events_total{outcome="duplicate"} 1.0' in text
    assert "leadwise_batch_events_count 2.0" in text


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


def _another_process_is_refused(store: Path) -> None:
    with pytest.raises(UserError) as caught, one_process(store, 0.2):
        pass
    assert caught.value.code == "store-in-use"


def _ends_when_what_came_is_answered(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 30) as client:
        client.sendall(HALF_A_REQUEST)
        with socket.create_connection(("127.0.0.1", server.port), 30) as idle:
            time.sleep(0.2)
            server.process.send_signal(signal.SIGTERM)
            assert idle.recv(100) == b""
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", server.port), 5)
        client.sendall(b"   ")
        assert client.recv(100).startswith(b"HTTP/1.1 401")
    assert server.wait() == 0


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    with (
        serving(tmp_path) as server,
        socket.create_connection(("127.0.0.1", server.port)) as client,
    ):
        client.sendall(HALF_A_REQUEST)
        time.sleep(0.2)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert server.process.poll() is None
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(5) == 128 + signal.SIGINT
    assert "ended before everything was finished" in server.logged()


def test_a_wrong_setting_ends_the_command_in_words(tmp_path: Path) -> None:
    server = started(tmp_path, LEADWISE_PROT="1")
    assert server.wait() == 2
    assert "did you mean 'LEADWISE_PORT'?" in server.logged()
    assert "Traceback" not in server.logged()


def refused(settings: Settings) -> UserError:
    """Why a service cannot start."""
    with pytest.raises(UserError) as caught:
        serve(settings, lambda _settings, _address: None)
    return caught.value


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        error = refused(Settings(data=tmp_path / "data", port=taken.getsockname()[1]))
    assert error.code == "port-taken"
    assert "--port" in error.hint


def test_an_address_of_another_machine(tmp_path: Path) -> None:
    for host in ("192.0.2.1", "no such host"):
        assert refused(Settings(data=tmp_path / "data", host=host)).code == "cannot-listen"


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "leadwise.db"
    path.write_bytes(fresh_store())
    with Store(f"sqlite:///{path}") as store, store.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'x99'")
    assert refused(Settings(data=tmp_path, port=0)).code == "store-newer"


def test_a_data_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    error = refused(Settings(data=tmp_path / "data", port=0))
    assert (error.code, error.where.file) == ("data-folder", str(tmp_path / "data"))


def test_a_secret_key_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    path.write_text("too short")
    assert refused(Settings(data=tmp_path, port=0)).code == "secret-key"
    assert path.read_text() == "too short"
    path.unlink()
    key = secret_key(path)
    assert len(key) == 32
    assert secret_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_systemd_is_told(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(tmp_path / "notify"))
        assert notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert told.recv(100) == b"READY=1"
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "nobody")})
