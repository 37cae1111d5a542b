"""Which language people speak: as the conversation says, or by its words."""

from __future__ import annotations

from functools import cache
from unicodedata import name

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from leadwise.qualify.embedded.words import LANGUAGES
from leadwise.qualify.talk import Conversation

_ENOUGH = 4000
"""Characters that tell a language."""
_LEAST = 60
"""Characters below which they do not: "Yes." would be Uzbek."""
_SURE = 0.9
"""Share from which a language that is not ours is believed."""


def language_of(conversation: Conversation) -> str:
    """A language that the reader has words for; English where it is none of them."""
    stated = (conversation.language or "")[:2].lower()
    return stated if stated in LANGUAGES else detect(conversation)


def detect(conversation: Conversation) -> str:
    """The language of what the buyer's side says, by py3langid among ours."""
    ranked = _identifier().rank(_said(conversation))
    return next(str(code) for code, _ in ranked if code in LANGUAGES)


def foreign(conversation: Conversation) -> str | None:
    """The language where it is plainly none that the reader has words for, else None.

    What the conversation says of itself counts first; then how much of it is in other letters than
    ours, and what py3langid is sure of.
    """
    stated = (conversation.language or "")[:2].lower()
    if stated:
        return None if stated in LANGUAGES else stated
    said = _said(conversation)
    ranked = _identifier().rank(said)
    code, share = ranked[0]
    other = next(str(one) for one, _ in ranked if one not in LANGUAGES)
    letters = [one for one in said if one.isalpha()]
    latin = sum(name(one, "").startswith("LATIN") for one in letters)
    if letters and latin < len(letters) / 2:
        return other
    return other if code == other and len(said) >= _LEAST and share >= _SURE else None


def _said(conversation: Conversation) -> str:
    return " ".join(one.text for one in conversation.turns if one.side == "buyer")[:_ENOUGH]


@cache
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
