"""Addresses as headers and envelopes have them: nothing in a name can begin a header of its own."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import Header
from email.utils import getaddresses

from leadwise.errors import UserError

_NAMED = re.compile(r"((?:[^<>@]|(?<!\S)@(?!\S))*)<([^<>]*)>")
"""A name and one address in angle brackets; a name with an address in it may be several."""
LONGEST_SAID, MOST_COMMENTS = 1_000, 20
LONGEST_NAME = 100
LONGEST_LINE = 76
"""Characters of a line that has an encoded word (RFC 2047, section 2)."""
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")


@dataclass(frozen=True, slots=True)
class Address:
    """A mailbox: `address` is ASCII, its domain as the DNS has it (`xn--...`)."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


def mailbox(address: str, name: str = "") -> Address:
    """The mailbox of an address. UserError (`mail-address`) for what no mail can be sent to:
    no address, or one whose part before the @ is not ASCII (RFC 6531 is not spoken)."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError) as error:
        raise UserError("mail-address", f"{_short(address)} is no address: {error}") from None
    if not found.ascii_email or not _LOCAL.fullmatch(found.ascii_local_part or ""):
        raise UserError(
            "mail-address", f"No mail can be sent to {_short(address)}.",
            hint="What stands before the @ has to be letters, digits and signs of ASCII.",
        )  # fmt: skip
    return Address(found.ascii_email, one_line(name))


def mailbox_of(text: str) -> Address:
    """The mailbox of a text such as `Ann at Acme <ann@acme.example>`. UserError
    (`mail-address`)."""
    plain = one_line(text)
    whole = _NAMED.fullmatch(plain)
    if whole is not None:
        # A name is whatever stands before the address: with commas, full stops, brackets.
        return mailbox(whole[2], _unquoted(whole[1].strip()))
    # The library takes comments in comments apart by calling itself.
    found = (
        [pair for pair in getaddresses([plain]) if pair[1]]
        if len(plain) <= LONGEST_SAID and plain.count("(") <= MOST_COMMENTS
        else []
    )
    if len(found) != 1:
        raise UserError(
            "mail-address", f"{_short(text)} is no address.",
            hint="Write it as ann@acme.example or Ann at Acme <ann@acme.example>.",
        )  # fmt: skip
    return mailbox(found[0][1], found[0][0])


def one_line(text: str) -> str:
    """A text without line ends, control characters and the signs that turn text around."""
    kept = [
        " " if sign in "\r\n\t\u2028\u2029\x0b\x0c\x85" else sign
        for sign in unicodedata.normalize("NFC", text)
        if sign in "\r\n\t\x0b\x0c\x85" or unicodedata.category(sign) not in ("Cc", "Cs", "Cn")
    ]
    # Embeddings and overrides that are not closed would turn the address after them around.
    plain = "".join(sign for sign in kept if sign not in "\u202a\u202b\u202c\u202d\u202e"
                    "\u2066\u2067\u2068\u2069")  # fmt: skip
    return " ".join(plain.split())


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[0] == name[-1] == '"':
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


def text_header(name: str, text: str) -> str:
    """A header of free text (`Subject: ...`), folded, in ASCII (RFC 2047)."""
    plain = one_line(text)
    if plain.isascii() and "=?" not in plain:
        return _folded(f"{name}:", plain.split(" "))
    return f"{name}: {_encoded(plain, len(name) + 2)}"


def address_header(name: str, *addresses: Address) -> str:
    """A header of mailboxes, folded, in ASCII."""
    lines = []
    for address in addresses:
        shown, at = address.name[:LONGEST_NAME], f"<{address.address}>"
        if not shown:
            lines.append(address.address)
        elif not shown.isascii() or "=?" in shown:
            lines.append(f"{_encoded(shown, len(name) + 2)}\r\n {at}")
        else:
            quoted = shown
            if not _ATOM.fullmatch(shown):
                escaped = shown.replace("\\", "\\\\").replace('"', '\\"')
                quoted = f'"{escaped}"'
            together = f"{quoted} {at}"
            fits = len(name) + 2 + len(together) <= LONGEST_LINE
            lines.append(together if fits else f"{quoted}\r\n {at}")
    return f"{name}: " + ",\r\n ".join(lines)


def token_header(name: str, tokens: list[str]) -> str:
    """A header of words that must not be taken apart: Message-IDs, addresses in angle brackets."""
    return _folded(f"{name}:", tokens)


def _encoded(text: str, taken: int) -> str:
    try:
        made = Header(text, "utf-8", maxlinelen=LONGEST_LINE, header_name="x" * max(taken - 2, 0))
        return made.encode(linesep="\r\n")
    except (HeaderParseError, UnicodeError) as error:
        raise UserError("mail-address", f"{_short(text)} cannot be in a header.") from error


def _folded(line: str, words: list[str]) -> str:
    lines = [line]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LONGEST_LINE and lines[-1] != line:
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines)


def _short(text: str) -> str:
    plain = one_line(text)
    return repr(plain if len(plain) <= 80 else plain[:80] + "...")
