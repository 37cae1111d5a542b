"""The comments of a learned card: how it was learned, and beside each point how sure it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from leadwise.card.format import format_text
from leadwise.card.source import Path, read_source
from leadwise.learn.rows import Rows
from leadwise.learn.scorecard.model import Learned

WIDTH = 96


def head(rows: Rows, notes: tuple[str, ...], figures: Mapping[str, float]) -> list[str]:
    """Sentences for the top of the file."""
    wins = int(rows.won.sum())
    leads = len(set(rows.lead.tolist()))
    said = [
        f"Points learned from {len(rows):,} moments of {leads:,} leads, {wins:,} of them won"
        + (f", between {_day(rows.when_us.min())} and {_day(rows.when_us.max())}." if rows.dated
           else ".")
    ]  # fmt: skip
    said.append(
        f"On these same rows the order has an AUC of {figures['auc']:.3f}; with exact points "
        f"{figures['auc_before_rounding']:.3f}, before levels were joined "
        f"{figures['auc_before_joining']:.3f}, by the hand-made points "
        f"{figures['auc_by_hand']:.3f}. How good it is on later leads, a backtest says."
    )
    said.append(
        "Beside each point: what these rows alone say of it (95 percent interval, against the "
        "level without one), and how many rows met it."
    )
    return [*said, *notes]


def with_remarks(
    text: str, said: list[str], paths: Mapping[tuple[str, str], Path], lines: tuple[Learned, ...]
) -> str:
    """The text with its comments, in the form that `format_text` keeps."""
    source, _ = read_source(text, "card.yaml")
    assert source is not None
    beside: dict[int, list[str]] = {}
    for line in lines:
        at = source.node(paths[line.criterion, line.tier]).line - 1
        beside.setdefault(at, []).append(remark(line))
    made = [f"# {part}" for sentence in said for part in _wrapped(sentence)]
    for number, content in enumerate(text.rstrip("\n").split("\n")):
        extra = "; ".join(beside.get(number, []))
        made.append(f"{content}  # {extra}" if extra else content)
    return format_text("\n".join(made) + "\n")


def remark(line: Learned) -> str:
    """`5.2 to 9.1, 312 rows`."""
    name = "unknown: " if line.tier == "unknown" else ""
    if not math.isfinite(line.low):
        if not line.rows:
            return f"{name}no rows"
        return f"{name}not to be told from these rows, {line.rows:,} rows"
    if line.low == line.high:
        return f"{name}{line.rows:,} rows"
    return f"{name}{line.low:.1f} to {line.high:.1f}, {line.rows:,} rows"


def _wrapped(sentence: str) -> list[str]:
    found, now = [], ""
    for word in sentence.split():
        if now and len(now) + len(word) + 1 > WIDTH:
            found.append(now)
            now = word
        else:
            now = f"{now} {word}".strip()
    return [*found, now] if now else found


def _day(at_us: int) -> str:
    return datetime.fromtimestamp(int(at_us) / 1e6, UTC).strftime("%d %B %Y")
