"""The model that the settings name, ready to be asked.

    openai:NAME      OpenAI, or with `base_url` any server that speaks its protocol
    ollama:NAME      Ollama, on this machine where no `base_url` is given
    vllm:NAME        vLLM, at `base_url`
    llama.cpp:NAME   llama.cpp's server (also of Python), at `base_url`
    anthropic:NAME   Anthropic
    google:NAME      Google's Gemini
    other:NAME       whatever else pydantic-ai knows, with the variables it reads

How the typed answer is asked for, `modes` says, the best first: as the call of a tool, as a JSON
Schema that the server enforces (native), or in the instructions with plain JSON in return
(prompted), which old servers take that reject the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal, TypeAlias

from leadwise.errors import UserError
from leadwise.settings.reader import ModelSettings

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    _Make: TypeAlias = "Callable[[ModelSettings, str, str | None], Model]"

Mode: TypeAlias = Literal["tool", "native", "prompted"]
OLLAMA = "http://127.0.0.1:11434/v1"
_MODES: Mapping[str, tuple[Mode, ...]] = {
    "openai": ("tool",),
    "anthropic": ("tool",),
    "google": ("tool",),
    "ollama": ("native", "prompted"),
    "vllm": ("native", "prompted"),
    "llama.cpp": ("prompted",),
}
_KEYS = {
    "openai": ("OPENAI_API_KEY",),
    "anthropic": ("ANTHROPIC_API_KEY",),
    "google": ("GOOGLE_API_KEY", "GEMINI_API_KEY"),
}
"""Variables in which the providers' own programs look for a key."""
ADDRESSES = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
    "ollama": OLLAMA,
}
_NEED_ADDRESS = ("vllm", "llama.cpp")


def provider_of(settings: ModelSettings) -> tuple[str, str]:
    """The provider and the model's name. UserError (`no-model`) where none is set, or not so."""
    provider, colon, name = settings.name.partition(":")
    if not (provider and colon and name):
        said = f"'{settings.name[:60]}' names no model." if settings.name else "No model is set."
        raise UserError(
            "no-model", said,
            hint='Set [model] name = "openai:gpt-5", "anthropic:...", "google:..." or '
            '"ollama:qwen3" (docs/model-reader.md), or read with --reader embedded.',
        )  # fmt: skip
    return provider, name


def modes(settings: ModelSettings) -> tuple[Mode, ...]:
    """How to ask for the typed answer: as set, else the provider's ways, the best first."""
    if settings.output != "auto":
        return (settings.output,)
    provider, _ = provider_of(settings)
    if provider == "openai" and settings.base_url:
        return ("tool", "prompted")
    return _MODES.get(provider, ("tool",))


def key_of(settings: ModelSettings, environment: Mapping[str, str]) -> str | None:
    """The key: of the settings, else of the provider's own variable, which is not looked at where
    `base_url` names another server. UserError (`no-model-key`) where one is needed and missing."""
    if given := settings.key.get_secret_value():
        return given
    provider, _ = provider_of(settings)
    names = _KEYS.get(provider, ())
    if not names or settings.base_url:
        return None
    found = next((environment[name] for name in names if environment.get(name)), None)
    if found is None:
        raise UserError(
            "no-model-key",
            f"There is no key for {provider}.",
            hint=f"Set LEADWISE_MODEL_KEY, or {' or '.join(names)}, in the environment.",
        )
    return found


def model_of(settings: ModelSettings, environment: Mapping[str, str]) -> Model:
    """The model, not yet asked. UserError (`no-model`, `no-model-extra`, `no-model-key`)."""
    provider, name = provider_of(settings)
    key = key_of(settings, environment)
    if provider in _NEED_ADDRESS and not settings.base_url:
        raise UserError(
            "no-model", f"There is no address of the {provider} server.",
            hint='Set [model] base_url, such as "http://127.0.0.1:8000/v1".',
        )  # fmt: skip
    needed()
    make = _MADE.get(provider, _other)
    try:
        return make(settings, name, key)
    except ImportError as error:
        raise _missing(str(error.name or "a package")) from None


def needed() -> None:
    """UserError (`no-model-extra`) where the packages of the model reader are not installed."""
    if find_spec("pydantic_ai") is None:
        raise _missing("pydantic-ai")


def _missing(package: str) -> UserError:
    return UserError(
        "no-model-extra",
        f"The model reader needs {package}, which is not installed.",
        hint="Install it with pip install 'leadwise[model]', or read with --reader embedded.",
    )


def _openai(settings: ModelSettings, name: str, key: str | None) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    if settings.base_url:
        return _compatible(settings, name, key)
    return OpenAIChatModel(name, provider=OpenAIProvider(api_key=key))


def _compatible(settings: ModelSettings, name: str, key: str | None) -> Model:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.profiles import merge_profile
    from pydantic_ai.profiles.openai import OpenAIModelProfile
    from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider

    provider = OpenAICompatibleProvider("compatible", base_url=settings.base_url, api_key=key)
    profile = merge_profile(
        provider.model_profile(name),
        OpenAIModelProfile(
            supports_json_schema_output=True, supports_json_object_output=True,
            openai_supports_strict_tool_definition=False,
            openai_chat_supports_max_completion_tokens=False,
        ),
    )  # fmt: skip
    return OpenAIChatModel(name, provider=provider, profile=profile)


def _ollama(settings: ModelSettings, name: str, key: str | None) -> Model:
    from pydantic_ai.models.ollama import OllamaModel
    from pydantic_ai.providers.ollama import OllamaProvider

    address = settings.base_url or OLLAMA
    return OllamaModel(name, provider=OllamaProvider(base_url=address, api_key=key))


def _anthropic(settings: ModelSettings, name: str, key: str | None) -> Model:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    provider = AnthropicProvider(api_key=key or "none", base_url=settings.base_url or None)
    return AnthropicModel(name, provider=provider)


def _google(settings: ModelSettings, name: str, key: str | None) -> Model:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    provider = GoogleProvider(api_key=key or "none", base_url=settings.base_url or None)
    return GoogleModel(name, provider=provider)


def _other(settings: ModelSettings, name: str, key: str | None) -> Model:  # noqa: ARG001 - as all
    from pydantic_ai.exceptions import UserError as Unknown
    from pydantic_ai.models import infer_model

    try:
        return infer_model(settings.name)
    except (Unknown, ValueError) as error:
        message = f"The model '{settings.name[:60]}' cannot be used."
        raise UserError("no-model", message, hint=str(error).split(".")[0][:200]) from None


_MADE: dict[str, _Make] = {
    "openai": _openai, "ollama": _ollama, "vllm": _compatible, "llama.cpp": _compatible,
    "anthropic": _anthropic, "google": _google,
}  # fmt: skip
