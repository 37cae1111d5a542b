"""How many examples Hypothesis looks at."""

from __future__ import annotations

from hypothesis import settings


def of_hundred(share: int) -> int:
    """`share` of the 100 examples of `make test`, of every 100 of the 3,000 of `make laws`."""
    most = settings.default.max_examples if settings.default else 100
    return max(2, most * share // 100)
