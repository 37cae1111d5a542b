"""What may be said of a chosen model, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadwise.learn.models.choose import Against, Chosen

_NAMES = {"lightgbm": "LightGBM", "ebm": "EBM", "logistic": "logistic regression"}


def said(found: Chosen) -> tuple[str, ...]:
    """The verdict, the short answer first."""
    return tuple(_said(found))


def _said(found: Chosen) -> Iterator[str]:
    name = _NAMES[found.model.kind]
    mine = next(c for c in found.candidates if c.name not in {a.name for a in found.against})
    told = (
        f"AUC {mine.auc.value:.3f}, 95 percent interval {mine.auc.low:.3f} to {mine.auc.high:.3f}"
    )
    parts = len(mine.each)
    where = (
        f"on {found.rows:,} later rows in {parts} {'part' if parts == 1 else 'parts'}, "
        "each foretold from what came before"
        if found.in_time
        else f"on {found.rows:,} rows drawn by lot"
    )
    if mine.auc.low <= 0.5:
        yield f"No signal: {name} cannot be told from chance ({told}; {where})."
    elif found.better:
        yield f"{name} is better than what it was held against: {told}; {where}."
    else:
        yield (
            f"{name} is the best of the models, but may not be called better than what you have: "
            f"{told}; {where}."
        )
    if mine.auc.low > 0.5 and not mine.steady:
        yield (
            f"One later part was foretold worse than by chance (AUC {min(mine.each):.3f}): what it "
            "learns does not hold for long. Learn it anew often, and watch it."
        )
    for one in found.against:
        yield _compared(one)
    if not found.in_time:
        yield (
            "The rows have no order in time, so nothing was tried on later leads than it was "
            "learned from: expect less of it."
        )


def _compared(one: Against) -> str:
    other = {"card": "the hand-made card", "logistic": "logistic regression"}.get(
        one.name, one.name
    )
    gap = f"difference {one.auc.value:+.3f} ({one.auc.low:+.3f} to {one.auc.high:+.3f})"
    if one.better:
        return f"It orders later leads better than {other}: {gap}."
    if one.auc.low > 0:
        return (
            f"It orders later leads better than {other} on the whole, but not in every part "
            f"({', '.join(f'{d:+.3f}' for d in one.each)}): {gap}."
        )
    if one.auc.high < 0:
        return f"It orders later leads worse than {other}: {gap}."
    return f"It cannot be told from {other}: {gap}."
