"""What is sent where, in words for whoever has to answer for it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from leadwise.qualify.provider.connect import ADDRESSES, provider_of
from leadwise.settings.reader import ModelSettings


@dataclass(frozen=True, slots=True)
class Described:
    """Where a conversation goes when the model reader reads it. `local` says that the address is
    one of this machine; `text` is the whole in plain English."""

    provider: str
    model: str
    address: str
    local: bool
    redacted: bool
    text: str


def describe(settings: ModelSettings) -> Described:
    """What the model reader sends, and where. UserError (`no-model`) where no model is set."""
    provider, name = provider_of(settings)
    address = _shown(settings.base_url or ADDRESSES.get(provider, ""))
    local = _is_local(address)
    where = (f"{name} at {address}" if address else f"{name} of {provider}") + (
        ", on this machine" if local else ""
    )
    taken = (
        "E-mail addresses, phone numbers, and long numbers such as those of accounts and cards are "
        "replaced by placeholders before. Names of people and companies are not."
        if settings.redact
        else "Nothing is taken out of it: [model] redact is off."
    )
    text = (
        f"Sent to {where}: the turns of the conversation with the labels of the speakers, its day "
        f"and channel, what is sold, and the frame's questions. {taken} Nothing else of the lead "
        "is sent: no score, no other conversation, no field."
    )
    return Described(provider, name, address, local, settings.redact, text)


def _shown(address: str) -> str:
    """An address without the name and password that it may hold."""
    scheme, _, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}" if rest else address


def _is_local(address: str) -> bool:
    host = address.partition("://")[2].partition("/")[0]
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
