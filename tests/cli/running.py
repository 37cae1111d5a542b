"""Run the command line in this process, as a pipe would see it: 100 columns, no colour."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from leadwise.cli import build

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PLAIN = {"NO_COLOR": "1", "FORCE_COLOR": None, "COLUMNS": None, "LEADWISE_DEBUG": None}


def run(*arguments: object, stdin: str | bytes | None = None, code: int = 0) -> Result:
    """The result of `leadwise ARGUMENTS`, which must end with this exit code."""
    given = [str(argument) for argument in arguments]
    app = build(given[0] if given else None)  # as `main` does
    result = CliRunner(env=PLAIN).invoke(app, given, input=stdin, prog_name="leadwise")
    assert result.exit_code == code, result.output
    return result


def document(*arguments: object, code: int = 0, stdin: str | None = None) -> dict[str, Any]:
    """What `leadwise ARGUMENTS --json` prints: one document and nothing beside it."""
    found: dict[str, Any] = json.loads(run(*arguments, "--json", code=code, stdin=stdin).stdout)
    return found


def data(example: str) -> list[str]:
    """`--leads` and `--events` of an example."""
    folder = EXAMPLES / example
    options = ["--leads", str(folder / "leads.csv")]
    events = folder / "events.csv"
    return [*options, "--events", str(events)] if events.exists() else options


def card(example: str, name: str = "card.yaml") -> Path:
    return EXAMPLES / example / name
