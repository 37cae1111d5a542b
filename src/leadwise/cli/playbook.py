"""`leadwise playbook`: the commands for playbooks, each in a module of its own."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer

# Each command, and the module of this package whose function it is (`dry-run` is `dry_run`).
COMMANDS = {
    "check": "playbook_check",
    "fmt": "playbook_fmt",
    "describe": "playbook_describe",
    "diff": "playbook_diff",
    "schema": "playbook_schema",
    "new": "playbook_new",
    "dry-run": "playbook_dry_run",
    "publish": "playbook_publish",
    "versions": "playbook_publish",
    "pause": "playbook_publish",
    "resume": "playbook_publish",
    "retire": "playbook_publish",
    "runs": "playbook_runs",
    "run": "playbook_runs",
    "why": "playbook_why",
    "start": "playbook_runs",
    "stop": "playbook_runs",
    "move": "playbook_runs",
    "go-on": "playbook_runs",
}


def group(settings: dict[str, Any]) -> typer.Typer:
    """The commands below `leadwise playbook`."""
    made = typer.Typer(
        help="Write, check and run playbooks: what follows when a lead comes into a band, asks, "
        "replies or goes quiet.",
        no_args_is_help=True,
        context_settings=settings,
        rich_markup_mode=None,
    )
    for name, module in COMMANDS.items():
        function = getattr(import_module(f"leadwise.cli.{module}"), name.replace("-", "_"))
        made.command(name, context_settings=settings)(function)
    return made
