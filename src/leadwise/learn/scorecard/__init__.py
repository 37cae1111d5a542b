"""A learned card: additive, binned, whole points, near the points that people gave."""

from leadwise.learn.scorecard.learn import CardLearner, learn_card
from leadwise.learn.scorecard.model import Learned, LearnedCard, Options

__all__ = ["CardLearner", "Learned", "LearnedCard", "Options", "learn_card"]
