"""What the sentence model makes of talk of money, where it is installed: whether a question asks
for the budget, and what a sentence says of it (classes of shades/asked.yaml and budget.yaml).

The model knows nothing of figures or of who is meant: it moves the weights that the rules give.
"""

from __future__ import annotations

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import Shares

ASKED = 0.6
"""From this share on a question asks for the budget."""
SURE = 0.7
"""From this share on a sentence says something of money by itself."""
_PULL = 3.0
"""What a class that is certain adds to an amount's weight, or takes from it."""


def sounds_asked(hearing: Hearing, question: Sentence) -> bool:
    """Whether a question asks for the budget by what it means."""
    return hearing.sounds_asked("budget", question, ASKED)


def leaning(hearing: Hearing, question: Sentence) -> float:
    """How much a question that no word of ours tells speaks for a figure in the reply being their
    budget: from -1 (it asks for something else) to 2."""
    found = hearing.meaning("asked", question)
    return 3.0 * found["budget"] - 1.0 if found else -1.0


def sense(hearing: Hearing, sentence: Sentence) -> Shares | None:
    """The classes of a sentence on money: own, none, unknown, elsewhere, supposed."""
    return hearing.meaning("budget", sentence)


def pull(hearing: Hearing, sentence: Sentence) -> float:
    """How much the meaning of its sentence speaks for an amount being their budget."""
    found = sense(hearing, sentence)
    if found is None:
        return 0.0
    return _PULL * (found["own"] - found["elsewhere"] - found["supposed"])
