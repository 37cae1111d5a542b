"""The settings of the model reader (`leadwise.qualify.provider`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from leadwise.settings.frozen import Frozen, public


class ModelSettings(Frozen):
    """The language model that reads conversations where the embedded reader is not to."""

    name: str = Field(
        default="",
        description="The provider and its model, such as `openai:gpt-5`, `anthropic:...`, "
        "`google:...`, `ollama:qwen3`, `vllm:...` or `llama.cpp:...`; empty: none.",
    )
    base_url: Annotated[str, AfterValidator(public)] = Field(
        default="",
        description="The address of a server of your own, or of a proxy, such as "
        "`http://127.0.0.1:8000/v1`; empty: the provider's.",
    )
    key: SecretStr = Field(
        default=SecretStr(""),
        description="The key; best in the environment. Empty: the provider's own variable, such as "
        "`OPENAI_API_KEY`, unless `base_url` is set.",
    )
    output: Literal["auto", "tool", "native", "prompted"] = Field(
        default="auto",
        description="How the typed answer is asked for: the call of a tool, a JSON Schema that the "
        "server enforces, or in the prompt; `auto`: what the provider takes.",
    )
    redact: bool = Field(
        default=True,
        description="Whether e-mail addresses, phone numbers and long numbers are taken out of "
        "what is sent.",
    )
    window_characters: int = Field(
        default=24_000,
        ge=500,
        description="How much of a conversation is sent at once; a longer one in parts.",
    )
    overlap_turns: int = Field(
        default=4, ge=0, le=50, description="Turns with which the next part begins again."
    )
    requests: int = Field(
        default=30, ge=1, description="Requests that one conversation may take, further tries too."
    )
    input_tokens: int = Field(
        default=300_000, ge=1_000, description="Tokens that may be sent for one conversation."
    )
    output_tokens: int = Field(
        default=40_000, ge=500, description="Tokens that may be answered for one conversation."
    )
    answer_tokens: int = Field(
        default=4_000, ge=200, description="Tokens that one answer may have."
    )
    cost: float = Field(
        default=1.0,
        ge=0,
        description="US dollars that one conversation may cost, where the model's price is known; "
        "0: no limit.",
    )
    day_cost: float = Field(
        default=20.0,
        ge=0,
        description="US dollars that all conversations of a day (UTC) may cost, where the price is "
        "known; 0: no limit.",
    )
    timeout_seconds: float = Field(
        default=120.0, ge=1, description="How long one answer of the model may take."
    )
    retries: int = Field(
        default=2,
        ge=0,
        le=10,
        description="How often a request is sent again that the provider did not take.",
    )
