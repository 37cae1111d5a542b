"""When playbooks reach people, how often, and how long they try."""

from __future__ import annotations

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

from leadwise.settings.frozen import Frozen as _Frozen
from leadwise.settings.texts import listed

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
"""In the order of `datetime.weekday`."""
Day = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _zone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (OSError, ValueError, KeyError) as error:
        raise ValueError("expected a time zone such as Europe/Madrid") from error
    return given


Zone = Annotated[str, AfterValidator(_zone)]
Clock = Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]


def _some_left(given: tuple[Day, ...]) -> tuple[Day, ...]:
    if len(set(given)) == len(DAYS):
        raise ValueError("expected at least one day of the week to be left")
    return given


QuietDays = Annotated[tuple[Day, ...], BeforeValidator(listed), AfterValidator(_some_left)]


class PlaybookSettings(_Frozen):
    """When playbooks reach people, how often, and how long they try."""

    zone: Zone = Field(
        default="UTC",
        description="The team's time zone: days are counted in it, and the clock of a lead whose "
        "own zone nobody knows is taken to be this one.",
    )
    zone_field: str = Field(
        default="timezone",
        description="The trait of a lead that names its time zone, such as `Europe/Madrid`.",
    )
    country_field: str = Field(
        default="country",
        description="The trait that names its country (`ES`, `ESP` or `Spain`): its zone, where "
        "the country has one.",
    )
    phone_field: str = Field(
        default="phone", description="The trait with its telephone number, which tells zones too."
    )
    quiet_from: Clock = Field(
        default="20:00",
        description="From this time on, where the lead is, no playbook writes to it; empty, "
        "together with `quiet_until`: at any time.",
    )
    quiet_until: Clock = Field(default="08:00", description="Until this time of the next day.")
    quiet_days: QuietDays = Field(
        default=(),
        description="Days on which no playbook writes to leads, with a comma between them: "
        "`saturday,sunday`.",
    )
    mails_a_day: int = Field(
        default=1,
        ge=0,
        description="The most marketing mails that a lead gets from all playbooks together within "
        "24 hours; 0: no limit.",
    )
    mails_a_week: int = Field(
        default=3, ge=0, description="The same within seven days; 0: no limit."
    )
    late_hours: int = Field(
        default=24,
        ge=1,
        description="What is reported later than this after it happened starts no playbook: an "
        "import of the past is no reason to write to people today.",
    )
    retry_hours: int = Field(
        default=24,
        ge=0,
        description="For how long a step is tried again where the other side fails for a while; "
        "then the step's `failed` decides.",
    )

    @property
    def quiet_weekdays(self) -> frozenset[int]:
        """`quiet_days` as `datetime.weekday` has them, Monday 0."""
        return frozenset(DAYS.index(day) for day in self.quiet_days)
