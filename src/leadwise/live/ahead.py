"""The next item is made in a thread of its own while this one is worked on."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


@contextmanager
def one_ahead(items: Iterator[Item]) -> Iterator[Iterator[Item]]:
    """`items` in their order, each made while the one before is worked on; at most three exist.

    What making one raises is raised where it would have come. At the end of the block, however it
    comes, nothing is being made any more.
    """
    made: queue.Queue[Item | _End] = queue.Queue(maxsize=1)
    stopping = threading.Event()

    def make() -> None:
        end = _End(None)
        try:
            for item in items:
                made.put(item)
                if stopping.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 - raised again by who takes the items
            end = _End(error)
        made.put(end)

    def taken() -> Iterator[Item]:
        while True:
            item = made.get()
            if isinstance(item, _End):
                # Put back for whoever asks once more, and for the end of the block.
                made.put(item)
                if item.error is not None:
                    raise item.error
                return
            yield item

    thread = threading.Thread(target=make, name="leadwise-ahead", daemon=True)
    thread.start()
    try:
        yield taken()
    finally:
        stopping.set()
        while thread.is_alive():
            # There is room for what is being made: so its maker comes to its end.
            try:
                made.get(timeout=0.05)
            except queue.Empty:
                thread.join(0.05)


class _End:
    """That there are no more items, and why if that was not meant."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
