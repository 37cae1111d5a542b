"""An evaluation in the terminal: figures, the gains curve, tables by tenth and by band."""

from __future__ import annotations

from leadwise.card import Card
from leadwise.cli.screen import answer, bar, grid, heading, plain, say, show
from leadwise.cli.words import band_label, counted, points
from leadwise.report import Evaluation, gains_plot
from leadwise.report.wording import count, percent, times


def show_evaluation(found: Evaluation, card: Card) -> None:
    """Print it all."""
    say(
        f"{card.id}, version {card.version} · {counted(found.leads, 'lead')} with an outcome · "
        f"{counted(found.conversions, 'conversion')} ({percent(found.base_rate)})"
    )
    say()
    _show_figures(found)
    plot = gains_plot(found, width=max(30, min(64, answer().width - 10)), height=12)
    if plot:
        heading("Calling the best leads first")
        say(plot)
    _show_tenths(found)
    if card.bands:
        _show_bands(found, card)


def _show_figures(found: Evaluation) -> None:
    table = grid(header=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="bold")
    table.add_column(style="dim", overflow="fold", ratio=1)
    area = found.auc
    if area is None:
        table.add_row("AUC", "–", "needs leads that converted and leads that did not")
    else:
        known = area.low is not None and area.high is not None
        interval = f"95% interval {area.low:.3f} to {area.high:.3f}; " if known else ""
        table.add_row("AUC", f"{area.value:.3f}", f"{interval}0.5 is chance, 1 is perfect")
    best = found.parts[0]
    table.add_row(
        "Lift of the best tenth", times(best.lift), f"{percent(best.rate)} of it converted"
    )
    table.add_row("In the better half", percent(found.better_half, 0), "of all conversions")
    show(table)


def _show_tenths(found: Evaluation) -> None:
    heading("By tenth of the leads, best first")
    table = grid()
    table.add_column("", justify="right")
    for title in ("scores", "leads", "converted", "precision", "lift", "reached"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True, style="cyan")
    highest = max(part.rate for part in found.parts)
    room = 16 if answer().width >= 90 else 6
    for part in found.parts:
        scores = f"{points(part.highest)}–{points(part.lowest)}"
        drawn = bar(part.rate / highest, room) if highest else ""
        table.add_row(
            str(part.number),
            scores if part.highest != part.lowest else points(part.highest),
            f"{part.leads:,}",
            count(part.conversions),
            percent(part.rate),
            times(part.lift),
            percent(part.captured, 0),
            drawn,
        )
    show(table)


def _show_bands(found: Evaluation, card: Card) -> None:
    heading("By band")
    table = grid()
    table.add_column("", overflow="fold")
    for title in ("leads", "converted", "precision", "lift", "of leads", "of conversions"):
        table.add_column(title, justify="right", no_wrap=True)
    for band in reversed(found.bands):
        table.add_row(
            plain(band_label(card, band.band)),
            f"{band.leads:,}",
            f"{band.conversions:,}",
            percent(band.precision),
            times(band.lift),
            percent(band.share_of_leads, 0),
            percent(band.share_of_conversions, 0),
        )
    show(table)
