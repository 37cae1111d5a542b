"""Ctrl-C and SIGTERM, remembered: a library underneath may turn them into an error of its own."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread, main_thread
from types import FrameType
from typing import Any


@dataclass(slots=True)
class Stop:
    """Which signal asked the program to end, None as long as none did."""

    signal: int | None = None


@contextmanager
def noticed() -> Iterator[Stop]:
    """Holds the signal that came, if one did; it raises KeyboardInterrupt all the same.

    So temporary files are removed also where the program is ended from outside. A signal that is
    ignored or that somebody else waits for is left alone.
    """
    stop = Stop()

    def notice(number: int, frame: FrameType | None) -> None:
        stop.signal = number
        signal.default_int_handler(number, frame)

    ours: dict[int, Any] = {
        signal.SIGINT: signal.default_int_handler,
        signal.SIGTERM: signal.SIG_DFL,
    }
    here = current_thread() is main_thread()
    taken = [n for n, usual in ours.items() if here and signal.getsignal(n) is usual]
    try:
        for number in taken:
            signal.signal(number, notice)
        yield stop
    finally:
        for number in taken:
            signal.signal(number, ours[number])
