"""`leadwise fmt`: one canonical form of a card's file, comments kept."""

from __future__ import annotations

from leadwise.card import format_text
from leadwise.cli import checking
from leadwise.cli.options import CardFiles


def fmt(cards: CardFiles, check: checking.Check = False, stdout: checking.Stdout = False) -> None:
    """Bring cards into their canonical form; comments stay.

    A card with errors is not touched (exit code 2). With - the card is read from standard input and
    written to standard output.

    \b
    leadwise fmt card.yaml
    leadwise fmt --check cards/*.yaml
    """
    checking.form("card", cards, format_text, check=check, stdout=stdout)
