"""The job that reads one kept conversation: with a model provider that takes its time."""

from __future__ import annotations

from typing import Any

from leadwise.jobs import JSON, Context, Handler
from leadwise.qualify.intake import read_kept
from leadwise.qualify.library import frame_named
from leadwise.qualify.readers import reader_named
from leadwise.settings import Settings
from leadwise.store.opening import Store

KIND = "read"


def read_handler(store: Store, settings: Settings) -> Handler:
    """The handler of the job `read`. Arguments: `conversation_id`, `frame`, `version`, `reader`.

    The result counts the answers that were `added`, `stayed` as they were, and were `refused`
    because their quotes are not in the conversation.
    """

    def handler(context: Context, arguments: dict[str, JSON]) -> JSON:
        given: dict[str, Any] = dict(arguments)

        def work() -> dict[str, Any]:
            with store.read() as connection:
                frame = frame_named(connection, given["frame"], given.get("version"))
            reader = reader_named(given["reader"], store, settings)
            done, reading = read_kept(
                store, given["conversation_id"], frame, reader, settings.qualify, context.now_us()
            )  # fmt: skip
            return {
                "conversation_id": given["conversation_id"], "reader": reading.reader,
                "seconds": round(reading.seconds, 3), "added": done.added, "stayed": done.stayed,
                "refused": done.refused,
            }  # fmt: skip

        return context.step("read", work)

    return handler
