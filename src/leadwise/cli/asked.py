"""A question of one's own put to conversations, as `classify` and `extract` do."""

from __future__ import annotations

from collections.abc import Sequence

from leadwise.cli.conversing import Said, chosen_reader, conversations
from leadwise.cli.qualify_table import show_all
from leadwise.cli.qualify_words import qualified_document
from leadwise.cli.screen import print_json
from leadwise.cli.waiting import waiting
from leadwise.qualify.frame.model import Frame
from leadwise.qualify.reading import read


def show_asked(files: Sequence[str], frame: Frame, said: Said, reader: str, *, json: bool) -> None:
    """Each conversation's answer, as a table or one document."""
    opened = conversations(files, said, thread=False)
    works = chosen_reader(reader)
    with waiting("Reading"):
        found = [(name, one, read(one.conversation, frame, works)) for name, one in opened]
    if json:
        rows = [qualified_document(name, one, frame, reading) for name, one, reading in found]
        print_json({"frame": {"name": frame.name, "version": frame.version}, "conversations": rows})
    else:
        show_all(found, frame)
