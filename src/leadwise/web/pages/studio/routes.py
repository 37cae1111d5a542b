"""Routes of the studio."""

from __future__ import annotations

from leadwise.web.pages.rights import Right
from leadwise.web.pages.routing import Page, get, post
from leadwise.web.pages.studio import forms, starting, writing
from leadwise.web.pages.studio.publishing_routes import TRIAL_ROUTES

_DRAFT = "/studio/drafts/{id:int}"

ROUTES: tuple[Page, ...] = (
    get("/studio", writing.show_studio),
    get("/studio/start", starting.show_start, Right.CARDS),
    post("/studio/start", starting.start, Right.CARDS),
    post("/studio/drafts", writing.begin, Right.CARDS),
    post("/studio/check", writing.check, Right.CARDS),
    post("/studio/complete", writing.complete_at, Right.CARDS),
    get(_DRAFT, writing.show_draft),
    post(f"{_DRAFT}/save", writing.save, Right.CARDS),
    post(f"{_DRAFT}/rename", writing.rename, Right.CARDS),
    post(f"{_DRAFT}/drop", writing.drop, Right.CARDS),
    get(f"{_DRAFT}/forms", forms.show_forms),
    post(f"{_DRAFT}/forms", forms.change, Right.CARDS),
    *TRIAL_ROUTES,
)
