"""The command line: `leadwise`, one function a command.

Answers go to standard output, everything else (notes, progress, errors) to standard error. Exit
codes: 0 fine, 1 the answer is no, 2 wrong use or bad input, 3 a defect of Leadwise, 130 stopped by
Ctrl-C, 141 nobody reads what is written, 143 ended from outside.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typer


def build(only: str | None = None) -> typer.Typer:
    """The application, with every command; or with one, where `only` is a command's name."""
    from leadwise.cli.app import build as application

    return application(only)


def main() -> None:
    """What the console script runs; ends the process.

    Importing the engines takes a second, in which Ctrl-C is to be as quiet as later.
    """
    try:
        build(sys.argv[1] if len(sys.argv) > 1 else None)(prog_name="leadwise")
    except KeyboardInterrupt:
        sys.exit(130)


__all__ = ["build", "main"]
