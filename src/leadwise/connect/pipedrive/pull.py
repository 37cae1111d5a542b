"""What changed in Pipedrive, kind by kind, by the time of its last change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from leadwise.asking.instants import moment_of
from leadwise.connect.following import Place, ended, places
from leadwise.connect.model import Connection, Page
from leadwise.connect.paging import Told, page_of
from leadwise.connect.pipedrive import map as pd
from leadwise.connect.pipedrive.client import NOUNS, Client, Row
from leadwise.errors import UserError
from leadwise.ingest.messages import Message

KINDS = ("person", "deal", "activity", "organization")


@dataclass(slots=True)
class Puller:
    """One pull of one connection."""

    connection: Connection
    client: Client
    now_us: int
    _maps: dict[str, dict[str, str]] = field(default_factory=dict)

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """Page by page what changed since the cursor. How much it is Pipedrive does not say."""
        ahead = list(places(cursor, KINDS, self.now_us))
        # At the first time persons bring their organizations with them.
        ahead = [p for p in ahead if p.since_us is not None or p.kind != "organization"] or ahead
        done = ahead[0].done
        for place in ahead:
            for rows, after in self.client.pages(
                f"/{NOUNS[place.kind]}", place.after, **_asked(place)
            ):
                done += len(rows)
                if after:
                    at = replace(place, after=after, done=done)
                    yield replace(self.page(place.kind, rows), cursor=at.cursor(), done=done)
                elif rows:  # the last of its kind: on with the next one
                    then = _next(place, ahead, done)
                    yield replace(self.page(place.kind, rows), cursor=then, done=done)
        yield Page(ended(ahead[-1]), done=done)

    def page(self, kind: str, rows: list[Row]) -> Page:
        """What these records say."""
        here = self.here()
        organizations = self._organizations(rows) if kind == "person" else {}
        tell = partial(self._told, here, kind, organizations=organizations)
        return page_of("Pipedrive", rows, tell)

    def here(self) -> pd.Here:
        """What reading needs."""
        stages = {row["id"]: row["name"] for row in self.client.stages()}
        return pd.Here(self.connection, self.client, self.now_us, stages)

    def _told(self, here: pd.Here, kind: str, row: Row, organizations: Mapping[int, Row]) -> Told:
        if row.get("is_deleted"):
            return ([pd.gone(here, row["id"], pd.changed(row))] if kind == "person" else []), []
        if kind == "person":
            said = [pd.identify(here, row, pd.facts(here, row, self._map("person")))]
            organization = organizations.get(row.get("org_id") or 0)
            if organization is not None:
                said.append(self._member(here, row["id"], organization))
            return said, []
        if kind == "deal":
            if row.get("status") == "won" and not row.get("person_id"):
                raise UserError(
                    "record-of-nobody",
                    f"The won deal {row['id']} has no person, so nobody here has won it.",
                )
            return pd.of_deal(here, row)
        if kind == "activity":
            return pd.of_activity(here, row), []
        said_by = self.client.call(
            "GET", "/api/v2/persons", params={"org_id": str(row["id"]), "limit": "1"}
        ).get("data") or []  # fmt: skip
        return [self._member(here, person["id"], row) for person in said_by], []

    def _member(self, here: pd.Here, person_id: int, organization: Row) -> Message:
        """What is known of a company is told through one of its people: it reaches them all."""
        said = pd.facts(here, organization, self._map("organization"))
        return pd.member(here, person_id, organization, said)

    def _organizations(self, persons: list[Row]) -> dict[int, Row]:
        ids = sorted({row["org_id"] for row in persons if row.get("org_id")})
        return self.client.by_ids("organization", ids, include_option_labels="true") if ids else {}

    def _map(self, noun: str) -> dict[str, str]:
        if noun not in self._maps:
            self._maps[noun] = pd.mapping_of(self.connection, self.client, noun)
        return self._maps[noun]


def _asked(place: Place) -> dict[str, str]:
    asked = {"sort_by": "id", "sort_direction": "asc", "updated_until": _time(place.until_us)}
    if place.since_us is not None:
        asked["updated_since"] = _time(place.since_us)
    if place.kind != "activity":
        asked["include_option_labels"] = "true"
    return asked


def _next(place: Place, ahead: list[Place], done: int) -> str:
    """The cursor after the last page of a kind: the beginning of the next kind."""
    kinds = [one.kind for one in ahead]
    following = kinds[kinds.index(place.kind) + 1 :]
    return (
        replace(place, kind=following[0], after="", done=done).cursor()
        if following
        else ended(place)
    )


def _time(us: int) -> str:
    return moment_of(us).strftime("%Y-%m-%dT%H:%M:%SZ")
