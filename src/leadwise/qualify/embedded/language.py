"""Which language people speak: as the conversation says, or by its words."""

from __future__ import annotations

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from leadwise.qualify.embedded.words import LANGUAGES
from leadwise.qualify.talk import Conversation

_ENOUGH = 4000
"""Characters that tell a language."""


def language_of(conversation: Conversation) -> str:
    """A language that the reader has words for; English where it is none of them."""
    stated = (conversation.language or "")[:2].lower()
    return stated if stated in LANGUAGES else detect(conversation)


def detect(conversation: Conversation) -> str:
    """The language of what the buyer's side says, by py3langid among ours."""
    said = " ".join(turn.text for turn in conversation.turns if turn.side == "buyer")
    return str(_identifier().classify(said[:_ENOUGH])[0])


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(LANGUAGES))
    return identifier
