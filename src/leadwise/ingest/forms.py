"""A plain HTML form as messages: what is known of the person, and that the form was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leadwise.errors import UserError
from leadwise.ingest.messages import Message, Received
from leadwise.ingest.naming import event_names
from leadwise.ingest.person import address_of
from leadwise.ingest.refusing import refusal
from leadwise.ingest.texts import identifier, one_line
from leadwise.ingest.wide_json import loose_json, written
from leadwise.store.documents import canonical, prefixed

ANONYMOUS_ID = "anonymous_id"
"""The hidden field in which a page says whose visit this is (`ajs_anonymous_id` of its cookies)."""
CAMPAIGN = ("source", "medium", "campaign", "term", "content")
"""Hidden fields `utm_*` that say by what a visitor came; `utm_campaign` is the campaign's name."""
LONGEST_VALUE = 8_000


@dataclass(frozen=True, slots=True)
class Form:
    """A form that posts to `/f/<name>`.

    `fields` maps the names of its fields to keys of the lead (`E-mail` to `email`), and no other
    field is taken: anybody may post anything. Without `fields` all are, by their own names.
    `email` is the key of the address. `honeypot` is a field
    that people do not see: who fills it is a program. `redirect` is where the browser goes next;
    without it there is a short page of thanks. `source` is what the messages bear as their source.
    `per_minute` posts are taken from one address, where that differs from the setting
    `limits.forms_per_minute`.
    """

    name: str
    source: str
    fields: Mapping[str, str] = field(default_factory=dict)
    email: str = "email"
    honeypot: str = "website_url"
    event: str = "form_submitted"
    redirect: str | None = None
    per_minute: int | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """One post of a form: its fields in order, and what the request says besides.

    `id` is new for each post; `url` is the page that the form stands on, where the browser says it.
    """

    fields: Sequence[tuple[str, str]]
    id: str
    received_us: int
    ip: str | None = None
    user_agent: str | None = None
    url: str | None = None


def form_messages(form: Form, posting: Posting) -> Received:
    """An identify and a track at the time of arrival; a refusal where the honeypot is filled.

    UserError `form-email` where the person can be asked again: there is no e-mail address, nor an
    anonymous id beside an address left empty.
    """
    sent = _values(posting.fields)
    if sent.get(form.honeypot, "").strip():
        error = UserError("form-honeypot", f"the hidden field '{form.honeypot}' is filled")
        refused = (refusal(0, error, written(sent)),)
        return Received((), refused, form.source, f"form:{form.name}")
    sent.pop(form.honeypot, None)
    return _received(form, posting, sent)


def form_again(form: Form, text: str, posting: Posting) -> Received:
    """What a refused post is when a person has found it good: `text` is its Refusal's body.

    UserError `not-json` where that was cut, `form-email` as of `form_messages`.
    """
    value = loose_json(text.encode())
    fields = value if isinstance(value, dict) else {}
    sent = {str(key): str(found) for key, found in fields.items() if key != form.honeypot}
    return _received(form, posting, sent)


def _received(form: Form, posting: Posting, sent: dict[str, str]) -> Received:
    anonymous_id = identifier(sent.pop(ANONYMOUS_ID, None), ANONYMOUS_ID)
    campaign = {
        ("name" if name == "campaign" else name): text
        for name in CAMPAIGN
        if (text := sent.pop(f"utm_{name}", "").strip())
    }
    traits = {form.fields.get(name, name): text for name, text in sent.items()
              if name in form.fields or not form.fields}  # fmt: skip
    address = traits.get(form.email, "").strip()
    email = address_of(address)
    if email is None and (address or anonymous_id is None):
        raise UserError(
            "form-email",
            f"'{one_line(address, 80)}' is not an e-mail address" if address
            else "the e-mail address is missing",
            hint="Go back and write it as name@company.com.",
        )  # fmt: skip
    context = _context(posting)
    plain, name = event_names(form.event)

    def message(type_: str, event: str, document: Mapping[str, object]) -> Message:
        return Message(
            type="identify" if type_ == "identify" else "track",
            source=form.source,
            message_id=f"{posting.id}-{type_}",
            event=event,
            at_us=posting.received_us,
            received_us=posting.received_us,
            name=None if type_ == "identify" else name,
            anonymous_id=anonymous_id,
            email=email,
            document=canonical(document),
            context=context,
        )

    # An empty field is not "no longer known": a second form that asks less takes nothing away.
    known = {key: text for key, text in traits.items() if text.strip()}
    done = {"form": form.name} | dict(prefixed(dict(campaign), "campaign."))
    return Received(
        (message("identify", "identify", known), message("track", plain, done)), (), form.source
    )


def _values(fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Texts by field; several of one name (boxes that are ticked) are joined by commas."""
    values: dict[str, str] = {}
    for name, text in fields:
        if name:
            values[name] = f"{values[name]}, {text}" if name in values else text
    return {name: text[:LONGEST_VALUE] for name, text in values.items()}


def _context(posting: Posting) -> Mapping[str, str]:
    found = {"ip": posting.ip, "user_agent": posting.user_agent, "url": posting.url}
    return {key: one_line(text, 2_000) for key, text in found.items() if text}
