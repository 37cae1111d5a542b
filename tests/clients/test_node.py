"""@segment/analytics-node, as it is, against a running server."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from leadwise.card.values import SECOND, parse_time
from tests.clients import npm
from tests.web.recording import KEY, Recording

PROGRAM = Path(__file__).parent / "program.cjs"


@pytest.mark.xdist_group("npm")
def test_node(address: str, recording: Recording, node_modules: Path) -> None:
    done = subprocess.run(
        [str(npm.node()), PROGRAM, address, KEY], timeout=60, capture_output=True, text=True,
        env=os.environ | {"NODE_PATH": str(node_modules)}, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert not recording.refusals
    identify, track, page, screen, group, alias = recording.messages
    assert (identify.event, identify.email) == ("identify", "dana@acme.com")
    assert identify.message_id.startswith("node-next-")
    assert (track.event, track.document) == ("demo_requested", {"seats": 250})
    assert 0 <= track.at_us - parse_time("2026-10-01T12:00:00Z") < 60 * SECOND
    assert (page.event, page.document) == ("page_viewed", {"name": "Pricing", "category": "Docs"})
    assert (screen.event, screen.document) == ("screen_viewed", {"name": "Home"})
    assert (group.group_id, group.document) == ("acct_9", {"name": "Acme"})
    assert (alias.previous_id, alias.user_id) == ("anon-1", "u_1")
    for message in recording.messages:
        assert message.context == {"library": "@segment/analytics-node/3.1.0"}
