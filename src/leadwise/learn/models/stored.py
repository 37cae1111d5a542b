"""A model as text: kept in the record, read anywhere, the same for ever (its name is its hash)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
import pyarrow as pa

from leadwise.errors import UserError
from leadwise.learn.calibration.model import Calibration, from_document
from leadwise.learn.models.additive import read_additive
from leadwise.learn.models.boosted import read_trees
from leadwise.learn.models.features import Features, features_from
from leadwise.learn.models.linear import read_linear
from leadwise.learn.models.options import Direction
from leadwise.learn.models.terms import Model
from leadwise.learn.rows import Floats, Rows, Wholes

Kind: TypeAlias = Literal["lightgbm", "ebm", "logistic"]
FORMAT = 1
READERS: Mapping[str, Callable[[str], Model]] = MappingProxyType(
    {"lightgbm": read_trees, "ebm": read_additive, "logistic": read_linear}
)


@dataclass(frozen=True, slots=True)
class Trained:
    """What it was learned from: the card, rows, leads, wins, the first and last moment (None where
    not dated), the horizon, the seed, and the library with its version."""

    card: str
    version: int
    rows: int
    leads: int
    won: int
    first_us: int | None
    last_us: int | None
    horizon_us: int
    seed: int
    library: str


@dataclass(frozen=True, slots=True)
class Stored:
    """`name` by which a card knows it (`model_<name>`); `text` as its kind writes it; log odds are
    read as probabilities by `calibration`, which was fitted on later rows than it learned from."""

    kind: Kind
    name: str
    text: str
    features: Features
    trained: Trained
    monotone: Mapping[str, Direction] = field(default_factory=lambda: MappingProxyType({}))
    calibration: Calibration | None = None

    def as_text(self) -> str:
        """JSON: the same model always the same text."""
        document = {
            "format": FORMAT, "kind": self.kind, "name": self.name, "text": self.text,
            "features": self.features.document(), "monotone": dict(self.monotone),
            "trained": asdict(self.trained),
            "calibration": self.calibration.document() if self.calibration else None,
        }  # fmt: skip
        return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))

    @property
    def sha256(self) -> str:
        """Of `as_text()`: whether two models are one."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()

    def calibrated(self, calibration: Calibration | None) -> Stored:
        """The same with another calibration."""
        return replace(self, calibration=calibration)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A stored model, ready to be asked: a `Scorer` that gives log odds."""

    stored: Stored
    model: Model

    def __call__(self, rows: Rows) -> Floats:
        return self.model.raw(self.stored.features.of_rows(rows))

    def raw(self, values: pa.Table, as_of_us: Wholes) -> Floats:
        """Log odds of leads whose fields and measures these are, `as_of_us` one a lead."""
        return self.model.raw(self.stored.features.matrix(values, as_of_us))

    def probability(self, raw: Floats) -> Floats:
        """The probability that log odds mean: calibrated, never 0 or 1."""
        if self.stored.calibration is not None:
            return self.stored.calibration.probability(raw)
        least = 1 / (self.stored.trained.leads + 2)
        found: Floats = np.clip(1 / (1 + np.exp(-np.clip(raw, -30, 30))), least, 1 - least)
        return found


def load(stored: Stored) -> Loaded:
    """Read the model's text once, to ask it often. UserError (`learn-missing`) for a LightGBM
    where that is not installed."""
    return Loaded(stored, READERS[stored.kind](stored.text))


def stored_from(text: str) -> Stored:
    """A model as `Stored.as_text` wrote it. UserError (`model-text`) where it is none."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or document["kind"] not in READERS:
            raise ValueError(f"format {document['format']}, kind {document['kind']}")
        calibration = document["calibration"]
        return Stored(
            document["kind"], document["name"], document["text"],
            features_from(document["features"]), Trained(**document["trained"]),
            document["monotone"], from_document(calibration) if calibration else None,
        )  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(
            "model-text",
            f"This is no model that this version of Leadwise can read: {error}.",
            hint="Learn it anew, or read it with the version that wrote it.",
        ) from error
