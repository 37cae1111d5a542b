"""A HubSpot in memory with a few people, and a connection to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from leadwise.connect.http import Http
from leadwise.connect.hubspot import KIND
from leadwise.connect.hubspot.sync import HubSpot
from leadwise.connect.model import Connection, Page
from leadwise.testing.hubspot import FakeHubSpot
from leadwise.testing.serving import served
from tests.connect.checking import SPECS, checked

NOW_MS = 1_800_000_000_000
NOW_US = NOW_MS * 1000
HOUR_MS = 3_600_000
DESCRIBED = {
    "/crm/v3/objects/contacts": "contacts_v3", "/crm/v3/objects/companies": "companies",
    "/crm/v3/objects/deals": "deals", "/crm/v3/objects/calls": "calls",
    "/crm/v3/objects/meetings": "meetings", "/crm/v3/objects/notes": "notes",
    "/crm/v3/objects/tasks": "tasks", "/crm/v3/properties": "properties",
    "/crm/v3/owners": "crm_owners", "/crm/v4/associations": "associations",
}  # fmt: skip
"""Which of HubSpot's own descriptions says what."""


def fake_hubspot() -> FakeHubSpot:
    """Its clock stands still."""
    return FakeHubSpot(clock_ms=lambda: NOW_MS)


@contextmanager
def described(fake: FakeHubSpot) -> Iterator[None]:
    """All that is asked and answered is held to HubSpot's own descriptions, where they are."""
    with ExitStack() as stack:
        if (SPECS / "hubspot").is_dir():
            for start, name in DESCRIBED.items():
                file = f"hubspot/{name}.official.json"
                stack.enter_context(checked(fake, file, "", applies=_below(start)))
        yield


@contextmanager
def connected(
    fake: FakeHubSpot, *, dry: bool = False, mapping: Any = None, wanted: Any = (), **options: str
) -> Iterator[HubSpot]:
    """A connection to it that never waits."""
    with described(fake), served(fake) as url:
        secrets = {"token": fake.token, "client_secret": fake.client_secret}
        connection = Connection(
            1, "crm", "hubspot", {"address": url, **options}, secrets, mapping or {}, wanted
        )
        http = Http("crm", secrets=tuple(secrets.values()), dry=dry, sleep=lambda _: None)
        made: Any = KIND.open(connection, http)
        made.client.search_pace_s = 0.0
        yield made
        http.close()


def pulled(
    hubspot: HubSpot, cursor: str | None = None, now_us: int = NOW_US + 1_000_000
) -> list[Page]:
    """All pages of a pull."""
    return list(hubspot.pull(cursor, now_us))


def _below(start: str) -> Any:
    return lambda path: path.startswith(start)
