"""Scopes of keys, states of jobs, subjects of the trail, in words."""

from __future__ import annotations

from leadwise.jobs import State
from leadwise.web.pages.texts import Texts

SUBJECTS = (
    "lead", "account", "card", "outcome", "event", "member", "key", "webhook", "form", "source",
    "job", "refused", "rule", "file", "person", "store", "view", "draft",
)  # fmt: skip
"""What the trail is about, offered where it is filtered; others can be typed."""


def scope_texts(texts: Texts) -> dict[str, str]:
    """What each scope allows."""
    _ = texts.say
    return {
        "read:leads": _("Read leads, their events, scores, accounts and outcomes"),
        "write:leads": _("Write overrides, outcomes and merges"),
        "read:cards": _("Read, check and compare cards; score what is sent"),
        "write:cards": _("Add drafts of cards and try them"),
        "publish:cards": _("Publish a card, or go back to an earlier one"),
        "write:events": _("Import files, send refused events again"),
        "privacy": _("Export or erase a person, read the audit trail"),
        "admin": _("Everything, keys and webhooks included"),
    }


def state_names(texts: Texts) -> dict[State, str]:
    """How a job is."""
    _ = texts.say
    return {
        "running": _("running"), "waiting": _("waiting"), "failed": _("failed"),
        "done": _("done"), "cancelled": _("cancelled"),
    }  # fmt: skip
