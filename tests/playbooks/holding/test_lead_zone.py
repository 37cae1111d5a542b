"""Where a lead's clock is, by what is known of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from leadwise.playbooks.conditions.lead_zone import ZoneRules, zone_of
from tests.playbooks.triggers.playing import SECOND_US
from tests.records import NOW_US


@pytest.mark.parametrize(
    ("facts", "zone"),
    [
        ({"timezone": "America/Lima", "country": "ES"}, "America/Lima"),
        ({"timezone": "EST", "country": "FI"}, "Europe/Helsinki"),
        ({"timezone": "../etc/passwd"}, "Asia/Tokyo"),
        ({"country": "es"}, "Europe/Madrid"),
        ({"country": "DEU"}, "Europe/Berlin"),
        ({"country": "España"}, "Europe/Madrid"),
        ({"country": "US"}, "Asia/Tokyo"),
        ({"country": "US", "phone": "(212) 555-0123"}, "America/New_York"),
        ({"phone": "+34 911 234 567"}, "Europe/Madrid"),
        ({"phone": "+1 800 555 0123"}, "Asia/Tokyo"),
        ({"phone": "call me", "country": 7}, "Asia/Tokyo"),
        ({}, "Asia/Tokyo"),
    ],
)
def test_where_a_leads_clock_is(facts: dict[str, Any], zone: str) -> None:
    found = zone_of(facts, ZoneRules(team="Asia/Tokyo"), NOW_US)
    at = datetime.fromtimestamp(NOW_US // SECOND_US, UTC)
    assert at.astimezone(found).utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset()
