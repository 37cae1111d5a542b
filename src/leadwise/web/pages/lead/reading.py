"""What the page of a lead reads of the record, in one state of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from leadwise.asking.explain import Explanation
from leadwise.card.model import Card
from leadwise.learn.saying import explained
from leadwise.live.overrides import band_of
from leadwise.store.account_pages import AccountRow, get_account
from leadwise.store.audit import audit
from leadwise.store.behind import events_behind, fields_said_by
from leadwise.store.cards import CardVersion, live_version
from leadwise.store.documents import Scalar
from leadwise.store.lead_pages import Owner, member_names, merge_into, owners_of_leads, state_of
from leadwise.store.leads import LeadHead, facts_at, get_head, lead_unknown, names_of_leads
from leadwise.store.population import explain_lead
from leadwise.store.said import Overridden, overrides_of_lead
from leadwise.web.pages.lead.asked import Asked
from leadwise.web.pages.lead.ledger import Row, rows_of
from leadwise.web.pages.lead.likely import Likely, calibration_for, likely
from leadwise.web.pages.lead.naming import Name, account_name, band_label, band_level, lead_name
from leadwise.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Person:
    """Who a lead is: what stands at the head of each of its pages.

    `version` is the live card, `members` what the record's actors are called.
    """

    id: int
    head: LeadHead
    name: str
    names: list[Name]
    facts: Mapping[str, Scalar]
    company: str | None
    owner: Owner | None
    version: CardVersion | None
    members: Mapping[str, str]

    @property
    def card(self) -> Card | None:
        """The live card."""
        return self.version.card if self.version else None

    @property
    def scorable(self) -> bool:
        """Whether there is a score to be asked for."""
        return self.version is not None and self.head.objected_us is None


@dataclass(frozen=True, slots=True)
class Told:
    """The ledger at an instant: as computed, and as shown with a person's overrides."""

    found: Explanation
    rows: list[Row]
    said: list[Overridden]
    score: int
    band: str | None
    shown_score: int
    shown_band: str | None
    levels: tuple[int, int]
    likely: Likely | None = None

    @property
    def overridden(self) -> bool:
        """Whether what is shown is not what was computed."""
        return (self.score, self.band) != (self.shown_score, self.shown_band)


def read_person(connection: Connection, visit: Visit, lead_id: int) -> Person:
    """UserError (`lead-unknown`, `gone`) where there is none."""
    head = get_head(connection, lead_id)
    names = names_of_leads(connection, [lead_id])[lead_id]
    facts = facts_at(connection, lead_id, visit.now_us)
    return Person(
        lead_id, head, lead_name(lead_id, names, facts, visit.texts), names, facts,
        account_name(head.account_id, head.account_name, visit.texts),
        owners_of_leads(connection, [lead_id]).get(lead_id), live_version(connection),
        member_names(connection),
    )  # fmt: skip


def read_told(connection: Connection, visit: Visit, person: Person, asked: Asked) -> Told:
    """The ledger asked afresh under the live card."""
    card = person.card
    assert card is not None  # `scorable` was asked
    at, known = asked.at_us, asked.known_by_us
    found = explain_lead(connection, card, person.id, at, known)
    said = [one for one in overrides_of_lead(connection, person.id) if one.in_force(at)]
    looked = {name for line in found.lines for name, _ in line.evidence.values}
    rows = rows_of(
        card, found, said, events_behind(connection, card, person.id, at, known),
        fields_said_by(connection, card, person.id, looked, at, known), visit.texts, visit.zone,
        explained(connection, person.id, looked, at),
    )  # fmt: skip
    added = sum(one.points or 0 for one in said)
    bands = [one.band for one in said if one.band]
    shown = found.score + added
    band = bands[-1] if bands else band_of(card, shown) if added else found.band
    levels = (band_level(card, found.band), band_level(card, band))
    means = calibration_for(connection, visit, person.version)
    return Told(found, rows, said, found.score, found.band, shown, band, levels,
                likely(visit, means, found.score))  # fmt: skip


def read_company(connection: Connection, person: Person) -> tuple[AccountRow, Any] | None:
    """The lead's company with the card that scores companies, where there is one."""
    if person.head.account_id is None:
        return None
    version = live_version(connection, "account")
    account = get_account(connection, version.id if version else None, person.head.account_id)
    return account, version.card if version else None


def note_read(visit: Visit, lead_id: int | None, detail: str | None, action: str = "read") -> None:
    """Write down who reads what is known of a person, before they get it."""
    visit.write(lambda c: audit(c, visit.who.actor, action, "lead", lead_id, detail, visit.now_us))


def gone(visit: Visit, lead_id: int) -> Any:
    """The page of a lead that is part of another or was erased; None where it is there.

    UserError (`lead-unknown`) where there never was one.
    """
    state = visit.read(lambda c: state_of(c, lead_id))
    if state is None:
        raise lead_unknown(lead_id)
    if state.erased_us is not None:
        return visit.page("lead/gone.html", status=410, lead_id=lead_id, state=state)
    if state.merged_into is not None:
        merged = visit.read(lambda c: merge_into(c, lead_id))
        return visit.page("lead/merged.html", lead_id=lead_id, state=state, merge_id=merged)
    return None


def labels(card: Card | None) -> dict[str | None, tuple[str, int]]:
    """What bands are called and how they are coloured, by id."""
    return {
        band.id: (band_label(card, band.id), band_level(card, band.id))
        for band in (card.bands if card else ())
    }
