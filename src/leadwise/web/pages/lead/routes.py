"""Routes of leads and companies."""

from __future__ import annotations

from leadwise.web.pages.routing import Page

ROUTES: tuple[Page, ...] = ()
