"""Roles in words."""

from __future__ import annotations

from leadwise.store.members import Role
from leadwise.web.pages.texts import Texts


def role_names(texts: Texts) -> dict[Role, str]:
    """What each role is called, from the least to the most that it may do."""
    _ = texts.say
    return {
        "read_only": _("Read only"),
        "representative": _("Representative"),
        "marketing": _("Marketing"),
        "administrator": _("Administrator"),
    }


def role_rights(texts: Texts) -> dict[Role, str]:
    """What each role may do."""
    _ = texts.say
    return {
        "read_only": _("sees leads, cards and reports, changes nothing"),
        "representative": _("works on leads: calls, outcomes, owners, overrides, merges"),
        "marketing": _("does so too, and writes, tries and publishes cards"),
        "administrator": _("may do everything, members, keys and the privacy of people included"),
    }
