"""A disk that gets full while events come in, and has room again later."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weather.judge import judge, until_scored
from tests.weather.loader import Load, Wire, loaded
from tests.weather.nursery import Nursery
from tests.weather.people import People
from tests.weather.servers import Server, prepared, until

DISK = "24m"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of one's own."""
    if os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("a disk of one's own is mounted by root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=700", "tmpfs", folder],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        pytest.skip(f"no tmpfs can be mounted: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_a_full_disk(tmp_path: Path, disk: Path, nursery: Nursery) -> None:
    """Events are answered 503 and nothing that was acknowledged is lost; reads go on; once there is
    room it goes on by itself."""
    server = Server(tmp_path, data_folder=disk, nursery=nursery)
    key = prepared(server.url)
    ballast = disk / "ballast"
    with server:
        server.start()
        server.until_ready()
        load = Load(lambda _: server.address, key)
        with loaded(load):
            until(lambda: load.sent.answers["200"] > 5, "the first batches are taken", of=server)
            fill(ballast)
            until(lambda: load.sent.answers["503"] > 20, "events are turned away", of=server)
            taken = load.sent.answers["200"]
            fill(ballast)
            wire = Wire(key)
            status, answer = wire.post(server.address or "", {"batch": People(9, 9).batch(300)})
            assert status == 503, answer
            assert wire.headers["retry-after"].isdigit()
            for path in ("/healthz", f"/v1/projects/{key}/settings", "/metrics"):
                assert wire.get(server.address or "", path)[0] == 200, path
            # Some may have found the last free page, hardly any.
            assert load.sent.answers["200"] <= taken + 3
            ballast.unlink()
            taken = load.sent.answers["200"]
            until(
                lambda: load.sent.answers["200"] > taken + 10, "events are taken again", of=server
            )
        until_scored(server.url)
        ready = time.monotonic()
        until(lambda: Wire(key).get(server.address or "", "/readyz")[0] == 200, "it is ready")
        assert time.monotonic() - ready < 10
        assert server.stop() == 0
    verdict = judge(server.url, load.sent)
    assert not verdict.wrong
    assert set(load.sent.answers) <= {"200", "503"}


def fill(file: Path) -> None:
    """Write until there is no room at all."""
    with file.open("ab", buffering=0) as written:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    written.write(b"\0" * size)
            except OSError:
                continue
