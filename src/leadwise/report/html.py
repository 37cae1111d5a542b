"""The page of an evaluation: one HTML file with everything in it, no script, no network."""

from __future__ import annotations

from itertools import accumulate

from leadwise.card.model import Card
from leadwise.card.values import format_hundredths as points
from leadwise.report import svg
from leadwise.report.document import document, footer, header, section, table
from leadwise.report.evaluation import Evaluation
from leadwise.report.wording import count, percent, times

READ_AT = 0.2  # the gains curve is read at the best fifth


def evaluation_page(evaluation: Evaluation, card: Card, *, made_at: str = "") -> str:
    """The whole page as text. `made_at` (as the reader should see it) goes into the foot.

    Texts of the card are escaped wherever they stand.
    """
    sections = [
        _gains(evaluation),
        _rates(evaluation),
        _bands(evaluation, card),
        _scores(evaluation),
    ]
    title = f"How well {card.id} orders leads"
    return document(title, [_head(evaluation, card, title), *sections, _foot(card, made_at)])


def _head(evaluation: Evaluation, card: Card, title: str) -> str:
    area, best = evaluation.auc, evaluation.parts[0]
    chance = "0.5 is chance, 1 is perfect"
    if area is not None and area.low is not None and area.high is not None:
        chance = f"95% interval {area.low:.3f} to {area.high:.3f}"
    figures = [
        ("AUC", f"{area.value:.3f}" if area else "–", chance),
        (
            "Converted",
            percent(evaluation.base_rate),
            f"{count(evaluation.conversions)} of {count(evaluation.leads)} leads",
        ),
        ("Lift of the best tenth", times(best.lift), f"{percent(best.rate)} of them converted"),
        ("In the better half", percent(evaluation.better_half, 0), "of all conversions"),
    ]
    return header("Evaluation of a card", title, card.about, figures, evaluation.notes)


def _gains(evaluation: Evaluation) -> str:
    if not evaluation.gains or evaluation.auc is None:
        return ""
    called = accumulate(part.leads for part in evaluation.parts)
    rows = [
        [f"best {percent(leads / evaluation.leads, 0)}", count(leads), percent(part.captured)]
        for leads, part in zip(called, evaluation.parts, strict=True)
    ]
    return section(
        "Whom to call, if not everybody can be called",
        "Leads stand from left to right, best score first. The curve says what share of all those "
        "who converted is reached on the way; the dashed line is calling in any order.",
        "Find on the lower edge how many leads you can call, and read what share you reach. Where "
        "the curve runs flatter than the dashed line, each further call brings less than average.",
        svg.gains_chart(evaluation.gains, READ_AT),
        table("Conversions reached", ["Leads called", "Leads", "Conversions reached"], rows),
    )


def _rates(evaluation: Evaluation) -> str:
    parts = evaluation.parts
    rows = [
        [
            str(part.number),
            f"{points(part.lowest)} to {points(part.highest)}",
            count(part.leads),
            count(part.conversions),
            percent(part.rate),
            times(part.lift),
        ]
        for part in parts
    ]
    return section(
        "What each tenth of the leads is worth",
        "Each bar is a tenth of the leads, the best scores on the left; its height is the share "
        "that converted. The dashed line is all leads together.",
        "The bars should fall from left to right. Where one stands clearly above its left "
        "neighbour, the card has the order wrong there: look for what those leads have in common.",
        svg.rate_chart([(str(part.number), part.rate) for part in parts], evaluation.base_rate),
        table("By tenth", ["Tenth", "Score", "Leads", "Con\u00adverted", "Rate", "Lift"], rows),
    )


def _bands(evaluation: Evaluation, card: Card) -> str:
    if not evaluation.bands:
        return ""
    labels = {band.id: band.label or band.id for band in card.bands}
    best_first = list(reversed(evaluation.bands))
    rows = [
        [
            labels.get(result.band, result.band),
            count(result.leads),
            count(result.conversions),
            percent(result.precision),
            times(result.lift),
        ]
        for result in best_first
    ]
    bars = [
        (labels.get(r.band, r.band), r.share_of_leads, r.share_of_conversions or 0.0)
        for r in best_first
    ]
    return section(
        "What the bands hold",
        "For each band two bars: its share of the leads, which is the work, and its share of the "
        "conversions, which is the result.",
        "A band earns its place where the second bar is longer than the first. If two neighbours "
        "convert alike, one band would do; if the lowest holds many conversions, do not drop it.",
        svg.share_chart(bars),
        table("By band", ["Band", "Leads", "Con\u00adverted", "Precision", "Lift"], rows),
    )


def _scores(evaluation: Evaluation) -> str:
    ranges = evaluation.ranges
    rows = [
        [
            f"{points(r.low)} to {points(r.high)}",
            count(r.leads),
            count(r.conversions),
            percent(r.rate),
            f"{percent(r.rate_low)} to {percent(r.rate_high)}",
        ]
        for r in ranges
    ]
    return section(
        "What a score promises",
        "Each dot is the share that converted among leads of about that score. The upright line is "
        "its 95 percent interval: few leads, long line.",
        "Read a score as a promise only where the line is short. Dots that climb steadily mean "
        "that more points are worth more everywhere; a flat stretch means that they are not.",
        svg.interval_chart(
            [
                (f"{points(r.low)}–{points(r.high)}", r.rate, r.rate_low, r.rate_high)
                for r in ranges
            ],
            evaluation.base_rate,
        ),
        table("By score", ["Score", "Leads", "Con\u00adverted", "Rate", "95% interval"], rows),
    )


def _foot(card: Card, made_at: str) -> str:
    made = f", {made_at}" if made_at else ""
    return footer(
        f"Made by Leadwise from card {card.id}, version {card.version}{made}. "
        "Leads of one score have no order among them: where they lie on both sides of an edge, "
        "their conversions are shared out in proportion. AUC: of all pairs of a lead that "
        "converted and one that did not, the share in which the first has the higher score, ties "
        "counting half; its interval after DeLong and others (1988), those of rates after Wilson "
        "(1927)."
    )
