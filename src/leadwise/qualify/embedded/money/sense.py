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
SURE = 0.8
"""From this share on a sentence says something of money by itself."""
ANSWERS = 0.65
"""From this share on it does as an answer to a question for the budget."""
LIKELY = 0.55
"""From this share on such an answer says no, where that is likelier than all else."""
_MORE = 1.5
"""What it adds besides in an answer that is likelier of theirs than of anything else."""
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
    """The classes of a sentence on money: own (a figure of theirs), funded (money without one),
    none, unknown, elsewhere, supposed, and other where it is of no money at all."""
    return hearing.meaning("budget", sentence)


def pull(hearing: Hearing, sentence: Sentence, asked: bool) -> float:
    """How much the meaning of its sentence speaks for an amount being their budget."""
    found = sense(hearing, sentence)
    if found is None:
        return 0.0
    theirs = found["own"] + found["funded"]
    more = _MORE if asked and max(found, key=lambda name: found[name]) == "own" else 0.0
    return _PULL * (theirs - found["elsewhere"] - found["supposed"]) + more * theirs


def differing(hearing: Hearing, sentence: Sentence) -> Shares | None:
    """What one makes of a colleague's other figure: concedes, insists, or other."""
    return hearing.meaning("differing", sentence)
