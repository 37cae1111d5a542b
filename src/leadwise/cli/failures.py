"""Errors as people read them, on standard error, and the exit codes that go with them."""

from __future__ import annotations

import errno
import os
import platform
import traceback
from dataclasses import replace
from importlib.metadata import version

import typer
from rich.text import Text

from leadwise.card import format_problem
from leadwise.cli.screen import aside, plain
from leadwise.errors import (
    CardError,
    InputError,
    Place,
    Problem,
    RemoteError,
    UserError,
)

NO, WRONG_USE, DEFECT = 1, 2, 3
# What a shell says of a program ended by SIGINT, SIGPIPE or SIGTERM.
INTERRUPTED, UNREAD, ENDED = 130, 141, 143
DEBUG = "LEADWISE_DEBUG"


def is_debugging() -> bool:
    """Whether a developer asked for tracebacks."""
    return bool(os.environ.get(DEBUG))


def show_error(error: BaseException) -> int:
    """Say what is wrong, all of it; the exit code."""
    if isinstance(error, CardError | InputError):
        show_problems(error.problems)
        more = error.more if isinstance(error, InputError) else 0
        if more:
            aside().print(f"and {more:,} more like these", style="dim")
        return WRONG_USE
    if isinstance(error, UserError):
        show_problems((Problem(error.code, error.message, error.hint, error.where),))
        return WRONG_USE
    if isinstance(error, RemoteError):
        hint = "" if error.permanent else "trying again may help"
        show_problems((Problem("remote", str(error), hint),))
        return WRONG_USE
    if isinstance(error, OSError):
        return show_system_error(error)
    return show_defect(error)


def show_problems(problems: tuple[Problem, ...]) -> None:
    """Each problem with its place and hint, on standard error."""
    for problem in problems:
        aside().print(problem_text(problem), soft_wrap=True)


def problem_text(problem: Problem) -> Text:
    """`card.yaml:12:7: error[code]: message` and the hint, the severity in colour."""
    said = str(problem.where)
    if said and problem.where.line is None and said in problem.message:
        problem = replace(problem, where=Place())
    text = Text(plain(format_problem(problem), keep="\n"))
    word = f"{problem.severity}[{problem.code}]"
    colour = "red" if problem.severity == "error" else "yellow"
    text.highlight_words([word], f"bold {colour}")
    text.highlight_regex(r"\n    hint: [^\n]*", "dim")
    return text


def show_wrong_use(error: typer.TyperException) -> None:
    """A wrong option or argument, and where to read what is right."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":
        typer.echo(error.format_message(), err=True)
        return
    command = context.command_path if context else "leadwise"
    message = error.format_message().strip()
    show_problems((Problem("usage", message, f"{command} --help says what there is"),))


def show_system_error(error: OSError) -> int:
    """What the operating system refused (a full disk, a file taken away)."""
    place = Place(str(error.filename)) if error.filename else Place()
    message = (error.strerror or str(error) or type(error).__name__).lower()
    full = error.errno == errno.ENOSPC
    hint = "free some; temporary files go to TMPDIR, which may be another disk" if full else ""
    show_problems((Problem("system", message, hint, place),))
    return WRONG_USE


def show_defect(error: BaseException) -> int:
    """An apology, and what a report of the defect should say."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "leadwise" in frame.filename] or list(frames)
    where = f"{os.path.basename(ours[-1].filename)}:{ours[-1].lineno}" if ours else "?"  # noqa: PTH119 - a name, not a path
    said = " ".join(plain(str(error)).split())[:300]
    system = f"Python {platform.python_version()}, {platform.system()}"
    console = aside()
    console.print("error[defect]: sorry, Leadwise itself failed here.", style="bold red")
    console.print(
        f"    what: {type(error).__name__}: {said}\n"
        f"    where: {where}, leadwise {version('leadwise')}, {system}\n"
        f"    Please report these lines with the command; {DEBUG}=1 before it shows all of it.",
        soft_wrap=True,
    )
    return DEFECT
