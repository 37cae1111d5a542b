"""`leadwise playbook dry-run`: how often a playbook would have begun, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from leadwise.asking.instants import DAY_US, microseconds, now_us
from leadwise.card.model import Card
from leadwise.cli import options, stores
from leadwise.cli.cards import at_most_one_stdin
from leadwise.cli.playbooks import CardOption, PlaybookFile, given_card, playbook_text
from leadwise.cli.population import Data, columns_of, opened
from leadwise.cli.screen import grid, plain, print_json, say, show
from leadwise.cli.waiting import waiting
from leadwise.cli.words import counted, second, time
from leadwise.errors import CardError, UserError
from leadwise.playbooks.dry_run import Begun, DryRun, Past, replay
from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.model import Playbook
from leadwise.settings import Settings

if TYPE_CHECKING:
    from collections import Counter
    from datetime import date

LISTED = 15
PLACE = "Where the past is"


def dry_run(
    playbook: PlaybookFile,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=3660, help="How many days to play.")
    ] = 90,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="The end of them. Now if not given."),
    ] = None,
    listed: Annotated[
        int, typer.Option("--list", metavar="N", min=0, help="How many of its runs to list.")
    ] = LISTED,
    card: CardOption = None,
    leads: Annotated[
        str | None,
        typer.Option(
            "--leads",
            metavar="FILE",
            rich_help_panel=PLACE,
            help="Leads from a file, scored by --card day by day, instead of a store.",
        ),
    ] = None,
    events: options.Events = None,
    column: options.Columns = None,
    database: stores.Database = None,
    data: stores.DataFolder = None,
    config: stores.Config = None,
    json: options.Json = False,
) -> None:
    """Play the past again with a playbook in it: how often it would have begun and for whom, how
    many mails it would have sent a day, and what would have held it back.

    The past is that of the store (bands as they were said, events as they happened), or of files
    with --leads and --card. What leads did is as it was. Nothing is written, nothing is sent.

    \b
    leadwise playbook dry-run call-now.yaml --days 90
    leadwise playbook dry-run call-now.yaml --card card.yaml --leads leads.csv --events events.csv
    """
    at_most_one_stdin(playbook=playbook, card=card, leads=leads, events=events)
    settings = stores.settings_of(data, database, config)
    chosen = given_card(card)
    until_us = now_us() if until is None else microseconds(until, "--until")
    from_us = until_us - days * DAY_US
    text = playbook_text(playbook)
    chosen_past = past_of(text, playbook, settings, chosen, leads, events, columns_of(column))
    with chosen_past as (own, past), waiting("Playing the past again"):
        told = replay(own, past, settings.playbooks, from_us, until_us)
    if json:
        print_json(document_of(told))
    else:
        show_told(told, days, listed)


@contextmanager
def past_of(
    text: str, file: str, settings: Settings, card: Card | None, leads: str | None,
    events: str | None, columns: dict[str, str],
) -> Iterator[tuple[Playbook, Past]]:  # fmt: skip
    """The playbook of a text, checked against the card that scores, and the past of files (with
    `leads`) or of the store to hold it against. CardError where it has an error."""
    if leads is not None:
        if card is None:
            raise UserError(
                "usage", "Leads from a file need the card that scores them.",
                hint="Give it with --card card.yaml.",
            )  # fmt: skip
        from leadwise.playbooks.dry_run.of_files import FilePast
        from leadwise.playbooks.dry_run.wide import wide_card

        own = _read(text, card, file)
        wide = wide_card(card, own, settings)
        clock = {one.name for one in wide.fields} - {one.name for one in card.fields}
        told = (f"'{one}' is unknown for all: {leads} has no column '{one}'." for one in clock)
        with opened(wide, Data(leads, events, columns), told=frozenset(told)) as of:
            yield own, FilePast(of, card, settings)
        return
    from leadwise.playbooks.dry_run.of_store import StorePast
    from leadwise.store.cards import live_version

    with stores.opened_store(settings) as store, store.read() as connection:
        live = live_version(connection)
        yield (
            _read(text, card or (live.card if live else None), file),
            StorePast(connection, settings),
        )


def _read(text: str, card: Card | None, file: str) -> Playbook:
    parsed = parse(text, card=card, file=file)
    if parsed.playbook is None:
        raise CardError(parsed.problems)
    return parsed.playbook


# What is shown ------------------------------------------------------------------------------------


def show_told(told: DryRun, days: int, listed: int) -> None:
    """A dry run in words and tables."""
    say(f"{told.playbook}, version {told.number} · {counted(days, 'day')}", "bold")
    say(f"{time(told.from_us)} to {time(told.until_us)}", "dim")
    say()
    runs, leads = len(told.begun), told.leads
    times = f"{_times(runs)}, for {counted(leads, 'lead')}" if runs else "not once"
    say(f"It would have begun {times}{_a_day(told.starts, days)}.")
    mails = sum(told.mails.values())
    if mails:
        say(f"It would have sent {counted(mails, 'mail')}{_a_day(told.mails, days)}.")
    _list("Began nothing", told.refused)
    _list("Waited for", told.waited)
    _list("Ended early", told.left)
    if told.begun and listed:
        say()
        _runs(told.begun[:listed])
        if runs > listed:
            say(f"{runs - listed:,} more; --list N shows more of them, --json all.", "dim")
    for line in told.notes:
        say(line, "dim")


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number:,} times"


def _a_day(numbers: Counter[date], days: int) -> str:
    if not numbers:
        return ""
    day, most = max(numbers.items(), key=lambda one: (one[1], one[0]))
    mean = sum(numbers.values()) / days
    often = f"{mean:.1f} a day, " if mean >= 0.1 else ""
    return f": {often}at most {most:,} on {day}"


def _list(title: str, numbers: Counter[str]) -> None:
    found = [(number, why) for why, number in numbers.most_common() if number]
    if not found:
        return
    say()
    say(title, "bold")
    table = grid()
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for number, why in found:
        table.add_row(f"{number:,}", plain(why))
    show(table)


def _runs(begun: list[Begun]) -> None:
    table = grid()
    for title in ("lead", "began", "by", "mails", "ended"):
        justify: Any = "right" if title == "mails" else "left"
        table.add_column(Text(title, "dim"), justify=justify, overflow="fold")
    for one in begun:
        ended = "" if one.ended_us is None else f"{second(one.ended_us)}: {one.ended}"
        table.add_row(
            plain(one.lead), second(one.at_us), plain(one.why), str(one.mails), plain(ended)
        )
    show(table)


def document_of(told: DryRun) -> dict[str, Any]:
    """The dry run as JSON."""
    return {
        "playbook": told.playbook,
        "version": told.number,
        "from": time(told.from_us),
        "until": time(told.until_us),
        "triggers": told.triggers,
        "runs": len(told.begun),
        "leads": told.leads,
        "mails": sum(told.mails.values()),
        "began_nothing": _numbers(told.refused),
        "waited": _numbers(told.waited),
        "ended_early": _numbers(told.left),
        "runs_by_day": _by_day(told.starts),
        "mails_by_day": _by_day(told.mails),
        "begun": [
            {
                "lead": one.lead, "at": time(one.at_us), "by": one.why, "mails": one.mails,
                "ended_at": time(one.ended_us), "ended": one.ended or None,
            }
            for one in told.begun
        ],
        "notes": told.notes,
    }  # fmt: skip


def _numbers(of: Counter[str]) -> dict[str, int]:
    return {why: number for why, number in of.most_common() if number}


def _by_day(of: Counter[date]) -> dict[str, int]:
    return {str(day): number for day, number in sorted(of.items()) if number}
