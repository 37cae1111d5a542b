"""Pages that take long: what is known at once is sent at once, the rest when it is worked out.

Nothing of this needs a script: the browser shows a page as it comes. A template says `{{ so_far }}`
where it may be sent up to, and only behind that asks for what takes long.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from leadwise.errors import UserError
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.troubles import failed
from leadwise.web.pages.visit import Visit

_SO_FAR = "\0"
UNBUFFERED = {**HEADERS, "X-Accel-Buffering": "no"}
"""A proxy in front that keeps answers back until they are whole would undo all of this."""


def gradual(visit: Visit, template: str, **values: Any) -> Response:
    """A page in pieces. It is under way, with status 200, before it is known whether all goes well:
    what goes wrong is told in its place on the page."""
    pieces = _pieces(visit, template, visit.known({**values, "so_far": _SO_FAR}))
    return visit.shown(
        StreamingResponse(pieces, headers=UNBUFFERED, media_type="text/html; charset=utf-8")
    )


def _pieces(visit: Visit, template: str, values: dict[str, Any]) -> Iterator[str]:
    ready: list[str] = []
    try:
        for piece in visit.site.templates.get_template(template).generate(values):
            if piece == _SO_FAR:
                yield "".join(ready)
                ready = []
            else:
                ready.append(piece)
    except UserError as error:
        ready.append(_told(visit, error))
    except Exception as error:
        logging.getLogger("leadwise.web").exception("a page failed")
        ready.append(_told(visit, failed(visit, error)))
    yield "".join(ready)


def _told(visit: Visit, error: UserError) -> str:
    part = visit.site.templates.get_template("problem_part.html")
    return part.render(visit.known({"error": error, "problems": ()}))
