"""What an Odoo connection can do, in the shape that all connections have."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

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
from leadwise.connect.odoo.client import Client, said
from leadwise.connect.odoo.pull import Puller
from leadwise.connect.odoo.push import Pusher
from leadwise.connect.odoo.records import Keeper
from leadwise.connect.odoo.wire import PROTOCOLS
from leadwise.errors import UserError
from leadwise.store.identities import Name

_TOLD = {"res.partner": ("partner", "company"), "crm.lead": ("lead",), "calendar.event": ("event",)}


@dataclass(slots=True)
class Odoo:
    """An Odoo database: Tested, Source, Target, Records and Hooks."""

    connection: Connection
    client: Client
    pusher: Pusher
    keeper: Keeper
    secret: str = field(default="", repr=False)

    def test(self) -> str:
        """As whom we are known, once leads and contacts may be read."""
        user = self.client.whoami()
        leads = self.client.count("crm.lead", [])
        company = user.get("company_id")
        of = f" of {company[1]}" if isinstance(company, list | tuple) else ""
        return f"{user['name']} ({user['login']}){of}; sees {leads} leads"

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Of these fields of people, or with `company.` of companies, those not there."""
        partner = self.client.fields("res.partner")
        people = {**partner, **self.client.fields("crm.lead")}
        return [one for one in names
                if one.removeprefix("company.") not in (
                    partner if one.startswith("company.") else people)]  # fmt: skip

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """Contacts, leads, meetings and companies that changed since the cursor."""
        return Puller(self.connection, self.client, now_us).pages(cursor)

    def prepare(self) -> tuple[str, ...]:
        """Make the fields that scores are written to."""
        return self.pusher.prepare()

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to leads and contacts."""
        return self.pusher.push(updates)

    def receive(self, request: Request) -> Page | str:
        """A record's change, told by an automation rule: what the record says now is asked for, so
        that order, repeats and what the rule sends along do not matter."""
        given = parse_qs(urlsplit(request.url).query).get("secret", [""])[0]
        given = given or request.headers.get("x-leadwise-secret", "")
        if not self.secret or not hmac.compare_digest(given.encode(), self.secret.encode()):
            raise UserError(
                "webhook-signature", "The call does not bear the connection's secret.",
                hint="Give ?secret=... in the address of the automation rule in Odoo.",
            )  # fmt: skip
        try:
            told = json.loads(request.body)
            model, id_ = str(told["_model"]), int(told["_id"])
        except (ValueError, KeyError, TypeError):
            raise UserError(
                "webhook-unreadable", "The call does not say which record changed.",
                hint="Use the action Send Webhook Notification: it sends _model and _id.",
            ) from None  # fmt: skip
        puller = Puller(self.connection, self.client, request.received_us)
        for kind in _TOLD.get(model, ()):
            if puller.has(kind) and (rows := puller.read(kind, [id_])):
                return puller.page(kind, rows)
        return Page("")

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The record of a lead."""
        return self.keeper.find(noun, names)

    def create(self, record: Record, key: str) -> str:
        """Make a record, once for a key."""
        return self.keeper.create(record, key)

    def change(self, noun: Noun, id: str, values: Mapping[str, JSON], key: str) -> None:  # noqa: A002 - the frame's word
        """Give fields values."""
        self.keeper.change(noun, id, values, key)


def open_odoo(connection: Connection, http: Http) -> Odoo:
    """The connection at work. UserError (`connection-option`) where an option makes no sense."""
    options = connection.options
    url = (options.get("url") or "").strip().rstrip("/")
    protocol = (options.get("protocol") or "json2").strip()
    if not url.startswith(("https://", "http://")):
        raise UserError(
            "connection-option", f"{url!r} is not an address of Odoo.",
            hint="Write it with https://, as in the browser: https://acme.odoo.com.",
        )  # fmt: skip
    if protocol not in PROTOCOLS:
        raise UserError(
            "connection-option", f"{protocol!r} is no protocol of Odoo.",
            hint="Give json2 (Odoo 19 and later), jsonrpc or xmlrpc.",
        )  # fmt: skip
    http.base_url = url
    http.said = said
    key = connection.secrets.get("key", "")
    http.secrets = (*http.secrets, key)
    client = Client(http, protocol, options.get("database") or "", options.get("login") or "", key)
    secret = connection.secrets.get("webhook_secret", "")
    pusher = Pusher(connection, client)
    return Odoo(connection, client, pusher, Keeper(connection, client, pusher), secret)
