"""What changed in Odoo: contacts with their companies, leads and what became of them, meetings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from leadwise.asking.instants import moment_of
from leadwise.connect.following import Place, places
from leadwise.connect.model import Connection, Page
from leadwise.connect.odoo import map as odoo
from leadwise.connect.odoo.client import Client, Domain, Row
from leadwise.connect.odoo.map import Person, instant, message, ref
from leadwise.connect.paging import Told, page_of, walked
from leadwise.ingest.messages import Message
from leadwise.ingest.texts import digest
from leadwise.store.documents import text_of

PAGE = 200
"""Records of one request."""
KINDS = ("partner", "lead", "event", "company")
MODELS = {"partner": "res.partner", "lead": "crm.lead", "event": "calendar.event",
          "company": "res.partner"}  # fmt: skip
_OWN: Mapping[str, Domain] = {
    "partner": [["is_company", "=", False], ["type", "=", "contact"]],
    "lead": [], "event": [["opportunity_id", "!=", False]], "company": [["is_company", "=", True]],
}  # fmt: skip
_NEEDS = {"partner": odoo.PARTNER_NEEDS, "lead": odoo.LEAD_NEEDS, "event": odoo.EVENT_NEEDS,
          "company": odoo.KEPT}  # fmt: skip
_MAPS: Mapping[str, Mapping[str, str]] = {
    "partner": odoo.PARTNER,
    "lead": odoo.LEAD,
    "event": {},
    "company": odoo.COMPANY,
}


@dataclass(slots=True)
class Puller:
    """One pull of one connection."""

    connection: Connection
    client: Client
    now_us: int
    _won: frozenset[int] | None = None
    _maps: dict[str, dict[str, str]] = field(default_factory=dict)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Page by page what changed since the cursor."""
        ahead = [p for p in places(cursor, KINDS, self.now_us) if self.has(p.kind)]
        left = {p.kind: self.client.count(MODELS[p.kind], self._domain(p)) for p in ahead}
        return walked(ahead, left, self._rows, self.page)

    def has(self, kind: str) -> bool:
        """Whether the database has this kind of record: meetings of leads come with an app."""
        return kind != "event" or "opportunity_id" in self.client.fields("calendar.event")

    def page(self, kind: str, rows: list[Row]) -> Page:
        """What these records say."""
        return page_of("Odoo", rows, self._teller(kind, rows))

    def read(self, kind: str, ids: list[int]) -> list[Row]:
        """These records with all that is wanted of them; those of another kind are left out."""
        domain: Domain = [["id", "in", ids], *_OWN[kind]]
        return self.client.search(MODELS[kind], domain, self._fields(kind))

    def _domain(self, place: Place) -> Domain:
        domain: Domain = [["write_date", "<", _time(place.until_us)], *_OWN[place.kind]]
        if place.since_us is not None:
            domain.insert(0, ["write_date", ">=", _time(place.since_us)])
        elif MODELS[place.kind] == "res.partner":
            domain.append(["active", "=", True])  # what was put away before we came is no news
        if place.kind == "partner" and "partner_share" in self.client.fields("res.partner"):
            domain.append(["partner_share", "=", True])  # not the people of one's own company
        if place.after:
            domain.append(["id", ">", int(place.after)])
        return domain

    def _rows(self, place: Place) -> Iterator[tuple[list[Row], str]]:
        at = place
        while rows := self.client.search(
            MODELS[place.kind], self._domain(at), self._fields(place.kind), limit=PAGE
        ):
            at = replace(at, after=str(rows[-1]["id"]))
            yield rows, at.after
            if len(rows) < PAGE:
                return

    def _map(self, kind: str) -> dict[str, str]:
        if kind not in self._maps:
            types = self.client.fields(MODELS[kind])
            prefix = "account." if kind == "company" else ""
            found = odoo.wanted(self.connection, _MAPS[kind], types, prefix)
            self._maps[kind] = {} if kind == "event" else found
        return self._maps[kind]

    def _fields(self, kind: str) -> list[str]:
        types = self.client.fields(MODELS[kind])
        return sorted({*self._map(kind), *(n for n in _NEEDS[kind] if n in types), "id"})

    def _said(self, kind: str, row: Row) -> dict[str, object]:
        return odoo.facts(row, self._map(kind), self.client.fields(MODELS[kind]))

    def _teller(self, kind: str, rows: list[Row]) -> Callable[[Row], Told]:
        if kind == "partner":
            companies = self._companies(_company_of(row) for row in rows)
            return lambda row: (self._partner(row, companies), [])
        if kind == "company":
            people = self._someone_of([row["id"] for row in rows])
            return lambda row: (self._company(row, people.get(row["id"])), [])
        if kind == "event":
            asked = self.read("lead", [ref(row["opportunity_id"]) for row in rows])
            partners = self._people(asked)
            of = {row["id"]: odoo.person_of_lead(self.connection, row, partners) for row in asked}
            return lambda row: (self._meeting(row, of), [])
        partners = self._people(rows)
        linked = self._linked(rows)
        companies = self._companies(linked.values())
        return lambda row: self._lead(row, partners, companies.get(linked.get(row["id"], 0)))

    def _partner(self, row: Row, companies: Mapping[int, Row]) -> list[Message]:
        who = Person(odoo.partner_id(self.connection, row["id"]), odoo.address(row))
        said = [self._identify(f"partner:{row['id']}", who, row, self._said("partner", row))]
        company = companies.get(_company_of(row))
        return said if company is None else [*said, self._joins(who, company)]

    def _lead(self, row: Row, partners: Mapping[int, Row], company: Row | None) -> Told:
        who = odoo.person_of_lead(self.connection, row, partners)
        said = [self._identify(f"lead:{row['id']}", who, row, self._said("lead", row))]
        own = odoo.lead_id(self.connection, row["id"])
        if who.crm_id != own:
            id_ = f"lead:{row['id']}:is:{who.crm_id or who.email}"
            said.append(
                message(self.connection, "alias", who, id_, _at(row), self.now_us,
                        previous_crm_id=own)
            )  # fmt: skip
        if company is not None:
            said.append(self._joins(who, company))
        currency = row.get("company_currency")
        named = str(currency[1]) if isinstance(currency, list | tuple) else None
        won = self.won_stages()
        return said, odoo.became(row, who, won, named, self.now_us)

    def _meeting(self, row: Row, of: Mapping[int, Person]) -> list[Message]:
        who = of.get(ref(row["opportunity_id"]))
        if who is None:
            return []
        from_us, until_us = instant(row.get("start")), instant(row.get("stop"))
        minutes = (
            None if from_us is None or until_us is None else (until_us - from_us) // 60_000_000
        )
        said = {"title": row.get("name"), "minutes": minutes,
                "starts_at": f"{str(row.get('start')).replace(' ', 'T')}Z"}  # fmt: skip
        at_us = instant(row.get("create_date")) or _at(row)
        return [
            message(self.connection, "track", who, f"event:{row['id']}", at_us, self.now_us, said,
                    event="crm_meeting_booked")
        ]  # fmt: skip

    def _company(self, row: Row, someone: int | None) -> list[Message]:
        """What is known of a company is told through one of its people: it reaches them all."""
        if someone is None:
            return []
        return [self._joins(Person(odoo.partner_id(self.connection, someone), None), row)]

    def _identify(self, id_: str, who: Person, row: Row, said: dict[str, object]) -> Message:
        made = message(self.connection, "identify", who, id_, _at(row), self.now_us, said)
        # The instant is cut to the second there: the content tells two changes within one apart.
        content = digest(text_of(made.document).encode())[:12]
        return replace(made, message_id=f"{id_}:{row.get('write_date')}:{content}")

    def _joins(self, who: Person, company: Row) -> Message:
        said = self._said("company", company)
        host = urlsplit(_with_scheme(said.get("website"))).hostname
        if host and "." in host:
            said["domain"] = host.removeprefix("www.")
        group = f"{self.connection.name}:company:{company['id']}"
        id_ = f"company:{company['id']}:{company.get('write_date')}:{who.crm_id or who.email}"
        return message(
            self.connection, "group", who, id_, _at(company), self.now_us, said, group_id=group
        )

    def _people(self, leads: Iterable[Row]) -> dict[int, Row]:
        """The contacts of these leads that are no companies."""
        ids = sorted({ref(row.get("partner_id")) for row in leads} - {0})
        types = self.client.fields("res.partner")
        names = [name for name in odoo.PARTNER_NEEDS if name in types]
        rows = self.client.read("res.partner", ids, names)
        return {row["id"]: row for row in rows if not row.get("is_company")}

    def _linked(self, leads: Iterable[Row]) -> dict[int, int]:
        """The company of each lead that is linked to one, itself or through its contact."""
        of = {row["id"]: ref(row.get("partner_id")) for row in leads}
        rows = self.client.read(
            "res.partner", sorted(set(of.values()) - {0}), ("is_company", "commercial_partner_id")
        )
        company = {row["id"]: row["id"] if row["is_company"] else _company_of(row) for row in rows}
        return {lead: company.get(partner, 0) for lead, partner in of.items()}

    def _companies(self, ids: Iterable[int]) -> dict[int, Row]:
        wanted = sorted(set(ids) - {0})
        return {row["id"]: row for row in self.read("company", wanted)} if wanted else {}

    def _someone_of(self, companies: list[int]) -> dict[int, int]:
        """For each of these companies one of its people, the first."""
        domain: Domain = [["commercial_partner_id", "in", companies], *_OWN["partner"]]
        rows = self.client.search(
            "res.partner", domain, ("commercial_partner_id",), order="id desc"
        )
        return {ref(row["commercial_partner_id"]): row["id"] for row in rows}

    def won_stages(self) -> frozenset[int]:
        """The stages in which a lead is won."""
        if self._won is None:
            rows = self.client.search("crm.stage", [["is_won", "=", True]], ("id",))
            self._won = frozenset(row["id"] for row in rows)
        return self._won


def _time(us: int) -> str:
    """As Odoo writes an instant; cut to the second, which the overlap of spans makes up for."""
    return moment_of(us).strftime("%Y-%m-%d %H:%M:%S")


def _company_of(row: Row) -> int:
    company = ref(row.get("commercial_partner_id")) or ref(row.get("parent_id"))
    return 0 if company == row["id"] else company


def _at(row: Row) -> int:
    return instant(row.get("write_date")) or 0


def _with_scheme(website: Any) -> str:
    text = str(website or "").strip()
    return text if "//" in text else f"//{text}"
