"""Companies: by score, and one with its ledger and its people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.card.model import Card
from leadwise.plan import lines
from leadwise.store.account_pages import AccountRow, get_account, keys_of, list_accounts
from leadwise.store.cards import live_version
from leadwise.store.documents import Document, values_of
from leadwise.store.lead_pages import count_people, list_everybody, search_accounts
from leadwise.store.leads import LeadFilter
from leadwise.web.api.shapes import from_cursor, to_cursor
from leadwise.web.pages.lead.asked import part_id_of
from leadwise.web.pages.lead.ledger import Row, drawn
from leadwise.web.pages.lead.listing import LONGEST_WORDS, listed
from leadwise.web.pages.lead.naming import account_name, band_label, band_level, fact_said, words
from leadwise.web.pages.lead.reading import note_read
from leadwise.web.pages.visit import Visit

PAGE = 50
MOST_PEOPLE = 50


@dataclass(frozen=True, slots=True)
class Company:
    """A company in the list."""

    id: int
    name: str
    score: int | None
    label: str
    level: int
    people: int


def show_companies(visit: Visit) -> Response:
    """The list, the greatest score first; `q` searches names and domains."""
    searched = visit.query.get("q", "").strip()[:LONGEST_WORDS]
    where = from_cursor(visit.query.get("after"), (int, type(None)), int)

    def reading(connection: Connection) -> tuple[Card | None, list[Company], str | None]:
        version = live_version(connection, "account")
        card = version.card if version else None
        rows = list_accounts(
            connection, version.id if version else None, limit=PAGE + 1,
            among=search_accounts(connection, searched) if searched else None,
            after=None if where is None else (where[0], where[1]),
        )  # fmt: skip
        people = count_people(connection, [row.id for row in rows])
        found = [
            Company(
                row.id, account_name(row.id, row.name, visit.texts) or "", row.score,
                band_label(card, row.band), band_level(card, row.band), people.get(row.id, 0),
            )
            for row in rows[:PAGE]
        ]  # fmt: skip
        return card, found, to_cursor(rows[PAGE - 1].cursor) if len(rows) > PAGE else None

    card, rows, more = visit.read(reading)
    following = urlencode([("q", searched), ("after", more)]) if more else None
    return visit.page(
        "lead/companies.html",
        rows=rows, more=following, words=searched, scored=card is not None,
    )  # fmt: skip


def show_company(visit: Visit) -> Response:
    """The company: what is known of it, its ledger, its people."""
    account_id = part_id_of(visit, "account_id")

    def reading(connection: Connection) -> dict[str, Any]:
        version = live_version(connection, "account")
        account = get_account(connection, version.id if version else None, account_id)
        people = live_version(connection)
        rows = list_everybody(
            connection, people.id if people else None, LeadFilter(account_id=account_id),
            limit=MOST_PEOPLE,
        )  # fmt: skip
        return {
            "account": account,
            "card": version.card if version else None,
            "keys": keys_of(connection, account_id),
            "people": listed(connection, visit, people.card if people else None, rows),
            "number": count_people(connection, [account_id]).get(account_id, 0),
        }

    found = visit.read(reading)
    account: AccountRow = found["account"]
    card: Card | None = found["card"]
    note_read(visit, None, f"company {account_id}, {len(found['people'])} leads", "list")
    ledger = _rows(card, account)
    return visit.page(
        "lead/company.html", account=account, keys=found["keys"], people=found["people"],
        number=found["number"], name=account_name(account.id, account.name, visit.texts),
        label=band_label(card, account.band), level=band_level(card, account.band),
        scored=card is not None, rows=ledger,
        waterfall=drawn(ledger, card, visit.texts.say("Score")) if card and ledger else None,
        traits=_said(visit, values_of(account.traits)),
        looked=_said(visit, values_of(account.scored or {})),
    )  # fmt: skip


def ledger_of_company(connection: Connection, account_id: int) -> list[Row]:
    """The ledger of a company; empty where it has none. UserError (`no-such-account`)."""
    version = live_version(connection, "account")
    account = get_account(connection, version.id if version else None, account_id)
    return _rows(version.card if version else None, account)


def _rows(card: Card | None, account: AccountRow) -> list[Row]:
    """The stored ledger of the company."""
    if card is None or account.ledger is None:
        return []
    parts = {d.id: d.label or words(d.id) for d in card.dimensions}
    rows: list[Row] = []
    total = 0
    for line, points in zip(lines(card), json.loads(account.ledger), strict=True):
        label = words(line.label) if line.label == line.id else line.label
        part = parts.get(line.dimension or "")
        rows.append(Row(line.name, line.kind, label, part, points, total, total + points))
        total += points
    return rows


def _said(visit: Visit, document: Document) -> list[tuple[str, str]]:
    return [
        (words(key.replace(".", " ")), fact_said(value, visit.texts))
        for key, value in sorted(document.items())
    ]
