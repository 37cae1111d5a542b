"""Templates: where they are, what they may use, how a page is protected in the browser."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from leadwise.asking.instants import written
from leadwise.web.pages.assets import address

PLOT_STYLE = "'sha256-zrfVyvY1E/5V+DXZunsRZW8XTqTsuIZzp8dBDThhSn8='"
"""The one style element that Observable Plot 0.6 makes, in charts whose className is `chart`."""
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' {PLOT_STYLE}",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "Vary": "HX-Request, Cookie, Accept-Language",
}


def environment() -> Environment:
    """The templates of the pages. A name that is not given is an error, never a blank."""
    made = Environment(
        loader=PackageLoader("leadwise.web.pages"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"],
    )  # fmt: skip
    made.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it
    made.globals.update(gettext=_gettext, ngettext=_ngettext, _=_gettext)
    made.globals["asset"] = address
    made.globals["iso"] = written
    made.globals["proof_input"] = _proof_input
    return made


@pass_context
def _gettext(context: Context, message: str, **values: object) -> str:
    """A text of the catalogue; the values in it are escaped, the text is ours."""
    return _filled(context["visit"].texts.catalogue.gettext(message), values)


@pass_context
def _ngettext(context: Context, one: str, many: str, number: int, **values: object) -> str:
    """A text for a number, which it may name as `%(num)s`: written as the language has it."""
    texts = context["visit"].texts
    found = texts.catalogue.ngettext(one, many, number)
    return _filled(found, {"num": texts.number(number), **values})


def _filled(text: str, values: dict[str, object]) -> str:
    said = Markup(text)  # noqa: S704 - ours
    return said % values if values else said


def _proof_input(visit: Any) -> Markup:
    """The hidden field that every form has which changes something."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(
        visit.proof_field, visit.proof
    )
