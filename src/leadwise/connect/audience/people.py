"""The leads of a band with what a file needs of them.

Left out: who objected to being scored, was erased, is part of another lead, and whoever
unsubscribed or complained, by whichever of their addresses. Of several addresses those at which
nobody can be reached are left out; a person of whom none is left is left out whole, their numbers,
too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    format_number,
    is_possible_number,
    is_valid_number,
    parse,
)
from sqlalchemy import Connection as Database
from sqlalchemy import select

from leadwise.connect.telling import tellings
from leadwise.errors import UserError
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.lead_pages import facts_of_leads
from leadwise.store.leads import LeadFilter, list_leads, names_of_leads
from leadwise.store.opening import Store
from leadwise.store.schema import lead
from leadwise.store.suppression import suppressed_among, wants_nothing

AT_ONCE = 500
PHONE_FIELDS = ("phone", "mobile", "phone_number", "mobile_phone", "mobilephone", "telephone")
COUNTRY_FIELDS = ("country_code", "country", "billing_country")


NO_CALLS = frozenset(("donotcall", "donotphone", "nocalls", "callsoptedout", "optedoutofcalls"))
"""Fields, without what stands between their words, by which somebody does not want to be called."""
_NO = (None, False, 0, "", "0", "false", "no", "n")


@dataclass(frozen=True, slots=True)
class Person:
    """A lead of the band. `phones` are E.164; `score` is in hundredths."""

    lead_id: int
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    first_name: str
    last_name: str
    company: str
    country: str
    zip_code: str
    facts: dict[str, Any]
    score: int
    band: str | None
    reasons: tuple[str, ...] = ()
    question: str | None = None


def people(store: Store, bands: Sequence[str]) -> Iterator[Person]:
    """Everybody of these bands of the live card, the greatest score first.

    UserError `no-live-card`, `unknown-band`.
    """
    after: tuple[int | None, int] | None = None
    version = _version(store, bands)
    while True:
        with store.read() as database:
            rows = list_leads(
                database, version.id, LeadFilter(bands=tuple(bands)), after=after, limit=AT_ONCE
            )
            found = _persons(database, version, rows)
        yield from found
        if len(rows) < AT_ONCE:
            return
        after = rows[-1].cursor


def _version(store: Store, bands: Sequence[str]) -> CardVersion:
    with store.read() as database:
        version = live_version(database)
    if version is None:
        raise UserError(
            "no-live-card", "There is no live card: nobody has a band.",
            hint="leadwise publish card.yaml makes one live.",
        )  # fmt: skip
    known = [one.id for one in version.card.bands]
    for band in bands:
        if band not in known:
            raise UserError(
                "unknown-band", f"The live card has no band '{band[:60]}'.",
                hint=f"It has {', '.join(known) or 'none'}.",
            )  # fmt: skip
    return version


def _persons(database: Database, version: CardVersion, rows: Sequence[Any]) -> list[Person]:
    ids = [row.id for row in rows]
    meant = lead.c.id.in_(ids) & lead.c.objected_us.is_(None) & lead.c.erased_us.is_(None)
    own = select(lead.c.id).where(meant, lead.c.merged_into.is_(None))
    kept = set(database.execute(own).scalars())
    names = names_of_leads(database, ids)
    facts = facts_of_leads(database, ids)
    told = {one.update.lead_id: one.update for one in tellings(database, version, ids, {})}
    addresses = {value for some in names.values() for kind, value in some if kind == "email"}
    silent, unwilling = suppressed_among(database, addresses), wants_nothing(database, ids)
    found = []
    for row in rows:
        emails = [value for kind, value in names.get(row.id, ()) if kind == "email"]
        open_ = tuple(one for one in emails if one not in silent)
        if row.id not in kept or row.id in unwilling or (emails and not open_):
            continue
        update = told.get(row.id)
        found.append(
            _person(row, open_, facts.get(row.id, {}), update.reasons if update else (),
                    update.question if update else None)
        )  # fmt: skip
    return found


def _person(
    row: Any, emails: tuple[str, ...], facts: dict[str, Any], reasons: tuple[str, ...],
    question: str | None,
) -> Person:  # fmt: skip
    country = country_of(facts)
    whole = str(facts.get("name") or facts.get("full_name") or "").split()
    first = str(facts.get("first_name") or facts.get("firstName") or " ".join(whole[:1]))
    last = str(facts.get("last_name") or facts.get("lastName") or " ".join(whole[1:]))
    phones = [phone_of(str(facts[name]), country) for name in PHONE_FIELDS if facts.get(name)]
    return Person(
        row.id, emails, tuple(dict.fromkeys(one for one in phones if one)), first, last,
        str(facts.get("company") or facts.get("account.name") or row.account_name or ""), country,
        str(facts.get("zip") or facts.get("postal_code") or facts.get("zip_code") or ""), facts,
        row.shown_score or 0, row.shown_band, reasons, question,
    )  # fmt: skip


def country_of(facts: dict[str, Any]) -> str:
    """The country's code of two letters, where a fact is one."""
    said = next((str(facts[name]).strip() for name in COUNTRY_FIELDS if facts.get(name)), "")
    return said.upper() if len(said) == 2 and said.isalpha() else ""


def phone_of(text: str, country: str) -> str | None:
    """A number as E.164 (`+34600123456`); None where it is none, or lacks its country."""
    try:
        number = parse(text, country or None)
    except NumberParseException:
        return None
    if not (is_possible_number(number) and is_valid_number(number)):
        return None
    return str(format_number(number, PhoneNumberFormat.E164))


def wants_no_calls(facts: dict[str, Any]) -> bool:
    """Whether a fact says so: `do_not_call`, or `DoNotCall` as Salesforce has it."""
    for name, said in facts.items():
        plain = "".join(sign for sign in name.rpartition(".")[2].lower() if sign.isalnum())
        if plain in NO_CALLS:
            value = said.strip().lower() if isinstance(said, str) else said
            if value not in _NO:
                return True
    return False
