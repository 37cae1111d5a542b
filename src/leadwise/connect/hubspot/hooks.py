"""HubSpot's webhooks: signature version 3, and what to read again after which of them.

A webhook only says that something changed: what is so now is asked of HubSpot, so that neither
order nor repeats matter. What HubSpot tells of our own properties is our own echo.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from leadwise.connect.hubspot.map import OURS
from leadwise.connect.model import Request
from leadwise.errors import UserError

TOLERANCE_MS = 5 * 60_000
DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""What HubSpot decodes in the address before it signs it, and nothing else."""
_ENCODED = re.compile("|".join(DECODED), re.I)


@dataclass(slots=True)
class Told:
    """What a request's events come to."""

    read: dict[str, dict[str, None]] = field(default_factory=dict)
    """By kind of record the ids to read again."""
    gone: list[tuple[str, str, int, str]] = field(default_factory=list)
    """Contacts that were deleted: id, how, when, the message's id."""
    merged: list[tuple[str, str, int]] = field(default_factory=list)
    """Contacts that became part of another: its id, theirs, when."""

    def again(self, kind: str, id_: object) -> None:
        """Have a record read again."""
        self.read.setdefault(kind, {})[str(id_)] = None


def verify(request: Request, secret: str) -> None:
    """UserError (`webhook-signature`) unless HubSpot signed this very request, and lately."""
    given = request.headers.get("x-hubspot-signature-v3", "")
    sent = request.headers.get("x-hubspot-request-timestamp", "")
    if not secret:
        raise _unsigned("The connection has no client secret", "Give it one: client_secret.")
    if not given or not sent.isdecimal() or len(sent) > 15:
        raise _unsigned("The request is not signed (version 3)", "Let HubSpot send it.")
    if abs(int(sent) - request.received_us // 1000) > TOLERANCE_MS:
        raise _unsigned("The signature is older or newer than 5 minutes", "Look at the clocks.")
    signed = f"{request.method}{decoded(request.url)}".encode() + request.body + sent.encode()
    expected = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest())
    if not hmac.compare_digest(expected, given.encode()):
        raise _unsigned(
            "The signature does not fit the request",
            "Is the client secret that of this app, and the address (public_url) the one that "
            "HubSpot was given?",
        )  # fmt: skip


def decoded(url: str) -> str:
    """The address as HubSpot signs it; its fragment is no part of it."""
    return _ENCODED.sub(lambda found: DECODED[found[0].upper()], url.partition("#")[0])


def told(body: bytes) -> Told:
    """What a request says. UserError (`not-json`)."""
    try:
        events = json.loads(body)
    except ValueError:
        raise UserError("not-json", "The body is not JSON.", hint="Let HubSpot send it.") from None
    found = Told()
    for event in events if isinstance(events, list) else [events]:
        if isinstance(event, dict):
            _add(found, event)
    return found


_KINDS = {"contact": "contacts", "company": "companies", "deal": "deals", "0-1": "contacts",
          "0-2": "companies", "0-3": "deals"}  # fmt: skip


def _add(found: Told, event: Mapping[str, Any]) -> None:
    noun, _, what = str(event.get("subscriptionType") or "").partition(".")
    if noun == "object":
        noun = str(event.get("objectTypeId") or "")
    kind, id_ = _KINDS.get(noun), event.get("objectId")
    when_us = _whole(event.get("occurredAt")) * 1000
    if what == "associationChange":
        # fromObjectId and toObjectId are of the kinds in the name: CONTACT_TO_COMPANY ...
        of = str(event.get("associationType") or "").upper()
        for name, kind_ in (("CONTACT", "contacts"), ("COMPANY", "companies"), ("DEAL", "deals")):
            if of.startswith(f"{name}_TO_"):
                found.again(kind_, event.get("fromObjectId"))
    elif kind is None or id_ is None:
        return
    elif what == "merge":
        if kind == "contacts":
            primary = event.get("newObjectId") or event.get("primaryObjectId") or id_
            others = [event.get("primaryObjectId"), *(event.get("mergedObjectIds") or ())]
            found.merged += [(str(primary), str(other), when_us) for other in others
                             if other is not None and str(other) != str(primary)]  # fmt: skip
            found.again(kind, primary)
    elif what in ("deletion", "privacyDeletion"):
        if kind == "contacts":
            how = "erased" if what == "privacyDeletion" else "deleted"
            found.gone.append((str(id_), how, when_us, f"{what}-{id_}-{when_us // 1000}"))
    elif not str(event.get("propertyName") or "").startswith(OURS):
        found.again(kind, id_)
        if what == "restore" and kind == "contacts":
            found.gone.append((str(id_), "", when_us, f"restore-{id_}-{when_us // 1000}"))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _unsigned(why: str, hint: str) -> UserError:
    return UserError("webhook-signature", f"{why}.", hint=hint)
