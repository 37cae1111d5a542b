"""What a model says of leads, as a fact that a card may read, with the time it was known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from leadwise.learn.models.options import MODELS
from leadwise.learn.models.stored import Loaded
from leadwise.learn.rows import Floats, Wholes


@dataclass(frozen=True, slots=True)
class Facts:
    """The value of `field` of each lead, in the order asked: the probability in percent, above 0
    and below 100, two decimals. Known since `known_us`, never before: at an earlier moment nobody
    had asked."""

    field: str
    percent: Floats
    known_us: int


def field_of(name: str) -> str:
    """The field that a card reads the model of this name by."""
    return MODELS + name


def facts_of(loaded: Loaded, values: pa.Table, as_of_us: Wholes, now_us: int) -> Facts:
    """What the model says of leads whose fields and measures were `values` at `as_of_us`.

    UserError (`model-field`) where a field that it reads is missing.
    """
    chance = loaded.probability(loaded.raw(values, as_of_us))
    percent = np.clip(np.round(chance * 100, 2), 0.01, 99.99)
    return Facts(field_of(loaded.stored.name), percent, now_us)
