"""Drafts of cards, and what was seen lately, in both stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.errors import UserError
from leadwise.store.drafts import (
    begin_draft,
    drop_draft,
    get_draft,
    list_drafts,
    rename_draft,
    save_draft,
)
from leadwise.store.members import add_member
from leadwise.store.seen import seen_lately
from tests.databases import postgres_database
from tests.web.api_service import Running, message, running


@pytest.fixture(params=["sqlite", "postgres"])
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Running]:
    if request.param == "sqlite":
        with running(tmp_path, jobs=False) as found:
            yield found
    else:
        server = str(request.getfixturevalue("postgres_url"))
        with postgres_database(server) as url, running(tmp_path, url, jobs=False) as found:
            yield found


def test_a_text_begun_from_an_older_revision_replaces_nothing(service: Running) -> None:
    who = service.write(
        lambda c: add_member(c, "Ann", "ann@team.example", "marketing", by="test", now_us=1)
    )
    draft = service.write(lambda c: begin_draft(c, "lead", "A", "one", member_id=who.id, now_us=1))
    assert service.write(lambda c: save_draft(c, draft, "two", 1, 5)) == 2
    assert service.write(lambda c: save_draft(c, draft, "three", 1, 6)) is None
    assert service.write(lambda c: save_draft(c, draft, "two", 1, 7)) == 2  # is saved already
    service.write(lambda c: rename_draft(c, draft, "B"))
    found = service.write(lambda c: get_draft(c, draft))
    assert (found.text, found.revision, found.changed_us, found.name) == ("two", 2, 5, "B")
    assert found.member == "Ann"
    assert [each.id for each in service.write(list_drafts)] == [draft]
    service.write(lambda c: drop_draft(c, draft))
    with pytest.raises(UserError) as refused:
        service.write(lambda c: get_draft(c, draft))
    assert refused.value.code == "no-such-draft"


def test_what_was_seen_names_no_person(service: Running) -> None:
    service.say(
        message("identify", "a", 1, values={"title": "boss", "phone": "123", "size": 5}),
        message("identify", "b", 1, values={"title": "boss", "first_name": "Ann", "size": "7"}),
        message("track", "a", 2, event="Demo Requested", values={"plan": "pro"}),
        message("track", "b", 2, event="Demo Requested", values={"plan": "x@y.example"}),
    )
    found = service.write(seen_lately)
    assert [(each.name, each.count) for each in found.events] == [("demo_requested", 2)]
    plan = found.events[0].properties[0]
    assert (plan.name, plan.count, plan.values) == ("plan", 2, (("pro", 1),))
    facts = {each.name: each for each in found.facts}
    assert facts["title"].values == (("boss", 2),)
    assert facts["size"].numbers
    assert not facts["title"].numbers
    assert facts["phone"].values == ()
    assert facts["first_name"].values == ()
