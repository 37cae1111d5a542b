"""Runs a page of the documentation in a folder, and says what came out otherwise than shown.

Shell blocks of a page share their exported variables. A service started by one of them listens on
a free port, where the page says 8000, and is ended with the page.

`python -m tests.docs.running PAGE ...` brings the outputs shown in these pages up to date.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

from tests.docs.forking import commands
from tests.docs.pages import FILES, ROOT, Block, blocks

WIDTH = "90"
ADDRESS = "127.0.0.1:8000"
PLAIN = {
    "PYTHONPATH": str(ROOT / "src"),
    "PYTHONUNBUFFERED": "1",
    "PYTHONUTF8": "1",
    "LC_ALL": "C.UTF-8",
    "COLUMNS": WIDTH,
    "NO_COLOR": "1",
}
"""Nothing of the developer's own."""
VARIABLES = """[ ! -f .variables ] || . ./.variables
trap 'export -p > .variables' EXIT
"""


def run_page(page: Path, folder: Path, place: Path) -> Generator[tuple[Block, str]]:
    """Each block that is run, with what it printed; AssertionError on another exit code.

    `place`: the folder of the command `leadwise` (tests.docs.forking).
    """
    (folder / "examples").symlink_to(ROOT / "examples")
    environment = PLAIN | {
        "PATH": f"{place}:{os.environ['PATH']}",
        "HOME": str(folder),
        "LEADWISE_PORT": str(_free_port()),
    }
    names: dict[str, Any] = {"__name__": "docs"}
    services: list[int] = []
    try:
        for block in blocks(page):
            if block.language in FILES and block.about:
                (folder / block.about).write_text(block.text, encoding="utf-8")
            elif block.language == "sh" and not block.is_make:
                yield block, _shell(block, folder, environment, services)
            elif block.language == "python":
                yield block, _python(block, page, folder, names)
    finally:
        for group in services:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _shell(block: Block, folder: Path, environment: dict[str, str], services: list[int]) -> str:
    """What a block printed; a process group that may outlive it is added to `services`."""
    here = f"127.0.0.1:{environment['LEADWISE_PORT']}"
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", VARIABLES + block.text.replace(ADDRESS, here)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    ) as process:
        if "leadwise serve" in block.text:
            services.append(process.pid)
        try:
            printed, _ = process.communicate(timeout=300)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == block.exit_code, f"line {block.line}: {printed}"
    assert "Traceback" not in printed
    return printed.replace(here, ADDRESS)


def _python(block: Block, page: Path, folder: Path, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(printed):
        exec(compile("\n" * block.line + block.text, page.name, "exec"), names)
    return printed.getvalue()


def lines_of(text: str) -> list[str]:
    """Lines without spaces at their ends, and without empty ones at the text's start and end."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def matches(printed: str, shown: str) -> bool:
    """Whether the output is as shown; a line `…` stands for any number of lines."""
    pieces = (r"(?:.*\n)*?" if x == "…" else re.escape(x) + "\n" for x in lines_of(shown))
    whole = "".join(line + "\n" for line in lines_of(printed))
    return re.fullmatch("".join(pieces), whole) is not None


def write_outputs(page: Path, place: Path) -> None:
    """Put what each block prints below it, save where only a part is shown."""
    with tempfile.TemporaryDirectory() as folder:
        text = page.read_text(encoding="utf-8").splitlines(keepends=True)
        for block, printed in reversed(list(run_page(page, Path(folder), place))):
            shown = block.expected
            if shown is not None and "…" not in lines_of(shown.text):
                height = len(shown.text.splitlines())
                text[shown.line : shown.line + height] = [f"{x}\n" for x in lines_of(printed)]
        page.write_text("".join(text), encoding="utf-8")


if __name__ == "__main__":
    with commands(PLAIN) as place:
        for name in sys.argv[1:]:
            write_outputs(Path(name).resolve(), place)
