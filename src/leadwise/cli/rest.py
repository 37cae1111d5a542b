"""`leadwise rest`: the description of a REST interface checked, and tried without recording."""

from __future__ import annotations

import os
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadwise.cli.failures import NO, show_problems
from leadwise.cli.options import Json
from leadwise.cli.screen import print_json, say
from leadwise.cli.stores import tell
from leadwise.errors import Place, UserError

if TYPE_CHECKING:
    from leadwise.connect.rest.sync import Rest

SHOWN = 5


def rest(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The description, in YAML.")],
    try_: Annotated[
        bool, typer.Option("--try", help="Ask for the first page, and show what it would become.")
    ] = False,
    ask: Annotated[
        list[str] | None,
        typer.Option("--ask", metavar="NAME=VALUE", help="Ask for one: email=ann@acme.example."),
    ] = None,
    secret: Annotated[
        str, typer.Option("--secret", metavar="env:VARIABLE", help="Where its key is.")
    ] = "",
    json: Json = False,
) -> None:
    """Check the description of a REST interface; with --try or --ask, ask it. Nothing is recorded.

    Exits with 0 where the file has no error, else with 1.

    \b
    leadwise rest helpdesk.yaml
    leadwise rest helpdesk.yaml --try --secret env:HELPDESK_KEY
    leadwise rest people.yaml --ask email=ann@acme.example --secret env:PEOPLE_KEY
    """
    # These take a while to load.
    from leadwise.connect.http import Http
    from leadwise.connect.model import Connection
    from leadwise.connect.rest.parse import parse
    from leadwise.connect.rest.sync import open_rest

    try:
        text = Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UserError(
            "cannot-read", "The description cannot be read.", where=Place(file),
            hint="Check the path; it is UTF-8.",
        ) from None  # fmt: skip
    parsed = parse(text, file)
    show_problems(parsed.problems)
    declared = parsed.declared
    if declared is None:
        raise typer.Exit(NO)
    does = [name for name in ("pull", "ask", "search") if getattr(declared, name) is not None]
    if not (try_ or ask):
        if json:
            print_json({"file": file, "rest": declared.name, "does": does})
        else:
            say(f"{file}: fine. {declared.name} at {declared.url}: {', '.join(does)}.")
        return
    secrets = {"secret": _secret(secret)} if secret else {}
    made = open_rest(Connection(0, declared.name, "rest", {"text": text}, secrets),
                     Http(declared.name, secrets=tuple(secrets.values())))  # fmt: skip
    found = _asked(made, ask) if ask else _tried(made)
    if json:
        print_json(found)
        return
    for name, value in found.items():
        for line in value if isinstance(value, list) else [value]:
            tell(f"{name}: {line}")


def _tried(made: Rest) -> dict[str, Any]:
    page = next(iter(made.pull(None, time.time_ns() // 1000)), None)
    if page is None:
        return {"pulled": "The description has no pull, or there is nothing."}
    shown = [
        {"who": one.email or one.crm_id or one.user_id or one.anonymous_id, "what": one.event,
         **one.document} for one in islice(page.messages, SHOWN)
    ]  # fmt: skip
    refused = [one.reason for one in islice(page.refusals, SHOWN)]
    return {"records": len(page.messages), "record": shown, "refused": refused}


def _asked(made: Rest, given: list[str]) -> dict[str, Any]:
    known = dict(one.partition("=")[::2] for one in given)
    found = made.ask(known)
    return {"facts": "nobody is known by that"} if found is None else dict(found)


def _secret(said: str) -> str:
    name = said.removeprefix("env:")
    found = os.environ.get(name, "")
    if name == said or not found:
        raise UserError(
            "connection-secret", "The key is taken from the environment, which does not have it.",
            hint="--secret env:VARIABLE, with that variable set.",
        )  # fmt: skip
    return found
