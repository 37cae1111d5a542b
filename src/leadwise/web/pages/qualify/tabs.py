"""What the pages of qualification share that belong to no lead: the way between them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from leadwise.store.answers import count_waiting
from leadwise.web.pages.visit import Visit


def show(visit: Visit, name: str, /, *, status: int = 200, **values: Any) -> Response:
    """A page of qualification, below its tabs."""
    return visit.page(f"qualify/{name}.html", status=status, tabs=_tabs(visit), **values)


def _tabs(visit: Visit) -> list[tuple[str, str, bool]]:
    _, path = visit.texts.say, visit.request.url.path
    waiting = visit.read(count_waiting)
    review = _("Review (%(number)s)", number=visit.texts.number(waiting))
    found = [(_("Segments"), "/qualification", True), (review, "/review", visit.may("work")),
             (_("Frames"), "/frames", True),
             (_("Past conversations"), "/qualification/batch", visit.may("work"))]  # fmt: skip
    return [
        (label, address, path == address or (address not in ("/qualification",)
                                             and path.startswith(address)))
        for label, address, allowed in found if allowed
    ]  # fmt: skip
