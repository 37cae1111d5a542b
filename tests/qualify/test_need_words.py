"""Signs of how much it hurts: a table of phrases in five languages."""

from __future__ import annotations

import pytest

from leadwise.qualify.embedded.need.hurt import plain, signs
from tests.qualify.need_phrases import PHRASES


@pytest.mark.parametrize(
    ("language", "kind", "phrase"),
    [
        (language, kind, phrase)
        for language, kinds in PHRASES.items()
        for kind, phrases in kinds.items()
        for phrase in phrases
    ],
)
def test_what_a_phrase_says(language: str, kind: str, phrase: str) -> None:
    found = [one.kind for one in signs(plain(phrase), language)]
    borne = {"fine", "trivial"}
    assert kind in found or (kind in borne and borne & set(found))
    opposite = {"grave": {"needless", "trivial", "fine"}, "needless": {"grave"},
                "fine": {"grave"}, "trivial": {"grave"}, "mild": {"grave"}}  # fmt: skip
    assert not opposite[kind] & set(found)
