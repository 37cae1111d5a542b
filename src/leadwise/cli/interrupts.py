"""Ctrl-C, remembered: a library underneath may turn it into an error of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from types import FrameType


@contextmanager
def noticed() -> Iterator[Event]:
    """An event that is set once Ctrl-C was pressed; it raises KeyboardInterrupt all the same."""
    pressed = Event()
    before = signal.getsignal(signal.SIGINT)
    if current_thread() is not main_thread() or before is not signal.default_int_handler:
        yield pressed
        return

    def notice(number: int, frame: FrameType | None) -> None:
        pressed.set()
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, notice)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)
