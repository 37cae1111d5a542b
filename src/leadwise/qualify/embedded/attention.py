"""Which sentences of a talk the sentence model is asked about on a topic, and what it said.

Of a talk of usual length all. Of a long one those that tell most: answers to a question of the
other side first, then those with a figure or a word of the topic, then the last. The rest is read
by the rules alone, which read every sentence; the answer's `why` says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import Shares, shares
from leadwise.qualify.embedded.vectors import Vectors

MOST = 5000
"""Characters of a talk that the model is asked about on a topic: some 120 sentences, a call of half
an hour; 1 to 2 s on one core where every one is asked about."""
ASKED = "asked"
"""The topic of questions: of those of the other sides nearly all are asked about, so that they are
put to the model together, which takes a third of the time."""


@dataclass(slots=True)
class Attention:
    """What was asked in one talk. `heard` are the classes by topic and text, `chosen` the indices
    by topic (None: all); `limited` the topics on which the model did not hear all it was asked."""

    sentences: Sequence[Sentence]
    vectors: Vectors | None
    heard: dict[tuple[str, str], Shares] = field(default_factory=dict)
    chosen: dict[str, frozenset[int] | None] = field(default_factory=dict)
    limited: set[str] = field(default_factory=set)

    def classes(
        self, topic: str, sentence: Sentence, tells: Callable[[str], bool]
    ) -> Shares | None:
        """The classes of a sentence; None without a model, or beyond what it is asked about.
        `tells` is whether a text has a word of the topic."""
        key = topic, sentence.text
        if self.vectors is None or key in self.heard:
            return self.heard.get(key)
        chosen = self._choose(topic, tells)
        if chosen is not None and sentence.index not in chosen:
            self.limited.add(topic)
            return None
        if topic == ASKED and all(name != ASKED for name, _ in self.heard):
            self._hear(topic, [one for one in self.sentences if _asks(one)])
        if key not in self.heard:
            self._hear(topic, [sentence])
        return self.heard.get(key)

    def foresee(
        self, topic: str, sentences: Sequence[Sentence], tells: Callable[[str], bool]
    ) -> None:
        """Puts to the model together what it will be asked about on a topic one by one."""
        if self.vectors is not None:
            self._choose(topic, tells)
            self._hear(topic, sentences)

    def _choose(self, topic: str, tells: Callable[[str], bool]) -> frozenset[int] | None:
        if topic not in self.chosen:
            self.chosen[topic] = _chosen(self.sentences, topic, tells)
        return self.chosen[topic]

    def _hear(self, topic: str, sentences: Sequence[Sentence]) -> None:
        chosen = self.chosen[topic]
        texts = [one.text for one in sentences if chosen is None or one.index in chosen]
        texts = [one for one in dict.fromkeys(texts) if (topic, one) not in self.heard]
        for text, classes in zip(texts, shares(topic, texts, self.vectors) or [], strict=False):
            self.heard[topic, text] = classes


def _asks(sentence: Sentence) -> bool:
    return sentence.side != "buyer" and sentence.is_question


def _chosen(
    sentences: Sequence[Sentence], topic: str, tells: Callable[[str], bool]
) -> frozenset[int] | None:
    """The indices of the sentences that tell most, `MOST` characters of them; None for all."""
    asked = topic == ASKED
    own = [one for one in sentences if (_asks(one) if asked else one.side == "buyer")]
    if sum(len(one.text) for one in own) <= MOST:
        return None
    questioned = {one.turn + 1 for one in sentences if _asks(one)}
    first = {one.turn: one.index for one in reversed(sentences)}

    def rank(one: Sentence) -> tuple[bool, bool, int]:
        answers = one.turn in questioned and one.index - first[one.turn] < 2
        figure = any(letter.isdigit() for letter in one.text)
        return not (answers and not asked), not (figure or tells(one.text)), -one.index

    left, found = MOST, set[int]()
    for one in sorted(own, key=rank):
        left -= len(one.text)
        if left < 0:
            break
        found.add(one.index)
    return frozenset(found)
