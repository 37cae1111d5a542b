"""Items made ahead come in order, with their errors, and nothing goes on after the end."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from leadwise.live.ahead import one_ahead


def test_items_come_in_order_and_are_made_ahead() -> None:
    made: list[int] = []
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            if number == 1:
                second.set()
            yield number

    with one_ahead(items()) as taken:
        assert next(taken) == 0
        # The next is made although nobody has asked for it.
        assert second.wait(5)
        assert list(taken) == [1, 2, 3, 4]
        assert list(taken) == []
    assert made == [0, 1, 2, 3, 4]


def test_an_error_comes_where_it_happened() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("the second cannot be made")

    with one_ahead(items()) as taken:
        assert next(taken) == 1
        with pytest.raises(ValueError, match="cannot be made"):
            next(taken)


def test_nothing_is_made_after_the_block() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        while True:
            made.append(len(made))
            yield len(made)

    with one_ahead(items()) as taken:
        next(taken)
    count = len(made)
    # One that was taken, one that was ready, one that was being made, and the room that let it end.
    assert count <= 4
    assert not any(each.name == "leadwise-ahead" for each in threading.enumerate())
    assert len(made) == count
