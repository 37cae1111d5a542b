"""Roles, and what each may do."""

from __future__ import annotations

from enum import StrEnum

from leadwise.store.members import Role


class Right(StrEnum):
    """What a page wants of whoever opens it."""

    ANYBODY = "anybody"  # signed in or not
    READ = "read"  # leads, cards, reports
    WORK = "work"  # outcomes, snoozing, owners, overrides, merges
    CARDS = "cards"  # drafts, trials, publishing
    PRIVACY = "privacy"  # export and erasure of a person, objection to scoring
    ADMIN = "admin"  # members, keys, the audit trail


RIGHTS: dict[Role, frozenset[Right]] = {
    "read_only": frozenset({Right.ANYBODY, Right.READ}),
    "representative": frozenset({Right.ANYBODY, Right.READ, Right.WORK}),
    "marketing": frozenset({Right.ANYBODY, Right.READ, Right.WORK, Right.CARDS}),
    "administrator": frozenset(Right),
}


def may(role: Role, right: Right) -> bool:
    """Whether a member of this role has a right."""
    return right in RIGHTS[role]
