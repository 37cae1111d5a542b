"""`leadwise publish` and `leadwise cards`: which card scores the record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from leadwise.cli.cards import card_text
from leadwise.cli.options import Json
from leadwise.cli.screen import grid, heading, note, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    mirror_folder,
    now_us,
    opened_store,
    progressing,
    settings_of,
    tell,
)
from leadwise.cli.words import counted, number, points, time
from leadwise.errors import CardError, UserError

if TYPE_CHECKING:
    from leadwise.live.trial import Trial
    from leadwise.settings import Settings
    from leadwise.store.cards import CardVersion, Subject
    from leadwise.store.opening import Store


def publish(
    card: Annotated[
        str, typer.Argument(metavar="CARD", help="The card's file, or a version's number.")
    ],
    accounts: Annotated[
        bool, typer.Option("--accounts", help="It is a card for accounts (companies).")
    ] = False,
    draft: Annotated[bool, typer.Option("--draft", help="Only keep it as a draft.")] = False,
    try_: Annotated[
        bool, typer.Option("--try", help="Only say who would change band, and hot leads a day.")
    ] = False,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="For the audit trail.")
    ] = None,
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Score everybody by a card and make it the live one; the card before serves until then.

    The service may run meanwhile. Go back to an earlier card by publishing its version's number,
    which `leadwise cards` shows.

    \b
    leadwise publish card.yaml --try
    leadwise publish card.yaml --why "fit counts more"
    leadwise publish 3
    """
    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        version = _version(store, card, "account" if accounts else "lead", why)
        if try_:
            _try(settings, store, version, json=json)
        elif draft:
            if json:
                print_json(_document(version))
            else:
                tell(f"Version {version.id}: {version.name} {version.number}, {version.status}.")
        else:
            _publish(settings, store, version, why, json=json)


def cards(
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List the versions of cards in the record: drafts, shadows, the live one, earlier ones.

    \b
    leadwise cards
    """
    from leadwise.store.cards import list_versions

    with opened_store(settings_of(data, database, config)) as store, store.read() as connection:
        versions = list_versions(connection)
    if json:
        print_json({"cards": [_document(version) for version in versions]})
        return
    if not versions:
        tell("There are no cards: leadwise publish CARD")
        return
    table = grid()
    for column in ("version", "card", "says", "of", "status", "added", "published", "by", "why"):
        table.add_column(column)
    for one in versions:
        table.add_row(
            str(one.id), one.name, str(one.number), f"{one.subject}s", one.status,
            time(one.created_us), time(one.published_us) or "", one.published_by or one.created_by,
            one.why or "",
        )  # fmt: skip
    show(table)


def _version(store: Store, given: str, subject: str, why: str | None) -> CardVersion:
    """The version of that number, or that of a file's card, which is added where it is new."""
    from leadwise.card import parse
    from leadwise.store.cards import add_version, get_version

    if given.isdecimal():
        with store.read() as connection:
            return get_version(connection, int(given))
    text = card_text(given)
    parsed = parse(text, given)
    if parsed.card is None:  # with the places in the file
        raise CardError(parsed.problems)
    return store.write(
        lambda c: add_version(
            c, text, subject=cast("Subject", subject), by=actor(), now_us=now_us(), why=why
        ),
        alone=True,
    )


def _publish(
    settings: Settings, store: Store, version: CardVersion, why: str | None, *, json: bool
) -> None:
    from leadwise.live.publish import publish as run
    from leadwise.web.work import account_rules

    with progressing("Scoring everybody") as told:
        done = run(
            store, mirror_folder(settings), version.id, actor(), why, now_us,
            lambda so_far, total, _: told(so_far, total), account_rules=account_rules(settings),
        )  # fmt: skip
    if json:
        print_json({
            "version": version.id, "already_live": done.already, "retired": done.retired_id,
            "scored": done.scored, "band_changes": done.band_changes,
        })  # fmt: skip
    elif done.already:
        tell(f"Version {version.id} is live already.")
    else:
        tell(
            f"Version {version.id} is live: {version.name} {version.number}. "
            f"{counted(done.scored, 'lead')} scored, "
            f"{counted(done.band_changes, 'band change')}."
        )
        if done.retired_id is not None:
            note([f"`leadwise publish {done.retired_id}` goes back to the card before."])


def _try(settings: Settings, store: Store, version: CardVersion, *, json: bool) -> None:
    from leadwise.live.card_jobs import trial_json
    from leadwise.live.trial import try_card

    if version.subject != "lead":
        raise UserError(
            "usage", "Only cards for leads can be tried.", hint="Publish it; one can go back."
        )
    with progressing("Asking everybody") as told:
        trial = try_card(
            store, mirror_folder(settings), version.card, now_us(),
            lambda so_far, total, _: told(so_far, total),
        )  # fmt: skip
    if json:
        print_json({"version": version.id, **trial_json(trial)})
    else:
        _show_trial(version, trial)


def _show_trial(version: CardVersion, trial: Trial) -> None:
    tell(f"{version.name} {version.number}, as of {time(trial.as_of_us)}: nothing was changed.")
    heading("Bands")
    table = grid()
    for column in ("now", "then", "leads"):
        table.add_column(column)
    for (old, new), count in sorted(trial.matrix.items(), key=lambda item: -item[1]):
        table.add_row(old or "–", new or "–", f"{count:,}")
    show(table)
    for name, calls in (("now", trial.before), ("then", trial.after)):
        if calls is not None and calls.band is not None:
            daily = "" if calls.per_day is None else f", {number(calls.per_day)} more a day"
            tell(f"{name}: {calls.waiting:,} in {calls.band}{daily}")
    if trial.movers:
        heading("Farthest moved")
        table = grid()
        for column in ("lead", "score now", "then", "band now", "then"):
            table.add_column(column)
        for mover in trial.movers[:10]:
            table.add_row(
                str(mover.lead_id), points(mover.old_score), points(mover.new_score),
                mover.old_band or "–", mover.new_band or "–",
            )  # fmt: skip
        show(table)


def _document(version: CardVersion) -> dict[str, Any]:
    return {
        "version": version.id, "card": version.name, "number": version.number,
        "of": version.subject, "status": version.status, "hash": version.hash,
        "added": time(version.created_us), "added_by": version.created_by,
        "published": time(version.published_us), "published_by": version.published_by,
        "why": version.why,
    }  # fmt: skip
