"""Charts as plain text, for a terminal or a log: no colour, no control characters."""

from __future__ import annotations

from leadwise.report.evaluation import Evaluation
from leadwise.report.ranking import height_at
from leadwise.report.wording import percent, times

BRAILLE = 0x2800
# The bit of each dot of a braille cell, by row and column (Unicode, chapter 21, Braille Patterns).
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
BLOCKS = "▏▎▍▌▋▊▉█"


def gains_plot(evaluation: Evaluation, width: int = 60, height: int = 14) -> str:
    """The gains curve: how many of the conversions the best leads hold, against chance.

    `width` and `height` are in characters, without the scale. Empty where nobody converted.
    """
    if not evaluation.gains:
        return ""
    cells = [[0] * width for _ in range(height)]
    columns, rows = width * 2, height * 4
    heights = [height_at(evaluation.gains, column / (columns - 1)) for column in range(columns)]
    previous = 0
    for column, share in enumerate(heights):
        row = round(share * (rows - 1))
        for dot in range(min(previous + 1, row), row + 1):
            _dot(cells, column, dot)
        previous = row
        if column % 4 == 0:  # chance: a dotted line from corner to corner
            _dot(cells, column, round(column / (columns - 1) * (rows - 1)))
    lines = ["".join(chr(BRAILLE + cell) for cell in row) for row in cells]
    scale = {0: "100%", height // 2: " 50%", height - 1: "  0%"}
    plot = [f"{scale.get(n, ''):>5} ┤{line}" for n, line in enumerate(lines)]
    axis = f"{'':>5} └{'─' * width}"
    ends = f"{'':>7}{'best leads':<{width - 9}}all leads"
    return "\n".join(["share of conversions reached", *plot, axis, ends])


def rate_bars(evaluation: Evaluation, width: int = 40) -> str:
    """One line for each tenth of the leads: its rate as a bar, the rate, the lift."""
    highest = max((part.rate for part in evaluation.parts), default=0.0)
    lines = []
    for part in evaluation.parts:
        bar = _bar(part.rate / highest if highest else 0.0, width)
        figures = f"{percent(part.rate):>6} {times(part.lift):>6}"
        lines.append(f"{part.number:>3} {figures} {bar}".rstrip())
    lines.append(f"all {percent(evaluation.base_rate):>6}")
    return "\n".join(lines)


def _dot(cells: list[list[int]], column: int, row: int) -> None:
    """Sets one dot; row 0 is at the bottom."""
    from_top = len(cells) * 4 - 1 - row
    cells[from_top // 4][column // 2] |= DOTS[from_top % 4][column % 2]


def _bar(share: float, width: int) -> str:
    eighths = round(share * width * 8)
    full, rest = divmod(eighths, 8)
    return "█" * full + (BLOCKS[rest - 1] if rest else "")
