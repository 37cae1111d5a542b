"""What says who somebody is, taken out before anything leaves the machine, and put back.

E-mail addresses, phone numbers, and long numbers (bank accounts, cards) become placeholders, the
same one wherever the same stands: `[email-1]`. A quote that holds one is put back to the words that
were said, so it stays verbatim. Names stay: who said what is what is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from phonenumbers import Leniency, PhoneNumberMatcher

_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+|[\w.+-]+ ?\[at\] ?[\w-]+(?:\.[\w-]+)+")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b")
_LONG = re.compile(r"(?<![\w.,])\d(?:[ -]?\d){8,}(?![\w]|[.,]\d)")
"""Nine digits or more in a row, with single blanks or dashes."""
_GROUPED = re.compile(r"\d{1,3}(?:(?:[ .,'\u2019\u00a0\u202f])000|[ .,'\u2019\u00a0\u202f]\d{3})+")
_CODES = (
    "EUR|USD|GBP|CHF|SEK|NOK|DKK|PLN|CZK|HUF|RON|TRY|MXN|COP|ARS|CLP|PEN|BRL|CAD|AUD|NZD|INR|JPY|"
    "CNY|HKD|SGD|KRW|PHP|IDR|MYR|THB|VND|ZAR|NGN|KES|EGP|AED|SAR|ILS|KSh|Rs|kr"
)
_MONEY_AFTER = re.compile(
    rf"\s?(?:[$€£¥₹₦%]|(?:{_CODES})\b|(?i:euro|eur\b|dol|pound|pfund|livre|libra|punta|frank|franc|"
    r"kron|kruun|rupe|rupia|roupie|peso|rand\b|real|mill|mio|mrd|milj|k\b|tausend|thousand|mil\b|"
    r"tuhat|mille\b))"
)
_MONEY_BEFORE = re.compile(rf"(?:[$€£¥₹₦]|\b(?:{_CODES})\.?)\s?$")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
_REGIONS: Mapping[str, tuple[str, ...]] = {
    "en": ("US", "GB", "IE", "AU", "IN"), "es": ("ES", "MX", "AR", "CO"), "de": ("DE", "AT", "CH"),
    "fr": ("FR", "BE", "CH", "CA"), "fi": ("FI",),
}  # fmt: skip
"""Countries whose numbers are known without their code, by the conversation's language."""
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Redaction:
    """Texts without what was taken out, in their order, and what each placeholder stands for."""

    texts: tuple[str, ...]
    originals: Mapping[str, str]

    def restore(self, text: str) -> str:
        """The text with everything put back."""
        for placeholder, original in self.originals.items():
            text = text.replace(placeholder, original)
        return text


def redact(texts: Iterable[str], language: str | None = None) -> Redaction:
    """Take out what says who somebody is. `language` says whose phone numbers are known."""
    given = tuple(texts)
    whole = "\n".join(given)
    names: dict[tuple[str, str], str] = {}
    counts: dict[str, int] = {}

    def name(kind: str, original: str) -> str:
        key = (kind, original)
        while key not in names:
            counts[kind] = counts.get(kind, 0) + 1
            placeholder = f"[{kind}-{counts[kind]}]"
            if placeholder not in whole:
                names[key] = placeholder
        return names[key]

    made: list[str] = []
    for text in given:
        parts: list[str] = []
        at = 0
        for start, end, kind in _found(text, language):
            parts += [text[at:start], name(kind, text[start:end])]
            at = end
        made.append("".join(parts) + text[at:])
    return Redaction(tuple(made), {one: original for (_, original), one in names.items()})


def _found(text: str, language: str | None) -> Iterator[tuple[int, int, str]]:
    """What is to be taken out of a text: from, to, kind; in order, none over another."""
    spans = [(m.start(), m.end(), "email") for m in _EMAIL.finditer(text)]
    spans += [(m.start(), m.end(), "number") for m in _IBAN.finditer(text)]
    spans += [(s, e, "phone") for s, e in _phones(text, language)]
    spans += [(m.start(), m.end(), "number") for m in _LONG.finditer(text)
              if not _is_figure(text, m.start(), m.end())]  # fmt: skip
    at = 0
    for start, end, kind in sorted(spans, key=lambda one: (one[0], -one[1])):
        if start >= at:
            yield start, end, kind
            at = end


def _phones(text: str, language: str | None) -> Iterator[tuple[int, int]]:
    if sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
        return
    for region in _REGIONS.get(language or "", _REGIONS["en"] + ("ES", "DE", "FR", "FI")):
        for match in PhoneNumberMatcher(text, region, leniency=Leniency.VALID, max_tries=10_000):
            digits = sum(map(str.isdigit, match.raw_string))
            if digits >= _FEWEST_DIGITS and not _is_figure(text, match.start, match.end):
                yield match.start, match.end


def _is_figure(text: str, start: int, end: int) -> bool:
    """Whether digits are an amount or a day: those must stay, they are what is asked for."""
    said = text[start:end].strip()
    if _DATE.fullmatch(said):
        return True
    if said.startswith("+"):
        return False
    grouped = _GROUPED.fullmatch(said) is not None
    money = bool(_MONEY_AFTER.match(text, end) or _MONEY_BEFORE.search(text, 0, start))
    return money or (grouped and said.endswith("000"))
