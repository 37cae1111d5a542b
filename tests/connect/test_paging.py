"""Pages that all followed systems make alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leadwise.connect.following import Place, places
from leadwise.connect.model import Page
from leadwise.connect.paging import page_of, walked
from leadwise.errors import UserError
from leadwise.testing.pipedrive import FakePipedrive
from leadwise.testing.serving import served
from tests.connect.pipedrive.company import NOW_US, START, mail, opened


def test_a_record_of_another_shape_is_refused_and_holds_up_no_other() -> None:
    def tell(row: dict[str, Any]) -> Any:
        if row["id"] == 3:
            raise UserError("record-of-nobody", "It is nobody's.")
        return [int(row["size"])], []

    rows: list[dict[str, Any]] = [
        {"id": 1, "size": "many"}, {"id": 2, "size": 7}, {"id": 3}, {"id": 4}, {"id": 5, "size": []}
    ]  # fmt: skip
    page = page_of("Acme", rows, tell)
    assert page.messages == (7,)
    assert [(one.index, one.code) for one in page.refusals] == [
        (0, "record-shape"), (2, "record-of-nobody"), (3, "record-shape"), (4, "record-shape"),
    ]  # fmt: skip
    assert '"many"' in page.refusals[0].body


def test_an_activity_of_a_strange_length_does_not_stop_the_pull() -> None:
    fake = FakePipedrive(now=START)
    fake.add("person", name="Ana", emails=mail("ana@x.example"))
    who = [{"person_id": 1, "primary": True}]
    fake.add("activity", subject="A", type="call", done=True, duration="soon", participants=who)
    fake.add("activity", subject="B", type="call", done=True, duration="00:30", participants=who)
    with served(fake) as url:
        pages = list(opened(url).pull(None, NOW_US))
    assert [one.code for page in pages for one in page.refusals] == ["record-shape"]
    assert sum(len(page.messages) for page in pages) == 2


def test_a_walk_goes_on_where_it_was() -> None:
    def rows_of(place: Place) -> Iterator[tuple[list[dict[str, Any]], str]]:
        for number in range(int(place.after or 0) + 1, 4):
            yield [{"id": number}], str(number)

    def walk(cursor: str | None) -> list[Page]:
        ahead = list(places(cursor, ("a", "b"), 10**15))
        left = {p.kind: 3 - int(p.after or 0) for p in ahead}
        return list(walked(ahead, left, rows_of, lambda kind, rows: Page(f"{kind}{rows[0]['id']}")))

    whole = walk(None)
    assert [(page.done, page.total) for page in whole] == [
        *((n, 6) for n in range(1, 7)), (6, 6),
    ]  # fmt: skip
    for number, page in enumerate(whole[:-1]):
        rest = walk(page.cursor)
        assert [(one.done, one.cursor) for one in rest] == [
            (one.done, one.cursor) for one in whole[number + 1 :]
        ]


@pytest.mark.parametrize("cursor", ["", "{", "[1]", '["a", 1, "gone", "", 0]', '"x"'])
def test_a_cursor_that_is_not_ours_begins_anew(cursor: str) -> None:
    assert [p.kind for p in places(cursor, ("a", "b"), 5)] == ["a", "b"]
