"""`GET /api/stream`: changes of bands and scores as they happen."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import Response

from leadwise.web.api.parts import Parts, ReadLeads
from leadwise.web.api.shapes import LARGEST_ID
from leadwise.web.keys import check_key
from leadwise.web.stream import EventStream

router = APIRouter(tags=["bands"])


class StreamResponse(Response):
    media_type = "text/event-stream"


@router.get(
    "/stream",
    summary="Band changes and scores as they happen",
    response_class=StreamResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def get_stream(
    request: Request,
    api: Parts,
    who: ReadLeads,
    only: Annotated[Literal["band", "score"] | None, Query()] = None,
    last_event_id: Annotated[
        int | None,
        Header(ge=0, le=LARGEST_ID, description="The last band change that the client has seen."),
    ] = None,
) -> EventStream:
    """Server-sent events. A client that comes back with `Last-Event-ID` is told every band change
    that it missed; scores are not told again. A line beginning with a colon comes every 15 s."""
    api.feed.require_room()
    secret = request.headers.get("authorization", "").partition(" ")[2].strip()
    kinds = frozenset({only} if only else {"band", "score"})

    def allowed() -> bool:
        key = check_key(api.store, secret, api.clock())
        return key is not None and key.id == who.key.id

    return EventStream(api.feed.messages(kinds, last_event_id, allowed))
