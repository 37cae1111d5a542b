"""From pieces to vectors: the layers of the model, for many texts in one go.

The tokens of all texts stand one below the other, so that each product of matrices is one for all;
only attention looks at each text by itself, those of one length together.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from leadwise.qualify.embedded.model.packed import Floats, Layer, Packed, unpacked

_HALF = np.float32(0.5)
_ROWS = 24
_ONE = np.float32(1)
_ROOT = np.float32(0.70710678)


def vectors(model: Packed, texts: Sequence[Sequence[int]]) -> Floats:
    """The vector of each text (its pieces' numbers, at most `model.longest`): the mean of its
    tokens, at length 1. Texts of one length are quickest side by side."""
    lengths = [len(one) for one in texts]
    numbers = np.concatenate([np.asarray(one) for one in texts])
    places = np.concatenate([np.arange(one) for one in lengths])
    x = unpacked(model.words[numbers]) + model.places[places] + model.kind
    x = _normal(x, model.norm, model.tiny)
    groups = [(length, len(list(same))) for length, same in groupby(lengths)]
    for layer in model.layers:
        x = _through(model, layer, x, groups)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    sums = np.add.reduceat(x, starts, axis=0)
    return np.asarray(sums / np.linalg.norm(sums, axis=1, keepdims=True), np.float32)


def _through(model: Packed, layer: Layer, x: Floats, groups: list[tuple[int, int]]) -> Floats:
    weights, bias = layer.attend
    seen = _attended(x @ weights + bias, groups, model.heads)
    weights, bias = layer.joined
    x = _normal(x + (seen @ weights + bias), layer.norms[0], model.tiny)
    weights, bias = layer.widen
    wide = _bent(x @ weights + bias)
    weights, bias = layer.narrow
    return _normal(x + (wide @ weights + bias), layer.norms[1], model.tiny)


def _attended(x: Floats, groups: list[tuple[int, int]], heads: int) -> Floats:
    """What each token sees in the others of its text: (tokens, width)."""
    width = x.shape[1] // 3
    size = width // heads
    found = np.empty((len(x), width), np.float32)
    at = 0
    for length, count in groups:
        here = slice(at, at + length * count)
        at += length * count
        parts = x[here].reshape(count, length, 3, heads, size).transpose(2, 0, 3, 1, 4)
        query, key, value = parts * np.float32(1)
        near = query @ key.transpose(0, 1, 3, 2)
        near *= np.float32(1 / np.sqrt(size))
        near -= near.max(axis=-1, keepdims=True)
        np.exp(near, out=near)
        near /= near.sum(axis=-1, keepdims=True)
        found[here] = (near @ value).transpose(0, 2, 1, 3).reshape(-1, width)
    return found


def _normal(x: Floats, by: tuple[Floats, Floats], tiny: float) -> Floats:
    weights, bias = by
    x = x - x.mean(axis=1, keepdims=True)
    spread = np.einsum("ij,ij->i", x, x)[:, None] / np.float32(x.shape[1])
    x *= np.float32(1) / np.sqrt(spread + np.float32(tiny))
    x *= weights
    x += bias
    return x


_ERF = tuple(map(np.float32, (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)))
"""Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.26: off by 1.5e-7 at most."""
_ERF_RATE = np.float32(0.3275911)


def _bent(x: Floats) -> Floats:
    """x times the share of a normal distribution below x (GELU), in place and in parts that a
    processor's nearest memory holds."""
    for start in range(0, len(x), _ROWS):
        part = x[start : start + _ROWS]
        size = np.abs(part)
        rate = size * (_ERF_RATE * _ROOT)
        rate += _ONE
        np.divide(_ONE, rate, out=rate)
        total = rate * _ERF[0]
        for one in _ERF[1:]:
            total += one
            total *= rate
        np.multiply(part, part, out=rate)
        rate *= -_HALF
        np.exp(rate, out=rate)
        total *= rate  # 1 - erf(|x| / sqrt(2))
        total *= size
        total *= _HALF
        np.maximum(part, 0, out=part)
        part -= total
    return x
