"""The application: its commands, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import version
from signal import SIGINT
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from leadwise.cli.failures import (
    ENDED,
    INTERRUPTED,
    UNREAD,
    WRONG_USE,
    is_debugging,
    show_error,
    show_wrong_use,
)
from leadwise.cli.interrupts import noticed
from leadwise.errors import LeadwiseError

HELP = """Score and prioritise sales leads from a card in plain text, with reasons that add up.

A card (card.yaml) says what makes a good lead; leads and what they did come from CSV, JSON Lines or
Parquet files.

\b
leadwise check card.yaml
leadwise score card.yaml --leads leads.csv --events events.csv
leadwise explain card.yaml --leads leads.csv --events events.csv --lead 42
"""
# Each command, and the module of this package whose function it is.
COMMANDS = {
    "check": "check",
    "fmt": "fmt",
    "schema": "schema",
    "score": "score",
    "explain": "explain",
    "history": "history",
    "forecast": "forecast",
    "compare": "compare",
    "diff": "diff",
    "evaluate": "evaluate",
    "backtest": "backtest",
    "learn": "learn",
    "calibrate": "calibrate",
    "refine": "refine",
    "sql": "sql",
    "qualify": "qualify",
    "classify": "classify",
    "extract": "extract",
    "frame": "frame",
    "draft": "draft",
    "playbook": "playbook",
    "init": "init",
    "serve": "serve",
    "import": "import_",
    "publish": "publish",
    "cards": "publish",
    "key": "key",
    "member": "member",
    "jobs": "jobs",
    "task": "task",
    "absence": "absence",
    "template": "template",
    "mail": "mail",
    "person": "person",
    "export": "export",
    "rest": "rest",
    "connect": "connect",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "restore",
    "migrate": "migrate",
}
GROUPS = ("playbook",)
"""Those of them that have commands of their own below them: their module has a `group`."""
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Commands(TyperGroup):
    """Runs a command, and says in plain words what went wrong with it."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command line and leave the process with the exit code."""
        _forgiving_streams()
        try:
            code = super().main(args, prog_name, complete_var, False, windows_expand_args, **extra)
        except typer.TyperException as error:
            show_wrong_use(error)
            code = WRONG_USE
        except typer.Abort:
            code = INTERRUPTED
        code = code if isinstance(code, int) else 0
        if not standalone_mode:
            return code
        sys.exit(code)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # typer narrows it
        """Run one command; what it raises becomes a message and an exit code."""
        with noticed() as stop:
            try:
                answer = super().invoke(ctx)
                sys.stdout.flush()
            except (typer.Exit, typer.Abort, typer.TyperException):
                raise
            except BrokenPipeError:
                _write_nowhere()
                raise typer.Exit(UNREAD) from None
            except (Exception, KeyboardInterrupt) as error:
                if isinstance(error, KeyboardInterrupt):
                    stop.signal = stop.signal or SIGINT
                if stop.signal is not None:
                    code = INTERRUPTED if stop.signal == SIGINT else ENDED
                    raise typer.Exit(code) from None
                if is_debugging() and not isinstance(error, LeadwiseError):
                    raise
                raise typer.Exit(show_error(error)) from None
        return answer


def build(only: str | None = None) -> typer.Typer:
    """The application, with every command; or with one, where `only` is a command's name.

    To import what no engine is needed for takes half as long as to import everything.
    """
    app = typer.Typer(
        name="leadwise",
        cls=Commands,
        help=HELP,
        no_args_is_help=True,
        context_settings=SETTINGS,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    app.callback()(_root)
    for name in [only] if only in COMMANDS else COMMANDS:
        module = import_module(f"leadwise.cli.{COMMANDS[name]}")
        if name in GROUPS:
            app.add_typer(module.group(SETTINGS), name=name)
            continue
        function = "import_" if name == "import" else name  # the one that is a word of Python
        app.command(name, context_settings=SETTINGS)(getattr(module, function))
    return app


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leadwise {version('leadwise')}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and stop."
        ),
    ] = False,
) -> None:
    """Holds the options of `leadwise` itself."""


def _forgiving_streams() -> None:
    """A sign that the terminal's encoding lacks is shown as its number rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _write_nowhere() -> None:
    """Whoever read our output has gone: what is still to be flushed goes nowhere, silently."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
