"""Learns outcomes of whole talks from their features; the weights go beside the sentences."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from leadwise.qualify.embedded.vectors import SHA_256

C = 1.0
"""Inverse strength of the penalty."""
FOLDS = 8


def learned(
    rows: Sequence[Sequence[float]], labels: Sequence[int], talks: Sequence[int],
    names: Sequence[str], *, times: int, key: str, place: Path,
) -> None:  # fmt: skip
    """A multinomial logistic regression. Each talk has `times` rows, kept together: prints how
    often it is right on talks held out, and writes the weights of `names` under `key`."""
    x, y, group = np.array(rows), np.array(labels), np.array(talks)
    found = np.zeros_like(y)
    for known, held_out in GroupKFold(FOLDS).split(x, y, group):
        learner = LogisticRegression(C=C, max_iter=5000).fit(x[known], y[known])
        found[held_out] = learner.predict(x[held_out])
    for number, name in enumerate(names):
        count = (y == number).sum() // times
        print(f"{name:14} {count:4} talks, {(found[y == number] == number).mean():.2f} right")
    print(f"{'all':14} {len(y) // times:4} talks, {(found == y).mean():.2f} right")
    learner = LogisticRegression(C=C, max_iter=5000).fit(x, y)
    written = {
        "model": SHA_256,
        key: {
            name: {"bias": round(float(bias), 4), "weights": [round(float(w), 3) for w in weights]}
            for name, bias, weights in zip(names, learner.intercept_, learner.coef_, strict=True)
        },
    }
    text = json.dumps(written, indent=0).replace(",\n", ",").replace("[\n", "[")
    place.write_text(text + "\n", "utf-8")
