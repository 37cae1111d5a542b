"""/sign-in and /sign-out."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from leadwise.ingest.person import address_of
from leadwise.store.members import count_members
from leadwise.web.pages.signin.attempts import lock_said, try_password
from leadwise.web.pages.signin.entering import enter, next_of
from leadwise.web.pages.signin.fields import sent
from leadwise.web.pages.visit import Visit


def sign_in_page(visit: Visit) -> Response:
    """The form; whoever is signed in already goes on."""
    address = next_of(visit.query.get("next", "/"))
    if visit.member is not None:
        return RedirectResponse(address, 303, {"Cache-Control": "no-store"})
    return show_sign_in(visit, address)


def sign_in(visit: Visit) -> Response:
    """Try what was typed."""
    _ = visit.texts.say
    address = next_of(sent(visit, "next"))
    if not visit.site.settings.sign_in.passwords:
        said = _("Passwords are not used here. Sign in through your organisation.")
        return show_sign_in(visit, address, problem=said, status=403)
    email, password = sent(visit, "email").strip()[:320], sent(visit, "password")
    if not email or not password:
        said = _("Type your e-mail address and your password.")
        return show_sign_in(visit, address, email=email, problem=said, status=422)
    tried = try_password(visit, address_of(email) or email, password)
    if tried.member is not None:
        return enter(visit, tried.member, address, "password")
    if tried.locked_us is not None:
        said = lock_said(visit, tried.locked_us)
        found = show_sign_in(visit, address, email=email, problem=said, status=429)
        seconds = (tried.locked_us - visit.now_us) // 1_000_000 + 1
        found.headers["Retry-After"] = str(seconds)
        return found
    said = _("The e-mail address or the password is wrong.")
    return show_sign_in(visit, address, email=email, problem=said, status=422)


def show_sign_in(
    visit: Visit, address: str, *, email: str = "", problem: str = "", hint: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """The page of signing in, with what went wrong before."""
    own = visit.site.settings.sign_in
    return visit.page(
        "signin/sign_in.html", status=status, next=address, email=email, problem=problem,
        hint=hint, passwords=own.passwords, provider=own.provider_name if own.issuer else "",
        # Who comes from the provider may become the first member.
        nobody=not (own.issuer and own.new_member_role) and visit.read(count_members) == 0,
    )  # fmt: skip
