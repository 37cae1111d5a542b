"""A draft as forms: every edit rewrites the same text, with its comments and its order."""

from __future__ import annotations

import json
from collections import defaultdict

from starlette.responses import Response

from leadwise.card import parse
from leadwise.card.source import Path
from leadwise.errors import CardError, UserError
from leadwise.store.drafts import Draft, save_draft
from leadwise.web.pages.studio.changes import added, moved, removed, source_of, with_values
from leadwise.web.pages.studio.parts import whole_card
from leadwise.web.pages.studio.writing import Writing, draft_of, revision_of, seen_of
from leadwise.web.pages.visit import Visit


def show_forms(visit: Visit) -> Response:
    """The forms of a draft."""
    return _page(visit, draft_of(visit), opened=visit.query.get("open", ""))


def change(visit: Visit) -> Response:
    """One edit: `do` is save, add, up, down or remove; `path` is the part's."""
    draft, _ = draft_of(visit), visit.texts.say
    sent = {key.removeprefix("f."): str(value) for key, value in visit.form.items()}
    if revision_of(visit) != draft.revision:
        said = _(
            "Somebody else has changed this draft meanwhile. It is shown "
            "as it is now; what you typed is still in its form."
        )
        return _page(visit, draft, opened=_key(sent), refused=said, typed=sent, status=409)
    try:
        path = _path(sent.get("path", ""))
        text, path = _edited(visit, draft.text, path, sent)
    except CardError as error:
        return _page(visit, draft, refused=error.message, typed=sent, status=422)
    except UserError as error:
        said = f"{error.message} {error.hint}".strip()
        return _page(visit, draft, opened=_key(sent), refused=said, typed=sent, status=422)
    saved = visit.write(lambda c: save_draft(c, draft.id, text, draft.revision, visit.now_us))
    if saved is None:
        said = _(
            "Somebody else has changed this draft meanwhile. It is shown "
            "as it is now; what you typed is still in its form."
        )
        return _page(
            visit, draft_of(visit), opened=_key(sent), refused=said, typed=sent, status=409
        )
    key = "-".join(str(step) for step in path)
    place = f"?open={key}#part-{key}" if key else ""
    return visit.go(f"/studio/drafts/{draft.id}/forms{place}", _("Saved."))


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


def _key(sent: dict[str, str]) -> str:
    try:
        return "-".join(str(step) for step in _path(sent.get("path", "")))
    except UserError:
        return ""


def _page(
    visit: Visit, draft: Draft, *, opened: str = "", refused: str = "",
    typed: dict[str, str] | None = None, status: int = 200,
) -> Response:  # fmt: skip
    parsed = parse(draft.text)
    try:
        card = whole_card(source_of(draft.text), parsed.problems, visit.texts)
    except CardError:
        card = None
    return visit.page(
        "studio/forms.html", status=status, draft=draft, card=card, opened=opened,
        refused=refused, typed=defaultdict(str, typed or {}), nothing=defaultdict(str),
        typed_key=_key(typed or {}), problems=parsed.problems, candidate=Writing(draft),
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
