"""The model reader: a conversation is read by the model of the settings, window by window."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from leadwise.qualify.answer import Answer
from leadwise.qualify.embedded.hearing import hear
from leadwise.qualify.embedded.instructions import instructions_in
from leadwise.qualify.embedded.language import language_of
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.provider import prompt
from leadwise.qualify.provider.cache import Cache, MemoryCache, key_of
from leadwise.qualify.provider.connect import Mode, model_of, modes, needed, provider_of
from leadwise.qualify.provider.held import NOWHERE, Held, Source
from leadwise.qualify.provider.limits import MemorySpending, Spending, room, today
from leadwise.qualify.provider.redact import Redaction, redact
from leadwise.qualify.provider.waiting import run
from leadwise.qualify.provider.windows import windows
from leadwise.qualify.reconcile import reconciled
from leadwise.qualify.talk import Conversation
from leadwise.settings.reader import ModelSettings

if TYPE_CHECKING:
    from pydantic_ai.models import Model


@dataclass(frozen=True, slots=True)
class ModelReader:
    """Reads by the model that `settings` name. `model` makes it (tests give another); `cache` keeps
    answers, `spending` what they cost, `today` is the day that it counts for.

    UserError and RemoteError of `read` say what to do; a RemoteError that is not `permanent` is
    worth another try.
    """

    settings: ModelSettings
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    cache: Cache = field(default_factory=MemoryCache, repr=False)
    spending: Spending = field(default_factory=MemorySpending, repr=False)
    model: Callable[[ModelSettings, Mapping[str, str]], Model] = field(default=model_of, repr=False)
    today: Callable[[], date] = field(default=today, repr=False)

    @property
    def name(self) -> str:
        return f"model:{self.settings.name}/{prompt.VERSION}"

    def read(self, conversation: Conversation, frame: Frame) -> tuple[Answer, ...]:
        """An answer to each question of the frame, in its order."""
        provider_of(self.settings)
        needed()
        return run(self._read(conversation, frame))

    async def _read(self, conversation: Conversation, frame: Frame) -> tuple[Answer, ...]:
        from pydantic_ai.usage import RunUsage

        redaction = _redacted(conversation, redacted=self.settings.redact)
        texts, labels, product = _parts(conversation, redaction)
        source = Source(conversation, frame, redaction, _instructing(conversation))
        parts = windows(texts, self.settings.window_characters, self.settings.overlap_turns)
        usage = RunUsage()
        model = self.model(self.settings, self.environment)
        found: list[Held] = []
        ways = modes(self.settings)
        async with model:
            for number, window in enumerate(parts, 1):
                words = prompt.asked(
                    conversation, frame, labels, product, window, (number, len(parts))
                )
                made, ways = await self._window(model, source, words, ways, usage)
                found.append(made)
        return tuple(
            reconciled(_proven([one.answers[place] for one in found]), question, conversation)
            for place, question in enumerate(frame.questions)
        )

    async def _window(
        self, model: Model, source: Source, words: prompt.Asked, ways: tuple[Mode, ...], usage: Any
    ) -> tuple[Held, tuple[Mode, ...]]:
        """The answers of one window, kept or asked for, and the modes for the next."""
        from leadwise.qualify.provider.ask import ask, recalled

        key = key_of(
            prompt.VERSION, self.settings.name, self.settings.base_url, self.settings.output,
            words.instructions, words.prompt,
        )  # fmt: skip
        if (kept := self.cache.get(key)) and (known := recalled(source, kept)):
            return known.held, ways
        room(self.spending, self.today, self.settings.day_cost)
        before = usage.cost or Decimal(0)
        try:
            given, mode = await ask(
                model, self.settings, source, words, ways, usage, limits_of(self.settings)
            )
        finally:
            self.spending.add(self.today(), (usage.cost or Decimal(0)) - before)
        if not given.held.problems:
            self.cache.put(key, given.text)
        return given.held, (mode,)


def _redacted(conversation: Conversation, *, redacted: bool) -> Redaction:
    """The turns' texts, then the labels of their speakers, then the product."""
    texts = [turn.text for turn in conversation.turns]
    labels = [turn.speaker for turn in conversation.turns]
    every = [*texts, *labels, conversation.product or ""]
    return redact(every, language_of(conversation)) if redacted else Redaction(tuple(every), {})


def _parts(
    conversation: Conversation, redaction: Redaction
) -> tuple[Sequence[str], Sequence[str], str | None]:
    count = len(conversation.turns)
    texts, labels = redaction.texts[:count], redaction.texts[count : 2 * count]
    return texts, labels, redaction.texts[-1] or None


def _proven(answers: list[Answer]) -> list[Answer]:
    """The answers of the windows without those that prove nothing, where another proves something:
    what is refused in one part must not take down what another part says."""
    held = [one for one in answers if all(quote.turn != NOWHERE for quote in one.quotes)]
    return held if any(one.status != "not_discussed" for one in held) else answers


def _instructing(conversation: Conversation) -> frozenset[tuple[int, int, int]]:
    """Where sentences stand that try to instruct their reader."""
    hearing = hear(conversation, None, language_of(conversation))
    found = instructions_in(hearing)
    return frozenset(
        (one.turn, one.start, one.start + len(one.text))
        for one in hearing.sentences
        if one.index in found
    )


def limits_of(settings: ModelSettings) -> Any:
    """What one conversation (or draft) may take of the model."""
    from pydantic_ai.usage import UsageLimits

    cost = Decimal(str(settings.cost)) if settings.cost else None
    return UsageLimits(
        cost_limit=cost, request_limit=settings.requests,
        input_tokens_limit=settings.input_tokens, output_tokens_limit=settings.output_tokens,
    )  # fmt: skip
