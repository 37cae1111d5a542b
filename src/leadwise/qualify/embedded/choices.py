"""Placeholders."""

from __future__ import annotations

from leadwise.qualify.answer import Answer, not_discussed
from leadwise.qualify.embedded.hearing import Hearing
from leadwise.qualify.frame.model import Question


def read_choice(hearing: Hearing, question: Question) -> Answer:
    return not_discussed(question.id)


read_yes_no = read_number = read_text = read_choice
