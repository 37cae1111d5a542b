"""What every page works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jinja2 import Environment

from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.web.api.parts import Api


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is: why it is not ready, in words, and for how long leads wait to be scored.

    Both may take seconds where the store is slow.
    """

    troubles: Callable[[], list[str]]
    lag_seconds: Callable[[], float]


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of a service that pages need. `secret` signs what browsers are given to keep.

    Without `health` nobody can say how the service is: pages are shown outside of one.
    """

    api: Api
    templates: Environment
    secret: bytes
    health: Health | None = None

    @property
    def store(self) -> Store:
        """The record."""
        return self.api.store

    @property
    def settings(self) -> Settings:
        """The settings of the process."""
        return self.api.settings
