"""The routes of trying, publishing and going back to cards."""

from __future__ import annotations

from leadwise.web.pages.routing import Page

TRIAL_ROUTES: tuple[Page, ...] = ()
