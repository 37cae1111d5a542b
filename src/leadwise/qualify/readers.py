"""Readers by their names."""

from __future__ import annotations

from leadwise.errors import UserError
from leadwise.qualify.reading import Reader

READERS = ("embedded",)


def reader_named(name: str) -> Reader:
    """The reader of a name. UserError (`no-such-reader`)."""
    if name == "embedded":
        # Its words and the sentence model take a while to load.
        from leadwise.qualify.embedded.reader import embedded_reader

        return embedded_reader()
    raise UserError(
        "no-such-reader", f"There is no reader '{name}'.", hint=f"There is {', '.join(READERS)}."
    )
