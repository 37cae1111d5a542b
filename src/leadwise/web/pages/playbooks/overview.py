"""All playbooks: what each is doing, and what one can begin from."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.library import NAMES, shipped_playbook
from leadwise.store.playbooks import PlaybookVersion, list_playbooks
from leadwise.web.pages.playbooks.parts import Counts, counted, status_words
from leadwise.web.pages.visit import Visit

ORDER = ("live", "paused", "draft", "retired")


@dataclass(frozen=True, slots=True)
class Row:
    """A playbook: the version that counts, its label, how many runs all versions have, and newer
    drafts."""

    version: PlaybookVersion
    label: str
    counts: Counts
    drafts: int


def playbooks_page(visit: Visit) -> Response:
    """The page."""
    versions = visit.read(list_playbooks)
    by_name: dict[str, list[PlaybookVersion]] = {}
    for version in versions:
        by_name.setdefault(version.playbook, []).append(version)
    counts = counted(visit, list(versions))
    rows = [_row(own, counts) for own in by_name.values()]
    rows.sort(key=lambda row: (ORDER.index(row.version.status), row.label.casefold()))
    return visit.page(
        "playbooks/overview.html", rows=rows, statuses=status_words(visit),
        ready=[(name, *_said(name)) for name in NAMES if name not in by_name],
        writes=bool(visit.site.api.settings.model.name),
    )  # fmt: skip


def _row(own: list[PlaybookVersion], counts: dict[int, Counts]) -> Row:
    counts_now = min(own, key=lambda one: (ORDER.index(one.status), -one.id))
    found = parse(counts_now.text).playbook
    states: dict[str, int] = {}
    for version in own:
        for state, many in counts[version.id].states.items():
            states[state] = states.get(state, 0) + many
    drafts = sum(one.status == "draft" and one.id > counts_now.id for one in own)
    return Row(
        counts_now, found.label if found else counts_now.playbook, Counts({}, states), drafts
    )


def _said(name: str) -> tuple[str, str]:
    found = shipped_playbook(name)
    return found.label, found.about
