"""Classes of sentences that the sentence model tells apart, learned from sentences of our own.

`<name>.yaml` holds the sentences by class; `<name>.json` a weight for each of the model's 384
numbers and class, which bench/fit_shades.py fits (multinomial logistic regression). A class's share
is the softmax of its sums.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from leadwise.qualify.embedded.vectors import SHA_256, Vectors

Shares = Mapping[str, float]
"""How likely each class is, adding up to 1."""


def shares(name: str, texts: Sequence[str], vectors: Vectors | None) -> list[Shares] | None:
    """The classes of each text; None where there is no model, or not the one they were fitted
    for."""
    fitted = _fitted(name)
    if vectors is None or fitted["model"] != SHA_256:
        return None
    if not texts:
        return []
    import numpy as np

    classes = fitted["classes"]
    weights = np.array([one["weights"] for one in classes.values()])
    bias = np.array([one["bias"] for one in classes.values()])
    sums = np.array(vectors.of(texts)) @ weights.T + bias
    power = np.exp(sums - sums.max(axis=1, keepdims=True))
    found = power / power.sum(axis=1, keepdims=True)
    return [dict(zip(classes, map(float, row), strict=True)) for row in found]


@cache
def _fitted(name: str) -> Any:
    return json.loads((files(__name__) / f"{name}.json").read_text("utf-8"))
