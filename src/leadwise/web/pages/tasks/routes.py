"""Routes of the pages of tasks."""

from __future__ import annotations

from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post
from leadwise.web.pages.tasks import listing

ROUTES: tuple[Page, ...] = (
    get("/tasks", listing.tasks_page),
    post("/tasks/{task_id:int}/end", listing.end, Right.WORK),
    post("/tasks/{task_id:int}/give", listing.give, Right.WORK),
)
