"""From a row of the record to something that talks to the system.

A secret is kept as it was given: its value, or `env:NAME`, and then the environment of the process
that talks has it. Neither is ever shown again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection as Database

from leadwise.connect.http import Http, Would
from leadwise.connect.kinds import kind_named
from leadwise.connect.model import Connection
from leadwise.errors import UserError
from leadwise.store.cards import live_version
from leadwise.store.connections import ConnectionRow, get_connection
from leadwise.store.opening import Store

ENVIRONMENT = "env:"


@dataclass(frozen=True, slots=True)
class Opened:
    """What talks to a system: `to` has one or more of the Protocols of `connect.model`."""

    to: Any
    connection: Connection
    http: Http

    @property
    def would(self) -> list[Would]:
        """What a dry run left out."""
        return self.http.would

    def close(self) -> None:
        """Let go of the line."""
        self.http.close()


def opened(
    row: ConnectionRow, environment: Mapping[str, str], *, dry: bool = False,
    wanted: tuple[str, ...] = (),
) -> Opened:  # fmt: skip
    """Make it; nothing is asked of the system yet. `wanted` is what the live card reads.

    UserError (`no-such-kind`, `connection-option`, `connection-secret`).
    """
    kind = kind_named(row.kind)
    defaults = {ask.name: ask.default for ask in kind.asks if ask.default and not ask.secret}
    given = {name: value for name, value in row.options.items() if value != ""}
    secrets = {name: secret_of(row, name, environment) for name in row.secrets}
    for ask in kind.asks:
        if ask.required and not (defaults | given | secrets).get(ask.name):
            raise UserError(
                "connection-option", f"The connection {row.name} has no {ask.name}.",
                hint=f"leadwise connect set {row.name} {ask.name}=... gives it one.",
            )  # fmt: skip
    made = Connection(
        row.id, row.name, row.kind, defaults | given, secrets, dict(row.mapping), wanted
    )
    http = Http(row.name, secrets=tuple(secrets.values()), dry=dry)
    return Opened(kind.open(made, http), made, http)


def open_connection(
    row: ConnectionRow, environment: Mapping[str, str], *, dry: bool = False
) -> Any:
    """What talks to the system, for who wants no more than that."""
    return opened(row, environment, dry=dry).to


def opener(
    store: Store, environment: Mapping[str, str], *, dry: bool = False
) -> Callable[[str], Any]:
    """Makes what talks to a connection by its name: `playbooks.acting.Opens`.

    UserError (`no-such-connection`, `connection-paused`).
    """

    def open_(name: str) -> Any:
        with store.read() as database:
            row = get_connection(database, name)
        require_running(row)
        return open_connection(row, environment, dry=dry)

    return open_


@contextmanager
def talking(
    row: ConnectionRow, environment: Mapping[str, str], *, dry: bool = False,
    wanted: tuple[str, ...] = (),
) -> Iterator[Opened]:  # fmt: skip
    """The same until the end of the block."""
    made = opened(row, environment, dry=dry, wanted=wanted)
    try:
        yield made
    finally:
        made.close()


def require_running(row: ConnectionRow) -> None:
    """UserError (`connection-paused`) for one that is to rest."""
    if row.paused_us is not None:
        raise UserError(
            "connection-paused", f"The connection {row.name} is paused.",
            hint=f"leadwise connect resume {row.name}",
        )  # fmt: skip


def secret_of(row: ConnectionRow, name: str, environment: Mapping[str, str]) -> str:
    """A secret's value. UserError (`connection-secret`) where the environment does not have it."""
    kept = row.secrets[name]
    if not kept.startswith(ENVIRONMENT):
        return kept
    variable = kept.removeprefix(ENVIRONMENT)
    value = environment.get(variable, "")
    if not value:
        raise UserError(
            "connection-secret",
            f"The connection {row.name} takes its {name} from the variable {variable}, which is "
            "not set.",
            hint=f"Set {variable} where the service runs, or give another {name} by leadwise "
            f"connect set {row.name}.",
        )  # fmt: skip
    return value


def missing_variables(row: ConnectionRow, environment: Mapping[str, str]) -> list[str]:
    """The variables that the secrets of a connection stand in and that are not set."""
    named = (value.removeprefix(ENVIRONMENT) for value in row.secrets.values()
             if value.startswith(ENVIRONMENT))  # fmt: skip
    return sorted({name for name in named if not environment.get(name)})


def wanted_by_card(database: Database) -> tuple[str, ...]:
    """What the live card for leads reads, by the names of its `from:`."""
    version = live_version(database)
    return () if version is None else tuple(one.source for one in version.card.fields)
