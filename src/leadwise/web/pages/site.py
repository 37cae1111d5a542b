"""What every page works with."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment

from leadwise.settings import Settings
from leadwise.store.opening import Store
from leadwise.web.api.parts import Api


@dataclass(frozen=True, slots=True)
class Site:
    """The parts of a service that pages need. `secret` signs what browsers are given to keep."""

    api: Api
    templates: Environment
    secret: bytes

    @property
    def store(self) -> Store:
        """The record."""
        return self.api.store

    @property
    def settings(self) -> Settings:
        """The settings of the process."""
        return self.api.settings
