"""What the pages are made of: one HTML file with everything in it, no script, no network."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from leadwise.report.style import STYLE


def document(title: str, parts: Sequence[str]) -> str:
    """The whole page as text; `parts` are finished HTML, empty ones are left out."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>{STYLE}</style></head>",
            "<body><main>",
            *(part for part in parts if part),
            "</main></body></html>",
            "",
        ]
    )


def header(
    over: str,
    title: str,
    about: str | None,
    figures: Sequence[tuple[str, str, str]],
    notes: Sequence[str],
    lead: Sequence[str] = (),
) -> str:
    """The head of a page: `figures` are (name, value, what it means), `lead` the short answer in
    sentences, `notes` what must be known beside it. All is text."""
    cells = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}<small>{escape(more)}</small></dd></div>"
        for name, value, more in figures
    )
    noted = "".join(f"<li>{escape(note)}</li>" for note in notes)
    told = f'<p class="lead">{escape(about)}</p>' if about else ""
    told += "".join(f'<p class="verdict">{escape(sentence)}</p>' for sentence in lead)
    return (
        f'<header><p class="over">{escape(over)}</p><h1>{escape(title)}</h1>{told}'
        f'<dl class="figures">{cells}</dl>'
        + (f'<ul class="notes">{noted}</ul>' if noted else "")
        + "</header>"
    )


def section(heading: str, shows: str, advice: str, chart: str, table: str) -> str:
    """A chart with what it shows and what to do, its figures beside it."""
    return (
        f"<section><h2>{escape(heading)}</h2>"
        f'<p class="lead">{escape(shows)}</p>'
        f'<div class="beside"><figure>{chart}'
        f'<figcaption class="advice"><b>What to do.</b> {escape(advice)}</figcaption></figure>'
        f"{table}</div></section>"
    )


def table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of texts; the first cell of a row is its head."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(
        f'<tr><th scope="row">{escape(first)}</th>'
        + "".join(f"<td>{escape(cell)}</td>" for cell in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<div class="table"><table><caption>{escape(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def footer(text: str) -> str:
    """The last words of a page."""
    return f"<footer><p>{escape(text)}</p></footer>"
