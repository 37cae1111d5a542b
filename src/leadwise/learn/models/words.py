"""Words of free texts, such as job titles: which are frequent, and which a text has.

A text is a set of words and pairs of neighbouring words (n-gram presence: B. Pang, L. Lee,
S. Vaithyanathan 2002, Thumbs up?, EMNLP, where presence did better than counts). They are chosen
by how many texts have them, never by outcomes, so that choosing cannot learn chance.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from leadwise.learn.rows import Floats, Wholes

MOST_WORDS = 40
LEAST_SHARE = 0.005
LEAST_ROWS = 10
"""A word is kept where at least so many rows and so large a share of them have it."""
NEARLY_ALL = 0.95
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 60


def terms_of(text: str) -> frozenset[str]:
    """The words of a text and the pairs of neighbours, in small letters, without accents:
    "VP, Sales" has "vp", "sales" and "vp sales"."""
    plain = unicodedata.normalize("NFKD", text[:400].casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found = [word[:_LONGEST] for word in _WORD.findall(plain)]
    return frozenset(found) | {f"{a} {b}" for a, b in pairwise(found)}


def frequent_terms(column: pa.ChunkedArray) -> tuple[str, ...]:
    """The terms worth a column each, the most frequent first, ties by alphabet."""
    texts, place = _distinct(column)
    rows = np.bincount(place[place >= 0], minlength=len(texts))
    counts: Counter[str] = Counter()
    for text, many in zip(texts, rows.tolist(), strict=True):
        for term in terms_of(text):
            counts[term] += many
    known = int(rows.sum())
    least = max(LEAST_ROWS, int(known * LEAST_SHARE))
    order = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    kept = [term for term, many in order if least <= many <= NEARLY_ALL * known]
    return tuple(_without_echoes(kept, counts)[:MOST_WORDS])


def presence(column: pa.ChunkedArray, terms: tuple[str, ...]) -> Floats:
    """1 where a text has the term, 0 where not, NaN where there is no text; a column each."""
    texts, place = _distinct(column)
    where = {term: n for n, term in enumerate(terms)}
    table = np.zeros((len(texts) + 1, len(terms)))
    table[-1] = np.nan  # place -1 is the last line
    for n, text in enumerate(texts):
        for term in terms_of(text):
            if (at := where.get(term)) is not None:
                table[n, at] = 1.0
    found: Floats = table[place]
    return found


def _without_echoes(terms: list[str], counts: Counter[str]) -> list[str]:
    """Without pairs that stand wherever one of their words does: they say the same."""
    return [
        term
        for term in terms
        if " " not in term or all(counts[term] < 0.95 * counts[word] for word in term.split())
    ]


def _distinct(column: pa.ChunkedArray) -> tuple[list[str], Wholes]:
    """The different texts and each row's place among them, -1 unknown."""
    encoded = pc.dictionary_encode(column.combine_chunks().cast(pa.string()))
    place: Wholes = pc.fill_null(encoded.indices, -1).to_numpy().astype(np.int64)
    texts: list[str] = encoded.dictionary.to_pylist()
    return texts, place
