"""Pulling from HubSpot: people, companies, deals and engagements that changed in a span of time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from leadwise.connect.following import Place, ended, places
from leadwise.connect.hubspot import map as maps
from leadwise.connect.hubspot.client import Client
from leadwise.connect.hubspot.map import Here, Row
from leadwise.connect.mapping import fields_for
from leadwise.connect.model import Connection, Page
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.messages import Message, Refusal
from leadwise.ingest.refusing import refusal

ENGAGEMENTS = tuple(maps.HAPPENED)


@dataclass(slots=True)
class Puller:
    """Reads records and makes pages of them, for pulls and webhooks alike."""

    client: Client
    connection: Connection
    now_us: int
    _owners: dict[str, str] | None = None
    _here: Here | None = field(default=None, repr=False)

    @property
    def here(self) -> Here:
        """What reading needs; the owners are asked for once."""
        if self._here is None:
            self._here = Here(self.connection, self.now_us, self._all_owners())
        return self._here

    def kinds(self) -> tuple[str, ...]:
        """What is pulled, in this order: whoever something is of comes before it."""
        wanted = self.connection.options.get("events", ",".join(ENGAGEMENTS))
        events = [one.strip() for one in wanted.split(",")]
        return ("contacts", "companies", "deals", *(one for one in ENGAGEMENTS if one in events))

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """What changed since the cursor, a hundred records a page."""
        last: Place | None = None
        for start in places(cursor, self.kinds(), self.now_us):
            last = start if last is None else replace(start, done=last.done)
            while True:
                rows, left = self._changed(last)
                done = last.done + len(rows)
                if rows:
                    last = replace(last, after=str(rows[-1]["id"]), done=done)
                    page = self.page(last.kind, rows)
                    yield replace(page, cursor=last.cursor(), done=done, total=done + left)
                if not left:
                    break
        if last is not None:
            yield Page(ended(last), done=last.done, total=last.done)

    def page(self, kind: str, rows: Sequence[Row]) -> Page:
        """What records of a kind say."""
        if kind == "contacts":
            return self._people(rows)
        if kind == "companies":
            return self._companies(rows)
        ids = [str(row["id"]) for row in rows]
        contacts = self.client.linked(kind, ids, "contacts") if ids else {}
        if kind == "deals":
            currency = self.connection.options.get("currency") or None
            became = [one for row in rows for one in maps.outcomes(
                self.here, row, contacts.get(str(row["id"]), ()), currency)]  # fmt: skip
            return Page("", became=tuple(became))
        messages, refusals = _read(
            rows,
            lambda row: maps.happened(self.here, kind, row, contacts.get(str(row["id"]), ())),
        )
        return Page("", tuple(messages), refusals=tuple(refusals))

    def properties(self, kind: str) -> tuple[str, ...]:
        """Which properties to ask for."""
        if kind == "contacts":
            wanted = [one for one in self.connection.wanted if _is_property(one)]
            team = {theirs: ours for theirs, ours in self.connection.mapping.items()
                    if _is_property(theirs)}  # fmt: skip
            return (*maps.CONTACT_NEEDS, *fields_for(wanted, maps.CONTACT, team))
        if kind == "companies":
            more = [one.removeprefix("company.") for one in self.connection.mapping
                    if one.startswith("company.")]  # fmt: skip
            return (*dict.fromkeys((*maps.COMPANY, *more, "hs_lastmodifieddate")),)
        return maps.DEAL if kind == "deals" else (*maps.HAPPENED_NEEDS, *maps.HAPPENED[kind])

    def _changed(self, place: Place) -> tuple[list[Row], int]:
        """The next records of a place, and how many come after them."""
        try:
            found = self.client.search(
                place.kind, self.properties(place.kind),
                since_ms=None if place.since_us is None else place.since_us // 1000,
                until_ms=place.until_us // 1000, after_id=place.after,
            )  # fmt: skip
        except RemoteError as error:
            if error.status == 403 and place.kind in ENGAGEMENTS:
                return [], 0  # a right that the team did not give: `test` says which
            raise
        rows = found["results"]
        return rows, max(0, int(found.get("total", 0)) - len(rows)) if rows else 0

    def _people(self, rows: Sequence[Row]) -> Page:
        here = self.here

        def person(row: Row) -> list[Message]:
            return [maps.person(here, row), *maps.one_person(here, str(row["id"]), row)]

        messages, refusals = _read(rows, person)
        of = {str(row["id"]): _company(row) for row in rows}
        wanted = sorted({company for company in of.values() if company})
        found = self.client.read("companies", wanted, self.properties("companies"))
        companies = {str(row["id"]): row for row in found}
        messages += [maps.member(here, id_, companies[company])
                     for id_, company in of.items() if company in companies]  # fmt: skip
        return Page("", tuple(messages), refusals=tuple(refusals))

    def _companies(self, rows: Sequence[Row]) -> Page:
        """Of each company one of its people tells; one without people is nobody's."""
        contacts = self.client.linked("companies", [str(row["id"]) for row in rows], "contacts")
        messages, refusals = _read(
            [row for row in rows if contacts.get(str(row["id"]))],
            lambda row: [maps.member(self.here, contacts[str(row["id"])][0], row)],
        )
        return Page("", tuple(messages), refusals=tuple(refusals))

    def _all_owners(self) -> dict[str, str]:
        try:
            found = list(self.client.owners())
        except RemoteError as error:
            if error.status == 403:
                return {}  # without that right an owner is a number
            raise
        named = {}
        for one in found:
            name = " ".join(filter(None, (one.get("firstName"), one.get("lastName"))))
            named[str(one["id"])] = str(one.get("email") or name or one["id"])
        return named


def _company(row: Row) -> str:
    return str((row.get("properties") or {}).get("associatedcompanyid") or "")


def _is_property(name: str) -> bool:
    return "." not in name and name.replace("_", "").isalnum() and name.islower()


def _read(rows: Sequence[Row], reading: Any) -> tuple[list[Message], list[Refusal]]:
    """The messages of all rows; one that cannot be read is refused, and holds up no other."""
    messages: list[Message] = []
    refusals: list[Refusal] = []
    for place, row in enumerate(rows):
        try:
            found: Iterable[Message] = reading(row)
            messages += found
        except (UserError, KeyError, TypeError, ValueError, AttributeError) as error:
            told = error if isinstance(error, UserError) else UserError(
                "record-shape", f"HubSpot's record is not as expected ({type(error).__name__})"
            )  # fmt: skip
            refusals.append(refusal(place, told, f'{{"id": "{row.get("id", "")}"}}'))
    return messages, refusals
