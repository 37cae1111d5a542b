"""Settings of signing in for one test."""

from __future__ import annotations

from typing import Any

from leadwise.settings.team import SignInSettings
from tests.pages.site import PagesSite


def sign_in_settings(site: PagesSite, **values: Any) -> None:
    """Let a site sign people in by these settings."""
    object.__setattr__(site.leads.api.settings, "sign_in", SignInSettings(**values))
