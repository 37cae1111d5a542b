"""Sending through apprise, with what it says of failures kept free of keys.

Apprise says whether a message was taken, and why not only in its log, whose lines may quote
addresses: of them the status of HTTP is read, nothing is told on.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import quote

from leadwise.connect.http import PASSING
from leadwise.errors import RemoteError, UserError

TO = "{to}"
"""Where in an address the recipient belongs."""
SECONDS = 30
_STATUS = re.compile(r"\b(?:error|status|code)[ =:]+([45]\d\d)\b", re.IGNORECASE)


def service_of(url: str, to: str = "") -> Any:
    """Apprise's service for an address. UserError `bad-apprise-url`, which tells nothing of it."""
    import apprise

    # What goes wrong is told by us: its lines quote addresses, and those hold keys.
    logging.getLogger("apprise").propagate = False
    for name in ("urllib3.connectionpool", "asyncio"):  # whose lines quote them, too
        if logging.getLogger(name).level < logging.INFO:
            logging.getLogger(name).setLevel(logging.INFO)
    filled = url.replace(TO, quote(to, safe="+@-_.")) if TO in url else url
    found = apprise.Apprise.instantiate(filled, suppress_exceptions=True)
    if found is None:
        raise UserError(
            "bad-apprise-url", "Apprise cannot use the address of the connection.",
            hint="See the page of the service at Apprise for how it is written; signs such as @ "
            "and / in passwords are written with percent signs.",
        )  # fmt: skip
    return found


def name_of(service: Any) -> str:
    """The name of the service in words, without where and who."""
    return str(getattr(service, "service_name", None) or "The service")


def send(service: Any, text: str, title: str) -> None:
    """Send a message. RemoteError without any of apprise's own words."""
    import apprise

    sender = apprise.Apprise()
    sender.add(service)
    result = sender.notify(body=text, title=title, timeout=SECONDS, body_format="text")
    if result:
        return
    status = _status(result)
    said = f" (status {status})" if status else ""
    raise RemoteError(
        f"{name_of(service)} did not take the message{said}.",
        permanent=status is not None and status not in PASSING, status=status,
    )  # fmt: skip


def _status(result: Any) -> int | None:
    for one in getattr(result, "results", ()):
        for attempt in getattr(one, "attempts", None) or ():
            for entry in getattr(attempt, "logs", ()):
                found = _STATUS.search(str(getattr(entry, "message", entry)))
                if found:
                    return int(found[1])
    return None
