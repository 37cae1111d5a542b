"""Charts as SVG text, written by small pure functions.

Colours come from classes (`accent`, `muted`, `grid`, `text`) that the page's style sheet gives, so
the charts follow light and dark. Each carries a title and a description for who cannot see it.
Shares and rates run from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10

from leadwise.report.ranking import height_at

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 48, 16, 24, 44


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot's inside, and the highest value of its upward scale."""

    top_value: float
    height: int = HEIGHT

    def x(self, share: float) -> float:
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        return self.height - BOTTOM - value / self.top_value * (self.height - TOP - BOTTOM)


def gains_chart(
    gains: Sequence[tuple[float, float]],
    mark: float | None = None,
    others: Sequence[Sequence[tuple[float, float]]] = (),
) -> str:
    """The share of conversions against the share of leads, best first, and the line of chance.

    `mark` is a share of the leads at which a reading is drawn; `others` are further curves, thin.
    """
    frame = Frame(1.0)
    path = _path(frame, gains)
    area = f"{_n(frame.x(0))},{_n(frame.y(0))} {path} {_n(frame.x(1))},{_n(frame.y(0))}"
    parts = [
        _scale(frame, (0, 0.25, 0.5, 0.75, 1)),
        *(
            _text(frame.x(x), frame.height - BOTTOM + 18, f"{x:.0%}", "middle")
            for x in (0, 0.25, 0.5, 0.75, 1)
        ),
        _text(frame.x(0.5), frame.height - 6, "leads, best scores first", "middle"),
        f'<polygon class="area" points="{area}"/>',
        _line(frame.x(0), frame.y(0), frame.x(1), frame.y(1), "muted dashed"),
        _text(frame.x(0.72), frame.y(0.6), "by chance", "start"),
        *(f'<polyline class="other" points="{_path(frame, other)}"/>' for other in others),
        f'<polyline class="accent line" points="{path}"/>',
    ]
    if mark is not None:
        parts += _reading(frame, gains, mark)
    return _chart(
        parts,
        "Gains curve",
        "The share of all conversions that the best leads hold, rising from 0 to 100 percent; "
        "the dashed diagonal is what calling in random order would give.",
    )


def rate_chart(bars: Sequence[tuple[str, float]], base_rate: float) -> str:
    """Upright bars, each a (label, rate), with a line at the rate of all."""
    top = _round_up(max([base_rate, *(rate for _, rate in bars)]))
    frame = Frame(top)
    slot = 1 / max(len(bars), 1)
    parts = [_scale(frame, [top * n / 4 for n in range(5)])]
    for number, (label, rate) in enumerate(bars):
        x, width = frame.x((number + 0.16) * slot), frame.x(slot * 0.68) - frame.x(0)
        parts.append(
            f'<rect class="accent" x="{_n(x)}" y="{_n(frame.y(rate))}" width="{_n(width)}" '
            f'height="{_n(frame.y(0) - frame.y(rate))}" rx="2"/>'
        )
        parts.append(_text(x + width / 2, frame.height - BOTTOM + 18, label, "middle"))
    parts += [
        _line(frame.x(0), frame.y(base_rate), frame.x(1), frame.y(base_rate), "ink dashed"),
        _text(frame.x(1), frame.y(base_rate) - 6, f"all leads {base_rate:.1%}", "end", "strong"),
        _text(frame.x(0.5), frame.height - 6, "tenths of the leads, best scores first", "middle"),
    ]
    return _chart(
        parts,
        "Rate of conversion by tenth of the leads",
        f"One bar for each tenth, best scores first; the dashed line at {base_rate:.1%} is the "
        "rate of all leads.",
    )


def share_chart(rows: Sequence[tuple[str, float, float]]) -> str:
    """For each (label, share of leads, share of conversions) two level bars."""
    step, reach = 64, WIDTH - 150  # the rest is for the text behind a bar
    height = step * max(len(rows), 1) + 8
    longest = max((share for _, *shares in rows for share in shares), default=1.0)
    parts = []
    for number, (label, leads, conversions) in enumerate(rows):
        y = number * step + 20
        parts.append(_text(0, y, label, "start", "strong"))
        for offset, share, kind, name in (
            (8, leads, "muted", "of leads"),
            (24, conversions, "accent", "of conversions"),
        ):
            width = share / longest * reach
            parts.append(
                f'<rect class="{kind}" x="0" y="{y + offset}" width="{_n(max(width, 1))}" '
                'height="12" rx="2"/>'
            )
            parts.append(_text(width + 8, y + offset + 10, f"{share:.0%} {name}", "start"))
    return _chart(
        parts,
        "Leads and conversions by band",
        "For each band the share of all leads and the share of all conversions that it holds.",
        height,
    )


def interval_chart(ranges: Sequence[tuple[str, float, float, float]], base_rate: float) -> str:
    """For each (label, rate, low, high) a point with its interval; the line of the base rate."""
    top = min(1.0, _round_up(max([base_rate, *(high for *_, high in ranges)])))
    frame = Frame(top)
    slot = 1 / max(len(ranges), 1)
    parts = [_scale(frame, [top * n / 4 for n in range(5)])]
    parts.append(
        _line(frame.x(0), frame.y(base_rate), frame.x(1), frame.y(base_rate), "ink dashed")
    )
    for number, (label, rate, low, high) in enumerate(ranges):
        x = frame.x((number + 0.5) * slot)
        parts += [
            _line(x, frame.y(low), x, frame.y(high), "accent whisker"),
            f'<circle class="accent" cx="{_n(x)}" cy="{_n(frame.y(rate))}" r="4.5"/>',
            _text(x, frame.height - BOTTOM + 18, label, "middle"),
        ]
    parts.append(_text(frame.x(0.5), frame.height - 6, "score", "middle"))
    return _chart(
        parts,
        "Rate of conversion by score",
        "A point for each range of the score with its 95 percent interval; the dashed line is the "
        f"rate of all leads, {base_rate:.1%}.",
    )


def thinned(
    points: Sequence[tuple[float, float]], apart: float = 0.002
) -> list[tuple[float, float]]:
    """The points without those so near to the last one kept that nobody would see them."""
    kept = [points[0]]
    for x, y in points[1:-1]:
        if x - kept[-1][0] >= apart or y - kept[-1][1] >= apart:
            kept.append((x, y))
    return [*kept, points[-1]]


def _path(frame: Frame, curve: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_n(frame.x(x))},{_n(frame.y(y))}" for x, y in thinned(curve))


def _reading(frame: Frame, gains: Sequence[tuple[float, float]], mark: float) -> list[str]:
    """A dot on the curve at `mark`, and what it says."""
    share = height_at(gains, mark)
    x, y = frame.x(mark), frame.y(share)
    return [
        _line(x, y, x, frame.y(0), "muted dashed"),
        f'<circle class="accent" cx="{_n(x)}" cy="{_n(y)}" r="5"/>',
        _text(x + 12, y + 16, f"best {mark:.0%}: {share:.0%}", "start", "strong"),
    ]


def _scale(frame: Frame, values: Sequence[float]) -> str:
    places = 0 if frame.top_value >= 0.04 and round(frame.top_value * 400) % 4 == 0 else 1
    parts = []
    for value in values:
        y = frame.y(value)
        parts.append(_line(frame.x(0), y, frame.x(1), y, "grid"))
        parts.append(_text(LEFT - 8, y + 4, f"{value:.{places}%}", "end"))
    return "".join(parts)


def _round_up(value: float) -> float:
    """The next of 1, 2, 4, 6, 8 times a power of ten: a quarter of it is round too."""
    if value <= 0:
        return 0.01
    power = 10.0 ** floor(log10(value))
    return next(n * power for n in (1, 2, 4, 6, 8, 10) if n * power >= value * 0.999999)


def _chart(parts: Sequence[str], title: str, description: str, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(parts)}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}"/>'


def _text(x: float, y: float, text: str, anchor: str, kind: str = "text") -> str:
    return (
        f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}">{escape(text)}</text>'
    )


def _n(value: float) -> str:
    """A coordinate, to a tenth."""
    return f"{value:.1f}".rstrip("0").rstrip(".")
