"""A nursery of service processes, and a service that several tests treat badly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.weather.nursery import Nursery
from tests.weather.nursery import nursery as nursery_
from tests.weather.servers import Server, prepared


@pytest.fixture(scope="package")
def nursery() -> Iterator[Nursery]:
    """Where processes of the service are forked."""
    with nursery_() as found:
        yield found


@pytest.fixture
def served(tmp_path: Path, nursery: Nursery) -> Iterator[tuple[Server, str]]:
    """A service on an embedded store, ready, and its write key."""
    server = Server(tmp_path, nursery=nursery)
    key = prepared(server.url)
    with server:
        server.start()
        server.until_ready()
        yield server, key
