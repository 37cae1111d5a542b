"""`classify`: a text put into one of several classes, with the words that speak for it.

By the model provider where one is set, else by the sentence model and the rules that come along.
"""

from __future__ import annotations

from leadwise.playbooks.reading.classes import classed
from leadwise.playbooks.reading.model import classed_by_model
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import choices, day_of, model_reader, text_of
from leadwise.qualify.embedded.vectors import sentence_model


def act(house: House, here: Here) -> Came:
    """The class, how sure it is (percent), and the quote."""
    text, into = text_of(house, here), choices(here, "into")
    otherwise = here.words("otherwise", "unclear")
    reader = model_reader(house)
    if not text.strip():
        return Came("done", {"class": otherwise, "confidence": 0, "quote": ""}, why="No text.")
    if reader is not None:
        found = classed_by_model(text, into, otherwise, reader, day_of(here))
    else:
        found = classed(text, into, otherwise, sentence_model())
    return Came("done", {"class": found.name, "confidence": found.confidence, "quote": found.quote})
