"""A connection to a made-up Pipedrive company, for its tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from leadwise.asking.instants import microseconds
from leadwise.connect.http import Http
from leadwise.connect.model import (
    Connection,
)
from leadwise.connect.pipedrive import KIND

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
NOW_US = microseconds(START + timedelta(hours=1), "now")
DAY_US = 86_400_000_000
HOSTILE = 'Ana "O\'Brien" <b>😀</b> & Söhne %_\\'


def mail(address: str, *more: str) -> list[dict[str, Any]]:
    return [{"value": one, "primary": one == address, "label": "work"} for one in (*more, address)]


def opened(
    url: str, *, dry: bool = False, token: str = "pipedrive-token",
    mapping: Mapping[str, str] | None = None, wanted: tuple[str, ...] = (),
    slept: list[float] | None = None,
) -> Any:  # fmt: skip
    http = Http("Pipedrive", dry=dry, sleep=(slept if slept is not None else []).append)
    secrets = {"token": token, "webhook_password": "hush"}
    connection = Connection(1, "pipe", "pipedrive", {"url": url}, secrets, mapping or {}, wanted)
    return KIND.open(connection, http)
