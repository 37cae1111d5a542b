"""What changed in Salesforce, kind by kind, by the time of its last change; at first in bulk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from leadwise.connect.following import Place, places
from leadwise.connect.model import Became, Connection, Page
from leadwise.connect.paging import Told, page_of, walked
from leadwise.connect.salesforce import bulk
from leadwise.connect.salesforce import map as sf
from leadwise.connect.salesforce.client import Client, Row
from leadwise.connect.salesforce.map import Here
from leadwise.connect.salesforce.soql import instant, one_of, quoted, select
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.messages import Message

KINDS = ("Contact", "Lead", "gone Contact", "gone Lead", "Opportunity", "Task", "Event", "Account")
IN_BULK = ("Contact", "Lead", "Task", "Event")
BULK_FROM = 10_000
"""From so many records of a kind on they are asked for as a job."""
AT_ONCE = 200
"""Ids in one condition: an address must not become too long."""
_JOB = "job:"


@dataclass(slots=True)
class Puller:
    """One pull of one connection."""

    connection: Connection
    client: Client
    now_us: int
    _maps: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def here(self) -> Here:
        """What the reading of records needs."""
        return Here(self.connection, self.now_us)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Page by page what changed since the cursor."""
        ahead = list(places(cursor, KINDS, self.now_us))
        # At the first time nothing that was deleted was ever here.
        ahead = [p for p in ahead if p.since_us is not None or not p.kind.startswith("gone")]
        left = {p.kind: self._count(p) for p in ahead}
        return walked(ahead, left, lambda place: self._rows(place, left[place.kind]), self.page)

    def page(self, kind: str, rows: list[Row]) -> Page:
        """What these records say."""
        return page_of("Salesforce", rows, self._teller(kind, rows))

    def read(self, kind: str, ids: Sequence[str]) -> list[Row]:
        """These records with all that is wanted of them, of those that there are."""
        found: list[Row] = []
        for some in parts(list(ids), AT_ONCE):
            where = [f"Id IN {one_of(some)}"]
            found += self.client.rows(select(self._names(kind), kind, where, order="Id"))
        return found

    def _count(self, place: Place) -> int:
        if place.kind.startswith("gone"):
            return 0  # COUNT() does not see deleted records; they are few
        return self.client.count(place.kind, " AND ".join(_conditions(place)))

    def _rows(self, place: Place, count: int) -> Iterator[tuple[list[Row], str]]:
        """Parts of the records, each with where to go on after it."""
        if place.kind.startswith("gone"):
            of = place.kind.removeprefix("gone ")
            names = [
                n for n in ("Id", "SystemModstamp", "MasterRecordId") if n in self.client.fields(of)
            ]
            where = ["IsDeleted = true", *_conditions(place)]
            for rows in self.client.query(select(names, of, where, order="Id"), every=True):
                yield rows, str(rows[-1]["Id"])
            return
        if place.after.startswith(_JOB) or (place.kind in IN_BULK and count >= BULK_FROM):
            yield from self._in_bulk(place)
            return
        for rows in self.client.query(self._soql(place)):
            yield rows, str(rows[-1]["Id"])

    def _in_bulk(self, place: Place) -> Iterator[tuple[list[Row], str]]:
        """By a job, whose id is in the cursor: a process that is killed goes on with the same."""
        job_id, _, locator = place.after.removeprefix(_JOB).partition(":")
        if not place.after.startswith(_JOB):
            job_id = bulk.begin_query(self.client, self._soql(place))
            yield [], f"{_JOB}{job_id}:"
        try:
            for part in bulk.results(self.client, job_id, locator):
                if not part.locator:  # the last; what comes after its last id is nothing
                    yield (
                        part.rows,
                        str(part.rows[-1]["Id"]) if part.rows else f"{_JOB}{job_id}:{locator}",
                    )
                    return
                locator = part.locator
                yield part.rows, f"{_JOB}{job_id}:{locator}"
        except RemoteError as error:
            if error.status != 404 or not place.after.startswith(_JOB):
                raise
            # Jobs are kept there for a week: after that from the beginning, which repeats nothing.
            yield from self._in_bulk(replace(place, after=""))

    def _soql(self, place: Place) -> str:
        return select(self._names(place.kind), place.kind, _conditions(place), order="Id")

    def _names(self, kind: str) -> list[str]:
        roles = "(SELECT ContactId, IsPrimary FROM OpportunityContactRoles)"
        return [*self._fields(kind), *([roles] if kind == "Opportunity" else [])]

    def _map(self, of: str) -> dict[str, str]:
        if of not in self._maps:
            self._maps[of] = sf.mapping_of(self.connection, of) if of in sf.MAPS else {}
        return self._maps[of]

    def _fields(self, of: str) -> list[str]:
        """What is asked for, of what this user may see: one field more would refuse the query."""
        there = self.client.fields(of)
        also = [self.connection.options.get("lost_reason", "")] if of == "Opportunity" else []
        wanted = dict.fromkeys([*sf.NEEDS[of], *self._map(of), *also])
        plain = [name for name in wanted if name in there and not name.startswith(sf.OURS)]
        # Names of others: the owner's, who may be a queue too.
        return plain + [n for n in wanted if "." in n and f"{n.split('.')[0]}Id" in there]

    def _teller(self, kind: str, rows: list[Row]) -> Callable[[Row], Told]:
        if kind.startswith("gone"):
            return lambda row: ([sf.gone(self.here, row)], [])
        if kind in ("Task", "Event"):
            return lambda row: (sf.happened(self.here, row, kind), [])
        if kind == "Lead":
            return self._lead
        if kind == "Contact":
            accounts = self._by_id("Account", (row.get("AccountId") for row in rows))
            return lambda row: (self._contact(row, accounts), [])
        if kind == "Account":
            people = self._someone_of([row["Id"] for row in rows])
            return lambda row: (self._account(row, people.get(row["Id"])), [])
        converted = self._converted_into([row["Id"] for row in rows])
        return lambda row: ([], self._opportunity(row, converted.get(row["Id"])))

    def _contact(self, row: Row, accounts: dict[str, Row]) -> list[Message]:
        said = [sf.identify(self.here, row, "contact", sf.facts(row, self._map("Contact")))]
        account = accounts.get(str(row.get("AccountId")))
        return said if account is None else [*said, *self._account(account, row["Id"])]

    def _account(self, account: Row, someone: str | None) -> list[Message]:
        """What is known of a company is told through one of its people: it reaches them all."""
        if someone is None:
            return []
        said = sf.facts(account, self._map("Account"))
        return [sf.member(self.here, self.here.name(someone), account, said)]

    def _lead(self, row: Row) -> Told:
        crm_id, email = sf.who(self.here, row, "lead")
        own = crm_id == self.here.name(row["Id"])
        # What a converted lead says is frozen; from then on its contact speaks.
        said = [] if row.get("ConvertedContactId") else [
            sf.identify(self.here, row, "lead", sf.facts(row, self._map("Lead")))
        ]  # fmt: skip
        said += [] if own else [sf.same_person(self.here, row, crm_id, email)]
        rejected = self.connection.options.get("rejected", "").split(",")
        return said, sf.of_lead(self.here, row, [status.strip() for status in rejected])

    def _opportunity(self, row: Row, lead: str | None) -> list[Became]:
        roles = sorted(
            row.get("OpportunityContactRoles") or (), key=lambda r: not r.get("IsPrimary")
        )
        ids = dict.fromkeys([*(role["ContactId"] for role in roles), *([lead] if lead else [])])
        people = [name for id_ in ids if (name := self.here.name(id_))]
        if not people and sf.is_true(row.get("IsWon")):
            raise UserError(
                "record-of-nobody",
                f"The won opportunity {row['Id']} has no contact role, so nobody here has won it.",
            )
        reason = row.get(self.connection.options.get("lost_reason") or "")
        currency = self.connection.options.get("currency") or None
        return sf.of_opportunity(self.here, row, people, currency, str(reason) if reason else None)

    def _by_id(self, of: str, ids: Iterable[object]) -> dict[str, Row]:
        wanted = sorted({str(id_) for id_ in ids if id_})
        found: dict[str, Row] = {}
        for some in parts(wanted, AT_ONCE):
            rows = self.client.rows(select(self._fields(of), of, [f"Id IN {one_of(some)}"]))
            found.update((row["Id"], row) for row in rows)
        return found

    def _someone_of(self, accounts: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for some in parts(accounts, AT_ONCE):
            where = [f"AccountId IN {one_of(some)}"]
            for row in self.client.rows(select(("Id", "AccountId"), "Contact", where, order="Id")):
                found.setdefault(row["AccountId"], row["Id"])
        return found

    def _converted_into(self, opportunities: list[str]) -> dict[str, str]:
        """The contact whose lead became each of these opportunities."""
        found: dict[str, str] = {}
        names = ("ConvertedContactId", "ConvertedOpportunityId")
        for some in parts(opportunities, AT_ONCE):
            where = [f"ConvertedOpportunityId IN {one_of(some)}"]
            for row in self.client.rows(select(names, "Lead", where)):
                if row.get("ConvertedContactId"):
                    found[row["ConvertedOpportunityId"]] = row["ConvertedContactId"]
        return found


def parts(all_: list[str], size: int) -> Iterator[list[str]]:
    """A list in parts of at most `size`."""
    for start in range(0, len(all_), size):
        yield all_[start : start + size]


def _conditions(place: Place) -> list[str]:
    found = [f"SystemModstamp < {instant(place.until_us)}"]
    if place.since_us is not None:
        found.insert(0, f"SystemModstamp >= {instant(place.since_us)}")
    if place.after and not place.after.startswith(_JOB):
        found.append(f"Id > {quoted(place.after)}")
    return found
