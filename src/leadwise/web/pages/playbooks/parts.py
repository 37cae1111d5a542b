"""What the pages of playbooks share: words for states, the version of an address, counts."""

from __future__ import annotations

from dataclasses import dataclass, field

from leadwise.errors import CardError
from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.model import Playbook
from leadwise.store.cards import live_version
from leadwise.store.playbooks import PlaybookVersion, get_playbook
from leadwise.store.runs import ACTIVE, OVER, count_runs
from leadwise.web.pages.visit import Visit


@dataclass(frozen=True, slots=True)
class Counts:
    """How many runs: active ones by their place, all by their state."""

    at: dict[int, int] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)

    @property
    def active(self) -> int:
        return sum(self.states.get(state, 0) for state in ACTIVE)

    @property
    def held(self) -> int:
        return self.states.get("held", 0)

    @property
    def failed(self) -> int:
        return self.states.get("failed", 0)

    @property
    def over(self) -> int:
        return sum(self.states.get(state, 0) for state in OVER)


END_OF_TIME_US = 253_402_214_400_000_000
"""The last day that calendars have; a run that waits for a person is due beyond it."""


def is_dated(at_us: int) -> bool:
    """Whether there is a day to be shown."""
    return at_us < END_OF_TIME_US


def plain_text(visit: Visit) -> str:
    """What was typed as `text`, with plain line ends; a file that was sent instead is nothing."""
    said = visit.form.get("text", "")
    return said.replace("\r\n", "\n").replace("\r", "\n") if isinstance(said, str) else ""


def version_of(visit: Visit) -> PlaybookVersion:
    """The version that the address names. UserError (`no-such-playbook`)."""
    number = visit.number("version_id")
    return visit.read(lambda c: get_playbook(c, number))


def playbook_in(visit: Visit, version: PlaybookVersion) -> Playbook:
    """What the text of a kept version means."""
    live = visit.read(live_version)
    # A card that came later may lack a name; the steps are drawn all the same.
    found = parse(version.text, card=live.card if live else None).playbook
    found = found or parse(version.text).playbook
    if found is None:
        raise CardError(parse(version.text).problems)
    return found


def counted(visit: Visit, versions: list[PlaybookVersion]) -> dict[int, Counts]:
    """The counts of each version by its id."""
    counts = {version.id: Counts() for version in versions}
    for (version_id, state, at), many in visit.read(lambda c: count_runs(c, list(counts))).items():
        own = counts[version_id]
        own.states[state] = own.states.get(state, 0) + many
        if state in ACTIVE:
            own.at[at] = own.at.get(at, 0) + many
    return counts


def status_words(visit: Visit) -> dict[str, str]:
    """A version's status."""
    _ = visit.texts.say
    return {
        "draft": _("draft"), "live": _("live"), "paused": _("paused"), "retired": _("retired"),
    }  # fmt: skip


def state_words(visit: Visit) -> dict[str, str]:
    """A run's state, and a step's."""
    _ = visit.texts.say
    return {
        "waiting": _("waiting"), "working": _("working"), "held": _("held: somebody has to look"),
        "done": _("done"), "stopped": _("stopped"), "failed": _("failed"), "waited": _("waited"),
        "skipped": _("skipped"),
    }  # fmt: skip


def branch_words(visit: Visit) -> dict[str, str]:
    """When a run goes a branch, by the branch's name."""
    _ = visit.texts.say
    return {
        "then": _("If so"), "otherwise": _("Otherwise"), "late": _("If it is not in time"),
        "missing": _("If it never came"), "refused": _("If the answer is no"),
    }  # fmt: skip
