"""What stands for a person in an ad network's list: SHA-256 of values in one form.

The forms are the networks' own. Google (Customer Match, "Format your customer data file"): lower
case without blanks, of Gmail addresses no full stops and nothing after a plus sign in the name;
numbers as E.164 with the plus sign. Meta (Custom Audiences, "Hashing and normalization"): lower
case without blanks; numbers as digits alone; names without punctuation. LinkedIn (Matched
Audiences): addresses in lower case.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

_GMAIL = ("gmail.com", "googlemail.com")


def hashed(text: str) -> str:
    """SHA-256 in lower-case hexadecimal; the empty text stays empty."""
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def email_plain(address: str) -> str:
    """An address in lower case, without blanks."""
    return re.sub(r"\s+", "", address).lower()


def email_google(address: str) -> str:
    """The form in which Google compares addresses."""
    name, at, domain = email_plain(address).rpartition("@")
    if domain in _GMAIL:
        name = name.partition("+")[0].replace(".", "")
    return f"{name}{at}{domain}"


def phone_digits(number: str) -> str:
    """E.164 without its plus sign."""
    return re.sub(r"\D", "", number)


def zip_meta(code: str, country: str) -> str:
    """A code of the post in lower case without blanks and dashes; of those of the United States
    the first five digits."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return plain[:5] if country.upper() == "US" else plain


def name_google(name: str) -> str:
    """A name in lower case; blanks at its ends do not count."""
    return unicodedata.normalize("NFC", name).strip().lower()


def name_meta(name: str) -> str:
    """A name in lower case without blanks and punctuation."""
    lower = unicodedata.normalize("NFC", name).lower()
    return "".join(sign for sign in lower if sign.isalpha() or unicodedata.category(sign) == "Mn")
