"""`leadwise playbook fmt`: one canonical form of a playbook's file, comments kept."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from leadwise.cli.cards import STDIN, at_most_one_stdin, card_text
from leadwise.cli.failures import NO
from leadwise.cli.playbooks import PlaybookFiles
from leadwise.cli.screen import say
from leadwise.playbooks.format import format_text


def fmt(
    playbooks: PlaybookFiles,
    check: Annotated[
        bool,
        typer.Option("--check", help="Change nothing; exit code 1 where a file is not in form."),
    ] = False,
    stdout: Annotated[
        bool, typer.Option("--stdout", help="Write to standard output and leave the file alone.")
    ] = False,
) -> None:
    """Bring playbooks into their canonical form; comments stay.

    A playbook with errors is not touched (exit code 2). With - it is read from standard input and
    written to standard output.

    \b
    leadwise playbook fmt follow-up.yaml
    leadwise playbook fmt --check playbooks/*.yaml
    """
    at_most_one_stdin(**{f"playbook {n}": file for n, file in enumerate(playbooks, 1)})
    differing = 0
    for file in playbooks:
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
