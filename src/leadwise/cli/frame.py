"""`leadwise frame`: the frames there are, one's text, and what is wrong with one."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from leadwise.cli.conversing import frame_text
from leadwise.cli.failures import NO, show_problems
from leadwise.cli.options import Json
from leadwise.cli.screen import grid, plain, print_json, say, show
from leadwise.cli.words import counted
from leadwise.errors import Problem, UserError
from leadwise.qualify.frame.model import Frame, said
from leadwise.qualify.frame.parse import parse
from leadwise.qualify.frame.shipped import NAMES, shipped_frame, shipped_text


def frame(
    action: Annotated[str, typer.Argument(metavar="ACTION", help="list, show or check.")],
    name: Annotated[
        str | None,
        typer.Argument(metavar="[FRAME]", help="The frame to show; the file to check."),
    ] = None,
    json: Json = False,
) -> None:
    """List the frames that come with Leadwise, show the text of one, check one of your own.

    `check` exits with 0 where there is no error (warnings do not count), else with 1.

    \b
    leadwise frame list
    leadwise frame show bant > our-frame.yaml
    leadwise frame check our-frame.yaml
    """
    if action == "list":
        _list(json=json)
    elif action == "show" and name:
        _show(name, json=json)
    elif action == "check" and name:
        _check(name, json=json)
    elif action in ("show", "check"):
        example = "show bant" if action == "show" else "check our-frame.yaml"
        raise UserError(
            "usage", f"There is no frame to {action}.", hint=f"leadwise frame {example}"
        )
    else:
        raise UserError("usage", f"frame cannot {action}.", hint="list, show or check")


def _list(*, json: bool) -> None:
    frames = [shipped_frame(name) for name in NAMES]
    if json:
        print_json({"frames": [_document(one) for one in frames]})
        return
    table = grid()
    for column in ("frame", "version", "questions"):
        table.add_column(column, overflow="fold")
    for one in frames:
        questions = ", ".join(said(q.label, "en") or q.id for q in one.questions)
        table.add_row(plain(one.name), str(one.version), plain(questions))
    show(table)


def _show(name: str, *, json: bool) -> None:
    if json:
        print_json(_document(shipped_frame(name)))
        return
    sys.stdout.write(shipped_text(name))


def _check(file: str, *, json: bool) -> None:
    parsed = parse(frame_text(file), file)
    if json:
        print_json(
            {
                "file": file,
                "ok": parsed.frame is not None,
                "frame": parsed.frame and _document(parsed.frame),
                "problems": [_problem(one) for one in parsed.problems],
            }
        )
    else:
        show_problems(parsed.problems)
        if parsed.frame is not None:
            one = parsed.frame
            many = counted(len(one.questions), "question")
            say(f"{file}: fine. {one.name}, version {one.version}: {many}.")
    raise typer.Exit(0 if parsed.frame is not None else NO)


def _document(one: Frame) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "label": said(one.label, "en"),
        "questions": [
            {
                "id": question.id,
                "kind": question.kind,
                "label": said(question.label, "en"),
                "writes": {write.name: write.part for write in question.writes},
            }
            for question in one.questions
        ],
    }


def _problem(one: Problem) -> dict[str, Any]:
    return {
        "severity": one.severity,
        "code": one.code,
        "message": one.message,
        "hint": one.hint,
        "line": one.where.line,
        "column": one.where.column,
    }
