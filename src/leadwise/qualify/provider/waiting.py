"""Waiting for asynchronous work, from code that is not."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """The work done, in this thread, or in one of its own where a loop of events runs in this."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    made: list[Result] = []
    failed: list[BaseException] = []

    def go() -> None:
        try:
            made.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 - raised again below, in the caller's thread
            failed.append(error)

    thread = threading.Thread(target=go, name="model")
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]
