"""A Radicale of one's own: a real CalDAV server on this machine."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

MKCALENDAR = """<?xml version="1.0"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname>
<C:supported-calendar-component-set><C:comp name="{comp}"/></C:supported-calendar-component-set>
</D:prop></D:set></C:mkcalendar>"""


@dataclass
class Radicale:
    """Its address; users are `ana` and `sales@us.example`, their password is `pa55`."""

    url: str
    client: httpx2.Client

    def calendar(self, path: str, name: str, comp: str = "VEVENT") -> None:
        """Make one."""
        body = MKCALENDAR.format(name=name, comp=comp)
        self.client.request("MKCALENDAR", path, content=body).raise_for_status()

    def put(self, path: str, text: str) -> None:
        """Write an event as somebody else's program would."""
        self.client.put(path, content=text, headers={"Content-Type": "text/calendar"}
                        ).raise_for_status()  # fmt: skip

    def get(self, path: str) -> str:
        """What stands there."""
        return self.client.get(path).raise_for_status().text


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server; it is stopped at the end."""
    folder: Path = tmp_path_factory.mktemp("radicale")
    (folder / "users").write_text("ana:pa55\nsales@us.example:pa55\n")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "server-hosts": f"127.0.0.1:{port}", "auth-type": "htpasswd",
        "auth-htpasswd-filename": str(folder / "users"), "auth-htpasswd-encryption": "plain",
        "auth-delay": "0", "storage-filesystem-folder": str(folder / "storage"),
        "logging-level": "error",
    }  # fmt: skip
    command = [sys.executable, "-m", "radicale", "--config", ""]
    command += [f"--{name}={value}" for name, value in options.items()]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, "Radicale did not start"
                time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def radicale(server: str) -> Iterator[Radicale]:
    """With the calendar Sales of `sales@us.example`, empty."""
    with httpx2.Client(base_url=server, auth=("sales@us.example", "pa55")) as client:
        home = "/sales@us.example/"
        for name in ("sales", "tasks", "private"):
            client.delete(f"{home}{name}/")
        found = Radicale(server, client)
        found.calendar(f"{home}sales/", "Sales")
        yield found
