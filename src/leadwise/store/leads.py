"""Leads as they are shown: by priority, and one with all that is known of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, or_, select

from leadwise.errors import UserError
from leadwise.plan.relations import FOREVER
from leadwise.store.documents import Document, values_of
from leadwise.store.schema import account, identity, identity_lead, lead, lead_fact, score

SHOWN_KINDS = ("email", "user", "crm", "anonymous")
"""In this order an identity serves as a lead's name."""


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads; None and the empty tuple do not restrict. Scores are hundredths.

    `identity` is a (kind, value) as it is recorded: an e-mail address in its normal form.
    """

    bands: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    account_id: int | None = None
    known: bool | None = None
    identity: tuple[str, str] | None = None
    updated_since_us: int | None = None


@dataclass(frozen=True, slots=True)
class LeadRow:
    """A lead in a list. What belongs to a score is None where there is none yet."""

    id: int
    created_us: int
    known: bool
    account_id: int | None
    account_name: str | None
    score: int | None
    shown_score: int | None
    band: str | None
    shown_band: str | None
    grade: str | None
    band_since_us: int | None
    as_of_us: int | None

    @property
    def cursor(self) -> tuple[int | None, int]:
        """Where a listing goes on after this lead."""
        return self.shown_score, self.id


@dataclass(frozen=True, slots=True)
class LeadHead:
    """A lead without what follows from events."""

    id: int
    created_us: int
    known: bool
    account_id: int | None
    account_name: str | None
    merged_into: int | None
    objected_us: int | None


def list_leads(
    connection: Connection,
    version_id: int | None,
    wanted: LeadFilter = LeadFilter(),
    *,
    after: tuple[int | None, int] | None = None,
    limit: int = 50,
) -> list[LeadRow]:
    """Leads by priority under a version of a card: greatest shown score first, then by id.

    Without a version, or where one identity is asked for, leads that have no score are listed too,
    the last ones. Leads that are part of others or erased are in no list.
    """
    found_by_name = wanted.identity is not None
    rows = _rows(version_id, everybody=version_id is None or found_by_name)
    rows = rows.where(lead.c.merged_into.is_(None), lead.c.erased_us.is_(None))
    rows = rows.where(*_conditions(wanted))
    if after is not None:
        rows = rows.where(_beyond(after))
    ordered = rows.order_by(score.c.shown_score.desc().nulls_last(), lead.c.id)
    if version_id is None:
        ordered = rows.order_by(lead.c.id)
    elif not found_by_name:
        # Said so, the index has the order.
        ordered = rows.order_by(score.c.shown_score.desc(), score.c.lead_id)
    return [_lead_row(row) for row in connection.execute(ordered.limit(limit))]


def get_head(connection: Connection, lead_id: int) -> LeadHead:
    """The lead. UserError (`lead-unknown`; `gone` for one that was erased) where there is none."""
    columns = (lead, account.c.name)
    row = connection.execute(
        select(*columns)
        .select_from(lead.outerjoin(account, account.c.id == lead.c.account_id))
        .where(lead.c.id == lead_id)
    ).one_or_none()
    if row is None:
        raise lead_unknown(lead_id)
    if row.erased_us is not None:
        raise UserError("gone", f"Lead {lead_id} was erased.", hint="Nothing is kept of it.")
    return LeadHead(
        row.id, row.created_us, bool(row.known), row.account_id, row.name, row.merged_into,
        row.objected_us,
    )  # fmt: skip


def get_scorable(connection: Connection, lead_id: int) -> LeadHead:
    """The same of a lead that may be scored. UserError (`lead-merged`, `lead-objected`) where it is
    part of another one, or the person objected to being scored."""
    head = get_head(connection, lead_id)
    if head.merged_into is not None:
        raise UserError(
            "lead-merged",
            f"Lead {lead_id} is part of lead {head.merged_into}.",
            hint=f"Ask for lead {head.merged_into}.",
        )
    if head.objected_us is not None:
        raise UserError(
            "lead-objected",
            f"The person who is lead {lead_id} objected to being scored.",
            hint="Nothing is scored until the objection is taken back.",
        )
    return head


def get_score_row(connection: Connection, version_id: int | None, lead_id: int) -> Any:
    """The row of `score` under a version of a card, None where there is none."""
    if version_id is None:
        return None
    here = (score.c.card_version_id == version_id) & (score.c.lead_id == lead_id)
    return connection.execute(select(score).where(here)).one_or_none()


def facts_at(connection: Connection, lead_id: int, at_us: int) -> Document:
    """What was known of a lead at an instant, without the marks of documents."""
    found: Document | None = connection.execute(
        select(lead_fact.c.doc).where(
            lead_fact.c.lead_id == lead_id,
            lead_fact.c.from_us <= at_us,
            lead_fact.c.until_us > at_us,
        )
    ).scalar()
    return values_of(found) if found else {}


def names_of_leads(
    connection: Connection, lead_ids: Sequence[int]
) -> dict[int, list[tuple[str, str]]]:
    """The identities that each lead has now, as (kind, value), the one that says most first."""
    rows = connection.execute(
        select(identity_lead.c.lead_id, identity.c.kind, identity.c.value)
        .join(identity, identity.c.id == identity_lead.c.identity_id)
        .where(identity_lead.c.lead_id.in_(lead_ids), identity_lead.c.until_us == FOREVER)
        .order_by(identity_lead.c.lead_id, identity.c.id)
    )
    found: dict[int, list[tuple[str, str]]] = {lead_id: [] for lead_id in lead_ids}
    for lead_id, kind, value in rows:
        found[lead_id].append((kind, value))
    for names in found.values():
        names.sort(key=lambda name: SHOWN_KINDS.index(name[0]))
    return found


def lead_unknown(lead_id: int) -> UserError:
    """What is said where there is no such lead."""
    return UserError(
        "lead-unknown", f"There is no lead {lead_id}.", hint="GET /api/leads lists them."
    )


def _rows(version_id: int | None, *, everybody: bool) -> Select[Any]:
    under = and_(score.c.lead_id == lead.c.id, score.c.card_version_id == (version_id or 0))
    joined = lead.join(score, under, isouter=everybody)
    return select(
        lead.c.id, lead.c.created_us, lead.c.known, lead.c.account_id,
        account.c.name.label("account_name"), score.c.score, score.c.shown_score, score.c.band,
        score.c.shown_band, score.c.grade, score.c.band_since_us, score.c.as_of_us,
    ).select_from(joined.outerjoin(account, account.c.id == lead.c.account_id))  # fmt: skip


def _conditions(wanted: LeadFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.bands:
        found.append(score.c.shown_band.in_(wanted.bands))
    if wanted.least is not None:
        found.append(score.c.shown_score >= wanted.least)
    if wanted.most is not None:
        found.append(score.c.shown_score <= wanted.most)
    if wanted.account_id is not None:
        found.append(lead.c.account_id == wanted.account_id)
    if wanted.known is not None:
        found.append(lead.c.known == int(wanted.known))
    if wanted.updated_since_us is not None:
        found.append(score.c.as_of_us >= wanted.updated_since_us)
    if wanted.identity is not None:
        kind, value = wanted.identity
        of = select(identity_lead.c.lead_id).join(
            identity, identity.c.id == identity_lead.c.identity_id
        )
        found.append(
            lead.c.id.in_(
                of.where(
                    identity.c.kind == kind,
                    identity.c.value == value,
                    identity_lead.c.until_us == FOREVER,
                )
            )
        )
    return found


def _beyond(after: tuple[int | None, int]) -> ColumnElement[bool]:
    shown, lead_id = after
    if shown is None:
        return and_(score.c.shown_score.is_(None), lead.c.id > lead_id)
    same = and_(score.c.shown_score == shown, lead.c.id > lead_id)
    # The first condition is what the index is asked.
    return or_(
        and_(score.c.shown_score <= shown, or_(score.c.shown_score < shown, same)),
        score.c.shown_score.is_(None),
    )


def _lead_row(row: Any) -> LeadRow:
    return LeadRow(
        row.id, row.created_us, bool(row.known), row.account_id, row.account_name, row.score,
        row.shown_score, row.band, row.shown_band, row.grade, row.band_since_us, row.as_of_us,
    )  # fmt: skip
