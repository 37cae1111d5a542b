"""The command line: `leadwise`, one function a command.

Answers go to standard output, everything else (notes, progress, errors) to standard error. Exit
codes: 0 fine, 1 the answer is no, 2 wrong use or bad input, 3 a defect of Leadwise, 130 stopped by
Ctrl-C, 141 nobody reads what is written, 143 ended from outside.
"""

from leadwise.cli.app import build


def main() -> None:
    """What the console script runs; ends the process."""
    build()(prog_name="leadwise")


__all__ = ["build", "main"]
