"""`leadwise schema`: the JSON Schema of a card or of a frame, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from leadwise.card import json_schema
from leadwise.cli.screen import print_json


def schema(
    frame: Annotated[bool, typer.Option("--frame", help="Of a frame, not of a card.")] = False,
) -> None:
    """Print the JSON Schema of a card (or a frame), for editors.

    \b
    leadwise schema > card.schema.json
    Then put this first in a card:
    # yaml-language-server: $schema=./card.schema.json
    """
    if frame:
        from leadwise.qualify.frame.schema import frame_schema

        print_json(frame_schema())
    else:
        print_json(json_schema())
