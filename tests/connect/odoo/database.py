"""A connection to a made-up Odoo database, for its tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from leadwise.asking.instants import microseconds
from leadwise.connect.http import Http
from leadwise.connect.model import (
    Connection,
)
from leadwise.connect.odoo import KIND

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW_US = microseconds(START + timedelta(hours=1), "now")
DAY_US = 86_400_000_000


def opened(url: str, *, dry: bool = False, key: str = "odoo-key", **options: str) -> Any:
    http = Http("Odoo", dry=dry, sleep=lambda _: None)
    given = {"url": url, "database": "acme", "login": "ana@acme.example", **options}
    mapping = {"company.vat": ""} | ({"city": "town"} if options.get("mapped") else {})
    secrets = {"key": key, "webhook_secret": "hush"}
    return KIND.open(Connection(1, "odoo", "odoo", given, secrets, mapping), http)
