"""The step `mail`: a mail to the lead, once (docs/mail.md says what that means of SMTP)."""

from __future__ import annotations

import base64
import binascii
from typing import Literal

from sqlalchemy import Connection

from leadwise.connect.mail.addresses import mailbox_of
from leadwise.connect.mail.letter import Attachment
from leadwise.connect.mail.outbox import Draft, Outbox, Posted, outbox_of
from leadwise.errors import UserError
from leadwise.playbooks.mails.making import draft_of, filled, keep_source
from leadwise.playbooks.mails.templates import read_template
from leadwise.playbooks.runs.acting import Came, Document, Here, House
from leadwise.playbooks.texts.values import values_of_lead
from leadwise.store import mails
from leadwise.store.templates import KeptTemplate

MESSAGE_KEYS = ("from", "email", "sender", "address", "reply_to")
"""Where a message that is no lead's says whom to answer, the first that is there."""


def act(house: House, here: Here) -> Came:
    """Send it. UserError where it was refused for good; the run waits while it is not taken yet,
    and is held where nobody can know whether it went."""
    outbox = outbox_of(house.store, house.settings, house.clock_us)
    token = outbox.links.token(here.key)
    with house.store.read() as connection:
        mail = mails.mail_of_token(connection, token)
    if mail is None:
        return _came(outbox.post(_draft(house, here, outbox), unsure=_unsure(here)))
    if _asked_again(here) and mail.state in ("unsure", "refused"):
        mail_id, now_us = mail.id, house.clock_us()
        house.store.write(lambda one: mails.settle(one, mail_id, "again", now_us))
        with house.store.read() as connection:
            mail = mails.mail_of_token(connection, token) or mail
    return _came(outbox.move(mail, unsure=_unsure(here)))


def _draft(house: House, here: Here, outbox: Outbox) -> Draft:
    settings, run = here.step.settings, here.run
    more: dict[str, object] = {
        name: here.text(str(text)) for name, text in _mapping(settings.get("with")).items()
    }
    more["unsubscribe_url"] = outbox.links.unsubscribe(outbox.links.token(here.key))
    sender = here.words("from")
    attachments = _attachments(here)
    language = _language(house, here)

    def kept(connection: Connection) -> KeptTemplate:
        name = str(settings["template"])
        return keep_source(connection, house.settings, name, language, here.now_us)

    template = house.store.write(kept)
    with house.store.read() as connection:
        if run.lead_id is None or here.words("to"):
            return _answer(connection, house, here, template, more, sender, attachments)
        return draft_of(
            connection, house.settings, template, key=here.key, lead_id=run.lead_id, run=run,
            number=run.number, now_us=here.now_us, more=more, sender=sender,
            kind=str(settings.get("kind") or ""), attachments=attachments,
        )  # fmt: skip


def _answer(
    connection: Connection, house: House, here: Here, template: KeptTemplate,
    more: dict[str, object], sender: str, attachments: tuple[Attachment, ...],
) -> Draft:  # fmt: skip
    """A mail to the address that the step says, or to whoever sent the message that started the
    run, and is no lead."""
    message = here.run.doc.get("message")
    said = _mapping(message)
    named = next((str(said[key]) for key in MESSAGE_KEYS if said.get(key)), "")
    address = here.words("to") or named
    if not address:
        raise UserError(
            "no-address", "The message that started this names nobody to write to.",
            hint="A mail step needs a lead, or a message with `from`.",
        )  # fmt: skip
    made = read_template(template.text, template.name)
    values = values_of_lead(
        connection, here.run.lead_id, here.now_us, run=here.run, settings=house.settings, more=more
    )
    draft = filled(made, values)
    answered = str(said.get("message_id") or "").strip("<> ") if made.reply else ""
    return Draft(
        key=here.key, to=mailbox_of(address), subject=draft.subject, text=draft.text,
        html=draft.html, preheader=draft.preheader, sender=sender or draft.sender,
        kind="transactional", tracking="none", language=draft.language, run_id=here.run.id,
        number=here.run.number, template_id=template.id, attachments=attachments,
        answers=answered if _is_id(answered) else "",
    )  # fmt: skip


def _came(posted: Posted) -> Came:
    result: Document = {
        "message_id": posted.message_id, "state": posted.state, "mail": posted.mail_id
    }  # fmt: skip
    match posted.state:
        case "sent" | "complained":
            return Came("done", result)
        case "suppressed":
            return Came("done", result, why=f"Nothing is sent there: {posted.why}.")
        case "waiting":
            return Came("waits", result, until_us=posted.until_us, why=posted.why)
        case "held":
            why = (
                f"Nobody knows whether the mail went: {posted.why} Look into the mail server's log "
                f"for <{posted.message_id}>. Go on if it went; else have the step done again."
            )
            return Came("held", result, why=why)
        case "refused" | "bounced":
            raise UserError(
                "mail-refused", f"The mail was not taken: {posted.why}",
                hint="`failed: go on` goes on without it.",
            )  # fmt: skip


def _unsure(here: Here) -> Literal["hold", "send again"]:
    return "send again" if here.step.settings.get("unsure") == "send again" else "hold"


def _asked_again(here: Here) -> bool:
    """Whether a person has said that the step is to be done again."""
    return _mapping(here.run.doc.get("engine")).get("resumed") == "again"


def _language(house: House, here: Here) -> str:
    with house.store.read() as connection:
        values = values_of_lead(
            connection, here.run.lead_id, here.now_us, run=here.run, settings=house.settings
        )
        return values.reader.language


def _attachments(here: Here) -> tuple[Attachment, ...]:
    """The files that earlier steps made or were given: `content` in base64, or a `text`."""
    names = here.step.settings.get("attach")
    found = []
    for name in names if isinstance(names, list | tuple) else ():
        steps = _mapping(here.run.doc.get("step"))
        given = _mapping(steps.get(str(name)))
        file = _mapping(given.get("file")) or given
        content, text = file.get("content"), file.get("text")
        if isinstance(content, str):
            try:
                raw = base64.b64decode(content, validate=True)
            except binascii.Error:
                raw = content.encode()
        elif isinstance(text, str):
            raw = text.encode()
        else:
            raise UserError(
                "mail-attachment", f"Step {name} made no file that a mail could take along.",
                hint="attach: names steps whose result is a file.",
            )  # fmt: skip
        found.append(Attachment(str(file.get("name") or name), raw, str(file.get("type") or "")))
    return tuple(found)


def _mapping(value: object) -> dict[str, object]:
    return {str(key): one for key, one in value.items()} if isinstance(value, dict) else {}


def _is_id(text: str) -> bool:
    return (
        3 <= len(text) <= 200 and "@" in text and text.isascii() and not set(text) & set("<> \r\n")
    )
