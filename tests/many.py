"""How much is looked at: a share in `make test`, all of it in `make laws`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import settings

T = TypeVar("T")


def of_hundred(share: int) -> int:
    """`share` of the 100 examples of `make test`, of every 100 of the 3,000 of `make laws`."""
    most = settings.default.max_examples if settings.default else 100
    return max(2, most * share // 100)


def one_in(every: int, whole: Sequence[T], first: int = 0) -> list[T]:
    """Of so many one, from the first on; all of them in `make laws`."""
    long = settings.default is not None and settings.default.max_examples >= 1_000
    return list(whole) if long else list(whole)[first::every]
