"""The systemd unit, as far as systemd itself checks it without running it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from leadwise.web.service import STOP_SECONDS

OPS = Path(__file__).parents[2] / "ops"
UNIT = OPS / "leadwise.service"


def analyzed(*arguments: str) -> subprocess.CompletedProcess[str]:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze: apt-get install systemd")
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


def value(name: str) -> str:
    found = re.findall(rf"^{name}=(.*)$", UNIT.read_text(encoding="utf-8"), re.M)
    assert len(found) == 1, name
    return str(found[0])


def test_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    unit = tmp_path / "leadwise.service"
    text = UNIT.read_text(encoding="utf-8")
    unit.write_text(text.replace("/opt/leadwise/bin/leadwise", sys.executable), encoding="utf-8")
    done = analyzed("verify", "--man=no", str(unit))
    ours = [line for line in done.stderr.splitlines() if "leadwise" in line]
    assert (done.returncode, ours) == (0, [])


def test_a_mistake_would_be_found(tmp_path: Path) -> None:
    unit = tmp_path / "leadwise.service"
    text = UNIT.read_text(encoding="utf-8").replace("/opt/leadwise/bin/leadwise", sys.executable)
    unit.write_text(text.replace("ProtectHome=", "ProtectHomes="), encoding="utf-8")
    assert "ProtectHomes" in analyzed("verify", "--man=no", str(unit)).stderr


def test_it_can_reach_little_of_the_machine() -> None:
    """systemd's own measure, from 0 (closed) to 10; what it calls OK begins at 5."""
    done = analyzed("security", "--offline=yes", "--no-pager", "--threshold=15", str(UNIT))
    assert done.returncode == 0, done.stdout[-300:]


def test_what_it_starts_is_a_command_with_these_options() -> None:
    program, command, *options = value("ExecStart").split()
    assert program == "/opt/leadwise/bin/leadwise"
    from typer.main import get_command

    from leadwise.cli import build

    known = {name for p in get_command(build()).commands[command].params for name in p.opts}
    assert {option for option in options if option.startswith("-")} <= known


def test_it_gives_the_service_time_to_stop() -> None:
    assert int(value("TimeoutStopSec")) > STOP_SECONDS
    assert value("Type") == "notify"


def test_its_user_is_the_one_that_is_made() -> None:
    made = re.findall(r"^u (\S+) ", (OPS / "leadwise.sysusers").read_text("utf-8"), re.M)
    assert [value("User")] == made
    assert value("User") != "root"
