"""The JSON Schema of a card, for editors that complete and underline while one writes."""

from __future__ import annotations

from typing import Any

from leadwise.card.document import CardShape


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a card's file, generated from the models that parse it.

    It knows shapes, not meanings: conditions, names and what depends on other parts is for `check`.
    """
    made = CardShape.model_json_schema(by_alias=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **made,
        "title": "Leadwise card",
    }
