"""The text of a playbook: from nothing, from one that comes with Leadwise, from another version,
from words or from answers to questions; checked, and kept as a draft."""

from __future__ import annotations

from starlette.responses import Response

from leadwise.errors import CardError, LeadwiseError, UserError
from leadwise.playbooks import versions
from leadwise.playbooks.drafting.drafting import MOST_WISH, Around, draft
from leadwise.playbooks.drafting.guided import questions, written
from leadwise.playbooks.drafting.surroundings import around_of
from leadwise.playbooks.library import NAMES, shipped_text
from leadwise.playbooks.words.describe import describe
from leadwise.qualify.provider.describe import describe as described
from leadwise.qualify.provider.writing import ModelWriter
from leadwise.qualify.readers import KeptSpending
from leadwise.store.cards import live_version
from leadwise.store.playbooks import get_playbook
from leadwise.web.pages.playbooks.asked import asked, unmeant
from leadwise.web.pages.playbooks.parts import plain_text
from leadwise.web.pages.visit import MOST, Visit

EMPTY = """playbook: my-playbook
version: 1
label: What it is called
starts:
  - band: {enters: [hot]}
steps:
  - task: {title: "Call {{ lead.email }}", kind: call, to: owner}
safety:
  again: 90 days
"""
WRONG = 422


def write_page(visit: Visit) -> Response:
    """The editor, with what the address names to begin from."""
    ready, version = visit.query.get("ready", ""), visit.query.get("version", "")
    text = EMPTY
    if ready in NAMES:
        text = shipped_text(ready)
    elif version.isdecimal():
        number = min(int(version[:20]), MOST)
        text = visit.read(lambda c: get_playbook(c, number)).text
    return _editor(visit, text)


def save(visit: Visit) -> Response:
    """Keep it as a draft, or (`then=check`) say what is wrong; the text is never lost."""
    text = plain_text(visit)
    if visit.form.get("then") == "check":
        return _editor(visit, text, checked=True)
    try:
        added = visit.write(
            lambda c: versions.add(
                c,
                text,
                actor=visit.who.actor,
                now_us=visit.now_us,
                settings=visit.site.api.settings,
            )
        )
    except CardError:
        return _editor(visit, text, checked=True, status=WRONG)
    notice = visit.texts.say("It is kept as a draft. Nothing happens before it is published.")
    return visit.go(f"/playbooks/{added.version.id}", notice)


def _editor(
    visit: Visit, text: str, *, checked: bool = False, status: int = 200, tries: int = 0
) -> Response:
    found = visit.read(lambda c: versions.check_playbook(c, text, settings=visit.site.api.settings))
    card = visit.read(live_version)
    words = describe(found.playbook, card.card if card else None) if found.playbook else ""
    return visit.page(
        "playbooks/write.html", status=status, text=text, problems=list(found.problems)[:100],
        words=words, checked=checked, fine=found.playbook is not None, tries=tries,
    )  # fmt: skip


def around(visit: Visit) -> Around:
    """What there is to write with."""
    return visit.read(lambda c: around_of(c, visit.site.api.settings))


def guided_page(visit: Visit) -> Response:
    """The questions."""
    return _guided(visit, {}, "")


def _guided(visit: Visit, said: dict[str, str], fault: str, status: int = 200) -> Response:
    form = asked(visit.texts, around(visit), said)
    return visit.page("playbooks/guided.html", status=status, asked=form, fault=fault)


def guided(visit: Visit) -> Response:
    """The text of the answers, in the editor."""
    known = around(visit)
    said = {one.name: str(visit.form.get(one.name, "")) for one in questions(known)}
    try:
        text = written({name: answer for name, answer in said.items() if answer}, known)
    except UserError:
        return _guided(visit, said, unmeant(visit.texts, known, said), WRONG)
    return _editor(visit, text, checked=True)


def wish_page(visit: Visit) -> Response:
    """A field for what is wanted, and where it is sent."""
    return _wish(visit, "", "")


def _wish(visit: Visit, wish: str, fault: str, status: int = 200) -> Response:
    settings = visit.site.api.settings.model
    found = described(settings) if settings.name else None
    host = (found.address or found.provider) if found else ""
    return visit.page(
        "playbooks/wish.html", status=status, wish=wish, fault=fault, host=host, most=MOST_WISH
    )


def wish(visit: Visit) -> Response:
    """What the model wrote, in the editor."""
    api = visit.site.api
    said = str(visit.form.get("wish", "")).strip()
    writer = ModelWriter(api.settings.model, spending=KeptSpending(api.store))
    try:
        made = draft(said, around(visit), writer.write)
    except LeadwiseError as error:
        hint = error.hint if isinstance(error, UserError) else ""
        return _wish(visit, said, f"{error} {hint}".strip(), WRONG)
    return _editor(visit, made.text, checked=True, tries=made.tries)
