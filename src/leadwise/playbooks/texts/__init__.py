"""Texts with values in them: a small, safe part of Jinja2 (docs/mail.md)."""

from leadwise.playbooks.texts.filling import Values, check, fill, names_in
from leadwise.playbooks.texts.wording import first_name, instant, language_of, name_of, zone_of

__all__ = [
    "Values", "check", "fill", "first_name", "instant", "language_of", "name_of", "names_in",
    "zone_of",
]  # fmt: skip
