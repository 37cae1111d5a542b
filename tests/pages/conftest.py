"""A site with three leads and a member of each role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from leadwise.store.members import change_member
from leadwise.web.pages.signin import passwords
from tests.pages.site import PagesSite, pages_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PagesSite]:
    with pages_site(tmp_path, leads=True) as found:
        yield found


PASSWORD = "correct horse battery staple"


@pytest.fixture
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> Iterator[PasswordHasher]:
    """Argon2 with parameters for which nobody has to wait."""
    quick = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
    monkeypatch.setattr(passwords, "_hasher", lambda: quick)
    passwords._nobodys.cache_clear()
    yield quick
    passwords._nobodys.cache_clear()


@pytest.fixture
def known(site: PagesSite, quick_hashes: PasswordHasher) -> PagesSite:
    """A site whose members have PASSWORD."""
    hash_ = quick_hashes.hash(PASSWORD)
    for member in site.members.values():
        site.leads.write(lambda c, id_=member.id: change_member(c, id_, password=hash_))
    return site
