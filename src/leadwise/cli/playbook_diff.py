"""`leadwise playbook diff`: what changed from one playbook to another, in words."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from leadwise.cli.cards import at_most_one_stdin
from leadwise.cli.failures import NO
from leadwise.cli.options import Json
from leadwise.cli.playbooks import load_playbook
from leadwise.cli.screen import print_json, say
from leadwise.playbooks.language.plain import content_hash
from leadwise.playbooks.model import Playbook
from leadwise.playbooks.words.diff import diff as changes_of

Old = Annotated[str, typer.Argument(metavar="OLD", help="The playbook as it was.")]
New = Annotated[str, typer.Argument(metavar="NEW", help="The playbook as it might be.")]


def diff(old: Old, new: New, json: Json = False) -> None:
    """Say what changed from one playbook to another, in words.

    Exit code 0 where they mean the same, 1 where they differ. Layout and comments do not count.
    Steps are told apart by their ids: give ids to those that you may move.

    \b
    leadwise playbook diff sales-call our-call.yaml
    """
    at_most_one_stdin(old=old, new=new)
    before, after = load_playbook(old), load_playbook(new)
    changes = changes_of(before, after)
    if json:
        document = {"old": _document(before), "new": _document(after)}
        print_json({**document, "changes": list(changes)})
    else:
        for change in changes or ("The playbooks are the same.",):
            say(change)
    raise typer.Exit(NO if changes else 0)


def _document(playbook: Playbook) -> dict[str, Any]:
    return {"id": playbook.id, "version": playbook.number, "hash": content_hash(playbook)}
