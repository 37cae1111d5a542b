"""The job that writes the lists of `exports` into their folders: audiences, diallers' lists."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from leadwise.connect.audience.export import What, export_to
from leadwise.connect.audience.formats import AUDIENCES
from leadwise.connect.model import Folder
from leadwise.connect.opening import opener
from leadwise.errors import UserError
from leadwise.jobs import JSON, Context, Handler
from leadwise.playbooks.conditions.lead_zone import zone_of, zone_rules
from leadwise.settings import Settings
from leadwise.store.opening import Store

KIND = "exports"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that is written by itself: `audience hot google lake audiences/hot.csv`, or
    `dialler hot+warm plain archive calls.csv`."""

    what: What
    bands: tuple[str, ...]
    form: str
    connection: str
    name: str


def listed(text: str) -> Listed:
    """The list that a line of the settings says. UserError `export-line`."""
    parts = text.split()
    if len(parts) != 5 or parts[0] not in ("audience", "dialler") or parts[2] not in AUDIENCES:
        raise UserError(
            "export-line", f"'{text[:80]}' says no list.",
            hint="audience hot google CONNECTION audiences/hot.csv (forms: "
            f"{', '.join(AUDIENCES)}; bands with + between them)",
        )  # fmt: skip
    what, bands, form, connection, name = parts
    return Listed(cast(What, what), tuple(bands.split("+")), form, connection, name)


def export_handlers(
    store: Store, settings: Settings, environment: Mapping[str, str] | None = None
) -> dict[str, Handler]:
    """The handler of `exports`, where there are lists to be written. One that cannot be written
    does not keep the others waiting; the job fails then, with what was wrong."""
    if not settings.exports:
        return {}
    lists = [listed(text) for text in settings.exports]
    rules = zone_rules(settings.playbooks)

    def handler(context: Context, _: dict[str, JSON]) -> JSON:
        open_ = opener(store, os.environ if environment is None else environment)
        counts: dict[str, JSON] = {}
        failed: list[Exception] = []
        now_us = context.now_us()
        for number, one in enumerate(lists):
            context.progress(number, len(lists), one.name)
            try:
                folder = open_(one.connection)
                if not isinstance(folder, Folder):
                    raise UserError(
                        "cannot-do", f"The connection {one.connection} cannot keep files.",
                        hint="Name one of files on disk or S3.",
                    )  # fmt: skip
                made = export_to(
                    store, folder, one.name, one.what, one.bands, one.form,
                    lambda facts: zone_of(facts, rules, now_us), now_us=now_us, actor="schedule",
                )  # fmt: skip
            except Exception as error:  # noqa: BLE001 - raised below, after the other lists
                failed.append(error)
            else:
                counts[one.name] = made.rows
        if failed:
            raise failed[0]
        return counts

    return {KIND: handler}
