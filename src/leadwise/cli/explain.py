"""`leadwise explain`: why one lead has its score, and what would change it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from leadwise.asking.explain import Explanation
from leadwise.asking.explain import explain as explain_leads
from leadwise.asking.possible import text_meant
from leadwise.asking.questions import Question
from leadwise.card import Card
from leadwise.cli import options
from leadwise.cli.cards import at_most_one_stdin, card_document, load_card
from leadwise.cli.population import Data, asking, chosen_leads, columns_of, moment, opened
from leadwise.cli.screen import grid, heading, plain, print_json, say, show
from leadwise.cli.waterfall import show_waterfall
from leadwise.cli.words import (
    band_label,
    elapsed,
    json_value,
    name_of,
    points,
    points_number,
    time,
    value_of,
    variable_of,
)

Wanted = Annotated[
    list[str], typer.Option("--lead", metavar="ID", help="The lead; as often as needed.")
]


def explain(
    card: options.CardFile,
    leads: options.Leads,
    lead: Wanted,
    events: options.Events = None,
    as_of: options.AsOf = None,
    known_by: options.KnownBy = None,
    column: options.Columns = None,
    strict: options.Strict = False,
    engine: options.EngineName = "duckdb",
    json: options.Json = False,
) -> None:
    """Explain a lead's score line by line, and say what would change it.

    Each line of the ledger with what stands behind it, what is worth asking because it would raise
    the score most, and when the band changes next if nothing new happens.

    \b
    leadwise explain card.yaml --leads leads.csv --events events.csv --lead 42
    leadwise explain card.yaml --leads leads.csv --lead ann --lead ben --json
    """
    at_most_one_stdin(card=card, leads=leads, events=events)
    chosen, at = load_card(card), moment(as_of, known_by)
    with opened(chosen, Data(leads, events, columns_of(column), engine, strict)) as of:
        wanted = chosen_leads(of, lead)
        with asking(of, "Explaining"):
            found = explain_leads(of, wanted, at.as_of_us, known_by_us=at.known_by_us)
        if json:
            documents = [document(chosen, one) for one in found]
            print_json({"card": card_document(chosen), "leads": documents})
            return
        for number, one in enumerate(found):
            say("\n" if number else "")
            _show(chosen, one)


def _show(card: Card, one: Explanation) -> None:
    say(f"{one.lead_id}", "bold")
    say(f"{card.id}, version {card.version} · as of {time(one.as_of_us)}", "dim")
    say()
    show_waterfall(card, one)
    if one.questions:
        _show_questions(card, one)
    _show_next(card, one)


def _show_questions(card: Card, one: Explanation) -> None:
    heading("Worth asking")
    table = grid()
    table.add_column("what nobody knows yet", overflow="fold", ratio=3)
    table.add_column("at best", justify="right", no_wrap=True, style="green")
    table.add_column("with", overflow="fold", ratio=2)
    table.add_column("then", overflow="fold", ratio=1)
    table.add_column("at worst", justify="right", no_wrap=True)
    for question in one.questions:
        names = ", ".join(name_of(card, name) for name in question.fields)
        best = f"+{points(question.best)}" if question.best else "0"
        answer_ = _answer(card, question) if question.best else ""
        band = band_label(card, question.band) if question.best and question.band else ""
        table.add_row(plain(names), best, plain(answer_), plain(band), points(question.worst))
    show(table)


def _answer(card: Card, question: Question) -> str:
    pairs = zip(question.fields, question.answer, strict=True)
    return ", ".join(_one_answer(card, name, value) for name, value in pairs)


def _one_answer(card: Card, name: str, value: Any) -> str:
    """An answer as a person would give it: a day, a text, or which texts."""
    field = variable_of(card, name)
    if field.type == "text":
        return text_meant(card, field, value)
    return value_of(card, name, value).removesuffix("T00:00:00Z")


def _show_next(card: Card, one: Explanation) -> None:
    if not card.bands:
        return
    heading("If nothing new happens")
    change = one.next_change
    if change is None:
        say(f"The band stays '{band_label(card, one.band)}' for a year at least.")
        return
    order = [band.id for band in card.bands]
    rises = order.index(change.to_band) > order.index(change.from_band)
    say(
        f"It {'rises' if rises else 'falls'} to '{band_label(card, change.to_band)}' "
        f"with a score of {points(change.score)} on {time(change.at_us)}, "
        f"in {elapsed(change.at_us - one.as_of_us)}."
    )


def document(card: Card, one: Explanation) -> dict[str, Any]:
    """An explanation for a program; points are numbers, times are texts."""
    change = one.next_change
    return {
        "lead_id": one.lead_id,
        "as_of": time(one.as_of_us),
        "known_by": time(one.known_by_us),
        "score": points_number(one.score),
        "band": one.band,
        "grade": one.grade,
        "dimensions": {name: points_number(total) for name, total in one.dimensions},
        "lines": [_line(card, line) for line in one.lines],
        "unknown": list(one.unknown),
        "questions": [_question(card, question) for question in one.questions],
        "next_change": change
        and {
            "at": time(change.at_us),
            "from_band": change.from_band,
            "to_band": change.to_band,
            "score": points_number(change.score),
        },
    }


def _line(card: Card, explained: Any) -> dict[str, Any]:
    line, evidence = explained.line, explained.evidence
    found: dict[str, Any] = {
        "name": line.name,
        "kind": line.kind,
        "id": line.id,
        "dimension": line.dimension,
        "label": line.label,
        "points": points_number(explained.points),
        "unknown": explained.unknown,
        "values": {name: json_value(card, name, value) for name, value in evidence.values},
    }
    if evidence.occurrences is not None:
        found |= {"occurrences": evidence.occurrences, "latest": time(evidence.latest_us)}
    return found


def _question(card: Card, question: Question) -> dict[str, Any]:
    return {
        "fields": list(question.fields),
        "decides": list(question.decides),
        "best": points_number(question.best),
        "worst": points_number(question.worst),
        "answer": {
            name: json_value(card, name, value)
            for name, value in zip(question.fields, question.answer, strict=True)
        },
        "band": question.band,
    }
