"""`leadwise playbook check`: is a playbook right?"""

from __future__ import annotations

from typing import Any

import typer
from rich.text import Text

from leadwise.cli.cards import at_most_one_stdin
from leadwise.cli.failures import NO, WRONG_USE, problem_text, show_error
from leadwise.cli.options import Json
from leadwise.cli.playbooks import (
    CardOption,
    MailsOption,
    PlaybookFiles,
    given_card,
    playbook_text,
    templates_in,
)
from leadwise.cli.screen import answer, plain, print_json
from leadwise.cli.words import counted
from leadwise.errors import CardError, Problem, UserError
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.parse import parse
from leadwise.playbooks.plain import content_hash


def check(
    playbooks: PlaybookFiles,
    card: CardOption = None,
    mails: MailsOption = None,
    json: Json = False,
) -> None:
    """Say everything that is wrong or doubtful in playbooks.

    Without --card only what needs no card is checked. Exit code 0 where there is no error (warnings
    do not count), 1 where there is one, 2 where a file cannot be read.

    \b
    leadwise playbook check follow-up.yaml --card card.yaml
    leadwise playbook check playbooks/*.yaml --card card.yaml --mails mails --json
    """
    at_most_one_stdin(**{f"playbook {n}": file for n, file in enumerate(playbooks, 1)}, card=card)
    scored_by, templates = given_card(card), templates_in(mails)
    documents: list[dict[str, Any]] = []
    code = 0
    for file in playbooks:
        try:
            parsed = parse(playbook_text(file), card=scored_by, file=file, templates=templates)
            found, problems = parsed.playbook, parsed.problems
        except CardError as error:
            found, problems = None, error.problems
        except UserError as error:
            code = show_error(error)
            continue
        if found is None:
            code = max(code, NO)
        if json:
            documents.append(_document(file, found, problems))
        else:
            _show(file, found, problems)
    if json and code < WRONG_USE:
        print_json({"playbooks": documents})
    raise typer.Exit(code)


def _show(file: str, found: Playbook | None, problems: tuple[Problem, ...]) -> None:
    console = answer()
    for problem in problems:
        console.print(problem_text(problem), soft_wrap=True)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    said = [counted(errors, "error")] if errors else []
    said += [counted(warnings, "warning")] if warnings else []
    line = Text(f"{plain(file)}: ")
    if found is None:
        line.append(", ".join(said), "bold red")
    else:
        line.append("fine", "bold green")
        line.append(f" with {said[0]}" if said else "")
        line.append(f". {described(found)}")
    console.print(line, soft_wrap=True)


def described(playbook: Playbook) -> str:
    """What is in a playbook, in one line."""
    parts = [counted(len(playbook.triggers), "start"), counted(len(playbook.steps), "step")]
    if playbook.goals:
        parts.append(counted(len(playbook.goals), "goal"))
    hashed = content_hash(playbook)[:12]
    return f"{playbook.id}, version {playbook.number}: {', '.join(parts)}; {hashed}"


def _document(file: str, found: Playbook | None, problems: tuple[Problem, ...]) -> dict[str, Any]:
    return {
        "file": file,
        "ok": found is not None,
        "playbook": found.id if found else None,
        "version": found.number if found else None,
        "hash": content_hash(found) if found else None,
        "problems": [
            {
                "severity": problem.severity,
                "code": problem.code,
                "message": problem.message,
                "hint": problem.hint,
                "line": problem.where.line,
                "column": problem.where.column,
            }
            for problem in problems
        ],
    }
