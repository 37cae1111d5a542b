"""What the readers of single questions work on: the sentences, who asked what before, the language,
and how near a sentence comes to the ways in which people say a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from leadwise.qualify.embedded.attention import Attention
from leadwise.qualify.embedded.sentences import Sentence, sentences_of
from leadwise.qualify.embedded.shades import Shares
from leadwise.qualify.embedded.vectors import Vectors
from leadwise.qualify.embedded.words import patterns
from leadwise.qualify.talk import Conversation

_FARTHEST = 60
"""Sentences before and after one that can have to do with it."""
_START = 60
"""Characters at the start of a reply in which its yes or no stands."""


@dataclass(frozen=True, slots=True)
class Hearing:
    """A conversation made ready to be read. `vectors` is None where no sentence model is there."""

    conversation: Conversation
    language: str
    sentences: tuple[Sentence, ...]
    vectors: Vectors | None
    attention: Attention

    def buyers(self) -> Iterator[Sentence]:
        """The sentences of the buyer's side, in order: only these count."""
        return (one for one in self.sentences if one.side == "buyer")

    def around(self, sentence: Sentence, before: int = 0, after: int = 0) -> list[Sentence]:
        """The sentences of a sentence's turn, of so many turns before it and after it, in order;
        at most `_FARTHEST` each way, so that a long conversation is not walked again and again."""
        here = sentence.index
        first = last = here
        least = max(0, here - _FARTHEST)
        most = min(len(self.sentences), here + _FARTHEST)
        while first > least and self.sentences[first - 1].turn >= sentence.turn - before:
            first -= 1
        while last + 1 < most and self.sentences[last + 1].turn <= sentence.turn + after:
            last += 1
        return list(self.sentences[first : last + 1])

    def asked_before(self, sentence: Sentence) -> Sentence | None:
        """The last question of somebody else in the turn before this sentence's, if there is one
        (the turn's last sentence where nothing in it ends with a question mark: speech written
        down has none)."""
        before = [
            one
            for one in self.around(sentence, before=1)
            if one.turn == sentence.turn - 1 and one.speaker != sentence.speaker
        ]
        questions = [one for one in before if one.is_question]
        return next(reversed(questions or before), None)

    def is_first_of_turn(self, sentence: Sentence) -> bool:
        """Whether a sentence opens its turn: a "yes" there answers what was asked."""
        return sentence.index == 0 or self.sentences[sentence.index - 1].turn != sentence.turn

    def reply_to(self, sentence: Sentence) -> Sentence | None:
        """The first sentence of the buyer's side in the turn after this sentence's."""
        for one in self.around(sentence, after=1):
            if one.turn == sentence.turn + 1:
                return one if one.side == "buyer" else None
        return None

    def is_confirmed(self, sentence: Sentence) -> bool:
        """Whether the buyer's side plainly says yes to what a seller has just said."""
        following = self.sentences[sentence.index + 1 : sentence.index + 2]
        if any(one.turn == sentence.turn for one in following):
            return False
        reply = self.reply_to(sentence)
        start = reply.text[:_START] if reply else ""
        return self.says("yes", start) and not self.says("no", start)

    def says(self, name: str, text: str, topic: str = "shared") -> bool:
        """Whether a text has one of a topic's words in the conversation's language."""
        return bool(patterns(topic, self.language)[name].search(text))

    def meaning(self, topic: str, sentence: Sentence) -> Shares | None:
        """The classes of a sentence on a topic (`shades/<topic>.yaml`); None without a model, and
        for most sentences of a very long talk (see `attention`)."""
        return self.attention.classes(topic, sentence, self._tells(topic))

    def foresee(self, topic: str, sentences: Sequence[Sentence]) -> None:
        """Has the model hear together what `meaning` will be asked of: a third of the time."""
        self.attention.foresee(topic, sentences, self._tells(topic))

    def _tells(self, topic: str) -> Callable[[str], bool]:
        words, names = _TELLING.get(topic, ("shared", ()))
        return lambda text: any(self.says(name, text, words) for name in names)

    def sounds_asked(self, topic: str, question: Sentence, least: float) -> bool:
        """Whether a question asks for a topic by what it means, with at least such a share."""
        found = self.meaning("asked", question) if question.is_question else None
        return found is not None and found[topic] >= least

    def nearness(self, texts: Sequence[str], phrases: Sequence[str]) -> list[float] | None:
        """How near each text comes to the nearest of the phrases, 0 to 1; None without a model."""
        if self.vectors is None or not texts or not phrases:
            return None
        return self.vectors.nearest(texts, phrases)


def hear(conversation: Conversation, vectors: Vectors | None, language: str) -> Hearing:
    """Make a conversation ready to be read."""
    sentences = sentences_of(conversation)
    return Hearing(conversation, language, sentences, vectors, Attention(sentences, vectors))


_TELLING = {
    "asked": ("money", ("budget",)),
    "budget": ("money", ("budget", "unknown")),
    "differing": ("money", ("budget", "object")),
    "timeline": ("timeline", ("sign", "none")),
}
"""Lists of words by which a sentence tells of a topic, roughly."""
