"""Salesforce's outbound messages: SOAP that says which records changed, and its acknowledgement.

The address has the connection's secret, the message the organisation's id; Salesforce signs
nothing itself. What a record says now is asked for, so that order, repeats and which fields are
sent along do not matter. The format is that of Salesforce's documentation (Outbound Messaging
WSDL).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit
from xml.parsers.expat import ExpatError, ParserCreate

from leadwise.connect.model import Request
from leadwise.errors import UserError

ACK = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>'
    "</notificationsResponse></soapenv:Body></soapenv:Envelope>"
)
OUTBOUND = "http://soap.sforce.com/2005/09/outbound"
TYPE = "http://www.w3.org/2001/XMLSchema-instance type"
MOST = 100
"""Notifications of one message, by Salesforce's own description."""
LONGEST_ID = 18


@dataclass(slots=True)
class Told:
    """What a message says: of which organisation, and by object the ids that changed."""

    organization: str = ""
    ids: dict[str, dict[str, None]] = field(default_factory=dict)


def require_secret(request: Request, secret: str) -> None:
    """UserError (`webhook-signature`) unless the address has the connection's secret."""
    given = parse_qs(urlsplit(request.url).query).get("secret", [""])[0]
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        raise UserError(
            "webhook-signature", "The address does not bear the connection's secret.",
            hint="Give ?secret=... (webhook_secret) in the endpoint of the outbound message.",
        )  # fmt: skip


def require_organization(told: Told, organization: str) -> None:
    """UserError (`webhook-signature`) unless it is the connection's organisation. Its id has 15
    signs, or the same 15 and 3 that only say which of them are capitals."""
    if not organization or told.organization[:15] != organization.strip()[:15]:
        raise UserError(
            "webhook-signature", "The message is not of the connection's organisation.",
            hint="Give the option organization: Setup, Company Information, Organization ID.",
        )  # fmt: skip


def told(body: bytes) -> Told:
    """What a message says. UserError (`webhook-unreadable`). Types of documents and entities, which
    attacks on parsers are made of, are not read."""
    reading = _Reading()
    parser = ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reading.refuse
    parser.EntityDeclHandler = reading.refuse
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        parser.Parse(body, True)
    except (ExpatError, ValueError, LookupError):
        raise _unreadable("The body is not XML.") from None
    if not reading.told.organization:
        raise _unreadable("The body is no outbound message.")
    return reading.told


@dataclass(slots=True)
class _Reading:
    """A message on its way through the parser: names of the open elements, and what was found."""

    told: Told = field(default_factory=Told)
    _open: list[str] = field(default_factory=list)
    _of: str = ""
    _said: str = ""

    def refuse(self, *_: object) -> None:
        raise _unreadable("The body declares a type of document.")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._open.append(name)
        self._said = ""
        if name == f"{OUTBOUND} sObject":
            self._of = attributes.get(TYPE, "").rpartition(":")[2]

    def text(self, said: str) -> None:
        if len(self._said) <= LONGEST_ID:
            self._said += said

    def end(self, name: str) -> None:
        self._open.pop()
        inside = self._open[-1] if self._open else ""
        said = self._said.strip()
        if name == f"{OUTBOUND} OrganizationId" and inside == f"{OUTBOUND} notifications":
            self.told.organization = said
        # Of the fields of the record only its own Id, whatever namespace its kind has.
        elif inside == f"{OUTBOUND} sObject" and name.endswith(" Id"):
            ids = self.told.ids.setdefault(self._of, {})
            if said.isalnum() and len(said) in (15, LONGEST_ID) and len(ids) < MOST:
                ids[said] = None
        self._said = ""


def _unreadable(why: str) -> UserError:
    return UserError(
        "webhook-unreadable", why, hint="Make it as an Outbound Message in Salesforce's Setup."
    )
