"""Conversations with the leads of a site, and what the tests of qualification ask of its pages."""

from __future__ import annotations

import re
from typing import Any

from tests.pages.site import PagesSite

CALL = """Sam Seller: Thanks for your time, Ana. What budget have you set aside for this?
Ana Ruiz: We have 80,000 dollars signed off for this year.
Sam Seller: And who decides in the end?
Ana Ruiz: I am the CFO, the decision is mine.
Sam Seller: When would you like to sign?
Ana Ruiz: We want to sign before the end of March.
"""
FORM = {"frame": "bant"}


def lead_id(site: PagesSite, role: str = "representative") -> int:
    """Ann's number."""
    page = site.client(role).get("/leads")
    found = re.search(r'href="/leads/(\d+)">(?:ann|ann@acme\.example)<', page.text)
    assert found, page.text
    return int(found[1])


def upload(site: PagesSite, lead: int, text: str = CALL, **more: Any) -> Any:
    """The answer to a conversation that a representative pastes."""
    data = {"text": text, "held_at": "2027-01-10T10:00", "seller": "Sam Seller", "frame": "bant"}
    return site.client("representative").post(f"/leads/{lead}/conversations", data=data | more)
