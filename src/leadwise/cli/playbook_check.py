"""`leadwise playbook check`: is a playbook right?"""

from __future__ import annotations

from leadwise.cli import checking
from leadwise.cli.options import Json
from leadwise.cli.playbooks import (
    CardOption,
    MailsOption,
    PlaybookFiles,
    given_card,
    playbook_text,
    templates_in,
)
from leadwise.cli.words import counted
from leadwise.errors import LeadwiseError
from leadwise.playbooks.language.parse import parse
from leadwise.playbooks.language.plain import content_hash
from leadwise.playbooks.library import started_by
from leadwise.playbooks.model import Playbook


def check(
    playbooks: PlaybookFiles,
    card: CardOption = None,
    mails: MailsOption = None,
    json: Json = False,
) -> None:
    """Say everything that is wrong or doubtful in playbooks.

    Without --card only what needs no card is checked. Several are also checked for starting each
    other in a circle. Exit code 0 where there is no error (warnings do not count), 1 where there is
    one, 2 where a file cannot be read.

    \b
    leadwise playbook check follow-up.yaml --card card.yaml
    leadwise playbook check playbooks/*.yaml --card card.yaml --mails mails --json
    """
    checking.one_stdin("playbook", playbooks, card=card)
    scored_by, templates = given_card(card), templates_in(mails)
    read = _Texts()
    together = _followed(playbooks, read)

    def checked(file: str) -> checking.Checked:
        parsed = parse(
            read.text(file), card=scored_by, file=file, templates=templates, playbooks=together
        )
        content = None if parsed.playbook is None else _content(parsed.playbook)
        return checking.Checked(file, content, parsed.problems)

    checking.tell("playbook", playbooks, checked, json=json)


class _Texts:
    """Files read once: standard input cannot be read again."""

    def __init__(self) -> None:
        self._kept: dict[str, str] = {}

    def text(self, file: str) -> str:
        if file not in self._kept:
            self._kept[file] = playbook_text(file)
        return self._kept[file]


def _followed(files: list[str], read: _Texts) -> dict[str, set[str]] | None:
    """Which playbooks each of several starts; of those that are not among them nothing is known, so
    that nothing is said against them. None where there is nothing to be seen together."""
    if not files[1:]:
        return None
    found: dict[str, set[str]] = {}
    for file in files:
        try:
            playbook = parse(read.text(file), file=file).playbook
        except LeadwiseError:
            continue  # it is told when its turn comes
        if playbook is not None:
            found.setdefault(playbook.id, set()).update(started_by(playbook))
            for step in playbook.steps:
                found.setdefault(str(step.settings.get("playbook", playbook.id)), set())
    return found if any(found.values()) else None


def _content(playbook: Playbook) -> checking.Content:
    parts = [counted(len(playbook.triggers), "start"), counted(len(playbook.steps), "step")]
    if playbook.goals:
        parts.append(counted(len(playbook.goals), "goal"))
    return checking.Content(playbook.id, playbook.number, content_hash(playbook), parts)
