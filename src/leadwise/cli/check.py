"""`leadwise check`: is a card right?"""

from __future__ import annotations

from leadwise.card import Card, content_hash, parse
from leadwise.cli import checking
from leadwise.cli.cards import card_text
from leadwise.cli.options import CardFiles, Json
from leadwise.cli.words import counted


def check(cards: CardFiles, json: Json = False) -> None:
    """Say everything that is wrong or doubtful in cards.

    Exit code 0 where there is no error (warnings do not count), 1 where there is one, 2 where a
    file cannot be read.

    \b
    leadwise check card.yaml
    leadwise check cards/*.yaml --json
    """
    checking.one_stdin("card", cards)
    checking.tell("card", cards, _checked, json=json)


def _checked(file: str) -> checking.Checked:
    parsed = parse(card_text(file), file)
    content = None if parsed.card is None else _content(parsed.card)
    return checking.Checked(file, content, parsed.problems)


def _content(card: Card) -> checking.Content:
    parts = [counted(len(card.criteria), "criterion", "criteria")]
    parts.append(counted(len(card.dimensions), "dimension"))
    if card.bands:
        parts.append(counted(len(card.bands), "band"))
    return checking.Content(card.id, card.version, content_hash(card), parts)
