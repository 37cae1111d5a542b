"""`leadwise schema`: the JSON Schema of a card, for editors."""

from __future__ import annotations

from leadwise.card import json_schema
from leadwise.cli.screen import print_json


def schema() -> None:
    """Print the JSON Schema of a card, for editors.

    \b
    leadwise schema > card.schema.json
    Then put this first in a card:
    # yaml-language-server: $schema=./card.schema.json
    """
    print_json(json_schema())
