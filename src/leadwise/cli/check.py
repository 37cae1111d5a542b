"""`leadwise check`: is a card right?"""

from __future__ import annotations

from typing import Any

import typer
from rich.text import Text

from leadwise.card import Card, content_hash, parse
from leadwise.cli.cards import at_most_one_stdin, card_text
from leadwise.cli.failures import NO, WRONG_USE, problem_text, show_error
from leadwise.cli.options import CardFiles, Json
from leadwise.cli.screen import answer, plain, print_json
from leadwise.cli.words import counted
from leadwise.errors import CardError, Problem, UserError


def check(cards: CardFiles, json: Json = False) -> None:
    """Say everything that is wrong or doubtful in cards.

    Exit code 0 where there is no error (warnings do not count), 1 where there is one, 2 where a
    file cannot be read.

    \b
    leadwise check card.yaml
    leadwise check cards/*.yaml --json
    """
    at_most_one_stdin(**{f"card {n}": file for n, file in enumerate(cards, 1)})
    documents: list[dict[str, Any]] = []
    code = 0
    for file in cards:
        try:
            card, problems = _checked(file)
        except UserError as error:
            code = show_error(error)
            continue
        if any(problem.severity == "error" for problem in problems):
            code = max(code, NO)
        if json:
            documents.append(_document(file, card, problems))
        else:
            _show(file, card, problems)
    if json and code < WRONG_USE:
        print_json({"cards": documents})
    raise typer.Exit(code)


def _checked(file: str) -> tuple[Card | None, tuple[Problem, ...]]:
    try:
        parsed = parse(card_text(file), file)
    except CardError as error:
        return None, error.problems
    return parsed.card, parsed.problems


def _show(file: str, card: Card | None, problems: tuple[Problem, ...]) -> None:
    console = answer()
    for problem in problems:
        console.print(problem_text(problem), soft_wrap=True)
    errors = sum(problem.severity == "error" for problem in problems)
    warnings = len(problems) - errors
    said = [counted(errors, "error")] * bool(errors) + [counted(warnings, "warning")] * bool(
        warnings
    )
    line = Text(f"{plain(file)}: ")
    if card is None:
        line.append(", ".join(said), "bold red")
    else:
        line.append("fine", "bold green")
        line.append(f" with {said[0]}" if said else "")
        line.append(f". {described(card)}")
    console.print(line, soft_wrap=True)


def described(card: Card) -> str:
    """What is in a card, in one line."""
    parts = [counted(len(card.criteria), "criterion", "criteria")]
    parts.append(counted(len(card.dimensions), "dimension"))
    if card.bands:
        parts.append(counted(len(card.bands), "band"))
    return f"{card.id}, version {card.version}: {', '.join(parts)}; {content_hash(card)[:12]}"


def _document(file: str, card: Card | None, problems: tuple[Problem, ...]) -> dict[str, Any]:
    return {
        "file": file,
        "ok": card is not None,
        "card": card.id if card else None,
        "version": card.version if card else None,
        "hash": content_hash(card) if card else None,
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
