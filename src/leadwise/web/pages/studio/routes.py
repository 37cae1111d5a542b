"""Routes of the studio."""

from __future__ import annotations

from leadwise.web.pages.routing import Page
from leadwise.web.pages.studio.publishing_routes import TRIAL_ROUTES

ROUTES: tuple[Page, ...] = (*TRIAL_ROUTES,)
