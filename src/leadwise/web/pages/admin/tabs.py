"""What all pages of administration share: the way between them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from leadwise.web.pages.visit import Visit

PAGE_SIZE = 50


def show(visit: Visit, name: str, *, status: int = 200, **values: Any) -> Response:
    """A page of administration, below its tabs."""
    return visit.page(f"admin/{name}.html", status=status, tabs=_tabs(visit), **values)


def _tabs(visit: Visit) -> list[tuple[str, str, bool]]:
    _, path = visit.texts.say, visit.request.url.path
    found = (
        (_("Overview"), "/admin"), (_("Members"), "/admin/members"), (_("Keys"), "/admin/keys"),
        (_("Audit trail"), "/admin/trail"), (_("Jobs"), "/admin/jobs"),
        (_("Refused events"), "/admin/refused"), (_("Forms and sources"), "/admin/sources"),
        (_("Connections"), "/admin/connections"),
    )  # fmt: skip
    return [
        (label, address, path == address or (address != "/admin" and path.startswith(address)))
        for label, address in found
    ]


def before_of(visit: Visit) -> int | None:
    """From before which id a listing goes on, by the address; None: from the newest on."""
    given = visit.query.get("before", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None
