"""Papers that answer a question: by words (BM25 of SQLite's full text search), then by meaning.

Each paper is cut into passages, of which the words find forty; the sentence model orders those. A
passage that shares too little with the question is no answer: then nothing is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection as Database
from sqlalchemy import create_engine, text

from leadwise.connect.model import Paper
from leadwise.playbooks.reading.classes import stems
from leadwise.qualify.embedded.sentences import split
from leadwise.qualify.embedded.vectors import Vectors

PASSAGE = 700
"""Characters of a passage, or one sentence where that is longer."""
MOST_CHARACTERS = 20_000_000
"""Of all papers together."""
LOOKED_AT, MEANT = 40, 12
"""Passages that words find; of those, that the sentence model hears."""
LEAST = 0.42
"""Of 1, from which a passage answers."""
LONGEST_QUOTE = 400
_WORD = re.compile(r"[^\W_]{2,}")


@dataclass(frozen=True, slots=True)
class Answer:
    """A passage that answers. `score` is 0 to 1."""

    paper: Paper
    source: str
    quote: str
    score: float


def find(
    question: str, papers: Iterable[tuple[str, Paper]], most: int, vectors: Vectors | None
) -> list[Answer]:
    """The passages that answer a question, the best of each paper, the best first; none where none
    does. `papers` come with the names of their sources."""
    asked = stems(question)
    if not asked:
        return []
    engine = create_engine("sqlite://")
    try:
        with engine.begin() as database:
            kept = _kept(database, papers, " ".join(question.split()).casefold())
            hits = _hits(database, question, len(kept))
    finally:
        engine.dispose()
    rarity = _rarity(asked, kept)
    found: dict[tuple[str, str], Answer] = {}
    for place, (number, _) in enumerate(hits):
        source, paper, passage = kept[number]
        covered = _covered(asked, rarity, f"{paper.title} {passage}")
        quote, like = passage, 0.0
        if vectors is not None and place < MEANT:
            quote, like = _nearest(question, passage, vectors)
        score = 0.65 * covered + 0.5 * like if vectors is not None else covered
        key = (source, paper.id)
        if score >= LEAST and (key not in found or score > found[key].score):
            found[key] = Answer(paper, source, _quoted(quote, passage), min(1.0, score))
    return sorted(found.values(), key=lambda one: -one.score)[: max(0, most)]


def _kept(
    database: Database, papers: Iterable[tuple[str, Paper]], question: str
) -> list[tuple[str, Paper, str]]:
    """The passages, put where words are looked for. What asks the question answers it not."""
    database.execute(
        text("CREATE VIRTUAL TABLE passage USING fts5 "
             "(title, body, tokenize = 'porter unicode61 remove_diacritics 2')")
    )  # fmt: skip
    kept: list[tuple[str, Paper, str]] = []
    left = MOST_CHARACTERS
    for source, paper in papers:
        if " ".join(paper.text.split()).casefold() == question:
            continue
        for passage in passages(paper.text[: max(0, left)]):
            kept.append((source, paper, passage))
            database.execute(
                text("INSERT INTO passage (rowid, title, body) VALUES (:id, :title, :body)"),
                {"id": len(kept) - 1, "title": paper.title, "body": passage},
            )
        left -= len(paper.text)
        if left <= 0:
            break
    return kept


def _hits(database: Database, question: str, count: int) -> list[tuple[int, float]]:
    words = list(dict.fromkeys(word.casefold() for word in _WORD.findall(question)))[:60]
    if not words or not count:
        return []
    # Each word between quotes: none of them is an operator.
    wanted = " OR ".join(f'"{word}"' for word in words)
    sql = text("SELECT rowid, bm25(passage, 2.0, 1.0) AS rank FROM passage "
               "WHERE passage MATCH :wanted ORDER BY rank LIMIT :most")  # fmt: skip
    found = database.execute(sql, {"wanted": wanted, "most": LOOKED_AT})
    return [(int(row[0]), float(row[1])) for row in found]


def passages(text_: str) -> list[str]:
    """A text in passages of whole sentences."""
    found: list[str] = []
    here = ""
    for _, sentence in split(text_):
        if here and len(here) + len(sentence) > PASSAGE:
            found.append(here)
            here = ""
        here = f"{here} {sentence}".strip()
    return [*found, here] if here else found


def _rarity(asked: frozenset[str], kept: Sequence[tuple[str, Paper, str]]) -> dict[str, float]:
    """How much a word of the question tells: one that is in every passage tells little."""
    counts = dict.fromkeys(asked, 0)
    for _, paper, passage in kept:
        for stem in stems(f"{paper.title} {passage}") & asked:
            counts[stem] += 1
    whole = len(kept) or 1
    return {stem: 1.0 / (1.0 + 4.0 * count / whole) for stem, count in counts.items()}


def _covered(asked: frozenset[str], rarity: dict[str, float], passage: str) -> float:
    """The share of what the question tells that is in a passage."""
    whole = sum(rarity[stem] for stem in asked)
    return sum(rarity[stem] for stem in asked & stems(passage)) / whole if whole else 0.0


def _nearest(question: str, passage: str, vectors: Vectors) -> tuple[str, float]:
    sentences = [one for _, one in split(passage)][:12]
    near = vectors.nearest(sentences, [question])
    most = max(near)
    return sentences[near.index(most)], most


def _quoted(sentence: str, passage: str) -> str:
    """The words that answer: the sentence, with what follows it while there is room."""
    start = passage.find(sentence)
    return passage[max(0, start) :][:LONGEST_QUOTE].strip()
