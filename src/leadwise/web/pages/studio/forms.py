"""A draft as forms: every edit rewrites the same text, with its comments and its order."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping

from starlette.responses import Response

from leadwise.card.edit import source_of
from leadwise.card.source import Path
from leadwise.errors import CardError, UserError
from leadwise.store.drafts import Draft, save_draft
from leadwise.web.pages.studio.candidates import read_card
from leadwise.web.pages.studio.changes import added, moved, removed, with_values
from leadwise.web.pages.studio.parts import Part, key_of, whole_card
from leadwise.web.pages.studio.writing import Writing, draft_of, revision_of, seen_of
from leadwise.web.pages.visit import Visit

OWN = ("path", "of", "kind", "do", "revision")
"""What a form says of itself, beside what is typed into it."""


def show_forms(visit: Visit) -> Response:
    """The forms of a draft."""
    return _page(visit, draft_of(visit), opened=visit.query.get("open", ""))


def change(visit: Visit) -> Response:
    """One edit: `do` is save, add, up, down or remove; `path` is the part's."""
    draft, _ = draft_of(visit), visit.texts.say
    sent = {key.removeprefix("f."): str(value) for key, value in visit.form.items()}
    if revision_of(visit) != draft.revision:
        return _meanwhile(visit, draft, sent)
    try:
        path = _path(sent.get("path", ""))
        text, path = _edited(visit, draft.text, path, sent)
    except CardError as error:
        return _page(visit, draft, refused=error.message, typed=sent, status=422)
    except UserError as error:
        said = f"{error.message} {error.hint}".strip()
        return _page(visit, draft, refused=said, typed=sent, place=_key(sent), status=422)
    saved = visit.write(lambda c: save_draft(c, draft.id, text, draft.revision, visit.now_us))
    if saved is None:
        return _meanwhile(visit, draft_of(visit), sent)
    key = key_of(path) if path else ""
    place = f"?open={key}#part-{key}" if key else ""
    return visit.go(f"/studio/drafts/{draft.id}/forms{place}", _("Saved."))


def _meanwhile(visit: Visit, draft: Draft, sent: dict[str, str]) -> Response:
    """The forms of what somebody else has saved, with what was typed where it belongs now."""
    _ = visit.texts.say
    card = _card(visit, draft)
    place = _place(card, sent) if card is not None else None
    if place is None:
        said = _(
            "Somebody else has changed this draft meanwhile, and there is no form any more for "
            "what you typed."
        )
        lost = [(key, value) for key, value in sent.items() if value and key in _typed(visit)]
        return _page(visit, draft, refused=said, lost=lost, status=409)
    said = _(
        "Somebody else has changed this draft meanwhile. It is shown "
        "as it is now; what you typed is still in its form."
    )
    return _page(visit, draft, refused=said, typed=sent, place=place, stale=True, status=409)


def _typed(visit: Visit) -> set[str]:
    """The names of the fields that somebody types into."""
    return {key.removeprefix("f.") for key in visit.form} - {*OWN, visit.proof_field}


def _place(card: Part, sent: Mapping[str, str]) -> str | None:
    """The key of the part, or of the list, that a form was of: others may have moved it, or taken
    it away. None where it cannot be told."""
    try:
        path = _path(sent.get("path", ""))
    except UserError:
        return None
    parts = list(card.whole())
    if sent.get("do") == "add":
        kind, depth = sent.get("kind", ""), len(path)
        lists = [(each, part) for part in parts for each in part.lists if each.kind == kind]
        alike = [(each.key, part.identity) for each, part in lists if len(each.path) == depth]
    else:
        alike = [(part.key, part.identity) for part in parts if part.path[:-1] == path[:-1]]
    key, of = key_of(path), sent.get("of", "")
    same = [other for other, name in alike if name == of]
    if key in same:
        return key
    return same[0] if of and len(same) == 1 else None


def _edited(visit: Visit, text: str, path: Path, sent: dict[str, str]) -> tuple[str, Path]:
    match sent.get("do", "save"):
        case "add":
            return added(text, path, sent.get("kind", ""), sent)
        case "remove":
            return removed(text, path), path[:-2] if isinstance(path[-1], int) else path[:-1]
        case "up":
            return moved(text, path, -1)
        case "down":
            return moved(text, path, 1)
        case _:
            return with_values(text, path, sent, visit.texts), path


def _path(said: str) -> Path:
    """A path as forms send it."""
    try:
        found = json.loads(said) if len(said) < 2000 else None
    except ValueError:
        found = None
    if not isinstance(found, list) or not all(type(step) in (str, int) for step in found):
        raise UserError("card-edit", "The form does not say which part it is of.")
    return tuple(found)


def _key(sent: Mapping[str, str]) -> str:
    try:
        return key_of(_path(sent.get("path", "")))
    except UserError:
        return ""


def _card(visit: Visit, draft: Draft) -> Part | None:
    """The parts of a draft; None where its text cannot be read."""
    try:
        return whole_card(source_of(draft.text), read_card(draft.text).problems, visit.texts)
    except CardError:
        return None


def _page(
    visit: Visit, draft: Draft, *, opened: str = "", refused: str = "",
    typed: dict[str, str] | None = None, place: str = "", stale: bool = False,
    lost: list[tuple[str, str]] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """`typed` is what was sent for the part or list at `place`; `stale`: to another text."""
    return visit.page(
        "studio/forms.html", status=status, draft=draft, card=_card(visit, draft),
        opened=opened or place, refused=refused, typed=defaultdict(str, typed or {}),
        nothing=defaultdict(str), typed_key=place, stale=stale, lost=lost or [],
        problems=read_card(draft.text).problems, candidate=Writing(draft),
        events=_events(draft, visit), writes=visit.may("cards"),
    )  # fmt: skip


def _events(draft: Draft, visit: Visit) -> list[str]:
    """Names of events to choose from: those of the card, then those that were seen."""
    try:
        source = source_of(draft.text)
    except CardError:
        return []
    node = getattr(source.root, "get", lambda _: None)("events")
    own = [key.text for key, _ in getattr(node, "entries", ())]
    return [*own, *(each.name for each in seen_of(visit).events if each.name not in own)]
