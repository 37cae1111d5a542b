"""What people type into the forms of signing in and administration, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from leadwise.ingest.person import address_of
from leadwise.ingest.texts import one_line
from leadwise.web.pages.signin.passwords import LONGEST, SHORTEST, is_weak
from leadwise.web.pages.visit import Visit

LONGEST_TEXT = 200


@dataclass(slots=True)
class Typed:
    """A form: `values` as typed, to be shown again; `faults` in words, by field."""

    visit: Visit
    values: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def text(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """A field as one line, without the space around it; must not be empty."""
        _ = self.visit.texts.say
        found = one_line(self.optional(name, longest=longest), longest)
        if not found:
            self.fault(name, _("This is needed."))
        return found

    def optional(self, name: str, *, longest: int = LONGEST_TEXT) -> str:
        """A field that may be empty."""
        _ = self.visit.texts.say
        found = sent(self.visit, name)
        self.values[name] = found
        if len(found) > longest:
            self.fault(name, _("This is too long: at most %(num)s characters.", num=longest))
        return found[:longest]

    def email(self, name: str = "email") -> str:
        """An e-mail address, in its one form."""
        _ = self.visit.texts.say
        found = self.text(name)
        normal = address_of(found)
        if normal is None:
            self.fault(name, _("This is no e-mail address: it is like ann@example.com."))
        return normal or found

    def choice(self, name: str, allowed: Container[str]) -> str:
        """One of what is offered."""
        _ = self.visit.texts.say
        found = self.optional(name)
        if found not in allowed:
            self.fault(name, _("Choose one of the list."))
        return found

    def new_password(self, *names: str) -> str:
        """A password for the future; it is never shown again."""
        _ = self.visit.texts.say
        found = sent(self.visit, "password")
        if is_weak(found, *names):
            self.fault("password", _(
                "Take %(least)s to %(most)s characters that nobody guesses: four or five words "
                "that do not belong together are good.", least=SHORTEST, most=LONGEST
            ))  # fmt: skip
        return found

    def fault(self, name: str, said: str) -> None:
        """What is wrong with a field; the first thing counts."""
        self.faults.setdefault(name, said)


def sent(visit: Visit, name: str) -> str:
    """A field of the form as text; empty where it is missing or a file."""
    found = visit.form.get(name)
    return found if isinstance(found, str) else ""
