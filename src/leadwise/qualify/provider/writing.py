"""Plain text written by the model of the settings: drafts of cards and playbooks."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from leadwise.qualify.provider.connect import model_of, needed, provider_of
from leadwise.qualify.provider.limits import MemorySpending, Spending, room, today
from leadwise.qualify.provider.reader import limits_of
from leadwise.qualify.provider.waiting import run
from leadwise.settings.reader import ModelSettings

if TYPE_CHECKING:
    from pydantic_ai.models import Model


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """Asks the model that `settings` name. `model` makes it (tests give another), `spending` keeps
    what it cost, `today` is the day that it counts for."""

    settings: ModelSettings
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    spending: Spending = field(default_factory=MemorySpending, repr=False)
    model: Callable[[ModelSettings, Mapping[str, str]], Model] = field(default=model_of, repr=False)
    today: Callable[[], date] = field(default=today, repr=False)

    def write(self, instructions: str, prompt: str) -> str:
        """What the model answers. UserError and RemoteError as those of `ModelReader.read`."""
        provider_of(self.settings)
        needed()
        return run(self._write(instructions, prompt))

    async def _write(self, instructions: str, prompt: str) -> str:
        from pydantic_ai import Agent
        from pydantic_ai.exceptions import AgentRunError
        from pydantic_ai.exceptions import UserError as WrongUse
        from pydantic_ai.settings import ModelSettings as Sent
        from pydantic_ai.usage import RunUsage

        from leadwise.qualify.provider.faults import fault

        room(self.spending, self.today, self.settings.day_cost)
        usage, settings = RunUsage(), self.settings
        agent: Agent[None, str] = Agent(None, instructions=instructions, name="leadwise")
        sent = Sent(
            temperature=0.0, max_tokens=settings.answer_tokens, timeout=settings.timeout_seconds,
            request_timeout=settings.timeout_seconds, max_retries=settings.retries,
        )  # fmt: skip
        model = self.model(settings, self.environment)
        try:
            async with model:
                with warnings.catch_warnings():
                    # As in `ask`: without a price no limit of costs can hold.
                    warnings.simplefilter("ignore")
                    result = await agent.run(
                        prompt, model=model, usage=usage, usage_limits=limits_of(settings),
                        model_settings=sent,
                    )  # fmt: skip
        except (AgentRunError, WrongUse) as error:
            raise fault(error, settings) from None
        finally:
            self.spending.add(self.today(), usage.cost or Decimal(0))
        return result.output
