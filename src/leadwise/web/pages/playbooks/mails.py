"""Mail templates: their texts, checked, and how each looks for a real lead."""

from __future__ import annotations

from sqlalchemy import Connection
from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.playbooks.mails.making import Preview, preview
from leadwise.playbooks.mails.templates import Source, check_template, find_source, list_sources
from leadwise.store.audit import audit
from leadwise.store.cards import live_version
from leadwise.store.leads import get_head
from leadwise.store.templates import NAME, keep_template
from leadwise.web.pages.playbooks.parts import plain_text
from leadwise.web.pages.rendering import HEADERS
from leadwise.web.pages.visit import MOST, Visit

PLACE = "/playbooks/mails"
WRONG = 422
EMPTY = """---
subject: What it is about
---
Hello {{ lead.first_name | default("there") }},

...

{{ owner.name | default(team.name) }}
"""
SHOWN_ALONE = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
)
"""The policy of a mail that is looked at: nothing of it runs or is fetched."""


def mails_page(visit: Visit) -> Response:
    """All templates."""
    settings = visit.site.api.settings
    return visit.page(
        "playbooks/mails.html", sources=visit.read(lambda c: list_sources(c, settings)),
        origins=_origins(visit),
    )  # fmt: skip


def _origins(visit: Visit) -> dict[str, str]:
    _ = visit.texts.say
    return {
        "folder": _("a file of the server's"), "store": _("yours"),
        "shipped": _("comes with Leadwise"),
    }  # fmt: skip


def mail_page(visit: Visit) -> Response:
    """One of them; `lead` is whom it is looked at for."""
    name = visit.name("name")
    return _editor(visit, name, _source(visit, name))


def new_page(visit: Visit) -> Response:
    """A new one."""
    return _editor(visit, "", Source("", EMPTY, "store"))


def _source(visit: Visit, name: str) -> Source:
    settings = visit.site.api.settings
    return visit.read(lambda c: find_source(c, settings, name))


def _editor(
    visit: Visit, name: str, source: Source, *, fault: str = "", status: int = 200
) -> Response:
    live = visit.read(live_version)
    problems = check_template(source.text, name or "new", card=live.card if live else None)
    lead, seen, why = _lead(visit), None, ""
    if lead is not None and not any(one.severity == "error" for one in problems):
        try:
            seen = _seen(visit, name or "new", source.text, lead)
        except UserError as error:
            why = f"{error.message} {error.hint}".strip()
    return visit.page(
        "playbooks/mail.html", status=status, name=name, source=source, problems=problems,
        lead=lead, seen=seen, why=why, fault=fault, place=PLACE, origins=_origins(visit),
    )  # fmt: skip


def _lead(visit: Visit) -> int | None:
    said = str(visit.form.get("lead") or visit.query.get("lead", ""))
    return min(int(said), MOST) if said.isdecimal() and len(said) < 20 else None


def _seen(visit: Visit, name: str, text: str, lead: int) -> Preview:
    settings = visit.site.api.settings
    visit.read(lambda c: get_head(c, lead))
    return visit.read(lambda c: preview(c, settings, name, lead, visit.now_us, text=text))


def save(visit: Visit) -> Response:
    """Keep it as the next version, or (`then=look`) only look at it; the text is never lost."""
    _ = visit.texts.say
    given = visit.request.path_params.get("name") or visit.form.get("name", "")
    name, text = str(given).strip(), plain_text(visit)
    source = Source(name, text, "store")
    if not NAME.fullmatch(name):
        fault = _("A name has small letters, digits and hyphens: offer, or offer.es for Spanish.")
        return _editor(visit, "", source, fault=fault, status=WRONG)
    if visit.form.get("then") == "look":
        return _editor(visit, name, source)
    if any(one.severity == "error" for one in check_template(text, name)):
        return _editor(visit, name, source, status=WRONG)

    def work(connection: Connection) -> int:
        kept = keep_template(connection, name, text, by=visit.who.actor, now_us=visit.now_us)
        audit(connection, visit.who.actor, "add", "template", kept.id, name, visit.now_us)
        return kept.version

    version = visit.write(work)
    lead = _lead(visit)
    return visit.go(
        f"{PLACE}/{name}" + (f"?lead={lead}" if lead is not None else ""),
        _("Version %(number)s is kept: mails are made of it from now on.", number=version),
    )


def html_page(visit: Visit) -> Response:
    """The HTML of a kept template for a lead, alone, as nothing but a picture of it."""
    name, lead = visit.name("name"), _lead(visit)
    if lead is None:
        raise UserError(
            "usage", visit.texts.say("For which lead?"),
            hint=visit.texts.say("The address ends with ?lead= and its number."),
        )  # fmt: skip
    seen = _seen(visit, name, _source(visit, name).text, lead)
    headers = {**HEADERS, "Content-Security-Policy": SHOWN_ALONE}
    return Response(seen.html, 200, headers, "text/html; charset=utf-8")
