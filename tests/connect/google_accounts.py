"""Connections to a fake Google: with the key of a service account, or with a person's consent."""

from __future__ import annotations

import functools
import json
from typing import Any

import httpx2
from joserfc.jwk import RSAKey

from leadwise.connect.http import Http
from leadwise.connect.model import Connection


@functools.cache
def key() -> RSAKey:
    return RSAKey.generate_key(2048)


def service_account(url: str) -> str:
    return json.dumps(
        {
            "type": "service_account", "client_email": "robot@project.iam.gserviceaccount.com",
            "private_key_id": "k1", "private_key": key().as_pem(private=True).decode(),
            "token_uri": f"{url}/token",
        }
    )  # fmt: skip


def connection(url: str, kind: str, *, api: str, mapping: Any = None, **options: str) -> Connection:
    secrets = {"service_account": service_account(url)}
    given = {"api": url + api, **options}
    return Connection(1, "google", kind, given, secrets, mapping or {})


def http(**more: Any) -> Http:
    """Without pauses, and without certificates, which take a while to load."""
    return Http("Google", sleep=lambda _: None, transport=_transport(), **more)


@functools.cache
def _transport() -> httpx2.HTTPTransport:
    return httpx2.HTTPTransport(verify=False)
