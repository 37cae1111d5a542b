"""Reading conversations from pages: at once by the embedded reader, by a model in a job.

The model reader is offered where the settings name one, with what is sent where beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from leadwise.card.values import SECOND
from leadwise.errors import UserError
from leadwise.jobs import FINISHED, Job
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.intake import Sent, read_kept, take_in
from leadwise.qualify.provider.connect import needed
from leadwise.qualify.provider.describe import Described, describe
from leadwise.qualify.read_job import KIND
from leadwise.qualify.readers import reader_named
from leadwise.qualify.recording import ReadingKept
from leadwise.store.audit import audit
from leadwise.web.api.conversations import note, read_later
from leadwise.web.pages.visit import Visit

SOURCE = "pages"
EMBEDDED, MODEL = "embedded", "model"
LATEST_JOBS = 50
"""Among so many a conversation's own job is looked for."""


@dataclass(frozen=True, slots=True)
class Offered:
    """The model reader as a page offers it: what it is called, and what is sent where."""

    label: str
    note: str


def model_offered(visit: Visit) -> Offered | None:
    """The model reader; None where none is set, its packages are missing, or there are no jobs."""
    if visit.site.api.jobs is None:
        return None
    try:
        found = describe(visit.site.settings.model)
        needed()
    except UserError:
        return None
    _ = visit.texts.say
    return Offered(_("%(model)s, a language model", model=found.model), _sent_where(visit, found))


def reader_asked(visit: Visit) -> str:
    """The reader that a form asks for: the model only where it is offered."""
    wanted = visit.form.get("reader") == MODEL
    return MODEL if wanted and model_offered(visit) is not None else EMBEDDED


def keep(visit: Visit, lead_id: int, sent: Sent, frame: Frame) -> tuple[int, bool]:
    """Keep a conversation with a lead; its id, and whether it is new. UserError as `take_in`."""
    api = visit.site.api
    with api.heavy():
        done = take_in(
            api.store, lead_id, sent, frame.name, None, visit.site.settings.qualify, source=SOURCE,
            actor=visit.who.actor, now_us=visit.now_us, zone=visit.zone,
        )  # fmt: skip
    detail = f"of lead {lead_id}"
    visit.write(lambda c: audit(c, visit.who.actor, "add" if done.is_new else "read again",
                                "conversation", done.conversation_id, detail, visit.now_us)
                )  # fmt: skip
    return done.conversation_id, done.is_new


def read_now(visit: Visit, conversation_id: int, frame: Frame) -> ReadingKept:
    """Read a kept conversation under a frame by the embedded reader.

    UserError (`text-forgotten`, `busy-computing`).
    """
    api = visit.site.api
    with api.heavy():
        reader = reader_named(EMBEDDED, api.store, visit.site.settings)
        kept, _ = read_kept(api.store, conversation_id, frame, reader,
                            visit.site.settings.qualify, visit.now_us)  # fmt: skip
    return kept


def read_by_model(visit: Visit, conversation_id: int, frame: Frame) -> str:
    """Have a kept conversation read by the model reader, once at a time; what to say of it."""
    _ = visit.texts.say
    going = job_of(visit, conversation_id, frame)
    if going is not None and going.state not in FINISHED:
        return _("It is being read already.")
    read_later(visit.site.api, conversation_id, frame.name, MODEL)
    note(visit.site.api, visit.who.actor, "send to model", conversation_id)
    return _("It is being read. The answers are here in some minutes.")


def job_of(visit: Visit, conversation_id: int, frame: Frame) -> Job | None:
    """The latest job that reads a conversation under a frame."""
    if model_offered(visit) is None:
        return None
    found = visit.site.api.with_jobs().list(KIND, limit=LATEST_JOBS)
    wanted = (conversation_id, frame.name)
    return next((one for one in found
                 if (one.arguments["conversation_id"], one.arguments["frame"]) == wanted),
                None)  # fmt: skip


def local_day(visit: Visit, us: int) -> date:
    """The day of an instant where the visitor is."""
    return datetime.fromtimestamp(us / SECOND, UTC).astimezone(visit.zone).date()


def _sent_where(visit: Visit, found: Described) -> str:
    _ = visit.texts.say
    place = found.address or found.provider
    if found.local:
        where = _("It is sent to a server on Leadwise's own machine (%(address)s):", address=place)
    else:
        where = _("It is sent to %(address)s:", address=place)
    what = _("what was said with the names of the speakers, the day and channel, what is sold, and "
             "the questions. Nothing else of the lead is sent.")  # fmt: skip
    taken = (
        _("E-mail addresses, phone numbers and long numbers are replaced before; names of people "
          "and companies are not.")
        if found.redacted else _("Nothing is taken out of it before.")
    )  # fmt: skip
    return f"{where} {what} {taken}"
