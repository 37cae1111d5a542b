"""`end`: the run ends here."""

from __future__ import annotations

from sqlalchemy import Connection

from leadwise.playbooks.runs.acting import Came, Here


def act(_: Connection, here: Here) -> Came:
    """Say with what."""
    return Came("ends", why=str(here.step.settings.get("why") or "The playbook ends here."))
