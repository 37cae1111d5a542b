"""What a Pipedrive connection can do, in the shape that all connections have."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from leadwise.connect.http import Http
from leadwise.connect.model import (
    JSON,
    Connection,
    Noun,
    Page,
    Pushed,
    Record,
    Request,
    Update,
)
from leadwise.connect.pipedrive.client import NOUNS, Client, said
from leadwise.connect.pipedrive.map import gone, instant
from leadwise.connect.pipedrive.pull import Puller
from leadwise.connect.pipedrive.push import Pusher
from leadwise.connect.pipedrive.records import Keeper
from leadwise.errors import UserError
from leadwise.store.identities import Name


@dataclass(slots=True)
class Pipedrive:
    """A Pipedrive company: Tested, Source, Target, Records and Hooks."""

    connection: Connection
    client: Client
    pusher: Pusher
    keeper: Keeper
    password: str = field(default="", repr=False)

    def test(self) -> str:
        """As whom we are known."""
        me = self.client.call("GET", "/v1/users/me")["data"]
        self.client.call("GET", "/api/v2/persons", params={"limit": "1"})
        return f"{me['name']} ({me['email']}) of {me.get('company_name') or 'Pipedrive'}"

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Of these fields of persons, or with `company.` of organizations, those not there."""
        nouns = {one: "organization" if one.startswith("company.") else "person" for one in names}
        return [one for one, noun in nouns.items()
                if self.client.code(noun, one.removeprefix("company.")) is None]  # fmt: skip

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """Persons, deals, activities and organizations that changed since the cursor."""
        return Puller(self.connection, self.client, now_us).pages(cursor)

    def prepare(self) -> tuple[str, ...]:
        """Make the fields that scores are written to."""
        return self.pusher.prepare()

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to persons."""
        return self.pusher.push(updates)

    def receive(self, request: Request) -> Page | str:
        """A change, told by a webhook (version 2): what the record says now is asked for, so that
        neither order nor repeats matter. Of what is there no more it says when it went."""
        self._require(request.headers.get("authorization", ""))
        try:
            meta = json.loads(request.body)["meta"]
            noun, id_ = str(meta["entity"]), int(meta["entity_id"])
            when_us = instant(meta.get("timestamp")) or request.received_us
        except (ValueError, KeyError, TypeError, UserError):
            raise UserError(
                "webhook-unreadable", "The call does not say which record changed.",
                hint="Make the webhook with version 2.",
            ) from None  # fmt: skip
        if noun not in NOUNS:
            return Page("")
        puller = Puller(self.connection, self.client, request.received_us)
        row = self.client.one(noun, str(id_))
        if row is not None:
            return puller.page(noun, [row])
        return Page("", (gone(puller.here(), id_, when_us),) if noun == "person" else ())

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The record of a lead."""
        return self.keeper.find(noun, names)

    def create(self, record: Record, key: str) -> str:
        """Make a record, once for a key."""
        return self.keeper.create(record, key)

    def change(self, noun: Noun, id: str, values: Mapping[str, JSON], key: str) -> None:  # noqa: A002 - the frame's word
        """Give fields values."""
        self.keeper.change(noun, id, values, key)

    def _require(self, authorization: str) -> None:
        """Basic authentication, as Pipedrive calls with what the webhook was made with."""
        scheme, _, coded = authorization.partition(" ")
        try:
            given = base64.b64decode(coded, validate=True) if scheme.lower() == "basic" else b""
        except ValueError:
            given = b""
        user = self.connection.options.get("webhook_user") or "leadwise"
        own = f"{user}:{self.password}".encode()
        if not self.password or not hmac.compare_digest(given, own):
            raise UserError(
                "webhook-signature", "The call does not bear the connection's user and password.",
                hint="Give both as HTTP Auth where the webhook is made in Pipedrive.",
            )  # fmt: skip


def open_pipedrive(connection: Connection, http: Http) -> Pipedrive:
    """The connection at work. UserError (`connection-option`) where the address makes no sense."""
    url = (connection.options.get("url") or "https://api.pipedrive.com").strip().rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise UserError(
            "connection-option", f"{url!r} is not an address of Pipedrive.",
            hint="Give https://acme.pipedrive.com, as in the browser, or none.",
        )  # fmt: skip
    http.base_url = url
    http.said = said
    token = connection.secrets.get("token", "")
    http.secrets = (*http.secrets, token)
    client = Client(http, token)
    password = connection.secrets.get("webhook_password", "")
    pusher = Pusher(connection, client)
    return Pipedrive(connection, client, pusher, Keeper(connection, client, pusher), password)
