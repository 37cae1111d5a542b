"""What can go wrong when a provider is asked, said with what to do. No key, no text of the
conversation and no answer of the provider is repeated: any of them may hold what must not be shown.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic_ai import exceptions as theirs

from leadwise.errors import LeadwiseError, RemoteError, UserError
from leadwise.qualify.provider.connect import ADDRESSES, provider_of
from leadwise.settings.reader import ModelSettings

_FORMATS = ("response_format", "json_schema", "json schema", "grammar", "tool", "function")


def host_of(settings: ModelSettings) -> str:
    """The machine that is asked, as far as it is known."""
    provider, _ = provider_of(settings)
    address = settings.base_url or ADDRESSES.get(provider, "")
    return urlsplit(address).netloc.rpartition("@")[2] or provider


def fault(  # noqa: C901 - one case for each fault
    error: Exception, settings: ModelSettings
) -> LeadwiseError:
    """What to raise for what pydantic-ai raised."""
    host, name = host_of(settings), settings.name
    match error:
        case theirs.UsageLimitExceeded():
            return UserError(
                "model-limit", "The conversation takes more of the model than is allowed for one.",
                hint="Raise requests, input_tokens, output_tokens or cost of [model], or read it "
                "with --reader embedded.",
            )  # fmt: skip
        case theirs.ModelAuthenticationError():
            return UserError("model-key-refused", f"{host} refused the key.",
                             hint="Set a valid one as LEADWISE_MODEL_KEY.")  # fmt: skip
        case theirs.ModelNotFoundError():
            return UserError("no-such-model", f"{host} has no model '{name}'.",
                             hint="Set [model] name to one that it serves.")  # fmt: skip
        case theirs.ModelContextWindowExceededError():
            return UserError(
                "model-window", f"The part of the conversation is too long for {name}.",
                hint="Lower window_characters of [model].",
            )  # fmt: skip
        case theirs.ModelQuotaExceededError():
            return RemoteError(f"{host} says that the account is used up.", permanent=True)
        case theirs.ModelRateLimitError():
            return RemoteError(
                f"{host} asks to wait{_wait(error)}: try again then.", permanent=False
            )
        case theirs.ModelTimeoutError() | theirs.ModelRequestTimeout() | theirs.RunTimedOut():
            return RemoteError(
                f"{host} did not answer within {settings.timeout_seconds:g} s: try again, or raise "
                "timeout_seconds of [model].", permanent=False,
            )  # fmt: skip
        case theirs.ModelConnectionError():
            return RemoteError(
                f"{host} cannot be reached: is it running, and is base_url of [model] right?",
                permanent=False,
            )
        case theirs.ContentFilterError():
            return RemoteError(f"{host} declined to read this conversation.", permanent=True)
        case theirs.ModelRequestRejectedError():
            return RemoteError(f"{host} rejected the request{_status(error)}.", permanent=True)
        case theirs.ModelAPIError():
            return RemoteError(f"{host} failed{_status(error)}: try again later.", permanent=False)
        case theirs.UnexpectedModelBehavior():
            return RemoteError(
                f"{name} gave no answer of the form that it was asked for, asked several times: "
                "try again, or another model or output of [model].", permanent=False,
            )  # fmt: skip
        case _:
            return RemoteError(f"{name} cannot be asked: {type(error).__name__}.", permanent=True)


def wants_another_form(error: Exception) -> bool:
    """Whether a server rejects the form in which the answer is asked for, not the question."""
    status = getattr(error, "status_code", 0)
    body = str(getattr(error, "body", "")).lower()
    return status in (400, 404, 415, 422, 500, 501) and any(word in body for word in _FORMATS)


def _wait(error: theirs.ModelAPIError) -> str:
    return f" {error.retry_after:g} s" if error.retry_after else ""


def _status(error: theirs.ModelAPIError) -> str:
    status = getattr(error, "status_code", None)
    return f" (status {status})" if status else ""
