"""Writing a card as text: the list of drafts, the editor, checks, completion, saving."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from leadwise.card import format_text, parse
from leadwise.card.completion import complete
from leadwise.card.edit import Set, edit
from leadwise.card.seen import Seen
from leadwise.card.source import LARGEST
from leadwise.errors import CardError, Problem, UserError
from leadwise.store.audit import audit
from leadwise.store.cards import Subject, get_version, list_versions
from leadwise.store.drafts import (
    Draft,
    begin_draft,
    drop_draft,
    get_draft,
    list_drafts,
    rename_draft,
    save_draft,
)
from leadwise.store.opening import Store
from leadwise.store.seen import seen_lately
from leadwise.web.pages.studio.candidates import read_card
from leadwise.web.pages.studio.ready import READY, ready_text
from leadwise.web.pages.visit import MOST, Visit

MINUTE_US = 60_000_000
NEXT = {"forms": "/forms", "try": "/try", "publish": "/publish"}
"""Where one goes on from saving, below the draft's address."""


def show_studio(visit: Visit) -> Response:
    """The live cards, those in shadow, all drafts, and what one can start from."""
    versions = visit.read(list_versions)
    drafts = visit.read(list_drafts)
    own = [draft for draft in drafts if draft.member_id == visit.who.id]
    return visit.page(
        "studio/studio.html",
        live=[version for version in versions if version.status in ("live", "publishing")],
        shadow=[version for version in versions if version.status == "shadow"],
        own=own, others=[draft for draft in drafts if draft not in own],
        ready=ready_list(visit),
    )  # fmt: skip


def ready_list(visit: Visit) -> list[tuple[str, str, str]]:
    """Each ready-made card: its name below `ready`, its title, what it is for."""
    _ = visit.texts.say
    words = {
        "b2b-software": (
            _("B2B software"),
            _("Who buys (role, size, industry) and what shows interest (pricing, trial, demo)."),
        ),
        "bank-telemarketing": (
            _("Bank telemarketing"),
            _("Whom to phone first about a deposit, by what is known before the call."),
        ),
        "event-marketing": (
            _("Event marketing"),
            _("Registered, attended, asked: webinars, fairs and what happens after them."),
        ),
        "bant": (
            _("BANT"),
            _("Budget, authority, need and timeline, as representatives ask them."),
        ),
        "icp-70": (
            _("Ideal customer profile, 70 points"),
            _("A table of fit: industry, size, title, region, technology, growth."),
        ),
    }
    return [(name, *words[name]) for name in READY]


def begin(visit: Visit) -> Response:
    """A draft of a version (`version`), a ready-made card (`ready`) or of nothing."""
    _ = visit.texts.say
    form = visit.form
    subject: Subject = "account" if form.get("subject") == "account" else "lead"
    based_on: int | None = None
    version, ready = str(form.get("version", "")), str(form.get("ready", ""))
    if version.isdecimal():
        number = min(int(version[:20]), MOST)
        found = visit.read(lambda c: get_version(c, number))
        name, text, subject, based_on = found.name, next_number(found.text), found.subject, found.id
    elif ready in READY:
        name, text = (
            next(each[1] for each in ready_list(visit) if each[0] == ready),
            ready_text(ready),
        )
    else:
        name, text = _("New card"), _EMPTY
    return visit.go(
        f"/studio/drafts/{add_draft(visit, subject, name, text, based_on)}",
        _("This is your draft. Nothing changes for anybody until it is published."),
    )


def add_draft(
    visit: Visit, subject: Subject, name: str, text: str, based_on: int | None = None
) -> int:
    """A new draft of the member's own; its id."""
    who, now_us, plain = visit.who, visit.now_us, plain_lines(text)

    def work(connection: Connection) -> int:
        made = begin_draft(
            connection, subject, name, plain, member_id=who.id, now_us=now_us, based_on=based_on
        )  # fmt: skip
        audit(connection, who.actor, "create", "draft", made, None, now_us)
        return made

    return visit.write(work)


def show_draft(visit: Visit) -> Response:
    """The editor; those who may not write cards read the text."""
    draft = draft_of(visit)
    return editor(visit, draft, draft.text, draft.revision)


def editor(
    visit: Visit, draft: Draft, text: str, revision: int, *, theirs: Draft | None = None,
    refused: str = "", status: int = 200,
) -> Response:  # fmt: skip
    """The page of the text; `theirs` is what somebody else has saved meanwhile."""
    return visit.page(
        "studio/draft.html", status=status, draft=draft, text=text, revision=revision,
        theirs=theirs, refused=refused, problems=shown(read_card(text).problems),
        candidate=Writing(draft),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writing:
    """What the tabs of a card want of a draft."""

    draft: Draft
    version: None = None

    @property
    def address(self) -> str:
        return f"/studio/drafts/{self.draft.id}"

    @property
    def subject(self) -> Subject:
        return self.draft.subject


def save(visit: Visit) -> Response:
    """Save the text, and go on as `then` says; another text saved meanwhile is shown beside."""
    draft, _ = draft_of(visit), visit.texts.say
    text, revision = text_of(visit), revision_of(visit)
    then = str(visit.form.get("then", ""))
    if then == "format":
        try:
            text = format_text(text)
        except CardError:
            said = _("It is put in order once it can be read: mend the problems first.")
            return _not_saved(visit, draft, text, revision, said)
    saved = visit.write(lambda c: save_draft(c, draft.id, text, revision, visit.now_us))
    if saved is None:
        theirs = draft_of(visit)
        if visit.partial:
            return visit.page("studio/conflict_part.html", status=409, draft=draft, theirs=theirs)
        return editor(visit, draft, text, theirs.revision, theirs=theirs, status=409)
    address = f"/studio/drafts/{draft.id}"
    if then == "" and visit.partial:
        return visit.page("studio/saved_part.html", revision=saved)
    return visit.go(address + NEXT.get(then, ""), _("Saved.") if then in ("", "format") else "")


def _not_saved(visit: Visit, draft: Draft, text: str, revision: int, said: str) -> Response:
    if visit.partial:
        return visit.problem(UserError("bad-request", said))
    return editor(visit, draft, text, revision, refused=said, status=422)


def check(visit: Visit) -> Response:
    """The problems of a text, as a part of the page."""
    found = read_card(text_of(visit)).problems
    return visit.page("studio/problems_part.html", problems=shown(found))


def shown(problems: tuple[Problem, ...]) -> list[Problem]:
    """In the order of the text; at most as many as somebody can mend at once."""
    return list(problems[:100])


def complete_at(visit: Visit) -> Response:
    """What may stand at the cursor, as JSON: offsets count characters of the text from 0."""
    text = text_of(visit)
    cursor = str(visit.form.get("cursor", ""))
    place = min(int(cursor), len(text)) if cursor.isdecimal() and len(cursor) < 9 else len(text)
    found = complete(text, place, seen_of(visit))
    offers = [
        {"text": each.text, "kind": each.kind, "detail": detail(visit, each.detail, each.count)}
        for each in found.candidates
    ]
    return JSONResponse(
        {"start": found.start, "offers": offers}, headers={"Cache-Control": "no-store"}
    )


def detail(visit: Visit, said: str, count: int | None) -> str:
    """What stands behind a suggestion: its type, or how often it was seen lately."""
    if count is None:
        return said
    seen = visit.texts.count("seen %(num)s time lately", "seen %(num)s times lately", count)
    return f"{said}, {seen}" if said else seen


def seen_of(visit: Visit) -> Seen:
    """What the record has seen, read at most once a minute."""
    return _seen(visit.site.store, visit.now_us // MINUTE_US)


@lru_cache(maxsize=4)
def _seen(store: Store, _minute: int) -> Seen:
    with store.read() as connection:
        return seen_lately(connection)


def rename(visit: Visit) -> Response:
    """Another name for the list of drafts."""
    draft, _ = draft_of(visit), visit.texts.say
    name = str(visit.form.get("name", "")).strip()
    if name:
        visit.write(lambda c: rename_draft(c, draft.id, name))
    return visit.go(f"/studio/drafts/{draft.id}", _("Saved."))


def drop(visit: Visit) -> Response:
    """Throw a draft away."""
    draft, _ = draft_of(visit), visit.texts.say
    who, now_us = visit.who, visit.now_us

    def work(connection: Connection) -> None:
        drop_draft(connection, draft.id)
        audit(connection, who.actor, "delete", "draft", draft.id, None, now_us)

    visit.write(work)
    return visit.go("/studio", _("The draft %(name)s was thrown away.", name=draft.name))


def draft_of(visit: Visit) -> Draft:
    """The draft that the address names. UserError where there is none."""
    number = visit.number("id")
    return visit.read(lambda c: get_draft(c, number))


def text_of(visit: Visit) -> str:
    """The text that was sent."""
    return plain_lines(str(visit.form.get("text", "")))[: LARGEST + 1]


def plain_lines(text: str) -> str:
    """The text with our line breaks and no mark before it: browsers send those of the 1980s, and
    files of some editors have both."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def revision_of(visit: Visit) -> int:
    """The revision that a form began with; 0, which no draft has, where it does not say."""
    said = str(visit.form.get("revision", ""))
    return int(said) if said.isdecimal() and len(said) < 10 else 0


def next_number(text: str) -> str:
    """The text with the next version number, where it says one."""
    try:
        card = parse(text).card
        return edit(text, ("version",), Set(str(card.version + 1))) if card else text
    except UserError:
        return text


_EMPTY = """\
# A card says what makes a good lead. Lines that start with # are notes to your readers.
card: my-card
version: 1

# What may be known of a lead.
fields:
  country: {type: text, fold: case, label: Country}

# What makes one better than another, and how many points that is worth.
dimensions:
  - id: fit
    label: Fit
    criteria:
      - {id: in-spain, label: Based in Spain, when: country = 'es', points: 20}

# From which score on a lead is warm or hot.
bands:
  - {id: cold, label: Cold}
  - {id: warm, label: Warm, from: 20}
"""
