"""From what is asked for to the mail as it will go: fixed once, before it is first tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from leadwise.connect.mail import layout
from leadwise.connect.mail.addresses import Address, mailbox_of
from leadwise.connect.mail.letter import Attachment, Letter, as_document, written
from leadwise.connect.mail.links import Links
from leadwise.connect.mail.markup import to_text
from leadwise.errors import UserError
from leadwise.ingest.emails import normalised_email
from leadwise.settings.mail import MailSettings
from leadwise.store.identities import Name

Kind: TypeAlias = Literal["marketing", "transactional"]
Tracking: TypeAlias = Literal["opens and clicks", "clicks", "none"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail to be sent. `key` is the same however often the same mail is asked for.

    `html` is the body, without a layout where it has no `<html>`; without `text` that is made of
    it, and the other way round. `who` is the identity of the lead that events are recorded under.
    `answers` is the Message-ID of an earlier mail, `before` what came before that.
    """

    key: str
    to: Address
    subject: str
    text: str = ""
    html: str = ""
    preheader: str = ""
    sender: str = ""
    lead_id: int | None = None
    who: Name | None = None
    kind: Kind = "marketing"
    tracking: Tracking = "opens and clicks"
    language: str = "en"
    run_id: int | None = None
    number: int | None = None
    template_id: int | None = None
    properties: Mapping[str, str | int] = field(default_factory=dict)
    answers: str = ""
    before: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


def sender_of(draft: Draft, settings: MailSettings) -> Address:
    """From whom a draft is. UserError (`mail-settings`) where nobody is set."""
    said = draft.sender or settings.sender
    if not said:
        raise UserError(
            "mail-settings", "Nobody is set from whom mail is.",
            hint='Set mail.sender to "Ann at Acme <ann@acme.example>".',
        )  # fmt: skip
    return mailbox_of(said)


def composed(draft: Draft, settings: MailSettings, links: Links, now_us: int) -> dict[str, object]:
    """The row of a mail. What is to be sent is fixed here, the day and all links included."""
    token = links.token(draft.key)
    message_id = f"{token}@{sender_of(draft, settings).domain}"
    of_lead = draft.lead_id is not None
    leaves = (
        _ways_out(draft, settings, links, token) if of_lead and draft.kind == "marketing" else ()
    )
    text, html = _parts(draft, settings, links, token, leaves)
    size = sum(len(one.content) for one in draft.attachments)
    if size > settings.attachment_bytes:
        raise UserError(
            "mail-size", f"The attachments have {size:,} bytes together.",
            hint=f"No more than {settings.attachment_bytes:,}: mail.attachment_bytes.",
        )  # fmt: skip
    letter = Letter(
        message_id, now_us, sender_of(draft, settings), draft.to, draft.subject, text, html,
        reply_to=mailbox_of(settings.reply_to) if settings.reply_to else None,
        answers=draft.answers, before=draft.before, unsubscribe=leaves,
        feedback_id=_feedback_id(draft) if of_lead else "",
        automatic=draft.kind == "transactional", attachments=draft.attachments,
        language=draft.language,
    )  # fmt: skip
    written(letter)  # what cannot be written is refused before it is queued
    address = normalised_email(draft.to.address) or draft.to.address
    document = {
        "letter": as_document(letter), "who": list(draft.who) if draft.who else None,
        "kind": draft.kind, "properties": dict(draft.properties), "key": draft.key,
    }  # fmt: skip
    return {
        "message_id": message_id, "lead_id": draft.lead_id, "address": address,
        "domain": address.rpartition("@")[2], "subject": letter.subject or "(no subject)",
        "template_id": draft.template_id, "run_id": draft.run_id, "number": draft.number,
        "state": "ready", "created_us": now_us, "due_us": now_us, "doc": document,
    }  # fmt: skip


def _parts(
    draft: Draft, settings: MailSettings, links: Links, token: str, leaves: tuple[str, ...]
) -> tuple[str, str]:
    body, plain = draft.html or layout.of_text(draft.text), draft.text or to_text(draft.html)
    way, postal = (leaves[0] if leaves else ""), (settings.postal_address if leaves else "")

    def foot(said: str) -> layout.Foot:
        """Each part has the way out: one that its template has not put there is below."""
        return layout.Foot(postal, "" if way and way in said.replace("&amp;", "&") else way)

    html = layout.page(
        body, subject=draft.subject, preheader=draft.preheader, language=draft.language,
        foot=foot(body),
    )  # fmt: skip
    text = layout.with_foot(plain, foot(plain), draft.language)
    html = layout.harmless(html)
    tracking = _least(draft.tracking, settings.tracking)
    if draft.lead_id is not None and links.site and tracking != "none":
        opens = tracking == "opens and clicks"
        html = layout.tracked(html, links, token, opens=opens)
    return text, html


def _ways_out(draft: Draft, settings: MailSettings, links: Links, token: str) -> tuple[str, ...]:
    """The addresses of List-Unsubscribe. Marketing mail without one is not sent."""
    if not links.site:
        raise UserError(
            "mail-settings", "A marketing mail needs a link to unsubscribe by.",
            hint="Set public_url to the address by which leads reach the service.",
        )  # fmt: skip
    page = links.unsubscribe(token)
    if "*" not in settings.bounces_to:
        return (page,)
    return (page, f"mailto:{_bounces_to(draft, settings, token)}?subject=unsubscribe")


def _bounces_to(draft: Draft, settings: MailSettings, token: str) -> str:
    if not settings.bounces_to:
        return sender_of(draft, settings).address
    return mailbox_of(settings.bounces_to.replace("*", token)).address


def _feedback_id(draft: Draft) -> str:
    said = draft.properties
    parts = (said.get("template", ""), said.get("campaign", ""), draft.kind, "leadwise")
    return ":".join(str(part).replace(":", "-") for part in parts)


def _least(one: Tracking, other: Tracking) -> Tracking:
    order: tuple[Tracking, ...] = ("none", "clicks", "opens and clicks")
    return min(one, other, key=order.index)
