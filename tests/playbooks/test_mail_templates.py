"""Templates of mails: read, checked, found in the right language, filled in for a real lead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leadwise.card import parse
from leadwise.errors import CardError, UserError
from leadwise.playbooks.mails.making import preview, where_to
from leadwise.playbooks.mails.templates import (
    check_template,
    find_source,
    list_sources,
    names_of_template,
    read_template,
    template_names,
)
from leadwise.playbooks.texts.values import nested, values_of_lead
from leadwise.settings import Settings
from leadwise.settings.mail import MailSettings
from leadwise.store.opening import Store
from leadwise.store.schema import identity
from leadwise.store.templates import keep_template, versions_of_template
from tests.databases import make_tables
from tests.records import NOW_US, add_lead

OFFER = """---
subject: An offer for {{ lead.first_name | default("you") }}
preheader: What it costs
---
Hello {{ lead.first_name | default("there") }},

see [the offer](https://acme.example/offer?lead={{ lead.id }}).

[[Book a time]](https://acme.example/book)
"""
HOSTILE = (
    "<img src=x onerror=alert(1)>{{ 7*7 }}\r\nBcc: x@acme.example [click](https://evil.example)"
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(str(tmp_path / "record.db")) as opened:
        make_tables(opened)
        yield opened


def settings(tmp_path: Path, **mail: object) -> Settings:
    made = MailSettings(sender="Ann at Acme <ann@acme.example>", postal_address="Acme, Oslo")
    return Settings(
        data=tmp_path, public_url="https://leads.acme.example",
        mail=made.model_copy(update=mail),
    )  # fmt: skip


def keep(store: Store, **texts: str) -> None:
    for name, text in texts.items():
        plain = name.replace("__", ".")
        store.write(lambda c, n=plain, t=text: keep_template(c, n, t, by="test", now_us=1))


def lead(store: Store, email: str = "ana@lead.example", **facts: object) -> int:
    return int(store.write(lambda c: add_lead(c, email, facts, at_us=NOW_US - 1)))


def test_every_shipped_template_is_right_and_says_something(tmp_path: Path, store: Store) -> None:
    lead_id = lead(store)
    given = {"at": "2026-07-01T09:00:00Z", "link": "https://meet.example/x"}
    with store.read() as connection:
        sources = list_sources(connection, settings(tmp_path))
        assert len(sources) > 10
        for one in sources:
            assert check_template(one.text, one.name, given=[*given, "quote"]) == (), one.name
            made = preview(connection, settings(tmp_path), one.name, lead_id, NOW_US, more=given)
            assert made.subject
            assert "{{" not in made.text + made.html
            assert "<p>" in made.html
            assert ("Unsubscribe" in made.text) is (made.kind == "marketing")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("no head", 1, "begins with its head"),
        ("---\nsubject: x\n", 1, "does not end"),
        ("---\npreheader: x\n---\ntext", 1, "needs a subject"),
        ("---\nsubject: x\nsubjct: y\n---\ntext", 3, "'subjct'"),
        ("---\nsubject: x\nkind: nice\n---\ntext", 3, "kind is"),
        ("---\nsubject: x\n---\n\n", 3, "no text"),
        ("---\nsubject: x\n---\none\n\ntwo {{ lead.x\n", 6, "end of"),
        ("---\nsubject: x {{ y\n---\none", 2, "end of"),
        ("---\nsubject: x\n---\none\n---html---\n<p>\n{% include 'x' %}", 7, "Include"),
        ("---\nsubject: x\n---\n{% if a %}\n\n- one\n", 4, "end of"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(CardError) as error:
        read_template(text, "offer", "offer.md")
    found = error.value.problems[0]
    assert words in found.message
    assert (found.where.file, found.where.line) == ("offer.md", line)


def test_names_that_nothing_gives_are_warned_of() -> None:
    card = parse(
        "card: a\nversion: 1\nfields:\n  title: {type: text}\ndimensions:\n  - id: fit\n"
        "    criteria:\n      - {id: t, when: title = 'x', points: 1}\n"
    ).card
    text = "---\nsubject: x\n---\n{{ lead.title }} {{ lead.titel }} {{ at }} {{ leed.x }}"
    found = check_template(text, "offer", card=card, given=["at"])
    assert [(p.message, p.severity) for p in found] == [
        ("There is no value lead.titel.", "warning"), ("There is no value leed.x.", "warning"),
    ]  # fmt: skip
    made = read_template(text, "offer")
    assert names_of_template(made) == {"lead.title", "lead.titel", "at", "leed.x"}


def test_the_folder_comes_before_the_store_and_that_before_what_is_shipped(
    tmp_path: Path, store: Store
) -> None:
    folder = tmp_path / "templates"
    folder.mkdir()
    own = settings(tmp_path, templates=folder)

    def subject() -> str:
        with store.read() as connection:
            source = find_source(connection, own, "offer-1")
            return f"{source.origin}: {read_template(source.text, source.name).subject}"

    assert subject().startswith("shipped: ")
    keep(store, **{"offer-1": OFFER.replace("An offer", "Kept")})
    assert subject().startswith("store: Kept")
    (folder / "offer-1.md").write_text(OFFER.replace("An offer", "Folder"), encoding="utf-8")
    assert subject().startswith("folder: Folder")
    with store.read() as connection:
        assert "offer-1" in template_names(connection, own)
        with pytest.raises(UserError) as error:
            find_source(connection, own, "../../etc/passwd")
    assert error.value.code == "no-such-template"


def test_the_leads_language_is_taken_where_there_is_one(tmp_path: Path, store: Store) -> None:
    spanish = OFFER.replace("An offer for", "Una oferta para") + "\n{{ now | date }}"
    keep(store, offer=OFFER + "\n{{ now | date }}", offer__es=spanish)
    own = settings(tmp_path)
    with store.read() as connection:
        for said, name, day in (
            ("es-MX", "offer.es", "de"), ("fi", "offer", "202"), (None, "offer", "202"),
        ):  # fmt: skip
            facts = {"language": said} if said else {}
            lead_id = store.write(
                lambda c, s=said, f=facts: add_lead(c, f"{s}@lead.example", f, at_us=NOW_US - 1)
            )
            with store.read() as fresh:
                found = preview(fresh, own, "offer", lead_id, NOW_US)
            assert found.template == name
            assert f'<html lang="{"es" if name == "offer.es" else "en"}"' in found.html
            assert (" de " in found.text) is (day == "de")
        assert connection is not None


def test_versions_are_kept(store: Store) -> None:
    keep(store, offer=OFFER)
    keep(store, offer=OFFER)
    keep(store, offer=OFFER + "more")
    with store.read() as connection:
        versions = versions_of_template(connection, "offer")
    assert [one.version for one in versions] == [2, 1]
    assert versions[1].text == OFFER


def test_nobodys_name_is_more_than_a_name(tmp_path: Path, store: Store) -> None:
    lead_id = lead(store, motto=HOSTILE)
    keep(store, offer=OFFER.replace("lead.first_name", "lead.motto"))
    with store.read() as connection:
        found = preview(connection, settings(tmp_path), "offer", lead_id, NOW_US)
    assert "\n" not in found.subject
    assert "\r" not in found.subject
    assert "49" not in found.subject
    assert "<img" not in found.html
    assert 'href="https://evil.example' not in found.html
    assert "&lt;img" in found.html


ADVERTISEMENTS = (
    "You won! https://evil.example/x", "You won 1000 EUR www.evil.example", "Win at evil.com now",
    "write to me@evil.example", "A" * 101, HOSTILE,
)  # fmt: skip


@pytest.mark.parametrize("name", ADVERTISEMENTS)
def test_an_advertisement_is_nobodys_name(tmp_path: Path, store: Store, name: str) -> None:
    """Whoever fills in a form with somebody else's address has us send nothing of theirs."""
    lead_id = lead(store, first_name=name, last_name=name, name=name, company=name)
    text = OFFER + 'x{{ lead.name | default("-") }}{{ lead.last_name | default("-") }}x'
    keep(store, offer=text)
    with store.read() as connection:
        found = preview(connection, settings(tmp_path), "offer", lead_id, NOW_US)
    assert found.subject == "An offer for you"
    assert "x--x" in found.text
    assert "evil" not in found.text
    with store.read() as connection:
        assert where_to(connection, lead_id).name == ""


@pytest.mark.parametrize("name", ["J.Smith", "Ann-Marie O'Neil", "St. John", "李小龍", "A" * 100])
def test_a_name_is_what_people_are_called(tmp_path: Path, store: Store, name: str) -> None:
    lead_id = lead(store, first_name=name, company="Booking.com")
    keep(store, offer=OFFER + "of {{ company.name }}")
    with store.read() as connection:
        found = preview(connection, settings(tmp_path), "offer", lead_id, NOW_US)
    assert found.subject == f"An offer for {name}"
    assert "of Booking.com" in found.text


def test_html_of_ones_own_goes_as_it_is(tmp_path: Path, store: Store) -> None:
    own = (
        "---\nsubject: x\nkind: transactional\n---\n---html---\n<html><body><h1>Hi "
        '{{ lead.first_name }}</h1><p>See <a href="https://acme.example/">us</a></p></body></html>'
    )
    keep(store, own=own)
    lead_id = lead(store, first_name="A & B")
    with store.read() as connection:
        found = preview(connection, settings(tmp_path), "own", lead_id, NOW_US)
    assert found.html.startswith("<html><body><h1>Hi A &amp; B</h1>")
    assert found.text.strip() == "Hi A & B\n\nSee us (https://acme.example/)"


def test_a_missing_value_says_where_it_is_needed(tmp_path: Path, store: Store) -> None:
    keep(store, offer="---\nsubject: x\n---\none\n\n{{ lead.phone }}")
    lead_id = lead(store)
    with store.read() as connection, pytest.raises(UserError) as error:
        preview(connection, settings(tmp_path), "offer", lead_id, NOW_US)
    assert error.value.code == "template-value"
    assert "lead.phone" in error.value.message
    assert error.value.where.file == "offer"


def test_where_a_leads_mail_goes(store: Store) -> None:
    lead_id = lead(store, "ana@lead.example", name="Ana García")
    with store.read() as connection:
        to = where_to(connection, lead_id)
    assert (to.address, to.name, to.who) == (
        "ana@lead.example", "Ana García", ("email", "ana@lead.example"),
    )  # fmt: skip
    store.write(lambda c: c.execute(identity.update().values(kind="user")))
    store.write(lambda c: c.exec_driver_sql("UPDATE lead_fact SET doc = '{}'"))
    with store.read() as connection, pytest.raises(UserError) as error:
        where_to(connection, lead_id)
    assert error.value.code == "no-address"


def test_values_are_what_is_known(tmp_path: Path, store: Store) -> None:
    lead_id = lead(
        store, name="Dr. Ana García", title="boss", company="Toys Ltd", **{"address.city": "Madrid"}
    )
    with store.read() as connection:
        values = values_of_lead(connection, lead_id, NOW_US, settings=settings(tmp_path))
        seen = values.of("{{ lead.name }}{{ owner.name }}{{ team.name }}{{ score }}{{ nothing }}")
        company = values.of("{{ company.name }}")["company"]
        assert company["name"] == "Toys Ltd"
        assert seen["lead"]["first_name"] == "Ana"
        assert seen["lead"]["address"] == {"city": "Madrid"}
        assert seen["team"]["name"] == "Ann at Acme"
        assert (seen["owner"], seen["score"], seen["nothing"]) == (None, None, None)


def test_dotted_keys_become_objects() -> None:
    assert nested({"a": 1, "a.b": 2, "c.d": 3, "c.e.f": 4}) == {
        "a": 1,
        "c": {"d": 3, "e": {"f": 4}},
    }
