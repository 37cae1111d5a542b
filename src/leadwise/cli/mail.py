"""`leadwise mail`: whether mail goes, what became of it, and to whom none goes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.options import Json
from leadwise.cli.screen import grid, print_json, show
from leadwise.cli.stores import (
    Config,
    Database,
    DataFolder,
    actor,
    now_us,
    opened_store,
    settings_of,
    tell,
)
from leadwise.cli.words import time
from leadwise.errors import Place, UserError

if TYPE_CHECKING:
    from leadwise.settings import Settings
    from leadwise.store.mails import Mail
    from leadwise.store.opening import Store

ACTIONS = ("test", "list", "settle", "suppressed", "suppress", "allow", "import")
MOST = 1_000


def mail(
    action: Annotated[
        str,
        typer.Argument(
            metavar="ACTION", help="test, list, settle, suppressed, suppress, allow or import."
        ),
    ],
    what: Annotated[
        str | None,
        typer.Argument(metavar="WHAT", help="An address, a mail's number, or a file of addresses."),
    ] = None,
    lead: Annotated[
        int | None, typer.Option("--lead", metavar="ID", help="List the mails of this lead.")
    ] = None,
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="List mails that are so: unsure.")
    ] = "",
    sent: Annotated[bool, typer.Option("--sent", help="Settle: it was sent.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Settle: it is to be sent again.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="REASON", help="Why nothing is sent to an address.")
    ] = "by hand",
    data: DataFolder = None,
    database: Database = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Try the mail server out, look at mails, decide on those of which nobody knows whether they
    went, and keep the list of addresses that nothing is sent to.

    \b
    leadwise mail test
    leadwise mail test ann@example.com
    leadwise mail list --state unsure
    leadwise mail settle 17 --sent
    leadwise mail suppress ann@example.com --reason unsubscribed
    leadwise mail import unsubscribed.csv --reason unsubscribed
    leadwise mail suppressed
    leadwise mail allow ann@example.com
    """
    if action not in ACTIONS:
        raise UserError("usage", f"mail cannot {action}.", hint=", ".join(ACTIONS))
    settings = settings_of(data, database, config)
    with opened_store(settings) as store:
        match action:
            case "test":
                _test(store, settings, what, json=json)
            case "list":
                _list(store, lead, state, json=json)
            case "settle":
                _settle(store, _whole(what), sent=sent, again=again, json=json)
            case "suppressed":
                _suppressed(store, json=json)
            case "suppress":
                _suppress(store, [_address(what)], reason, json=json)
            case "import":
                _import(store, what, reason, json=json)
            case _:
                _allow(store, _address(what), json=json)


def _test(store: Store, settings: Settings, to: str | None, *, json: bool) -> None:
    from leadwise.connect.mail.addresses import mailbox
    from leadwise.connect.mail.outbox import Draft, outbox_of

    if not settings.mail.host:
        raise UserError(
            "mail-settings", "No server is set that mail goes through.",
            hint='Set host = "smtp.acme.example" below [mail] (docs/mail.md).',
        )  # fmt: skip
    outbox = outbox_of(store, settings, now_us)
    if to is None:
        said = outbox.relay.test()
    else:
        text = "This is a test of Leadwise. Mail goes out.\n"
        posted = outbox.post(Draft(f"test-{now_us()}", mailbox(to), "Leadwise can send mail", text))
        if posted.state != "sent":
            raise UserError("mail-refused", f"It did not go: {posted.why or posted.state}")
        said = f"Sent to {to} as <{posted.message_id}>."
    if json:
        print_json({"said": said})
    else:
        tell(said)


def _list(store: Store, lead: int | None, state: str, *, json: bool) -> None:
    from typing import get_args

    from leadwise.store.mails import State, count_mails, mails_in_state, mails_of_lead

    if state and state not in get_args(State):
        raise UserError("usage", f"No mail is {state}.", hint=", ".join(get_args(State)))
    with store.read() as connection:
        if lead is not None:
            found = mails_of_lead(connection, lead, limit=MOST)
        elif state:
            found = mails_in_state(connection, [state], limit=MOST)  # type: ignore[list-item] # one
        else:
            counts = count_mails(connection)
            if json:
                print_json({"states": counts})
            else:
                tell(", ".join(f"{number:,} {name}" for name, number in sorted(counts.items()))
                     or "No mail was sent yet.")  # fmt: skip
            return
    if json:
        print_json({"mails": [_document(one) for one in found]})
        return
    table = grid()
    for column in ("id", "to", "subject", "state", "when", "why"):
        table.add_column(column)
    for one in found:
        table.add_row(
            str(one.id), one.address, one.subject, one.state, time(one.sent_us or one.created_us),
            (one.why or "")[:80],
        )  # fmt: skip
    show(table)


def _settle(store: Store, mail_id: int, *, sent: bool, again: bool, json: bool) -> None:
    from leadwise.store.audit import audit
    from leadwise.store.mails import settle

    if sent == again:
        raise UserError("usage", "Was it sent?", hint="Give --sent, or --again to send it again.")
    how, at_us = ("sent" if sent else "again"), now_us()

    def work(connection: Any) -> bool:
        audit(connection, actor(), "settle", "mail", mail_id, how, at_us)
        return settle(connection, mail_id, how, at_us)  # type: ignore[arg-type] # one of two

    if not store.write(work, alone=True):
        raise UserError(
            "no-such-mail", f"There is no mail {mail_id} that anybody has to decide on.",
            hint="leadwise mail list --state unsure shows them.",
        )  # fmt: skip
    if json:
        print_json({"mail": mail_id, "how": how})
    else:
        tell("It counts as sent." if sent else "It is sent again at its run's next turn.")


def _suppressed(store: Store, *, json: bool) -> None:
    from leadwise.store.suppression import list_suppressed

    with store.read() as connection:
        found = list_suppressed(connection, limit=1_000_000)
    if json:
        print_json({
            "addresses": [
                {"address": one.address, "reason": one.reason, "at": time(one.at_us), "by": one.by}
                for one in found
            ]
        })  # fmt: skip
        return
    table = grid()
    for column in ("address", "reason", "when", "by"):
        table.add_column(column)
    for one in found:
        table.add_row(one.address, one.reason, time(one.at_us), one.by)
    show(table)


def _import(store: Store, file: str | None, reason: str, *, json: bool) -> None:
    """Addresses of a file: one a line, or the first of each line of CSV that is one."""
    from leadwise.ingest.emails import normalised_email

    if not file:
        raise UserError("usage", "Which file?", hint="One address a line; - is standard input.")
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UserError("usage", f"The file cannot be read: {said}.", where=Place(file)) from None
    found: dict[str, None] = {}
    for line in text.splitlines():
        cells = (
            normalised_email(cell.strip("\"' \t")) for cell in line.replace(";", ",").split(",")
        )
        address = next(filter(None, cells), None)
        if address is not None:
            found[address] = None
    _suppress(store, list(found), reason, json=json)


def _suppress(store: Store, addresses: list[str], reason: str, *, json: bool) -> None:
    from leadwise.store.audit import audit
    from leadwise.store.suppression import REASONS, suppress

    given = next((one for one in REASONS if one == reason), None)
    if given is None:
        raise UserError("usage", f"{reason} is no reason.", hint=", ".join(REASONS))
    at_us, new = now_us(), 0

    def some(part: list[str]) -> Any:
        def work(connection: Any) -> int:
            done = [suppress(connection, one, given, by=actor(), now_us=at_us) for one in part]
            audit(connection, actor(), "suppress", "suppression", None, f"{sum(done)}", at_us)
            return sum(done)

        return work

    for start in range(0, len(addresses), MOST):
        new += store.write(some(addresses[start : start + MOST]), alone=True)
    if json:
        print_json({"addresses": len(addresses), "new": new})
    else:
        tell(f"{new:,} of {len(addresses):,} are new on the list.")


def _allow(store: Store, address: str, *, json: bool) -> None:
    from leadwise.store.audit import audit
    from leadwise.store.suppression import allow, find_suppressed

    at_us = now_us()

    def work(connection: Any) -> Any:
        found = allow(connection, address)
        if found is not None:
            audit(connection, actor(), "allow", "suppression", None, found.reason, at_us)
        return found, find_suppressed(connection, address)

    was, still = store.write(work, alone=True)
    if was is None:
        raise UserError(
            "no-such-suppression", f"Nothing holds mail to {address} back.",
            hint="leadwise mail suppressed shows the list.",
        )  # fmt: skip
    if json:
        print_json({"address": address, "was": was.reason, "still": still and still.reason})
    else:
        tell(f"It was {was.reason}." + (f" It is {still.reason} still." if still else ""))


def _address(given: str | None) -> str:
    from leadwise.ingest.emails import normalised_email

    found = normalised_email(given or "")
    if found is None:
        raise UserError("usage", "Which address?", hint="It is like ann@example.com.")
    return found


def _whole(given: str | None) -> int:
    if not given or not given.isdecimal():
        raise UserError("usage", "Which mail?", hint="leadwise mail list shows their numbers.")
    return int(given)


def _document(one: Mail) -> dict[str, Any]:
    return {
        "id": one.id, "message_id": one.message_id, "lead": one.lead_id, "address": one.address,
        "subject": one.subject, "state": one.state, "created": time(one.created_us),
        "sent": time(one.sent_us) if one.state == "sent" else None, "attempts": one.attempts,
        "why": one.why,
    }  # fmt: skip
