"""`extract`: fields read out of a text or a PDF, each with its quote; what is not there is missing.

By the model provider where one is set, else by rules and the sentence model.
"""

from __future__ import annotations

from leadwise.connect.model import JSON
from leadwise.playbooks.reading.fields import extracted
from leadwise.playbooks.reading.model import extracted_by_model
from leadwise.playbooks.runs.acting import Came, Here, House
from leadwise.playbooks.steps.reaching import choices, day_of, model_reader, text_of
from leadwise.qualify.embedded.vectors import sentence_model


def act(house: House, here: Here) -> Came:
    """The fields that were found, the quotes they stand in, how sure each is, and what is missing.
    UserError as for the file that is read (`no-ocr`, `unreadable-pdf` ...)."""
    text, wanted = text_of(house, here), choices(here, "fields")
    reader = model_reader(house)
    if reader is not None and text.strip():
        found = extracted_by_model(text, wanted, day_of(here), reader)
    else:
        found = extracted(text, wanted, day_of(here), sentence_model())
    fields: dict[str, JSON] = {name: one.value for name, one in found.items()}
    quotes: dict[str, JSON] = {name: one.quote for name, one in found.items()}
    sure: dict[str, JSON] = {name: one.confidence for name, one in found.items()}
    missing: list[JSON] = [name for name in wanted if name not in found]
    return Came(
        "done", {"fields": fields, "quotes": quotes, "confidence": sure, "missing": missing}
    )
