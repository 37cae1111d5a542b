"""`leadwise draft`: a playbook or a card from what somebody wants, in words."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from leadwise.cli import draft_tried as tried
from leadwise.cli import options, stores
from leadwise.cli.checking import problem_document
from leadwise.cli.failures import NO, show_problems
from leadwise.cli.files import require_writable
from leadwise.cli.playbooks import given_card
from leadwise.cli.population import columns_of
from leadwise.cli.screen import heading, plain, print_json, say
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted
from leadwise.engines.output import replacing
from leadwise.errors import UserError

if TYPE_CHECKING:
    from leadwise.playbooks.drafting.drafting import Around, Drafted, Kind
    from leadwise.playbooks.drafting.guided import Question
    from leadwise.settings import Settings

Names = list[str] | None


def draft(
    wish: Annotated[
        str | None,
        typer.Argument(
            metavar="[WISH]", help="What is wanted, in your words; - is standard input."
        ),
    ] = None,
    kind: Annotated[
        Literal["playbook", "card"], typer.Option("--kind", help="What is to be written.")
    ] = "playbook",
    card: Annotated[
        str | None,
        typer.Option(
            "--card", metavar="CARD", help="The card by which leads are scored: its names are used."
        ),
    ] = None,
    template: Annotated[
        Names,
        typer.Option(
            "--template", metavar="NAME", help="A template of mails that there is; each once."
        ),
    ] = None,
    connection: Annotated[
        Names,
        typer.Option("--connection", metavar="NAME", help="A connection that there is; each once."),
    ] = None,
    answers: Annotated[
        Names,
        typer.Option(
            "--answer",
            metavar="NAME=ANSWER",
            help="An answer to one of the questions, instead of a wish; as often as needed.",
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option("--out", metavar="FILE", help="Write the draft there.")
    ] = None,
    leads: Annotated[
        str | None,
        typer.Option(
            "--leads",
            metavar="FILE",
            help="Leads from a file that the draft is tried on, instead of a store; needs --card "
            "for a playbook.",
        ),
    ] = None,
    events: options.Events = None,
    column: options.Columns = None,
    database: stores.Database = None,
    data: stores.DataFolder = None,
    config: stores.Config = None,
    json: options.Json = False,
) -> None:
    """Write a playbook or a card from words, check it, say in words what it would do, and try it
    on the population.

    The wish goes to the model of the settings (`[model] name`), with the names of fields, events
    and templates, and nothing that is known of any lead. Without a model, a few questions do the
    same: at a terminal they are asked, elsewhere --answer gives the answers.

    Where there is a store, its live card, templates, connections and playbooks are what a draft may
    name, and a playbook is dry-run on the last 90 days of it. Nothing is live by this: read the
    draft and publish it yourself. Exit code 1 where the draft still has an error.

    \b
    leadwise draft "When a lead from Spain asks for a demo, call within 4 hours" --card card.yaml
    leadwise draft --answer label="Demo requests" --answer start=event --answer first=call
    """
    require_writable(out)
    if wish is not None and answers:
        raise UserError(
            "usage", "A draft is made of a wish, or of answers: not of both.",
            hint="Leave out --answer, or the wish.",
        )  # fmt: skip
    settings = stores.settings_of(data, database, config)
    on = tried.On(settings, given_card(card), leads, events, columns_of(column))
    around = tried.around(on, template, connection)
    if wish is not None:
        made = _from_wish(wish, kind, around, settings)
    else:
        made = _from_answers(answers, kind, around)
    if out is not None:
        with replacing(out) as beside:
            beside.write_text(made.text, encoding="utf-8")
    told = tried.on_population(made, on, around)
    if json:
        print_json(
            {"kind": made.kind, "text": made.text, "tries": made.tries, "fine": made.fine,
             "problems": [problem_document(one) for one in made.problems],
             "words": _words(made, around), "tried": told.document}
        )  # fmt: skip
    else:
        _show(made, around, out, told)
    raise typer.Exit(0 if made.fine else NO)


def _from_wish(wish: str, kind: Kind, around: Around, settings: Settings) -> Drafted:
    from leadwise.playbooks.drafting.drafting import draft as write_draft
    from leadwise.qualify.provider.writing import ModelWriter

    writer = ModelWriter(settings.model)
    if not writer.settings.name:
        raise UserError(
            "no-model", "No model is set that could write.",
            hint='Set [model] name (docs/model-reader.md); or run "leadwise draft" without words: '
            "a few questions make the same.",
        )  # fmt: skip
    text = sys.stdin.read() if wish == "-" else wish
    with waiting("The model writes"):
        return write_draft(text, around, writer.write, kind)


def _from_answers(given: Names, kind: Kind, around: Around) -> Drafted:
    from leadwise.playbooks.drafting.drafting import checked
    from leadwise.playbooks.drafting.guided import questions, written

    if kind == "card":
        raise UserError(
            "usage", "Questions make playbooks here.",
            hint="For a card say in words what you want, or answer the ten questions of the "
            "studio (leadwise serve).",
        )  # fmt: skip
    said = dict(_pair(one) for one in given or ())
    if given is None:
        if not sys.stdin.isatty():
            raise UserError(
                "usage", "Nothing is said of what the draft is to do.",
                hint='leadwise draft "When a lead asks for a demo, ...", or --answer label=...',
            )  # fmt: skip
        said = {one.name: _asked(one) for one in questions(around)}
    return checked("playbook", written(said, around), around)


def _pair(given: str) -> tuple[str, str]:
    name, equals, answer = given.partition("=")
    if not equals:
        raise UserError(
            "usage", f"'{given}' is no answer.", hint="Write it as --answer first=call."
        )
    return name.strip(), answer


def _asked(question: Question) -> str:
    words = question.text
    if question.choices:
        words += f" ({', '.join(question.choices)})"
    while True:
        answer = str(typer.prompt(words, default=question.default, show_default=True)).strip()
        if not question.choices or answer in question.choices:
            return answer
        typer.echo(f"Please choose one of {', '.join(question.choices)}.", err=True)


def _words(made: Drafted, around: Around) -> str | None:
    if made.kind == "card" or not made.fine:
        return None
    from leadwise.playbooks.language.parse import parse
    from leadwise.playbooks.words.describe import describe

    playbook = parse(made.text, card=around.card).playbook
    return None if playbook is None else describe(playbook, around.card)


def _show(made: Drafted, around: Around, out: str | None, told: tried.Tried) -> None:
    if out is None:
        say(plain(made.text, keep="\n").rstrip())
    words = _words(made, around)
    if words:
        heading("What it would do")
        say(words.rstrip())
    show_problems(made.problems)
    if out is not None:
        stores.tell(f"draft written to {out}")
    if not made.fine:
        errors = sum(one.severity == "error" for one in made.problems)
        say(f"{counted(errors, 'error')} left: mend the text before you go on.")
        return
    told.show()
    publish = "playbook publish" if made.kind == "playbook" else "publish"
    stores.tell(f"Nothing is live before you publish it: leadwise {publish} {out or 'FILE'}")
