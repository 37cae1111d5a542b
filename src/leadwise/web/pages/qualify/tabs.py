"""What the pages of qualification share that belong to no lead: the way between them."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from leadwise.store.answers import count_waiting
from leadwise.web.pages.visit import Visit


def show(visit: Visit, name: str, /, *, status: int = 200, waiting: int | None = None,
         **values: Any) -> Response:  # fmt: skip
    """A page of qualification, below its tabs. `waiting`: how many answers wait, if it is known."""
    if waiting is None:
        waiting = visit.read(count_waiting) if visit.may("work") else 0
    return visit.page(f"qualify/{name}.html", status=status, tabs=_tabs(visit, waiting), **values)


def _tabs(visit: Visit, waiting: int) -> list[tuple[str, str, bool]]:
    _, path = visit.texts.say, visit.request.url.path
    review = _("Review (%(number)s)", number=visit.texts.number(waiting))
    found = [(_("Segments"), "/qualification", True), (review, "/review", visit.may("work")),
             (_("Frames"), "/frames", True),
             (_("Past conversations"), "/qualification/batch", visit.may("work"))]  # fmt: skip
    return [
        (label, address, path == address or (address not in ("/qualification",)
                                             and path.startswith(address)))
        for label, address, allowed in found if allowed
    ]  # fmt: skip
