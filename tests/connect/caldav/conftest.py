"""A Radicale of one's own: a real CalDAV server on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest

from leadwise.testing.radicale import radicale as radicale_server

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
    users = {"ana": "pa55", "sales@us.example": "pa55"}
    with radicale_server(tmp_path_factory.mktemp("radicale"), users) as url:
        yield url


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
