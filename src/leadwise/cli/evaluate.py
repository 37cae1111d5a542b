"""`leadwise evaluate`: how well a score orders leads that did and did not convert."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from leadwise.asking.outcomes import judged_scores, read_outcomes, without_outcomes
from leadwise.cli import options
from leadwise.cli.cards import at_most_one_stdin, card_document, load_card
from leadwise.cli.evaluation_text import show_evaluation
from leadwise.cli.files import require_writable
from leadwise.cli.population import Data, asking, columns_of, moment, opened
from leadwise.cli.screen import aside, note, print_json
from leadwise.cli.waiting import waiting
from leadwise.cli.words import points_number, today
from leadwise.engines.output import replacing
from leadwise.report import Evaluation, evaluation_page
from leadwise.report import evaluate as evaluate_scores


def evaluate(
    card: options.CardFile,
    leads: options.Leads,
    outcomes: options.Outcomes,
    events: options.Events = None,
    won: options.Won = None,
    as_of: options.AsOf = None,
    column: options.Columns = None,
    html: Annotated[
        str | None,
        typer.Option(
            "--html", metavar="FILE", help="Write a page with charts there, for a browser."
        ),
    ] = None,
    json: options.Json = False,
) -> None:
    """Measure how well the score orders leads that did and did not convert.

    AUC with its interval, precision and lift by tenth of the leads and by band, and the share of
    conversions in the better half. A lead whose outcome has a decided_at is scored as of that
    instant, with what was known by then; all others as of --as-of.

    \b
    leadwise evaluate card.yaml --leads leads.csv --outcomes outcomes.csv --html evaluation.html
    leadwise evaluate card.yaml --leads bank.csv --outcomes bank.csv \\
      --column lead_id=#row --column outcome=y
    """
    require_writable(html)
    at_most_one_stdin(card=card, leads=leads, events=events, outcomes=outcomes)
    chosen, at, columns = load_card(card), moment(as_of), columns_of(column)
    with waiting("Reading outcomes"):
        became = read_outcomes(outcomes, columns=columns, won=won or ())
    data = Data(leads, events, without_outcomes(columns))
    with opened(chosen, data) as of, asking(of, "Scoring"):
        scores = judged_scores(of, became, at.as_of_us)
    converted = {lead: outcome for lead, (outcome, _) in became.items()}
    found = evaluate_scores(scores, converted, [band.id for band in chosen.bands])
    if html is not None:
        page = evaluation_page(found, chosen, made_at=today())
        with replacing(html) as beside:
            beside.write_text(page, encoding="utf-8")
    if json:
        print_json({"card": card_document(chosen), **_document(found)})
    else:
        show_evaluation(found, chosen)
    note(found.notes)
    if html is not None:
        aside().print(f"page with charts written to {html}", style="dim", soft_wrap=True)


def _document(found: Evaluation) -> dict[str, Any]:
    """The evaluation as it is, scores in points, without the curve's thousand points."""
    document = asdict(found)
    del document["gains"]
    for part in document["parts"]:
        part |= {name: points_number(part[name]) for name in ("highest", "lowest")}
    for one in document["ranges"]:
        one |= {name: points_number(one[name]) for name in ("low", "high")}
    return document
