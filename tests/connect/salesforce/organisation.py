"""A made-up organisation and a connection to it, for the tests of Salesforce."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from leadwise.asking.instants import microseconds
from leadwise.connect.http import Http
from leadwise.connect.model import Connection
from leadwise.connect.salesforce import KIND

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW_US = microseconds(START + timedelta(hours=1), "now")
DAY_US = 86_400_000_000


def opened(
    url: str, *, dry: bool = False, secret: str = "hush-secret", refresh: str = "",
    mapping: Mapping[str, str] | None = None, wanted: tuple[str, ...] = (), **options: str,
) -> Any:  # fmt: skip
    """A connection named `crm`; nothing sleeps."""
    http = Http("Salesforce", dry=dry, sleep=lambda _: None)
    given = {"url": url, "client_id": "consumer", "currency": "EUR",
             "rejected": "Closed - Not Converted", **options}  # fmt: skip
    secrets = {"client_secret": secret} | ({"refresh_token": refresh} if refresh else {})
    connection = Connection(1, "crm", "salesforce", given, secrets, mapping or {}, wanted)
    return KIND.open(connection, http)
