"""`search`: what answers a question, from documents, tickets and chat, each with its link.

Nothing is made up: `best` is words that stand in what was found; where nothing answers there is no
`best`. A source that cannot be asked is told in `failed`, and the others are looked through.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from leadwise.connect.model import JSON, Library, Paper
from leadwise.errors import RemoteError, UserError
from leadwise.playbooks.reading.finding import Answer, find
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.qualify.embedded.vectors import sentence_model

PAPERS = 500
"""Papers of one source that are looked through."""
MOST = 20


def act(house: House, here: Here) -> Came:
    """The passages that answer. RemoteError where no source can be asked, and one may be later."""
    question = here.words("for")
    listed = here.step.settings.get("in")
    sources = [here.text(str(one)) for one in listed] if isinstance(listed, list | tuple) else []
    opened, failed, passing = dict[str, Any](), dict[str, JSON](), list[RemoteError]()
    papers: list[tuple[str, Paper]] = []
    for name in sources:
        try:
            library = house.open(name)
            if not isinstance(library, Library):
                raise UserError("cannot-do", f"The connection {name} cannot be looked through.")
            papers += _of(name, library, question, _message_id(here))
            opened[name] = library
        except (RemoteError, UserError) as error:
            failed[name] = str(error)
            if isinstance(error, RemoteError) and not error.permanent:
                passing.append(error)
            elif isinstance(error, UserError) and error.code == "cannot-do":
                raise
    if sources and not opened:
        if passing:
            raise passing[0]
        raise UserError("cannot-search", "; ".join(map(str, failed.values()))[:500])
    most = min(MOST, int(str(here.step.settings.get("most") or 3)))
    answers = find(question, papers, most, sentence_model())
    found: list[JSON] = [_told(one, opened[one.source]) for one in answers]
    result: dict[str, JSON] = {"found": found}
    if found and isinstance(found[0], dict):
        result["best"] = _best(found[0])
    if failed:
        result["failed"] = failed
    return Came("done", result, why="" if found else "Nothing was found.")


def _of(name: str, library: Library, question: str, asking: str) -> Iterator[tuple[str, Paper]]:
    """Its papers, without the message that asks."""
    return ((name, one) for one in library.papers(question, PAPERS) if one.id != asking)


def _message_id(here: Here) -> str:
    """The id of the chat message that started the run, as its papers have it."""
    said = here.run.doc.get("message")
    if not isinstance(said, dict):
        return ""
    return f"{said.get('channel', '')}:{said.get('ts', '')}"


def _told(one: Answer, library: Any) -> dict[str, JSON]:
    link = one.paper.link
    if hasattr(library, "link"):
        with suppress(RemoteError):  # what was found is worth more than its address
            link = library.link(one.paper) or link
    return {
        "title": one.paper.title, "quote": one.quote, "link": link, "source": one.source,
        "confidence": round(100 * one.score),
    }  # fmt: skip


def _best(found: dict[str, JSON]) -> str:
    """One text of the best: the quote, where it stands, and its link."""
    title, quote = str(found["title"]), str(found["quote"])
    where = title if title and title not in quote else str(found["source"])
    return f"{quote} ({where}{': ' + str(found['link']) if found['link'] else ''})"
