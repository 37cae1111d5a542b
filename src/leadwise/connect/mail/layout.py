"""The frame of a mail: what stands around its text in both parts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape

from leadwise.connect.mail.links import Links
from leadwise.connect.mail.markup import to_html, with_links
from leadwise.connect.mail.words import direction, words_in

_STYLE = "font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{subject}</title>
</head>
<body style="margin:0;padding:0;background:#ffffff;color:#1c1c1c;{style}">
{preheader}<div role="article" style="max-width:600px;margin:0 auto;padding:24px">
{body}
{foot}</div>
</body>
</html>
"""
_PREHEADER = '<div style="display:none;max-height:0;overflow:hidden" aria-hidden="true">{}</div>\n'


@dataclass(frozen=True, slots=True)
class Foot:
    """What the law wants below: who we are, and the way out. Each may be empty."""

    postal_address: str = ""
    unsubscribe: str = ""


def page(
    body: str, *, subject: str, preheader: str = "", language: str = "en", foot: Foot = Foot(),
) -> str:  # fmt: skip
    """The HTML part of a body. One that is a whole page gets only the foot, before its end."""
    below = _foot(foot, language)
    if re.search(r"<html[\s>]", body, re.I):
        if not below:
            return body
        return re.sub(r"(?i)(</body\s*>|\Z)", lambda m: below + m[0], body, count=1)
    return _PAGE.format(
        language=escape(language or "en"), direction=direction(language), subject=escape(subject),
        style=_STYLE, preheader=_PREHEADER.format(escape(preheader)) if preheader else "",
        body=body, foot=below,
    )  # fmt: skip


def with_foot(text: str, foot: Foot, language: str) -> str:
    """The text part with the same below."""
    lines = [foot.postal_address] if foot.postal_address else []
    if foot.unsubscribe:
        lines.append(f"{words_in(language).unsubscribe}: {foot.unsubscribe}")
    return text.rstrip() + "\n" + ("\n-- \n" + "\n".join(lines) + "\n" if lines else "")


def harmless(markup: str) -> str:
    """The HTML without links that lead to no page, mail or telephone (`javascript:`)."""
    return with_links(markup, lambda url: url, untracked=True)


def tracked(markup: str, links: Links, token: str, *, opens: bool) -> str:
    """The HTML with links that come by us first, and the picture that says it was opened."""
    own = f"{links.site}/m/"
    made = with_links(markup, lambda url: url if url.startswith(own) else links.clicked(token, url))
    if not opens:
        return made
    picture = (
        f'<img src="{escape(links.opened(token))}" width="1" height="1" alt="" '
        'style="display:block;border:0">'
    )
    return re.sub(r"(?i)(</body\s*>|\Z)", lambda m: picture + m[0], made, count=1)


def of_text(text: str) -> str:
    """The HTML of a text without any."""
    return to_html(text.replace("{{", "{&#8203;{").replace("{%", "{&#8203;%"))


def _foot(foot: Foot, language: str) -> str:
    parts = [escape(foot.postal_address).replace("\n", "<br>")] if foot.postal_address else []
    if foot.unsubscribe:
        words = escape(words_in(language).unsubscribe)
        parts.append(f'<a href="{escape(foot.unsubscribe)}" style="color:#555555">{words}</a>')
    if not parts:
        return ""
    return (
        '<hr style="border:0;border-top:1px solid #dddddd;margin:32px 0 12px">\n'
        f'<p style="font-size:13px;color:#555555">{"<br>".join(parts)}</p>\n'
    )
