"""A REST interface by its description, at a made-up one of this machine."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from leadwise.connect.http import Http
from leadwise.connect.model import Connection, Facts, Library, Page, Source
from leadwise.connect.rest import KIND
from leadwise.errors import CardError, RemoteError, UserError
from leadwise.testing.serving import Answer, Fake, Query, served

NOW_US = 1_790_000_000_000_000
BASE = """
rest: helpdesk
url: URL/v2
auth: bearer
pull:
  path: /tickets
  params: {status: solved}
  records: data.items
  since: {param: updated_after, format: iso}
  paging: PAGING
  updated: updated_at
  event: Ticket Solved
  at: created_at
  identity: {email: requester.email}
  fields: {subject: subject, company: requester.org.name, first_tag: tags.0}
ask:
  path: /people/{email}
  record: person
  fields: {company_size: company.employees, title: job.title}
search:
  path: /search?q={about}
  records: found
  text: body
  link: url
"""


@dataclass
class Helpdesk(Fake):
    """Tickets in five ways of paging."""

    count: int = 5
    size: int = 2
    paging: str = "cursor"
    own: str = ""
    people: Mapping[str, Any] = field(default_factory=dict)

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], query: Query, body: bytes
    ) -> Answer:
        assert method == "GET"
        if path.startswith("/v2/people/"):
            person = self.people.get(path.removeprefix("/v2/people/"))
            return (
                (200, {}, {"person": person}) if person is not None else (404, {}, {"no": "body"})
            )
        if path == "/v2/search":
            found = [{"id": 7, "title": "Exports", "body": "Under Settings", "url": "https://h/7"},
                     {"id": 8, "title": "None", "body": None}]  # fmt: skip
            return 200, {}, {"found": found}
        tickets = [self.ticket(n) for n in range(self.count)]
        if "updated_after" in query:
            tickets = [one for one in tickets if one["updated_at"] >= query["updated_after"]]
        start = {
            "cursor": lambda: int(query.get("after", 0)),
            "offset": lambda: int(query.get("skip", 0)),
            "page": lambda: (int(query.get("page", 1)) - 1) * self.size,
        }.get(self.paging, lambda: int(query.get("x", 0)))()  # fmt: skip
        part = tickets[start : start + self.size]
        more = start + self.size < len(tickets)
        then = str(start + self.size) if more else None
        answer: dict[str, Any] = {"data": {"items": part}, "meta": {"next": then}}
        headers = {}
        if more and self.paging == "link":
            after = f"updated_after={query['updated_after']}&" if "updated_after" in query else ""
            here = f"<{self.own}/v2/tickets?{after}x={then}&a=1&a=2>"
            headers = {"Link": f'<{self.own}/v2/tickets>; rel="first", {here}; rel="next"'}
        if self.paging == "next":
            after = f"&updated_after={query['updated_after']}" if "updated_after" in query else ""
            answer["next"] = f"/v2/tickets?x={then}{after}" if more else None
        return 200, headers, answer

    def ticket(self, number: int) -> dict[str, Any]:
        return {
            "id": number, "subject": f"Ticket {number}", "tags": ["a", "b"],
            "created_at": "2026-01-01T10:00:00Z",
            "updated_at": f"2026-02-{number + 1:02}T10:00:00Z",
            "requester": {"email": f"U{number}@Acme.example", "org": {"name": "Acme"}},
        }  # fmt: skip


@pytest.fixture
def desk() -> Iterator[tuple[Helpdesk, str]]:
    fake = Helpdesk(
        people={"ana@acme.example": {"company": {"employees": 250}, "job": {"title": "CFO"}}}
    )
    with served(fake) as url:
        fake.own = url
        yield fake, url


def opened(url: str, paging: str = "{cursor: {param: after, from: meta.next}}", text: str = BASE,
           secret: str = "t0ken", **mapping: str) -> Any:  # fmt: skip
    text = text.replace("URL", url).replace("PAGING", paging)
    connection = Connection(1, "desk", "rest", {"text": text}, {"secret": secret}, mapping)
    return KIND.open(connection, Http("desk", sleep=lambda _: None))


def test_it_does_what_is_asked_of_connections(desk: tuple[Helpdesk, str]) -> None:
    rest = opened(desk[1])
    assert isinstance(rest, Source)
    assert isinstance(rest, Facts)
    assert isinstance(rest, Library)
    assert rest.test() == f"2 records on the first page of {desk[1]}/v2/tickets"


@pytest.mark.parametrize(
    ("kind", "paging"),
    [
        ("cursor", "{cursor: {param: after, from: meta.next}}"),
        ("page", "{page: page}"),
        ("offset", "{offset: skip}"),
        ("link", "link"),
        ("next", "{next: next}"),
    ],
)
def test_every_way_of_paging(desk: tuple[Helpdesk, str], kind: str, paging: str) -> None:
    fake, url = desk
    fake.paging = kind
    rest = opened(url, paging)
    pages = list(rest.pull(None, NOW_US))
    messages = [one for page in pages for one in page.messages]
    assert [one.document["subject"] for one in messages] == [f"Ticket {n}" for n in range(5)]
    assert [page.done for page in pages][:3] == [2, 4, 5]
    one = messages[0]
    assert (one.type, one.event, one.name, one.email, one.message_id) == (
        "track", "ticket_solved", "Ticket Solved", "u0@acme.example", "0",
    )  # fmt: skip
    assert one.document == {"subject": "Ticket 0", "company": "Acme", "first_tag": "a"}
    assert one.at_us == 1_767_261_600_000_000
    # It goes on where it was cut.
    left = [one for page in rest.pull(pages[0].cursor, NOW_US) for one in page.messages]
    assert [one.message_id for one in left] == ["2", "3", "4"]
    # And then asks for what is new.
    fake.count = 7
    later = [one for page in rest.pull(pages[-1].cursor, NOW_US) for one in page.messages]
    assert [one.message_id for one in later] == ["4", "5", "6"]
    first = fake.calls[0]
    assert first.headers["authorization"] == "Bearer t0ken"
    assert first.query["status"] == "solved"
    if kind == "link":
        assert fake.calls[1].query.all("a") == ["1", "2"]


def test_records_of_leads_change(desk: tuple[Helpdesk, str]) -> None:
    fake, url = desk
    text = BASE.replace("  event: Ticket Solved\n", "").replace("  at: created_at\n", "")
    fake.count = 1
    rest = opened(url, text=text, subject="topic", first_tag="")
    (page,) = rest.pull(None, NOW_US)
    (one,) = page.messages
    assert (one.type, one.message_id) == ("identify", "0:2026-02-01T10:00:00Z")
    assert one.document == {"topic": "Ticket 0", "company": "Acme"}


def test_a_record_of_nobody_is_kept_with_the_reason(desk: tuple[Helpdesk, str]) -> None:
    fake, url = desk
    fake.count = 2
    text = BASE.replace("{email: requester.email}", "{crm: requester.crm}")
    (page,) = opened(url, text=text).pull(None, NOW_US)
    assert page.messages == ()
    assert [one.code for one in page.refusals] == ["no-identity"] * 2
    assert json.loads(page.refusals[0].body)["subject"] == "Ticket 0"


def test_one_is_asked_for(desk: tuple[Helpdesk, str]) -> None:
    fake, url = desk
    rest = opened(url)
    assert rest.ask({"email": "ana@acme.example"}) == {"company_size": 250, "title": "CFO"}
    assert rest.ask({"email": "nobody@acme.example"}) is None
    assert rest.ask({"domain": "acme.example"}) is None
    rest.ask({"email": "../tickets?x=1#y"})
    assert fake.calls[-1].target == "/v2/people/..%2Ftickets%3Fx%3D1%23y"
    fake.fail(500, times=3, body="broken")
    with pytest.raises(RemoteError) as raised:
        rest.ask({"email": "ana@acme.example"})
    assert not raised.value.permanent


def test_texts_are_looked_for(desk: tuple[Helpdesk, str]) -> None:
    (paper,) = opened(desk[1]).papers("export my data?", 5)
    assert (paper.id, paper.text, paper.link) == ("7", "Under Settings", "https://h/7")
    assert desk[0].calls[-1].query["q"] == "export my data?"


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        ("basic", ("authorization", "Basic " + base64.b64encode(b"me:secret").decode())),
        ("{header: X-Api-Key}", ("x-api-key", "me:secret")),
        ("{query: api_key}", ("", "me:secret")),
    ],
)
def test_every_way_to_show_the_key(
    desk: tuple[Helpdesk, str], auth: str, expected: tuple[str, str]
) -> None:
    fake, url = desk
    rest = opened(url, text=BASE.replace("auth: bearer", f"auth: {auth}"), secret="me:secret")
    rest.test()
    call = fake.calls[0]
    assert (call.headers[expected[0]] if expected[0] else call.query["api_key"]) == expected[1]
    fake.fail(403, body="no: me:secret is wrong")
    with pytest.raises(RemoteError) as raised:
        rest.test()
    assert "secret" not in str(raised.value).replace("(secret)", "")
    with pytest.raises(UserError, match="has no key"):
        opened(url, secret="")


def test_the_key_goes_to_no_other_host(desk: tuple[Helpdesk, str]) -> None:
    fake, url = desk
    fake.paging, fake.own = "link", "http://localhost:9"
    with pytest.raises(RemoteError, match="another host") as raised:
        list(opened(url, "link").pull(None, NOW_US))
    assert raised.value.permanent


def test_a_page_that_repeats_itself_ends(desk: tuple[Helpdesk, str]) -> None:
    class Stuck(Fake):
        def handle(self, *_: Any) -> Answer:
            return 200, {}, {"data": {"items": []}, "meta": {"next": "same"}}

    fake = Stuck()
    with served(fake) as url:
        assert len(list(opened(url).pull(None, NOW_US))) == 2


def test_no_list_where_one_should_be(desk: tuple[Helpdesk, str]) -> None:
    rest = opened(desk[1], text=BASE.replace("data.items", "data.nothing"))
    with pytest.raises(RemoteError, match=r"no list of records at 'data\.nothing'"):
        list(rest.pull(None, NOW_US))


def test_all_problems_of_a_description_are_told() -> None:
    text = """\
rest: Help Desk
url: ftp://example.com
auth: token
pull:
  path: tickets
  recods: data
  paging: {cursor: {param: after}}
  event: solved
  identity: {mail: requester.email}
ask:
  path: /people
"""
    with pytest.raises(CardError) as raised:
        opened("", text=text)
    found = [(one.code, one.where.line) for one in raised.value.problems]
    assert found == [
        ("bad-id", 1), ("rest-url", 2), ("wrong-type", 3), ("missing-key", 4), ("rest-url", 5),
        ("unknown-key", 6), ("rest-paging", 7), ("unknown-key", 9), ("missing-key", 10),
        ("rest-place", 11),
    ]  # fmt: skip
    assert "did you mean 'records'?" in raised.value.problems[5].hint


@pytest.mark.parametrize("text", ["", "- a", "rest: x", "a: [", "rest: x\nurl: [1]\npull: 3\n"])
def test_no_text_breaks_the_reader(text: str) -> None:
    with pytest.raises(UserError):
        opened("", text=text or " ")


def test_a_file_that_is_not_there(tmp_path: Any) -> None:
    connection = Connection(1, "desk", "rest", {"file": str(tmp_path / "no.yaml")})
    with pytest.raises(UserError, match="cannot be read"):
        KIND.open(connection, Http("desk"))


def test_page_is_what_is_pulled(desk: tuple[Helpdesk, str]) -> None:
    assert all(isinstance(page, Page) for page in opened(desk[1]).pull(None, NOW_US))
