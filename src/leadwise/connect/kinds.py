"""The kinds of connections that there are: a folder each, which is imported when it is asked for.

A folder has `KIND`, or `KINDS` where it has several.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module

import leadwise.connect
from leadwise.card.nearest import nearest
from leadwise.connect.model import Ask, Kind
from leadwise.errors import UserError

COMMON = (
    Ask("frame", "Frame", "Conversations that come from it are read under this frame; `none`: they "
        "are only kept.", default="bant", required=False),
    Ask("reader", "Reader", "Who reads them: `embedded`, or `model` with a model provider.",
        default="embedded", required=False),
)  # fmt: skip
"""What every kind may be told besides its own."""


def kinds() -> Iterator[Kind]:
    """All of them, by the names of their folders."""
    for folder in _folders():
        yield from _in(folder)


def kind_named(name: str) -> Kind:
    """The kind of this name. UserError (`no-such-kind`)."""
    folders = _folders()
    plain = name.replace("-", "_")
    # Its own folder first: the others need not be imported then.
    for folder in sorted(folders, key=lambda folder: folder != plain):
        for kind in _in(folder):
            if kind.name == name:
                return kind
    close = nearest(name, [kind.name for kind in kinds()])
    raise UserError(
        "no-such-kind", f"There is no kind of connection {name!r}.",
        hint=f"Did you mean {close}?" if close else "leadwise connect kinds lists them.",
    )  # fmt: skip


def sorted_out(
    kind: Kind, given: Mapping[str, str], *, partly: bool = False
) -> tuple[dict[str, str], dict[str, str]]:
    """What was given for a connection: (options, secrets). `partly`: some of it is known already.

    UserError `connection-option` for what is not asked for, or is missing.
    """
    asks = {ask.name: ask for ask in (*kind.asks, *COMMON)}
    for name in given:
        if name not in asks:
            close = nearest(name, list(asks))
            raise UserError(
                "connection-option", f"A connection of {kind.label} has no {name!r}.",
                hint=f"Did you mean {close}?" if close else f"It has {', '.join(asks)}.",
            )  # fmt: skip
    if not partly:
        missing = [a for a in asks.values() if a.required and not (given.get(a.name) or a.default)]
        if missing:
            about = f" {missing[0].about}" if missing[0].about else ""
            raise UserError(
                "connection-option", f"A connection of {kind.label} needs {missing[0].name}.",
                hint=f"{missing[0].label}.{about} See docs/{kind.docs.removeprefix('docs/')}.",
            )  # fmt: skip
    options = {name: value for name, value in given.items() if not asks[name].secret}
    return options, {name: value for name, value in given.items() if asks[name].secret}


def _folders() -> list[str]:
    found = pkgutil.iter_modules(leadwise.connect.__path__)
    return sorted(module.name for module in found if module.ispkg)


def _in(folder: str) -> tuple[Kind, ...]:
    module = import_module(f"leadwise.connect.{folder}")
    own = getattr(module, "KIND", None)
    several: tuple[Kind, ...] = getattr(module, "KINDS", () if own is None else (own,))
    return several
