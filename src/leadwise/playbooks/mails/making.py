"""From a template and a lead to a mail: what a step sends, and what a page shows before it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from leadwise.connect.mail import layout
from leadwise.connect.mail.addresses import Address, mailbox, one_line
from leadwise.connect.mail.letter import Attachment
from leadwise.connect.mail.markup import to_text
from leadwise.connect.mail.outbox import Draft
from leadwise.errors import Place, UserError
from leadwise.ingest.emails import normalised_email
from leadwise.playbooks.mails.templates import MailTemplate, find_source, read_template
from leadwise.playbooks.runs.acting import Run
from leadwise.playbooks.texts import fill, name_of
from leadwise.playbooks.texts.values import Reader, Values, values_of_lead
from leadwise.settings import Settings
from leadwise.store.documents import values_of
from leadwise.store.facts import facts_now
from leadwise.store.identities import Name, names_of
from leadwise.store.mails import Mail, sent_in_run
from leadwise.store.suppression import ALWAYS, suppressed_among
from leadwise.store.templates import KeptTemplate, keep_template

OTHERS = ("user", "crm", "anonymous")
TEMPLATES = "templates"
"""Who keeps the version of a template that came from a folder or was shipped."""


@dataclass(frozen=True, slots=True)
class To:
    """Where a lead's mail goes, and the identity that what happens to it is recorded under."""

    address: str
    name: str
    who: Name


@dataclass(frozen=True, slots=True)
class Preview:
    """A mail as a lead would get it: no link is tracked, nothing is kept."""

    template: str
    language: str
    subject: str
    sender: str
    to: str
    kind: str
    text: str
    html: str


def keep_source(connection: Connection, settings: Settings, name: str, language: str, now_us: int
                ) -> KeptTemplate:  # fmt: skip
    """The version of a template that a mail is made of now, kept in the store."""
    source = find_source(connection, settings, name, language)
    return keep_template(connection, source.name, source.text, by=TEMPLATES, now_us=now_us)


def where_to(connection: Connection, lead_id: int) -> To:
    """Where a lead's mails go. UserError (`no-address`) where no address is known.

    Of several the one that the facts say, else that which came first; before one at which nobody
    can be reached any other.
    """
    names: list[Name] = [(kind, value) for _, kind, value in names_of(connection, lead_id)]
    own = [value for kind, value in names if kind == "email"]
    facts = values_of(facts_now(connection, lead_id))
    said = normalised_email(facts.get("email"))
    ranked = [said] if said is not None and (said in own or not own) else []
    ranked += [one for one in own if one not in ranked]
    # One at which nobody can be reached is the last to be tried.
    gone = {
        one for one, why in suppressed_among(connection, ranked).items() if why.reason in ALWAYS
    }
    address = next((one for one in ranked if one not in gone), ranked[0] if ranked else None)
    if address is None:
        raise UserError(
            "no-address", f"No e-mail address of lead {lead_id} is known.",
            hint="A condition keeps such leads out: `when: email is not null`.",
        )  # fmt: skip
    by_kind = {kind: (kind, value) for kind, value in reversed(names)}
    who: Name = ("email", address)
    if address not in own:
        who = next((by_kind[kind] for kind in OTHERS if kind in by_kind), who)
    parts = [facts.get("first_name"), facts.get("last_name")]
    name = facts.get("name") or " ".join(str(part) for part in parts if part)
    return To(address, name_of(name), who)


def filled(made: MailTemplate, values: Values) -> Draft:
    """The texts of a template for a lead, in a draft that has nothing else yet."""
    # Days and money are written as the text is, whatever the lead's own language.
    language = made.language or (values.run.playbook.language if values.run else "") or "en"
    reader = Reader(values.reader.zone, language)

    def part(name: str, source: str, *, html: bool = False) -> str:
        if not source:
            return ""
        where = Place(made.name, made.line(name))
        return fill(
            source, values.of(source), html=html, zone=reader.zone, language=reader.language,
            where=where,
        )  # fmt: skip

    subject = one_line(part("subject", made.subject))
    if not subject:
        raise UserError(
            "template-value", "The subject is empty.",
            where=Place(made.name, made.line("subject")),
        )  # fmt: skip
    html = part("html" if made.html else "text", made.html_source, html=True)
    return Draft(
        key="", to=Address(""), subject=subject,
        text=part("text", made.plain_source) or to_text(html), html=html,
        preheader=part("preheader", made.preheader), sender=part("from", made.sender),
        kind=made.kind, tracking=made.tracking, language=reader.language,
    )  # fmt: skip


def draft_of(
    connection: Connection, settings: Settings, template: KeptTemplate, *, key: str, lead_id: int,
    run: Run | None, number: int | None, now_us: int, more: Mapping[str, object],
    sender: str = "", kind: str = "", attachments: tuple[Attachment, ...] = (),
) -> Draft:  # fmt: skip
    """The mail of a step. UserError: `no-address`, `template-value`, `mail-template`."""
    made = read_template(template.text, template.name)
    values = values_of_lead(
        connection, lead_id, now_us, run=run, settings=settings, more=more
    )  # fmt: skip
    to = where_to(connection, lead_id)
    draft = filled(made, values)
    before = sent_in_run(connection, lead_id, run.id) if made.reply and run is not None else []
    transactional = "transactional" in (kind, made.kind)
    return replace(
        draft, key=key, to=mailbox(to.address, to.name), lead_id=lead_id, who=to.who,
        subject=_answering(draft.subject, before), kind="transactional" if transactional
        else "marketing", sender=sender or draft.sender, run_id=run.id if run else None,
        number=number, template_id=template.id, attachments=attachments,
        properties={
            "template": template.name, "template_version": template.version,
            "campaign": run.playbook.id if run is not None else template.name.partition(".")[0],
        },
        answers=before[-1].message_id if before else "",
        before=tuple(one.message_id for one in before[:-1]),
    )  # fmt: skip


def preview(
    connection: Connection, settings: Settings, name: str, lead_id: int, now_us: int, *,
    language: str = "", text: str | None = None, more: Mapping[str, object] | None = None,
) -> Preview:  # fmt: skip
    """A template as a lead would get it; `text` is that of one that is not kept yet. UserError:
    `no-such-template`, `no-address`, `template-value`, `mail-template`."""
    values = values_of_lead(
        connection, lead_id, now_us, settings=settings,
        more={"unsubscribe_url": f"{settings.public_url}/m/u/preview", **(more or {})},
    )  # fmt: skip
    if text is None:
        source = find_source(connection, settings, name, language or values.reader.language)
        name, text = source.name, source.text
    made = read_template(text, name)
    draft, to = filled(made, values), where_to(connection, lead_id)
    foot = layout.Foot()
    if made.kind == "marketing":
        used = "unsubscribe_url" in f"{made.text}{made.html}"
        way = "" if used else f"{settings.public_url}/m/u/preview"
        foot = layout.Foot(settings.mail.postal_address, way)
    return Preview(
        made.name, draft.language, draft.subject, draft.sender or settings.mail.sender,
        to.address, made.kind, layout.with_foot(draft.text, foot, draft.language),
        layout.harmless(
            layout.page(
                draft.html, subject=draft.subject, preheader=draft.preheader,
                language=draft.language, foot=foot,
            )
        ),
    )  # fmt: skip


def _answering(subject: str, before: list[Mail]) -> str:
    """The subject of an answer in a sequence is that of what it answers."""
    if not before or not before[-1].subject:
        return subject
    first = before[0].subject
    return first if first.lower().startswith("re:") else f"Re: {first}"
