"""Cards from files and from standard input."""

from __future__ import annotations

import sys
from typing import Any

from leadwise.card import Card, content_hash, parse, read_card_file
from leadwise.card.source import LARGEST
from leadwise.errors import CardError, Place, Problem, UserError

STDIN = "-"


def card_text(file: str) -> str:
    """The text of a card; `-` is standard input. Raises UserError where it cannot be read."""
    if file != STDIN:
        return read_card_file(file)
    raw = sys.stdin.buffer.read(LARGEST + 1)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problem = Problem(
            "not-utf-8",
            "this is not UTF-8 text",
            "save the card as UTF-8 in your editor",
            Place(STDIN, raw.count(b"\n", 0, error.start) + 1),
        )
        raise CardError((problem,)) from error


def load_card(file: str) -> Card:
    """The card of a file or of standard input. Raises CardError with all of its problems."""
    parsed = parse(card_text(file), file)
    if parsed.card is None:
        raise CardError(parsed.problems)
    return parsed.card


def card_document(card: Card) -> dict[str, Any]:
    """Which card it was, for `--json`."""
    return {"id": card.id, "version": card.version, "hash": content_hash(card)}


def at_most_one_stdin(**files: str | None) -> None:
    """Raise UserError where standard input is named for more than one of these."""
    named = [name for name, file in files.items() if file == STDIN]
    if len(named) > 1:
        raise UserError(
            "input-twice",
            f"Standard input cannot be {' and '.join(named)} at once.",
            hint="Give all but one of them as files.",
        )
