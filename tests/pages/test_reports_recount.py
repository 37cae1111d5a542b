"""Every figure of every report, counted again in plain Python over the rows of a small record.

The record is drawn by lot and full of odd turns: outcomes before the first score, several of one
kind, merged, erased and objecting leads, bands that no card has any more, three currencies and
none, instants on the very borders of the period and of the horizon. What is counted here shares no
code with the reports.
"""

from __future__ import annotations

import csv
import io
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from statistics import quantiles
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, text
from starlette.testclient import TestClient

from tests.pages import report_history
from tests.pages.report_history import Story, write_story
from tests.pages.site import pages_site
from tests.web.api_service import DAY_US, NOW_US, publish

ZONE = ZoneInfo("Europe/Helsinki")
BANDS = ("hot", "warm", "cold")
RANK = {"hot": 3, "warm": 2, "cold": 1}
FROM, TO = "2026-10-20", "2026-12-20"  # summer time ends between
REACH = {"accepted": 1, "qualified": 2, "won": 4}
STAGES = ("mql", "sales_accepted", "sales_qualified", "opportunity", "won")
NAMES = ("Marketing-qualified", "Accepted by sales", "Qualified by sales", "Opportunity", "Won")


def local(*when: int) -> int:
    return int(datetime(*when, tzinfo=ZONE).timestamp()) * 1_000_000


START, END = local(2026, 10, 20), local(2026, 12, 21)
BORDERS = [(NOW_US - at) / DAY_US for at in (START, END, START + 30 * DAY_US, NOW_US - 30 * DAY_US)]


def stories(chance: random.Random) -> list[Story]:
    found = []
    for _ in range(120):
        days = sorted(
            (
                chance.choice([*BORDERS, chance.uniform(0, 120)])
                for _ in range(chance.randint(1, 4))
            ),
            reverse=True,
        )
        bands = tuple((day, chance.choice([*BANDS, "stone"])) for day in days)
        said: list[tuple[Any, ...]] = []
        for _ in range(chance.randint(0, 6)):
            day = chance.choice([*BORDERS, *days, chance.uniform(0, 130), days[0] - 30])
            kind = chance.choice([*STAGES, "called", "no_answer", "lost", "sales_rejected"])
            worth = chance.choice([(12_345, "EUR"), (700, "USD"), (), (1, "SEK")])
            said.append((max(day, 0), kind, *(worth if kind == "won" else ())))
        found.append(
            Story(bands, tuple(said), tuple(chance.uniform(0, 100) for _ in range(3)),
                  ledger=tuple(chance.choice([0, 0, 500, -250, 1250]) for _ in range(5)),
                  owner=chance.choice([None, 1, 2]), known=chance.choice([0, 1, 1]))
        )  # fmt: skip
    return found


class Rows:
    """The rows of the leads that count."""

    def __init__(self, connection: Connection) -> None:
        def all_of(sql: str) -> list[Any]:
            return list(connection.execute(text(sql)))

        leads = all_of("SELECT * FROM lead WHERE merged_into IS NULL AND erased_us IS NULL "
                       "AND objected_us IS NULL")  # fmt: skip
        self.leads = {row.id: row for row in leads}
        self.changes: dict[int, list[Any]] = defaultdict(list)
        self.outcomes: dict[int, list[Any]] = defaultdict(list)
        self.said: dict[int, list[Any]] = defaultdict(list)
        self.events: dict[int, list[int]] = defaultdict(list)
        for row in all_of("SELECT * FROM band_change ORDER BY at_us, id"):
            self.changes[row.lead_id].append(row)
        for row in all_of("SELECT * FROM outcome ORDER BY at_us, id"):
            self.outcomes[row.lead_id].append(row)
        for row in all_of("SELECT * FROM score_history ORDER BY as_of_us, id"):
            self.said[row.lead_id].append(row)
        for row in all_of("SELECT i.lead_id, e.at_us FROM event e JOIN identity_lead i "
                          "ON i.identity_id = e.identity_id"):  # fmt: skip
            self.events[row.lead_id].append(row.at_us)
        self.scores = {row.lead_id: row for row in all_of("SELECT * FROM score")}
        self.owners = {row.lead_id: row.member_id for row in all_of("SELECT * FROM lead_owner")}

    def first(self, lead: int, *kinds: str, since: int = 0) -> int | None:
        return next((o.at_us for o in self.outcomes[lead] if o.kind in kinds and o.at_us >= since),
                    None)  # fmt: skip

    def goal(self, lead: int, goal: str) -> int | None:
        return self.first(lead, *STAGES[REACH[goal] :])

    def band_at(self, lead: int, at_us: int) -> str:
        return next(
            (c.to_band for c in reversed(self.changes[lead]) if c.at_us <= at_us), "No band"
        )


@pytest.fixture(scope="module", params=[1, 2])
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Rows, TestClient]]:
    chance = random.Random(request.param)
    with (
        pytest.MonkeyPatch.context() as patch,
        pages_site(tmp_path_factory.mktemp("lot")) as site,
    ):
        patch.setitem(report_history.POINTS, "stone", 1000)

        def write(connection: Connection) -> None:
            version = publish(connection)
            for number, story in enumerate(stories(chance), start=1):
                write_story(connection, number, story, version.id)
            for column in ("merged_into = 1", "erased_us = 5", "objected_us = 5"):
                connection.execute(
                    text(
                        f"UPDATE lead SET {column} WHERE id IN "
                        f"({chance.randint(2, 40)}, {chance.randint(41, 120)})"
                    )
                )

        site.leads.write(write)
        client = site.client("read_only")
        client.cookies.set("zone", "Europe/Helsinki")
        with site.leads.store.read() as connection:
            rows = Rows(connection)
        yield rows, client


def table(client: TestClient, name: str, **more: str) -> dict[str, list[str]]:
    asked = {"period": "custom", "from": FROM, "to": TO, **more}
    found = client.get(f"/reports/{name}.csv", params=asked)
    assert found.status_code == 200, found.text
    body = list(csv.reader(io.StringIO(found.content.decode("utf-8-sig"))))[1:]
    double = name == "cycle" or more.get("table") == "weeks"
    return {" ".join(row[: 1 + double]): row[1 + double :] for row in body}


def judged(entries: list[tuple[int, int | None]], days: int) -> list[str]:
    """Hits, of how many, too early, before: of (instant, when the goal was reached)."""
    counts = [0, 0, 0, 0]
    for at, reached in entries:
        if reached is not None and reached < at:
            counts[3] += 1
        elif at + days * DAY_US > NOW_US:
            counts[2] += 1
        else:
            counts[1] += 1
            if reached is not None and reached - at <= days * DAY_US:
                counts[0] += 1
    return [str(count) for count in counts]


def shown(row: list[str]) -> list[str]:
    return [*row[:2], *row[5:7]]


@pytest.mark.parametrize(("goal", "days"), [("won", 30), ("accepted", 7), ("qualified", 90)])
def test_conversion(told: tuple[Rows, TestClient], goal: str, days: int) -> None:
    rows, client = told
    more = {"goal": goal, "horizon": str(days)}
    bands: dict[str, list[Any]] = defaultdict(list)
    months: dict[str, list[Any]] = defaultdict(list)
    for lead, row in rows.leads.items():
        reached, seen = rows.goal(lead, goal), set()
        for change in rows.changes[lead]:
            if START <= change.at_us < END and change.to_band not in seen:
                seen.add(change.to_band)
                bands[change.to_band].append((change.at_us, reached))
        if START <= row.created_us < END:
            month = datetime.fromtimestamp(row.created_us / 1e6, ZONE).strftime("%b %Y")
            months[month].append((row.created_us, reached))
    found = table(client, "conversion", **more)
    assert {band: shown(row) for band, row in found.items()} == {
        band: judged(bands[band], days) for band in (*BANDS, "stone")
    }
    cohorts = table(client, "conversion", table="cohorts", **more)
    assert {month: shown(row) for month, row in cohorts.items()} == {
        month: judged(months[month], days) for month in ("Oct 2026", "Nov 2026", "Dec 2026")
    }


def journeys(rows: Rows) -> Iterator[tuple[list[int | None], list[int | None], int | None]]:
    for lead in rows.leads:
        own = [rows.first(lead, stage) for stage in STAGES]
        if own[0] is None:
            own[0] = next((c.at_us for c in rows.changes[lead] if c.to_band == "hot"), None)
        over = [o.at_us for o in rows.outcomes[lead] if o.kind in ("lost", "sales_rejected")]
        filled = [min((at for at in own[n:] if at is not None), default=None) for n in range(5)]
        yield own, filled, max(over, default=None)


def test_velocity(told: tuple[Rows, TestClient]) -> None:
    rows, client = told
    found = table(client, "velocity")
    for place, name in enumerate(NAMES[:4]):
        entered = onward = lost = 0
        days = []
        for own, filled, over in journeys(rows):
            at, then = filled[place], filled[place + 1]
            if at is None or not START <= at < END:
                continue
            entered += 1
            onward += then is not None
            lost += then is None and over is not None and over >= at
            one, other = own[place], own[place + 1]
            if one is not None and other is not None and one <= other:
                days.append((other - one) / DAY_US)
        assert found[name][:4] == [str(n) for n in (entered, onward, lost, entered - onward - lost)]
        _same_quartiles(found[name][5:9], days)
    months = table(client, "velocity", table="months")
    counted: dict[str, int] = defaultdict(int)
    for _, filled, _ in journeys(rows):
        if filled[2] is not None:
            counted[datetime.fromtimestamp(filled[2] / 1e6, ZONE).strftime("%b %Y")] += 1
    assert {name: int(row[0]) for name, row in months.items()} == {
        name: counted[name] for name in months
    }
    assert sum(counted.values()) == sum(int(row[0]) for row in months.values()) > 0


def _same_quartiles(row: list[str], values: list[float]) -> None:
    assert row[0] == str(len(values))
    if len(values) > 1:
        assert [float(cell) for cell in row[1:]] == pytest.approx(
            quantiles(values, n=4, method="inclusive"), abs=1e-6
        )


def test_engagement(told: tuple[Rows, TestClient]) -> None:
    rows, client = told
    week = 7 * DAY_US
    weeks = (END - START) // week
    first = END - weeks * week
    by_band = {band: [0, 0] for band in (*BANDS, "stone")}
    by_week = {(n, band): [0, 0] for n in range(weeks) for band in (*BANDS, "stone")}
    for lead, row in rows.leads.items():
        if not row.known or row.created_us >= END:
            continue
        band = rows.scores[lead].shown_band
        by_band[band][1] += 1
        active = {(at - first) // week for at in rows.events[lead] if first <= at < END}
        by_band[band][0] += bool(active)
        for n in range(weeks):
            by_week[n, band][1] += row.created_us < first + (n + 1) * week
            by_week[n, band][0] += n in active
    found = table(client, "engagement")
    assert {band: [int(n) for n in row[:2]] for band, row in found.items()} == by_band
    listed = list(table(client, "engagement", table="weeks").items())
    assert len(listed) == len(by_week)
    for (said, row), ((_, band), (active_, known)) in zip(listed, by_week.items(), strict=True):
        assert said.endswith(band)
        assert row[:2] == [str(min(active_, known)), str(known)]


@pytest.mark.parametrize("start", ["band", "accepted"])
def test_cycle(told: tuple[Rows, TestClient], start: str) -> None:
    rows, client = told
    days: dict[str, list[float]] = defaultdict(list)
    for lead in rows.leads:
        closed = rows.first(lead, "won", "lost")
        if closed is None or not START <= closed < END:
            continue
        won = any(o.kind == "won" and o.at_us == closed for o in rows.outcomes[lead])
        before = [c for c in rows.changes[lead] if c.at_us <= closed and c.to_band in RANK]
        best = max(before, key=lambda c: RANK[c.to_band], default=None)
        if best is None:
            continue
        begun: int | None = min(c.at_us for c in before if c.to_band == best.to_band)
        if start == "accepted":
            begun = rows.first(lead, "sales_accepted")
        if begun is not None and begun <= closed:
            days[f"{best.to_band} {'won' if won else 'lost'}"].append((closed - begun) / DAY_US)
    found = table(client, "cycle", start=start)
    assert len(found) == 6
    for name, row in found.items():
        _same_quartiles(row[:4], days[name])


def test_response(told: tuple[Rows, TestClient]) -> None:
    rows, client = told
    allowed = {"hot": 60, "warm": 1440}
    groups: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    speed = {"Called in time": [0, 0], "Called late": [0, 0]}
    for lead in rows.leads:
        seen: set[str] = set()
        for change in rows.changes[lead]:
            to = change.to_band
            rose = RANK.get(to, 0) > RANK.get(
                change.from_band or "", -1 if not change.from_band else 0
            )
            if to not in allowed or to in seen or not rose or not START <= change.at_us < END:
                continue
            seen.add(to)
            answer = next((o.at_us for o in rows.outcomes[lead]
                           if o.kind != "mql" and o.at_us >= change.at_us), None)  # fmt: skip
            limit = allowed[to] * 60_000_000
            for name in (to, f"owner {rows.owners.get(lead)}"):
                group = groups[name]
                if answer is None and change.at_us + limit > NOW_US:
                    group[3] += 1
                    continue
                group[1] += 1
                group[0] += answer is not None and answer - change.at_us <= limit
                group[2] += answer is None
            reached = rows.goal(lead, "won")
            if answer is None or (reached or NOW_US) <= answer or answer + 30 * DAY_US > NOW_US:
                continue
            own = speed["Called in time" if answer - change.at_us <= limit else "Called late"]
            own[1] += 1
            own[0] += reached is not None and reached <= answer + 30 * DAY_US
    found = table(client, "response")
    assert [[int(n) for n in (*row[1:3], *row[6:8])] for row in found.values()] == [
        groups["hot"], groups["warm"],
    ]  # fmt: skip
    owners = table(client, "response", table="owners")
    assert sorted([int(n) for n in (*row[:2], *row[5:7])] for row in owners.values()) == sorted(
        groups[f"owner {who}"] for who in (None, 1, 2)
    )
    fast = table(client, "response", table="speed")
    assert {name: [int(n) for n in row[:2]] for name, row in fast.items()} == speed


def test_return(told: tuple[Rows, TestClient]) -> None:
    rows, client = told
    calls: dict[str, int] = defaultdict(int)
    values: dict[tuple[str, str | None], list[int]] = defaultdict(lambda: [0, 0])
    for lead in rows.leads:
        first = rows.first(lead, "called", "no_answer")
        for each in rows.outcomes[lead]:
            if not START <= each.at_us < END:
                continue
            if each.kind in ("called", "no_answer"):
                assert first is not None
                calls[rows.band_at(lead, first)] += 1
            elif each.kind == "won":
                called = first is not None and first <= each.at_us
                band = rows.band_at(lead, first or 0) if called else "Won without a call"
                values[band, each.currency][0] += 1
                values[band, each.currency][1] += each.value or 0
    for currency in ("EUR", "USD", "SEK"):
        found = table(client, "return", table=f"return-{currency.lower()}")
        assert set(found) >= {band for band, own in values if own == currency}
        for band, row in found.items():
            sales, value = values[band, currency]
            hours = calls[band] / 4
            assert row[:4] == [str(calls[band]), str(hours), str(sales),
                               str(values[band, None][0])]  # fmt: skip
            assert float(row[4]) == value / 100
            assert row[5] == ("" if not hours else str(round(value / hours / 100, 2)))


def test_calibration(told: tuple[Rows, TestClient]) -> None:
    rows, client = told
    begun = min((said for each in rows.said.values() for said in each), key=lambda row: row.id)
    first = max(START, begun.as_of_us + DAY_US)
    second = END - 7 * DAY_US
    moments = []
    for at in (first, second):
        judged_: list[tuple[int, bool]] = []
        for lead in rows.leads:
            before = [row for row in rows.said[lead] if row.as_of_us <= at]
            reached = rows.goal(lead, "won")
            if before and not (reached is not None and reached <= at):
                judged_.append(
                    (before[-1].score, reached is not None and reached <= at + 7 * DAY_US)
                )
        moments.append(sorted(judged_))
    found = table(client, "calibration", horizon="7")
    held = table(client, "calibration", horizon="7", table="held")
    # Four scores only, and leads of one score stay together: a group is a score.
    for at, listed, place in ((moments[0], found, 0), (moments[1], held, 1)):
        expected = {
            score: [sum(won for own, won in at if own == score), sum(own == score for own, _ in at)]
            for score in sorted({own for own, _ in at})
        }
        assert [[int(n) for n in row[place : place + 2]] for row in listed.values()] == list(
            expected.values()
        )


def test_lift(told: tuple[Rows, TestClient]) -> None:
    rows, client = told
    judged_ = []
    for lead, row in rows.leads.items():
        reached = rows.goal(lead, "won")
        if row.created_us < END and not (reached is not None and reached < START):
            judged_.append((json.loads(rows.scores[lead].ledger),
                            reached is not None and reached < END))  # fmt: skip
    found = table(client, "lift")
    for place, line in enumerate(("title", "size", "views", "views: limit", "demo")):
        having = [(amounts[place], won) for amounts, won in judged_ if amounts[place]]
        lacking = [won for amounts, won in judged_ if not amounts[place]]
        row = found[line]
        assert row[:2] == [str(len(having)), str(sum(won for _, won in having))]
        assert row[3] == str(len(lacking))
        lift = (sum(won for _, won in having) / len(having)) / (sum(lacking) / len(lacking))
        assert float(row[5]) == pytest.approx(lift, abs=1e-5)
        points = [amount / 100 for amount, _ in having]
        assert [float(cell) for cell in row[8:]] == pytest.approx(
            [sum(points) / len(points), min(points), max(points)], abs=1e-3
        )
