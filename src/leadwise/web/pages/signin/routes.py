"""Routes of signing in and out, the first start, one's own account."""

from __future__ import annotations

from leadwise.web.pages.routing import Page

ROUTES: tuple[Page, ...] = ()
