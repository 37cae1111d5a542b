"""One window asked: a typed answer, held to the conversation, with further tries to mend it."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_ai import Agent, ModelRetry, NativeOutput, PromptedOutput, RunContext, ToolOutput
from pydantic_ai.exceptions import (
    AgentRunError,
    CostNotFoundWarning,
    ModelAPIError,
    UnsupportedSettingWarning,
    UsageLimitUnavailableWarning,
)
from pydantic_ai.exceptions import UserError as WrongUse
from pydantic_ai.settings import ModelSettings as Sent
from pydantic_ai.usage import RunUsage, UsageLimits

from leadwise.qualify.provider.connect import Mode, provider_of
from leadwise.qualify.provider.faults import fault, wants_another_form
from leadwise.qualify.provider.held import Held, Source, held
from leadwise.qualify.provider.prompt import Asked
from leadwise.qualify.provider.shape import shape_of
from leadwise.settings.reader import ModelSettings

if TYPE_CHECKING:
    from pydantic_ai.models import Model

TRIES = 2
"""How often an answer that does not hold is sent back to be mended."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a model answered, as JSON, and what of it holds."""

    text: str
    held: Held


def recalled(source: Source, text: str) -> Given | None:
    """A kept answer, held to the conversation again; None where it does not fit any more."""
    try:
        answers = shape_of(source.frame).model_validate_json(text)
    except ValueError:
        return None
    found = held(source, answers)
    return None if found.problems else Given(text, found)


async def ask(
    model: Model, settings: ModelSettings, source: Source, asked: Asked, modes: tuple[Mode, ...],
    usage: RunUsage, limits: UsageLimits,
) -> tuple[Given, Mode]:  # fmt: skip
    """Ask, and say which mode the server took. `usage` counts on. Raises our errors only."""
    for place, mode in enumerate(modes):
        agent = _agent(source, asked, mode)
        try:
            with warnings.catch_warnings():
                # Without a price or counts no limit of costs can hold, as docs/model-reader.md
                # says; models that reason take no temperature.
                warnings.simplefilter("ignore", CostNotFoundWarning)
                warnings.simplefilter("ignore", UsageLimitUnavailableWarning)
                warnings.simplefilter("ignore", UnsupportedSettingWarning)
                warnings.filterwarnings("ignore", message="Sampling parameters")
                result = await agent.run(
                    asked.prompt, model=model, usage=usage, usage_limits=limits,
                    model_settings=_sent(settings, source, mode),
                )  # fmt: skip
        except (AgentRunError, WrongUse) as error:
            if isinstance(error, ModelAPIError) and place + 1 < len(modes) and (
                wants_another_form(error)
            ):  # fmt: skip
                continue
            raise fault(error, settings) from None
        found = held(source, result.output)
        return Given(result.output.model_dump_json(by_alias=True), found), mode
    raise AssertionError("there is always a mode")


def _agent(source: Source, asked: Asked, mode: Mode) -> Agent[None, BaseModel]:
    shape = shape_of(source.frame)
    output: Any = {"tool": ToolOutput, "native": NativeOutput, "prompted": PromptedOutput}[mode]
    agent: Agent[None, BaseModel] = Agent(
        None, output_type=output(shape, name="answers"), instructions=asked.instructions,
        retries=TRIES, name="leadwise", deps_type=type(None),
    )  # fmt: skip

    @agent.output_validator
    def mended(context: RunContext[None], answers: BaseModel) -> BaseModel:
        problems = held(source, answers).problems
        if problems and not context.last_attempt:
            told = "\n".join(f"- {one}" for one in problems)
            raise ModelRetry(f"Some answers do not hold:\n{told}\nGive all answers again.")
        return answers

    return agent


def _sent(settings: ModelSettings, source: Source, mode: Mode) -> Sent:
    sent = Sent(
        temperature=0.0, max_tokens=settings.answer_tokens, timeout=settings.timeout_seconds,
        request_timeout=settings.timeout_seconds, max_retries=settings.retries,
    )  # fmt: skip
    if mode == "prompted" and provider_of(settings)[0] == "llama.cpp":
        # Its server of Python rejects json_schema and takes the schema in this place.
        schema = shape_of(source.frame).model_json_schema(by_alias=True)
        sent["extra_body"] = {"response_format": {"type": "json_object", "schema": schema}}
    return sent
