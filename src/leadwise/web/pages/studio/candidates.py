"""What is tried and published: a draft that somebody is writing, or a version that there is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from leadwise.card import Card, Parsed, content_hash, parse
from leadwise.errors import Problem, UserError
from leadwise.store.cards import CardVersion, Subject, get_version
from leadwise.store.trials import DraftText, Tried, draft_text, trial_of_content, trials_of_draft
from leadwise.web.pages.visit import Visit

Kind: TypeAlias = Literal["draft", "version"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A card as text: `card` is None where it has errors, which are among the `problems`.

    `draft` or `version` is where it comes from, the other is None.
    """

    name: str
    subject: Subject
    text: str
    card: Card | None
    problems: tuple[Problem, ...]
    draft: DraftText | None = None
    version: CardVersion | None = None

    @property
    def kind(self) -> Kind:
        return "draft" if self.draft is not None else "version"

    @property
    def id(self) -> int:
        found = self.draft or self.version
        assert found is not None
        return found.id

    @property
    def address(self) -> str:
        """Its own page, below which trying and publishing are."""
        return f"/studio/{self.kind}s/{self.id}"

    @property
    def revision(self) -> int:
        """That of a draft's text; a version's never changes."""
        return self.draft.revision if self.draft is not None else 0

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "error")

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity == "warning")

    @property
    def hash(self) -> str:
        """Of its content; empty where the text has errors."""
        if self.version is not None:
            return self.version.hash
        return content_hash(self.card) if self.card is not None else ""


def candidate_of(visit: Visit) -> Candidate:
    """The one that the address names. UserError where there is none."""
    number = visit.number("id")
    if visit.request.url.path.startswith("/studio/drafts/"):
        draft = visit.read(lambda c: draft_text(c, number))
        if draft is None:
            _ = visit.texts.say
            raise UserError(
                "no-such-draft", _("There is no draft %(number)s.", number=number),
                hint=_("It may have been thrown away. The studio lists all drafts."),
            )  # fmt: skip
        parsed = read_card(draft.text)
        return Candidate(
            draft.name, draft.subject, draft.text, parsed.card, parsed.problems, draft=draft
        )
    version = visit.read(lambda c: get_version(c, number))
    return of_version(version)


@lru_cache(maxsize=32)
def read_card(text: str) -> Parsed:
    """The card of a text with all problems. Kept for a while: a large one takes a tenth of a second
    to read, and a page that shows progress asks every second."""
    return parse(text)


def of_version(version: CardVersion) -> Candidate:
    """A version, whose text was free of errors when it was added."""
    return Candidate(version.name, version.subject, version.text, version.card, (), version=version)


def trials_of(visit: Visit, candidate: Candidate) -> list[Tried]:
    """Its trials, the newest first: of just this content, then of earlier texts of the draft."""
    draft, digest = candidate.draft, candidate.hash
    found = visit.read(lambda c: trials_of_draft(c, draft)) if draft is not None else []
    same = visit.read(lambda c: trial_of_content(c, digest)) if digest else None
    if same is not None and same.job_id not in {tried.job_id for tried in found}:
        found = sorted([*found, same], key=lambda tried: -tried.at_us)
    return found
