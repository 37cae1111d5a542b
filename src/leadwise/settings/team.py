"""How members sign in, and what the team can do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from leadwise.settings.frozen import Frozen as _Frozen
from leadwise.settings.frozen import public as _public
from leadwise.settings.texts import listed

Minutes = Annotated[tuple[Annotated[int, Field(ge=1)], ...], BeforeValidator(listed)]


class SignInSettings(_Frozen):
    """How members sign in to the pages."""

    passwords: bool = Field(
        default=True, description="Whether members may sign in with a password of their own."
    )
    attempts: int = Field(
        default=10,
        ge=1,
        description="Wrong passwords of one member, or from one address three times as many, "
        "within 15 minutes; then that member waits until they are over.",
    )
    issuer: Annotated[str, AfterValidator(_public)] = Field(
        default="",
        description="The address of an OpenID Connect provider; empty: none. Give it "
        "`<public_url>/sign-in/provider/back` as the address to come back to.",
    )
    client_id: str = Field(default="", description="As the provider knows this service.")
    client_secret: SecretStr = Field(
        default=SecretStr(""), description="What the provider gave for it."
    )
    provider_name: str = Field(
        default="single sign-on", min_length=1, description="What the button to the provider says."
    )
    new_member_role: Literal["", "administrator", "marketing", "representative", "read_only"] = (
        Field(
            default="",
            description="The role of whoever comes from the provider and is no member yet; empty: "
            "they are refused.",
        )
    )


class TeamSettings(_Frozen):
    """What the team can do and has promised: for the queue, trials of cards, and reports."""

    calls_a_day: int = Field(
        default=40, ge=1, description="Leads that the whole team can call on a day."
    )
    first_answer_minutes: Minutes = Field(
        default=(60, 1440),
        description="The time allowed for a first answer after a lead entered its band: in the "
        "highest band, the one below, and so on; bands beyond the list have none.",
    )
    call_minutes: int = Field(
        default=15, ge=1, description="What a call takes, with its preparation and notes."
    )
    sorting_minutes: int = Field(
        default=21,
        ge=1,
        description="What it takes to look a lead up and judge it by hand, which a score saves.",
    )
    leads_each: int = Field(
        default=0,
        ge=0,
        description="The most open leads that one member is given by capacity; 0: no limit.",
    )
