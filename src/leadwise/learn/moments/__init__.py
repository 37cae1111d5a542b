"""Instants at which somebody would have decided, what was known then, and what came of it."""

from leadwise.learn.moments.build import training_rows
from leadwise.learn.moments.built import Built, LeftOut
from leadwise.learn.moments.watch import Watch
from leadwise.learn.moments.widen import widened

__all__ = ["Built", "LeftOut", "Watch", "training_rows", "widened"]
