"""Routes of the queue."""

from __future__ import annotations

from leadwise.web.pages.queue.live import live
from leadwise.web.pages.queue.moving import give, show_snoozed, snooze, wake
from leadwise.web.pages.queue.recording import record_outcome, show_panel, undo_outcome
from leadwise.web.pages.queue.show import show_fresh, show_queue, show_rows
from leadwise.web.pages.queue.views import choose_first, drop_view, keep_view
from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post, stream

ROUTES: tuple[Page, ...] = (
    get("/queue", show_queue),
    get("/queue/rows", show_rows),
    get("/queue/live/new", show_fresh),
    stream("/queue/live", live),
    get("/queue/snoozed", show_snoozed, Right.WORK),
    get("/queue/leads/{lead_id:int}/act", show_panel, Right.WORK),
    post("/queue/leads/{lead_id:int}/outcome", record_outcome, Right.WORK),
    post("/queue/outcomes/{outcome_id:int}/undo", undo_outcome, Right.WORK),
    post("/queue/leads/{lead_id:int}/snooze", snooze, Right.WORK),
    post("/queue/leads/{lead_id:int}/wake", wake, Right.WORK),
    post("/queue/leads/{lead_id:int}/owner", give, Right.WORK),
    post("/queue/views", keep_view, Right.READ),
    post("/queue/views/{view_id:int}/delete", drop_view, Right.READ),
    post("/queue/first", choose_first, Right.READ),
)
