"""A form that came without its session: nothing that was typed is lost.

Whoever was signed out meanwhile, or signed in anew, is shown what was sent and a button that sends
it again. It is sent by a person's own press on our own page, so a proof may be given for it: other
sites are refused before (`is_ours`), and none can show our pages in a frame.
"""

from __future__ import annotations

from starlette.responses import Response

from leadwise.errors import UserError
from leadwise.web.pages.forged import FIELD
from leadwise.web.pages.visit import Visit

SECRET = ("password", "secret")
"""Fields with one of these in their name, or with a name of OLD, are not written into a page."""
OLD = frozenset({"old"})
MOST_ROWS = 12


def signed_out(visit: Visit) -> Response:
    """What is answered to a form or a part of whoever is not signed in (any more)."""
    _ = visit.texts.say
    error = UserError("no-session", _("You are signed out."),
                      hint=_("Sign in in another tab, then come back and send it again: what you "
                             "typed is still here."))  # fmt: skip
    return _again(visit, error, 401)


def of_another_session(visit: Visit) -> Response:
    """What is answered to a form that was shown in another session than the one that sends it."""
    _ = visit.texts.say
    if visit.partial:
        hint = _("Reload the page and do it again.")
    else:
        hint = _("Look at what you typed, then send it again.")
    error = UserError("not-allowed", _("You have signed in anew since the page was opened."),
                      hint=hint)  # fmt: skip
    return _again(visit, error, 403)


def _again(visit: Visit, error: UserError, status: int) -> Response:
    if visit.partial or visit.request.method != "POST":
        found = visit.problem(error)
        found.status_code = status
        return found
    texts = [(name, value) for name, value in visit.form.multi_items() if isinstance(value, str)]
    return visit.page(
        "again.html",
        status=status,
        error=error,
        problems=(),
        typed=[
            (name, value, min(value.count("\n") + 1, MOST_ROWS))
            for name, value in texts
            if name != FIELD and not _is_secret(name)
        ],
        left_out=len(visit.form.multi_items()) > len(texts) or any(_is_secret(n) for n, _ in texts),
    )


def _is_secret(name: str) -> bool:
    return name in OLD or any(part in name.lower() for part in SECRET)
