"""Why models said what they said of a lead, below the line of the ledger that reads it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadwise.learn.models import Explained
from leadwise.web.api.shapes import Shape


class ContributionShape(Shape):
    """What one or more fields add to the log odds of a model; none: all the rest."""

    fields: list[str]
    text: str
    log_odds: float


class ModelShape(Shape):
    """Why a model said the value of `field`: `base` and the contributions add up to `log_odds`,
    which is the `probability` (of the moment at which it said so)."""

    field: str
    probability: float
    log_odds: float
    base: float
    contributions: list[ContributionShape]


def reasons(names: Iterable[str], models: Mapping[str, Explained]) -> list[ModelShape]:
    """Of those among the fields that models said."""
    return [
        ModelShape(
            field=name, probability=models[name].probability, log_odds=models[name].raw,
            base=models[name].base,
            contributions=[
                ContributionShape(fields=list(line.fields), text=line.text, log_odds=line.log_odds)
                for line in models[name].lines
            ],
        )
        for name in names
        if name in models
    ]  # fmt: skip
