"""Erasing a person everywhere that a service keeps something of them."""

from __future__ import annotations

from contextlib import suppress

from leadwise.connect.mail.attachments import sweep
from leadwise.errors import UserError
from leadwise.jobs.forgetting import forget_names
from leadwise.store.attachments import FOLDER
from leadwise.store.privacy import Erased, erase_person
from leadwise.web.api.parts import Api


def erase_everywhere(api: Api, lead_id: int, actor: str) -> Erased:
    """For ever: from the record and its log of writes, from jobs; the mirror follows.

    UserError (`lead-unknown`, `gone`) where there is no such lead.
    """
    now_us = api.clock()
    found = api.write(lambda connection: erase_person(connection, lead_id, now_us, actor))
    api.store.empty_log()
    sweep(api.store, api.settings.data / FOLDER)
    if api.jobs is not None:
        # Ids are in jobs by design, and may be any text: only addresses are looked for.
        forget_names(str(api.jobs.place), list(found.names))
        with suppress(UserError):  # a service that keeps no mirror
            api.jobs.enqueue("mirror")
    return found
