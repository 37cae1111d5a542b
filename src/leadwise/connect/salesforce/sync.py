"""What a Salesforce connection can do, in the shape that all connections have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

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
from leadwise.connect.salesforce import fields
from leadwise.connect.salesforce.client import Client, said
from leadwise.connect.salesforce.hooks import ACK, require_organization, require_secret, told
from leadwise.connect.salesforce.pull import Puller
from leadwise.connect.salesforce.push import Pusher
from leadwise.connect.salesforce.records import Keeper
from leadwise.errors import UserError
from leadwise.store.identities import Name

HEARD = ("Contact", "Lead", "Opportunity", "Task", "Event", "Account")
"""Objects that outbound messages are taken of: whoever something is of comes before it."""


@dataclass(slots=True)
class Salesforce:
    """A Salesforce organisation: Tested, Source, Target, Records and Hooks."""

    connection: Connection
    client: Client
    pusher: Pusher
    keeper: Keeper

    def test(self) -> str:
        """As whom we are known, once leads and contacts may be read."""
        user = self.client.call("GET", "/services/oauth2/userinfo")
        leads, contacts = self.client.count("Lead"), self.client.count("Contact")
        used = self.client.used
        calls = f"; {used[0]:,} of {used[1]:,} calls of the day used" if used else ""
        name = user.get("preferred_username") or user.get("user_id")
        where = (
            f" of the organisation {user['organization_id']}" if user.get("organization_id") else ""
        )
        return f"{name}{where}; sees {leads:,} leads and {contacts:,} contacts{calls}"

    def unknown(self, names: Sequence[str]) -> list[str]:
        """Of these fields of leads and contacts, or with `company.` of accounts, those that are not
        there or that this user may not see. Fields of what is linked (`Owner.Name`) are known."""
        people = {**self.client.fields("Lead"), **self.client.fields("Contact")}
        found = []
        for one in names:
            of, name = (self.client.fields("Account"), one.removeprefix("company.")) \
                if one.startswith("company.") else (people, one)  # fmt: skip
            first = name.partition(".")[0]
            found += [] if name in of or ("." in name and f"{first}Id" in of) else [one]
        return found

    def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
        """People, opportunities, tasks, meetings and accounts that changed since the cursor."""
        return Puller(self.connection, self.client, now_us).pages(cursor)

    def prepare(self) -> tuple[str, ...]:
        """Make the fields that scores are written to, and let this user see them."""
        return fields.prepare(self.client)

    def push(self, updates: Sequence[Update]) -> list[Pushed]:
        """Write these scores to leads and contacts."""
        return self.pusher.push(updates)

    def receive(self, request: Request) -> Page | str:
        """An outbound message: what its records say now."""
        require_secret(request, self.connection.secrets.get("webhook_secret", ""))
        said = told(request.body)
        require_organization(said, self.connection.options.get("organization") or "")
        puller = Puller(self.connection, self.client, request.received_us)
        pages = []
        for kind in HEARD:
            rows = puller.read(kind, list(said.ids.get(kind, ())))
            pages += [puller.page(kind, rows)] if rows else []
        return Page(
            "", tuple(one for page in pages for one in page.messages),
            tuple(one for page in pages for one in page.became),
            refusals=tuple(one for page in pages for one in page.refusals), answer=ACK,
        )  # fmt: skip

    def find(self, noun: Noun, names: Sequence[Name]) -> str | None:
        """The record of a lead."""
        return self.keeper.find(noun, names)

    def create(self, record: Record, key: str) -> str:
        """Make a record, once for a key."""
        return self.keeper.create(record, key)

    def change(self, noun: Noun, id: str, values: Mapping[str, JSON], key: str) -> None:  # noqa: A002 - the frame's word
        """Give fields values."""
        self.keeper.change(noun, id, values, key)


def open_salesforce(connection: Connection, http: Http) -> Salesforce:
    """The connection at work. UserError (`connection-option`) where an option makes no sense."""
    options, secrets = connection.options, connection.secrets
    url = (options.get("url") or "").strip().rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise UserError(
            "connection-option", f"{url!r} is not an address of Salesforce.",
            hint="Give that of My Domain: https://acme.my.salesforce.com.",
        )  # fmt: skip
    share = options.get("share") or "90"
    if not share.isdigit() or not 1 <= int(share) <= 100:
        raise UserError(
            "connection-option", f"{share!r} is no share of the day's calls.",
            hint="Give a whole number from 1 to 100.",
        )  # fmt: skip
    http.base_url = url
    http.said = said
    http.secrets = (*http.secrets, *secrets.values())
    client = Client(
        http, options.get("client_id") or "", secrets.get("client_secret", ""),
        secrets.get("refresh_token", ""), options.get("version") or "62.0", int(share),
    )  # fmt: skip
    return Salesforce(connection, client, Pusher(connection, client), Keeper(connection, client))
