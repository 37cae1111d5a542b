"""The command as a process of its own: pipes, Ctrl-C, `python -m leadwise`, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.running import ROOT, card, data

LEADWISE = (sys.executable, "-m", "leadwise")
BANK = ROOT / "examples" / "bank-telemarketing" / "bank-additional-full.csv.gz"
SCORE_BANK = ("score", card("bank-telemarketing"), "--leads", BANK, "--column", "lead_id=#row")


def surroundings(folder: Path) -> dict[str, str]:
    """An environment whose temporary files go to a folder that can be looked into."""
    # The modules are to be compiled once, not by each process again.
    left = ("LEADWISE_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(left)}
    paths = os.pathsep.join([str(ROOT / "src"), kept.get("PYTHONPATH", "")])
    return kept | {"TMPDIR": str(folder), "PYTHONPATH": paths}


def started(*arguments: object, folder: Path, stdin: bool = False) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*LEADWISE, *map(str, arguments)],
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=surroundings(folder),
    )


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    process = started("--version", folder=tmp_path)
    assert process.communicate(timeout=60) == (f"leadwise {version('leadwise')}\n".encode(), b"")
    assert process.returncode == 0


def test_a_reader_who_leaves_is_no_error(tmp_path: Path) -> None:
    process = started(*SCORE_BANK, "--out", "-", folder=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith(b"lead_id,as_of,score,")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141
    assert list(tmp_path.iterdir()) == []


def test_the_table_into_a_closed_pipe_is_silent_too(tmp_path: Path) -> None:
    process = started("sql", card("everything"), "--as-of", "2026-04-01", folder=tmp_path)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=60) == 141


@pytest.mark.skipif(os.name == "nt", reason="Windows has another Ctrl-C")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_quietly_and_leaves_nothing(
    sent: signal.Signals, code: int, tmp_path: Path
) -> None:
    out, temporary = tmp_path / "scores.csv", tmp_path / "tmp"
    temporary.mkdir()
    waiting = started(
        "score", card("bant-software"), "--leads", "-", "--out", out, folder=temporary, stdin=True
    )
    until = time.monotonic() + 60
    while not list(temporary.iterdir()):  # it reads standard input, and waits for more
        assert time.monotonic() < until
        time.sleep(0.05)
    waiting.send_signal(sent)
    said = waiting.communicate(timeout=60)
    assert waiting.returncode == code
    assert said == (b"", b"")
    assert not out.exists()


def test_temporary_files_are_removed(tmp_path: Path) -> None:
    process = started("score", card("everything"), *data("everything"), "--json", folder=tmp_path)
    said = process.communicate(timeout=60)[0]
    assert said.startswith(b"{")
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["check", "fmt --stdout", "diff"])
def test_what_needs_no_engine_waits_for_none(command: str, tmp_path: Path) -> None:
    """These are what editors and hooks run at every save."""
    for name in ("duckdb", "pyarrow", "sqlglot"):
        (tmp_path / f"{name}.py").write_text("raise MemoryError", encoding="utf-8")
    cards = [card("everything")] * (2 if command == "diff" else 1)
    surrounded = surroundings(tmp_path)
    surrounded["PYTHONPATH"] = os.pathsep.join([str(tmp_path), surrounded["PYTHONPATH"]])
    done = subprocess.run(
        [*LEADWISE, *command.split(), *cards], env=surrounded, capture_output=True, check=False,
        timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_ctrl_c_while_it_starts_is_quiet(tmp_path: Path) -> None:
    """Importing the engines is stopped, as Ctrl-C would stop it."""
    (tmp_path / "duckdb.py").write_text("raise KeyboardInterrupt", encoding="utf-8")
    paths = os.pathsep.join([str(tmp_path), str(ROOT / "src")])
    stopped = subprocess.run(
        [*LEADWISE, "--version"], env=os.environ | {"PYTHONPATH": paths}, capture_output=True,
        check=False, timeout=60,
    )  # fmt: skip
    assert (stopped.returncode, stopped.stdout, stopped.stderr) == (130, b"", b"")
