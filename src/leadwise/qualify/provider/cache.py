"""Answers kept by their content: the same question about the same words is not paid for twice.

The key is a digest of all that is sent and of the model it is sent to. What is kept is what the
model answered, with placeholders where something was taken out; quotes in it are words of the
conversation, so a lasting cache is deleted with what it was made from.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Protocol


class Cache(Protocol):
    """Keeps texts by key (64 hexadecimal digits). Both may be called from several threads."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, text: str) -> None: ...


@dataclass(slots=True)
class MemoryCache:
    """Keeps the last `most` answers of this process."""

    most: int = 1_000
    kept: OrderedDict[str, str] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, key: str) -> str | None:
        with self.lock:
            if key in self.kept:
                self.kept.move_to_end(key)
            return self.kept.get(key)

    def put(self, key: str, text: str) -> None:
        with self.lock:
            self.kept[key] = text
            self.kept.move_to_end(key)
            while len(self.kept) > self.most:
                self.kept.popitem(last=False)


def key_of(*parts: object) -> str:
    """The key of what is asked: model, address, version and words."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
