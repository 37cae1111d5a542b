"""`leadwise playbook fmt`: one canonical form of a playbook's file, comments kept."""

from __future__ import annotations

from leadwise.cli import checking
from leadwise.cli.playbooks import PlaybookFiles
from leadwise.playbooks.language.format import format_text


def fmt(
    playbooks: PlaybookFiles, check: checking.Check = False, stdout: checking.Stdout = False
) -> None:
    """Bring playbooks into their canonical form; comments stay.

    A playbook with errors is not touched (exit code 2). With - it is read from standard input and
    written to standard output.

    \b
    leadwise playbook fmt follow-up.yaml
    leadwise playbook fmt --check playbooks/*.yaml
    """
    checking.form("playbook", playbooks, format_text, check=check, stdout=stdout)
