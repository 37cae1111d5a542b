"""When work for the whole population is done."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from leadwise.settings.frozen import Frozen as _Frozen
from leadwise.settings.texts import SCHEDULE


def _schedule(given: str) -> str:
    if given and not SCHEDULE.fullmatch(given):
        raise ValueError("expected five fields of cron, such as '15 2 * * *', or nothing")
    return given


Schedule = Annotated[str, AfterValidator(_schedule)]


class ScheduleSettings(_Frozen):
    """When work for the whole population is done: five fields of cron, UTC; empty is never."""

    mirror: Schedule = Field(
        default="*/15 * * * *", description="When the columnar mirror follows the record."
    )
    shadow: Schedule = Field(default="15 2 * * *", description="When shadow cards are scored.")
    refresh: Schedule = Field(
        default="20 * * * *",
        description="When the scores of leads that move with time alone are refreshed in bulk.",
    )
    retention: Schedule = Field(
        default="45 3 * * *", description="When what is older than `[retention]` says is deleted."
    )
    recalibrate: Schedule = Field(
        default="30 4 * * 1",
        description="When the live card is calibrated again and looked at for drift.",
    )
    relearn: Schedule = Field(
        default="30 5 1 * *",
        description="When a card is learned from the latest outcomes: a draft, see `[learning]`.",
    )
    exports: Schedule = Field(
        default="30 6 * * *",
        description="When the lists of `exports` are written into their folders.",
    )
    model: Schedule = Field(
        default="50 * * * *", description="When models give every lead their facts."
    )
    pull: Schedule = Field(
        default="*/10 * * * *", description="When what is new in connected systems is pulled."
    )
    push: Schedule = Field(
        default="35 * * * *",
        description="When the scores of all leads are compared with what connected systems were "
        "told; changes are pushed within seconds besides.",
    )
    mailbox: Schedule = Field(
        default="*/2 * * * *",
        description="When bounces and replies are read from the mailbox of `[mail]`.",
    )
    mails: Schedule = Field(
        default="55 3 * * *",
        description="When what was in mails is deleted after `keep_days` of `[mail]`.",
    )
