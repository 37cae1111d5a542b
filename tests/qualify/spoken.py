"""A short conversation and true answers to it, for the tests of the model reader."""

from __future__ import annotations

from datetime import date
from typing import Any

from leadwise.qualify.talk import Conversation, Turn


def conversation(*more: Turn) -> Conversation:
    """A buyer who has 80 to 90 thousand, decides, and wants to sign by the end of March."""
    return Conversation(
        "call",
        date(2026, 1, 15),
        (
            Turn("Tom Reed (Leakstop)", "seller", "Do you have money set aside for this?"),
            Turn("Ana Ruiz (COO, Fabrik)", "buyer",
                 "Yes, we have  80-90k euros signed off. Write to ana.ruiz@fabrik.example."),
            Turn("Tom Reed (Leakstop)", "seller", "And who decides?"),
            Turn("Ana Ruiz (COO, Fabrik)", "buyer",
                 "I do. We lose water every night, it can’t go on. "
                 "I want to sign by the end of March."),
            *more,
        ),
        "en",
        "Leakstop: finds leaks. Solves: lost water, night shifts.",
    )  # fmt: skip


def answers(**changed: Any) -> dict[str, Any]:
    """What a good model answers; `changed` replaces the answer to a question."""
    good: dict[str, Any] = {
        "budget": {
            "status": "stated", "amount_min": 80000, "amount_max": 90000, "currency": "EUR",
            "quotes": [{"turn": 1, "words": "we have 80-90k euros signed off"}],
            "confidence": 0.95, "why": "signed off",
        },
        "authority": {
            "status": "stated", "level": "c_level", "role": "decision_maker", "title": "COO",
            "quotes": [{"turn": 3, "words": "I do."}], "confidence": 0.9, "why": "she decides",
        },
        "need": {
            "status": "stated", "match": "full", "items": ["lost water"], "intensity": 80,
            "quotes": [{"turn": 3, "words": "We lose water every night, it can't go on."}],
            "confidence": 0.9, "why": "must be solved",
        },
        "timeline": {
            "status": "stated", "by": "2026-03-31", "months": 99,
            "quotes": [{"turn": 3, "words": "I want to sign by the end of March"}],
            "confidence": 0.9, "why": "end of March",
        },
    }  # fmt: skip
    return good | changed
