"""What a mail is composed of, whoever its values come from."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from leadwise.connect.mail.addresses import address_header, mailbox_of
from leadwise.connect.mail.outbox import Draft
from leadwise.errors import UserError
from tests.connect.mail.conftest import SITE, House
from tests.connect.mail.strict import parsed

Drafts = Callable[..., Draft]


def sent(house: House) -> tuple[EmailMessage, str, str]:
    """The last mail: itself, its text and its HTML."""
    mail = parsed(house.post.messages()[-1])
    plain, html = (mail.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    return mail, plain.get_content(), html.get_content()


def test_each_part_has_a_way_out(house: House, draft: Drafts) -> None:
    """A template with HTML of its own may have put it into one of them alone."""
    outbox = house.outbox()
    one = draft()
    way = outbox.links.unsubscribe(outbox.links.token(one.key))
    outbox.post(draft(text=f"Hello. Leave: {way}\n", html="<p>Hello.</p>"))
    _, text, html = sent(house)
    assert text.count("/m/u/") == 1
    assert html.count("/m/u/") == 1


@pytest.mark.parametrize("tracking", ["none", "opens and clicks"])
def test_no_link_runs_anything(house: House, draft: Drafts, tracking: str) -> None:
    """Where somebody's website is `javascript:...`, tracked or not."""
    html = '<p><a href="javascript:alert(1)" data-href="x">page</a> <a href="tel:+1">x</a></p>'
    house.outbox().post(draft(html=html, tracking=tracking))
    _, _, made = sent(house)
    assert "javascript" not in made
    assert '<a href="#" data-href="x">' in made
    assert '<a href="tel:+1">' in made


def test_a_link_that_is_not_to_be_tracked_is_not(house: House, draft: Drafts) -> None:
    html = (
        '<a href="https://acme.example/a" data-track="no">a</a> <a href="https://b.example">b</a>'
    )
    house.outbox().post(draft(html=html))
    _, _, made = sent(house)
    assert '<a href="https://acme.example/a">a</a>' in made
    assert f'<a href="{SITE}/m/c/' in made


@pytest.mark.parametrize(
    ("said", "header"),
    [
        ("Example, Ann <ann@acme.example>", '"Example, Ann" <ann@acme.example>'),
        ("Ann (Sales) <ann@acme.example>", '"Ann (Sales)" <ann@acme.example>'),
        ("Ann @ Acme <ann@acme.example>", '"Ann @ Acme" <ann@acme.example>'),
        ('"Lee; \\"Ann\\"" <ann@acme.example>', '"Lee; \\"Ann\\"" <ann@acme.example>'),
        ("Sales: Ann <ann@acme.example>", '"Sales: Ann" <ann@acme.example>'),
    ],
)
def test_who_sends_may_be_called_anything(
    house: House, draft: Drafts, said: str, header: str
) -> None:
    """`from: {{ owner.name }} <{{ owner.email }}>`, and owners have the names that they have."""
    assert address_header("From", mailbox_of(said)) == f"From: {header}"
    house.outbox().post(draft(sender=said))
    mail, _, _ = sent(house)
    assert [one.addr_spec for one in mail["from"].addresses] == ["ann@acme.example"]


@pytest.mark.parametrize(
    "said",
    ["(" * 20_000, "<a@b.example> " * 5_000, "@ " * 20_000,
     "x <evil@evil.example> <ann@acme.example>", "evil@evil.example, <ann@acme.example>",
     "Ann\r\nBcc: evil@evil.example <ann@acme.example>", "<ann@acme.example> evil@evil.example"],
)  # fmt: skip
def test_a_name_is_no_second_address(said: str) -> None:
    with pytest.raises(UserError, match="is no address"):
        mailbox_of(said)
