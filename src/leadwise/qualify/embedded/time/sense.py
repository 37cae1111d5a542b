"""What the sentence model makes of talk of time, where it is installed: whether a question asks
for the time of buying, and what a sentence tells of it (shades/asked.yaml and timeline.yaml).

The model knows nothing of calendars: it moves the weights that the rules give.
"""

from __future__ import annotations

from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.embedded.sentences import Sentence
from leadwise.qualify.embedded.shades import Shares

ASKED = 0.7
"""From this share on a question asks for the time."""
SURE = 0.7
"""From this share on a sentence says something of the time by itself."""
_PULL = 3.0
"""What a class that is certain adds to a date's weight, or takes from it."""
_BARE = 0.3
"""The share of it where a sentence is hardly more than its date: it means little by itself."""


def sounds_asked(hearing: Hearing, question: Sentence) -> bool:
    """Whether a question asks for the time of buying by what it means."""
    return hearing.sounds_asked("timeline", question, ASKED)


def sense(hearing: Hearing, sentence: Sentence) -> Shares | None:
    """The classes of a sentence on time: decide, golive, none, unknown, meeting, event (what
    happens at that time), elsewhere."""
    return hearing.meaning("timeline", sentence)


def pull(hearing: Hearing, sentence: Sentence, bare: bool) -> float:
    """How much the meaning of its sentence speaks for a date being that of signing."""
    found = sense(hearing, sentence)
    if found is None:
        return 0.0
    off = found["elsewhere"] + found["meeting"] + found["event"]
    return _PULL * (_BARE if bare else 1.0) * (found["decide"] - off - 0.5 * found["golive"])
