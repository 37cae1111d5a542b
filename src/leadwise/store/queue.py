"""Whom to call next: the order of the queue, page by page, and how many there are in each band.

The order is by band, the highest first; within a band those who wait for a first answer come before
those who had one, and then the greatest shown score, of equals the newest lead. Whoever was
rejected, lost or won since coming into the band is in no queue, nor is who a member has snoozed
or who is left alone in an experiment that runs.

Without a filter that names few leads the index of scores is read from the top (`_scanned`): what a
page costs does not depend on how many leads there are. With one, these are looked up and sorted.
"""

# ruff: noqa: S608 - the SQL is our own; values are bound

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

from sqlalchemy import Connection, text

from leadwise.card.model import Card
from leadwise.plan.verdict import threshold
from leadwise.store.bulk import as_list, listed_whole
from leadwise.store.outcomes import ANSWERS, CLOSING

Owners: TypeAlias = Literal["open", "mine", "free", "all", "of"]
"""Whose leads: one's own and nobody's, one's own, nobody's, everybody's, those of one member."""
Answer: TypeAlias = Literal["any", "waiting", "over", "answered"]
"""`waiting`: nobody has answered since the band changed; `over`: and the time for it is over."""
MOST_COUNTED = 200
"""In one band: more are only said to be more, for nobody calls so many on a day."""
FAR = 2**62


@dataclass(frozen=True, slots=True)
class Level:
    """A band, with its place from the bottom and its scores (`least` <= score < `beyond`).

    `allowed_us` is the time for a first answer, None where nobody promised any. A card without
    bands has one level without a name.
    """

    place: int
    band: str | None
    least: int
    beyond: int
    allowed_us: int | None = None


class Place(NamedTuple):
    """Where a lead stands; greater ones come first. `waiting` is 1 before its first answer."""

    level: int
    waiting: int
    score: int
    lead_id: int


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which leads. `of` is the member of `owners="of"`; None and the empty tuple do not restrict.

    `among` are the leads of a search, `accounts` the companies; `visitors` lets in whom nobody
    knows by a name or an address.
    """

    owners: Owners = "open"
    of: int | None = None
    bands: tuple[str, ...] = ()
    answer: Answer = "any"
    least: int | None = None
    among: tuple[int, ...] | None = None
    accounts: tuple[int, ...] | None = None
    visitors: bool = False


def levels_of(card: Card, minutes: Sequence[int]) -> tuple[Level, ...]:
    """The bands of a card, the lowest first, with the minutes allowed from the top band down."""
    if not card.bands:
        return (Level(0, None, -FAR, FAR),)
    least = [-FAR if (at := threshold(band)) is None else at for band in card.bands]
    found = []
    for place, band in enumerate(card.bands):
        from_top = len(card.bands) - 1 - place
        allowed = minutes[from_top] * 60_000_000 if from_top < len(minutes) else None
        beyond = least[place + 1] if place + 1 < len(least) else FAR
        found.append(Level(place, band.id, least[place], beyond, allowed))
    return tuple(found)


def list_places(
    connection: Connection, version_id: int, levels: Sequence[Level], wanted: QueueFilter, *,
    member_id: int, now_us: int, after: Place | None = None, limit: int = 50,
) -> list[Place]:  # fmt: skip
    """The next leads of a member's queue under a version of a card, from behind `after` on."""
    asked = _Asked(connection, version_id, tuple(levels), wanted, member_id, now_us)
    driver = asked.driver
    if driver is not None:
        return _driven(asked, driver, after, limit)
    found = _scanned(asked, after, limit)
    if asked.set_by_hand:
        # Whom a person put into a band that the score is not of stands elsewhere in the index.
        found += _driven(asked, _LISTED, after, limit, "out_of_place = 1", asked.set_by_hand)
    return sorted(set(found), reverse=True)[:limit]


def count_bands(
    connection: Connection, version_id: int, levels: Sequence[Level], wanted: QueueFilter, *,
    member_id: int, now_us: int,
) -> dict[str | None, int]:  # fmt: skip
    """How many leads of the queue each band has, MOST_COUNTED + 1 for more than that.

    What `wanted` says of bands does not count.
    """
    asked = _Asked(connection, version_id, tuple(levels), wanted, member_id, now_us)
    driver = asked.driver
    counts = {level.place: 0 for level in levels}
    if driver is None:
        for level in levels:
            if wanted.answer == "over" and level.allowed_us is None:
                continue
            sql = f"SELECT count(*) FROM ({asked.scan(level)} LIMIT :limit) AS q"
            given = asked.scan_values(level) | {"limit": MOST_COUNTED + 1}
            counts[level.place] = asked.run(sql, given)[0][0]
        driver = _LISTED if asked.set_by_hand else None
    if driver is not None:
        only = "out_of_place = 1" if asked.driver is None else "1 = 1"
        sql = f"SELECT level, count(*) FROM ({asked.drive(driver, bands=False)}) AS q WHERE {only}"
        for place, number in asked.run(f"{sql} GROUP BY level", asked.listing(asked.set_by_hand)):
            counts[place] = counts.get(place, 0) + number
    return {level.band: min(counts[level.place], MOST_COUNTED + 1) for level in levels}


_LISTED = "(SELECT id AS lead_id FROM lead WHERE id IN {listed})"
_OF_OWNER = "(SELECT lead_id FROM lead_owner WHERE member_id = :owner)"
_OF_ACCOUNTS = "(SELECT id AS lead_id FROM lead WHERE account_id IN {listed})"
_ANSWERED = "(SELECT lead_id, max(at_us) AS last_us FROM outcome GROUP BY lead_id)"


@dataclass(frozen=True)
class _Asked:
    """A question about the queue, and the SQL that it comes to.

    In that SQL `s` is the row of the score and `l` that of the lead.
    """

    connection: Connection
    version_id: int
    levels: tuple[Level, ...]
    wanted: QueueFilter
    member_id: int
    now_us: int
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values.update(
            version=self.version_id, me=self.member_id, now=self.now_us,
            owner=self.wanted.of if self.wanted.owners == "of" else self.member_id,
            floor=-FAR if self.wanted.least is None else self.wanted.least,
        )  # fmt: skip
        for level in self.levels:
            n = level.place
            edge = -FAR if level.allowed_us is None else self.now_us - level.allowed_us
            self.values.update({f"band{n}": level.band, f"least{n}": level.least, f"edge{n}": edge})

    @property
    def driver(self) -> str | None:
        """The few leads that the filter names, None where it names none."""
        if self.wanted.among is not None:
            return _LISTED
        if self.wanted.accounts is not None:
            return _OF_ACCOUNTS
        if self.wanted.owners in ("mine", "of"):
            return _OF_OWNER
        return _ANSWERED if self.wanted.answer == "answered" else None

    @cached_property
    def set_by_hand(self) -> tuple[int, ...]:
        """Leads whose band a person has set; empty where the filter names its leads anyway."""
        if self.driver is not None:
            return ()
        sql = "SELECT lead_id FROM override WHERE band IS NOT NULL AND ended_us IS NULL"
        rows = self.connection.execute(text(sql))
        return tuple({row[0] for row in rows})

    @cached_property
    def experiments(self) -> tuple[int, ...]:
        """Those that run: who is left alone in one is in no queue."""
        rows = self.connection.execute(text("SELECT id FROM experiment WHERE until_us IS NULL"))
        return tuple(row[0] for row in rows)

    def listing(self, ids: Sequence[int]) -> dict[str, Any]:
        """The value of `:list`."""
        among, accounts = self.wanted.among, self.wanted.accounts
        named = accounts if among is None else among
        return {"list": as_list(ids if named is None else named)}

    def run(self, sql: str, more: dict[str, Any]) -> list[Any]:
        """The rows of a statement with the values that it names."""
        statement = text(sql)
        names = statement.compile().params
        given = self.values | more
        return list(self.connection.execute(statement, {name: given[name] for name in names}))

    def scan(self, level: Level, *, waiting: bool | None = None) -> str:
        """The leads of a band by the index of scores, from the top; with those who had an answer
        only where `waiting` is None."""
        band = "s.shown_band IS NULL" if level.band is None else "s.shown_band = :band"
        said = [*self._owner("c"), *self._of_lead("c"), band, *self._answer(level, waiting)]
        return (
            "SELECT c.shown_score, c.lead_id FROM score AS c CROSS JOIN lead AS l "
            "CROSS JOIN score AS s WHERE c.card_version_id = :version "
            "AND c.shown_score >= :least AND c.shown_score < :beyond AND l.id = c.lead_id "
            "AND s.card_version_id = :version AND s.lead_id = c.lead_id "
            f"AND {' AND '.join(said)}"
        )

    def scan_values(self, level: Level) -> dict[str, Any]:
        """What `scan` binds besides."""
        least = max(level.least, self.values["floor"])
        edge = self.values[f"edge{level.place}"]
        return {"band": level.band, "least": least, "beyond": level.beyond, "edge": edge}

    def drive(self, driver: str, *, bands: bool = True) -> str:
        """The leads that `driver` names, with their places; `bands`: of the wanted bands only."""
        source = driver.format(listed=listed_whole(self.connection))
        said = ["s.shown_score >= :floor"]
        # The index of outcomes alone says who had none since the band changed.
        said += ["d.last_us >= s.band_since_us"] if driver == _ANSWERED else []
        said += [*self._owner("s"), *self._of_lead("s"), *self._answer(None, None)]
        if bands and self.wanted.bands:
            places = [str(one.place) for one in self.levels if one.band in self.wanted.bands]
            said.append(f"{self._level()} IN ({', '.join(places) or '-1'})")
        return (
            f"SELECT {self._level()} AS level, "
            f"CASE WHEN {_answered()} THEN 0 ELSE 1 END AS waiting, s.shown_score, s.lead_id, "
            f"CASE WHEN {self._level()} = {self._by_score()} THEN 0 ELSE 1 END AS out_of_place "
            f"FROM {source} AS d CROSS JOIN score AS s CROSS JOIN lead AS l "
            "WHERE s.card_version_id = :version AND s.lead_id = d.lead_id AND l.id = s.lead_id "
            f"AND {' AND '.join(said)}"
        )

    def _owner(self, of: str) -> list[str]:
        whose = f"SELECT 1 FROM lead_owner AS w WHERE w.lead_id = {of}.lead_id"
        return {
            "open": [f"NOT EXISTS ({whose} AND w.member_id <> :me)"],
            "mine": [f"EXISTS ({whose} AND w.member_id = :me)"],
            "of": [f"EXISTS ({whose} AND w.member_id = :owner)"],
            "free": [f"NOT EXISTS ({whose})"],
            "all": [],
        }[self.wanted.owners]

    def _of_lead(self, of: str) -> Iterator[str]:
        yield "l.merged_into IS NULL AND l.erased_us IS NULL"
        if not self.wanted.visitors:
            yield "l.known = 1"
        if self.wanted.accounts is not None and self.wanted.among is not None:
            numbers = ", ".join(str(int(account)) for account in self.wanted.accounts)
            yield f"l.account_id IN ({numbers or 'NULL'})"
        yield (
            f"NOT EXISTS (SELECT 1 FROM snooze AS z WHERE z.lead_id = {of}.lead_id "
            "AND z.member_id = :me AND z.until_us > :now)"
        )
        if self.experiments:
            running = ", ".join(str(one) for one in self.experiments)
            yield (
                f"NOT EXISTS (SELECT 1 FROM held_out AS x WHERE x.lead_id = {of}.lead_id "
                f"AND x.held = 1 AND x.experiment_id IN ({running}))"
            )

    def _answer(self, level: Level | None, waiting: bool | None) -> Iterator[str]:
        answer = self.wanted.answer
        if waiting or answer in ("waiting", "over"):
            yield f"NOT {_answered()}"
        else:
            yield f"NOT {_since(CLOSING)}"
        if waiting is False or answer == "answered":
            yield _answered()
        if answer == "over":
            edge = ":edge" if level else f"CASE {self._cases('edge')} ELSE {-FAR} END"
            yield f"s.band_since_us <= {edge}"

    def _level(self) -> str:
        if self.levels[0].band is None:
            return "0"
        return f"CASE {self._cases(None)} ELSE -1 END"

    def _cases(self, name: str | None) -> str:
        pairs = ((n, f":{name}{n}" if name else str(n)) for n in range(len(self.levels)))
        return " ".join(f"WHEN s.shown_band = :band{n} THEN {then}" for n, then in pairs)

    def _by_score(self) -> str:
        if self.levels[0].band is None:
            return "0"
        downwards = sorted((level.place for level in self.levels), reverse=True)
        return (
            f"CASE {' '.join(f'WHEN s.shown_score >= :least{n} THEN {n}' for n in downwards)} END"
        )


def _scanned(asked: _Asked, after: Place | None, limit: int) -> list[Place]:
    """From the top band down, in each those who wait and then, looked up once, the others."""
    found: list[Place] = []
    answered: list[Place] | None = None
    bands = asked.wanted.bands
    for level in reversed(asked.levels):
        if (bands and level.band not in bands) or (after and level.place > after.level):
            continue
        here = after if after and level.place == after.level else None
        if asked.wanted.answer == "over" and level.allowed_us is None:
            continue
        if here is None or here.waiting:
            found += _waiting(asked, level, here, limit - len(found))
        if len(found) < limit and asked.wanted.answer == "any":
            if answered is None:
                only = "waiting = 0 AND out_of_place = 0"
                answered = _driven(asked, _ANSWERED, after, limit, only)
            found += [place for place in answered if place.level == level.place]
        if len(found) >= limit:
            break
    return found[:limit]


def _waiting(asked: _Asked, level: Level, after: Place | None, limit: int) -> list[Place]:
    sql, values = asked.scan(level, waiting=True), asked.scan_values(level) | {"limit": limit}
    if after is not None:
        sql += " AND (c.shown_score, c.lead_id) < (:after_score, :after_id)"
        values |= {"after_score": after.score, "after_id": after.lead_id}
    sql += " ORDER BY c.shown_score DESC, c.lead_id DESC LIMIT :limit"
    return [Place(level.place, 1, *row) for row in asked.run(sql, values)]


def _driven(
    asked: _Asked, driver: str, after: Place | None, limit: int, only: str = "1 = 1",
    ids: Sequence[int] = (),
) -> list[Place]:  # fmt: skip
    order = "level DESC, waiting DESC, shown_score DESC, lead_id DESC"
    values = asked.listing(ids) | {"limit": limit}
    if after is not None:
        only += " AND (level, waiting, shown_score, lead_id) < (:after0, :after1, :after2, :after3)"
        values |= {f"after{n}": value for n, value in enumerate(after)}
    sql = f"SELECT level, waiting, shown_score, lead_id FROM ({asked.drive(driver)}) AS q "
    rows = asked.run(f"{sql} WHERE {only} ORDER BY {order} LIMIT :limit", values)
    return [Place(*row) for row in rows]


def _answered() -> str:
    return _since(ANSWERS)


def _since(kinds: Sequence[str]) -> str:
    """Whether there is an outcome of one of these kinds since the lead came into its band."""
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return (
        "EXISTS (SELECT 1 FROM outcome AS y WHERE y.lead_id = s.lead_id "
        f"AND y.at_us >= s.band_since_us AND y.kind IN ({listed}))"
    )
