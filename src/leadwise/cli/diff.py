"""`leadwise diff`: what changed from one card to another, in words."""

from __future__ import annotations

import typer

from leadwise.card import diff as changes_of
from leadwise.cli import options
from leadwise.cli.cards import at_most_one_stdin, card_document, load_card
from leadwise.cli.failures import NO
from leadwise.cli.screen import print_json, say


def diff(old: options.OldCard, new: options.NewCard, json: options.Json = False) -> None:
    """Say what changed from one card to another, in words.

    Exit code 0 where the cards mean the same, 1 where they differ, as diff has it. Layout and
    comments do not count.

    \b
    leadwise diff card.yaml card-new.yaml
    """
    at_most_one_stdin(old=old, new=new)
    before, after = load_card(old), load_card(new)
    changes = changes_of(before, after)
    if json:
        document = {"old": card_document(before), "new": card_document(after)}
        print_json({**document, "changes": list(changes)})
    else:
        for change in changes or ("The cards are the same.",):
            say(change)
    raise typer.Exit(NO if changes else 0)
