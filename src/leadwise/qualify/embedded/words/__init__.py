"""Words and patterns by topic and language: `words/<topic>/<language>.yaml`.

A file is a mapping of names to lists of patterns (regular expressions, matched in any case between
word borders). One file a language, so that a language is added without touching code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ruamel.yaml import YAML

LANGUAGES = ("en", "es", "de", "fr", "fi")
"""The languages that have words."""


@cache
def patterns(topic: str, language: str) -> Mapping[str, re.Pattern[str]]:
    """The patterns of a topic in a language; those of English where the language has none."""
    folder = files(__name__) / topic
    file = folder / f"{language if language in LANGUAGES else 'en'}.yaml"
    lists = YAML(typ="safe", pure=True).load(file.read_text("utf-8"))
    return {name: _joined(items, lists) for name, items in lists.items()}


def _joined(items: list[str], lists: Mapping[str, list[str]]) -> re.Pattern[str]:
    """One pattern of many. The border before and after is that of a word, where it is a word."""
    return re.compile(r"(?<!\w)(?:" + _alternatives(items, lists) + r")(?!\w)", re.IGNORECASE)


_LIST = re.compile(r"<<(\w+)>>")


def _alternatives(items: list[str], lists: Mapping[str, list[str]]) -> str:
    """The items with the lists that they name put in their place."""
    return _LIST.sub(
        lambda found: "(?:" + _alternatives(lists[found[1]], lists) + ")", "|".join(items)
    )
