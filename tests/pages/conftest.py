"""A site with three leads and a member of each role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.pages.site import PagesSite, pages_site
from tests.web.api_service import with_leads


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PagesSite]:
    with pages_site(tmp_path) as found:
        with_leads(found.leads)
        yield found
