"""A bar on standard error for what takes longer than two seconds, and only on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from leadwise.cli.screen import aside

PATIENCE, REFRESH = 2.0, 0.1  # seconds


@contextmanager
def waiting(what: str, share: Callable[[], float | None] | None = None) -> Iterator[None]:
    """Show that `what` is going on while the body runs.

    `share` says how much of it is done, from 0 to 1 or None; it is asked from another thread.
    """
    console = aside()
    if not console.is_terminal:
        yield
        return
    done = Event()
    watcher = Thread(target=_watch, args=(console, what, share, done), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _watch(
    console: Console, what: str, share: Callable[[], float | None] | None, done: Event
) -> None:
    if done.wait(PATIENCE):
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(30),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(what, total=None)
        while not done.wait(REFRESH):
            now = share() if share else None
            if now:
                progress.update(task, total=1.0, completed=now)
