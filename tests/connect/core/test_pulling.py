"""Pages become the record: once, with their cursor, however the process ends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from leadwise.connect.model import Became, Page, Talk
from leadwise.connect.pulling import FIRST, PULL, look
from leadwise.errors import RemoteError, UserError
from leadwise.ingest.messages import Message, Refusal
from leadwise.qualify.intake import Sent
from leadwise.store.connections import get_cursor, list_exchanges
from leadwise.store.lead_pages import facts_of_leads
from leadwise.store.outcomes import list_outcomes
from leadwise.store.refusals import list_refused
from leadwise.store.schema import band_change, conversation, event, lead, touched
from tests.connect.core.places import Place, Scripted, person, place_of, visit
from tests.records import NOW_US

HOUR_US = 3_600_000_000


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    with place_of(request.param, tmp_path, request) as made:
        yield made


def count(place: Place, table: Any) -> int:
    with place.store.read() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def cursor(place: Place, what: str = PULL) -> str | None:
    with place.store.read() as connection:
        return get_cursor(connection, place.row.id, what)


def test_a_pull_goes_on_after_a_kill_with_nothing_twice(place: Place) -> None:
    pages = [Page(str(n + 1), (person(str(n), NOW_US - HOUR_US, email=f"p{n}@a.example"),),
                  done=n + 1, total=4) for n in range(4)]  # fmt: skip
    killed = Scripted(pages, (2, KeyboardInterrupt()))
    told: list[tuple[int, int | None]] = []
    with pytest.raises(KeyboardInterrupt):
        place.pulling().pull(place.row, killed, progress=lambda *done: told.append(done))
    assert (count(place, event), cursor(place), told) == (2, "2", [(1, 4), (2, 4)])
    again = Scripted(pages)
    done = place.pulling().pull(place.row, again)
    assert (again.asked, done.events, count(place, event)) == (["2"], 2, 4)
    repeated = place.pulling().pull(place.row, Scripted(pages), from_the_start=True)
    assert (repeated.events, repeated.duplicates, count(place, event)) == (0, 4, 4)


def test_what_was_before_the_first_pull_starts_no_follow_up(place: Place) -> None:
    with place.store.transaction() as connection:  # a pull that is killed stays a first one
        assert get_cursor(connection, place.row.id, FIRST) is None
    pages = [Page(n, (person(n, NOW_US - HOUR_US, email=f"p{n}@a.example", employees=500),))
             for n in ("1", "2")]  # fmt: skip
    with pytest.raises(RemoteError):
        place.pulling().pull(place.row, Scripted(pages, (1, RemoteError("away", permanent=False))))
    place.pulling().pull(place.row, Scripted(pages))
    place.score()
    with place.store.read() as connection:
        assert set(connection.scalars(select(band_change.c.cause))) == {"import"}
    more = [*pages, Page("3", (person("3", NOW_US, email="c@a.example", employees=500),))]
    place.pulling().pull(place.row, Scripted(more))
    place.score()
    with place.store.read() as connection:
        causes = list(connection.scalars(select(band_change.c.cause).order_by(band_change.c.id)))
    assert causes == ["import", "import", "fact"]


def test_what_goes_wrong_is_told_with_the_connection_until_it_goes_well(place: Place) -> None:
    away = RemoteError("crm answered GET /x with 503.", permanent=False, status=503)
    page = Page("1", (person("1", NOW_US, email="a@a.example"),))
    with pytest.raises(RemoteError):
        place.pulling().pull(place.row, Scripted([page, page], (1, away)))
    assert place.row.trouble == "crm answered GET /x with 503."
    place.pulling().pull(place.row, Scripted([page]))
    assert place.row.trouble is None
    with place.store.read() as connection:
        log = [(e.what, e.state, e.records) for e in list_exchanges(connection, place.row.id)]
    assert log == [("pull", "done", 0), ("pull", "failed", 1)]


def test_bad_records_are_kept_with_the_reason_and_hold_up_nothing(place: Place) -> None:
    page = Page("1", (
        person("1", NOW_US, email="a@a.example"),
        Message("identify", "", "x", "identify", NOW_US, NOW_US, email="not an address"),
        Message("track", "", "", "visit", NOW_US, NOW_US, email="b@a.example"),
        Message("track", "", "i" * 900, "visit", NOW_US, NOW_US, email="b@a.example"),
        Message("track", "", "huge", "visit", 2**70, NOW_US, email="c@a.example"),
    ), refusals=(Refusal(7, "record-shape", "It is not as expected.", "{}"),))  # fmt: skip
    done = place.pulling().pull(place.row, Scripted([page]))
    assert (done.events, done.refused) == (1, 5)
    with place.store.read() as connection:
        refused = {(r.code, r.source, r.protocol) for r in list_refused(connection)}
    assert refused == {
        (code, "crm", "connection:crm")
        for code in ("no-identity", "missing-id", "id-too-long", "not-recorded", "record-shape")
    }


def test_what_a_system_says_again_is_no_news_but_a_change_back_is(place: Place) -> None:
    def say(number: int, city: str) -> int:
        place.later(60)
        page = Page(str(number), (person("1", place.clock(), number, email="a@a.example",
                                         city=city),))  # fmt: skip
        return place.pulling().receive(place.row, page).events

    assert [say(1, "Vigo"), say(2, "Vigo"), say(3, "Lugo"), say(4, "Vigo"), say(5, "Vigo")] == [
        1, 0, 1, 1, 0,
    ]  # fmt: skip
    with place.store.read() as connection:
        (facts,) = facts_of_leads(connection, [1]).values()
    assert facts["city"] == "Vigo"


def test_outcomes_find_their_leads_or_make_them_and_are_put_right(place: Place) -> None:
    place.pulling().receive(place.row, Page("", (person("1", NOW_US, email="a@a.example"),)))
    won = Became(("crm", "crm:contact:1"), "won", NOW_US + HOUR_US, "deal-1", 5000, "EUR")
    new = Became(("crm", "crm:contact:2"), "lost", NOW_US - HOUR_US, "deal-2", reason="Budget")
    bad = Became(("crm", "crm:contact:2"), "won", NOW_US, "deal-3", 100, None)
    done = place.pulling().receive(place.row, Page("", became=(won, new, bad)))
    assert (done.outcomes, done.refused) == (2, 1)
    more = Became(won.name, "won", won.at_us, "deal-1", 7000, "EUR")
    assert place.pulling().receive(place.row, Page("", became=(more, new))).outcomes == 0
    with place.store.read() as connection:
        found = {(o.lead_id, o.kind, o.value, o.at_us, o.source) for o in list_outcomes(connection)}
        leads = connection.execute(select(func.count()).select_from(lead)).scalar_one()
    assert found == {(1, "won", 7000, NOW_US, "crm"), (2, "lost", None, NOW_US - HOUR_US, "crm")}
    assert leads == 2


def test_conversations_are_kept_and_given_to_read_once(place: Place) -> None:
    place.pulling().receive(place.row, Page("", (person("1", NOW_US - 9 * HOUR_US,
                                                        email="a@a.example"),)))  # fmt: skip
    turns = [{"speaker": "Ana", "side": "buyer", "text": "We have 80,000 euros for it."}]
    sent = Sent(turns=turns, held_us=NOW_US - HOUR_US, held_on=date(2027, 1, 15), channel="call")
    known = Talk("t1", (("email", "x@nobody.example"), ("email", "A@a.example")), sent)
    unknown = Talk("t2", (("email", "x@nobody.example"),), sent)
    done = place.pulling().pull(place.row, Scripted([Page("1", talks=(known, unknown))]))
    assert (done.conversations, done.refused) == (1, 1)
    again = place.pulling().pull(place.row, Scripted([Page("1", talks=(known,))]),
                                 from_the_start=True)  # fmt: skip
    assert (again.conversations, place.read) == (0, [1])
    with place.store.read() as connection:
        assert list(connection.scalars(select(conversation.c.source))) == ["crm"]
        (refused,) = list_refused(connection)
    assert refused.code == "record-of-nobody"
    assert "80,000" not in refused.body


def test_two_who_pull_at_once_do_not_mix_up_the_cursor(place: Place) -> None:
    pages = [Page(str(n + 1), (person(str(n), NOW_US, email=f"p{n}@a.example"),)) for n in range(3)]

    class Slow(Scripted):
        def pull(self, cursor: str | None, now_us: int) -> Iterator[Page]:
            yield pages[0]
            place.pulling().pull(place.row, Scripted(pages))  # another process, meanwhile
            yield pages[1]

    with pytest.raises(UserError) as busy:
        place.pulling().pull(place.row, Slow(pages))
    assert (busy.value.code, cursor(place), count(place, event)) == ("busy-connection", "3", 3)


def test_a_dry_run_writes_nothing(place: Place) -> None:
    before = [count(place, table) for table in (event, touched)]
    page = Page("1", (person("1", NOW_US, email="a@a.example"), visit("a@a.example", 1, NOW_US)),
                (Became(("crm", "x"), "won", NOW_US, "d"),),
                refusals=(Refusal(0, "record-shape", "No.", ""),))  # fmt: skip
    seen = look(Scripted([page] * 9), None, NOW_US)
    assert (seen.messages, seen.outcomes, seen.talks, len(seen.shown)) == (6, 3, 0, 5)
    assert [count(place, table) for table in (event, touched)] == before
    assert cursor(place) is None
