"""Refusals of events that cannot be recorded."""

from __future__ import annotations

from leadwise.errors import UserError
from leadwise.ingest.messages import Refusal
from leadwise.ingest.texts import one_line

LONGEST_BODY = 32 * 1024
"""Characters of what was sent that are kept with a refusal."""
LONGEST_REASON = 500


def refusal(index: int, error: UserError, body: str) -> Refusal:
    """The refusal of what stands at `index`, with what to do about it in the reason."""
    reason = f"{error.message.rstrip('.')}. {error.hint}" if error.hint else error.message
    # As PostgreSQL keeps texts: no NUL, no halves of surrogate pairs.
    kept = body[:LONGEST_BODY].replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    return Refusal(index, error.code, one_line(reason, LONGEST_REASON), kept)


def no_identity(expected: str) -> UserError:
    """Nothing says whose event it is."""
    return UserError("no-identity", "nothing says who it was", hint=f"Send {expected}.")
