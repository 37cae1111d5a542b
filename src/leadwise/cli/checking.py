"""Checking and forming files, of cards and of playbooks alike: what is shown, and the exit code."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, NoReturn, TypeAlias

import typer
from rich.text import Text

from leadwise.cli.cards import STDIN, at_most_one_stdin, card_text
from leadwise.cli.failures import NO, WRONG_USE, problem_text, show_error
from leadwise.cli.screen import answer, plain, print_json, say
from leadwise.cli.words import counted
from leadwise.errors import CardError, Problem, UserError

Noun: TypeAlias = Literal["card", "playbook"]
Check = Annotated[
    bool, typer.Option("--check", help="Change nothing; exit code 1 where a file is not in form.")
]
Stdout = Annotated[
    bool, typer.Option("--stdout", help="Write to standard output and leave the file alone.")
]


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file without an error: its id, its version, its hash, and `parts` in words."""

    id: str
    version: int
    hash: str
    parts: Sequence[str]

    @property
    def line(self) -> str:
        """In one line."""
        return f"{self.id}, version {self.version}: {', '.join(self.parts)}; {self.hash[:12]}"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file with all that is wrong or doubtful in it; its content where there is no error."""

    file: str
    content: Content | None
    problems: tuple[Problem, ...]


def one_stdin(noun: Noun, files: list[str], **others: str | None) -> None:
    """Raise UserError where standard input is named twice."""
    at_most_one_stdin(**{f"{noun} {n}": file for n, file in enumerate(files, 1)}, **others)


def tell(noun: Noun, files: list[str], check: Callable[[str], Checked], *, json: bool) -> NoReturn:
    """Show all files as they were checked, and exit: with 1 where there is an error, with 2 where
    one cannot be read."""
    documents: list[dict[str, Any]] = []
    code = 0
    for file in files:
        try:
            found = check(file)
        except CardError as error:
            found = Checked(file, None, error.problems)
        except UserError as error:
            code = show_error(error)
            continue
        if found.content is None:
            code = max(code, NO)
        if json:
            documents.append(_document(noun, found))
        else:
            _show(found)
    if json and code < WRONG_USE:
        print_json({f"{noun}s": documents})
    raise typer.Exit(code)


def _show(found: Checked) -> None:
    console = answer()
    for problem in found.problems:
        console.print(problem_text(problem), soft_wrap=True)
    errors = sum(problem.severity == "error" for problem in found.problems)
    warnings = len(found.problems) - errors
    said = [counted(errors, "error")] if errors else []
    said += [counted(warnings, "warning")] if warnings else []
    line = Text(f"{plain(found.file)}: ")
    if found.content is None:
        line.append(", ".join(said), "bold red")
    else:
        line.append("fine", "bold green")
        line.append(f" with {said[0]}" if said else "")
        line.append(f". {found.content.line}")
    console.print(line, soft_wrap=True)


def _document(noun: Noun, found: Checked) -> dict[str, Any]:
    content = found.content
    return {
        "file": found.file,
        "ok": content is not None,
        noun: content.id if content else None,
        "version": content.version if content else None,
        "hash": content.hash if content else None,
        "problems": [problem_document(problem) for problem in found.problems],
    }


def problem_document(problem: Problem) -> dict[str, Any]:
    """A problem for `--json`."""
    return {
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "line": problem.where.line,
        "column": problem.where.column,
    }


def form(
    noun: Noun, files: list[str], format_text: Callable[[str, str], str], *,
    check: bool, stdout: bool,
) -> NoReturn:  # fmt: skip
    """Bring files into their canonical form, or say which are not, and exit."""
    one_stdin(noun, files)
    differing = 0
    for file in files:
        text = card_text(file)
        formed = format_text(text, file)
        if check:
            differing += formed != text
            if formed != text:
                say(f"{file}: not in canonical form")
        elif stdout or file == STDIN:
            sys.stdout.write(formed)
        elif formed != text:
            from leadwise.engines.output import replacing

            with replacing(file) as beside:
                beside.write_bytes(formed.encode())
            say(f"{file}: brought into form")
        else:
            say(f"{file}: is in form", "dim")
    raise typer.Exit(NO if differing else 0)
