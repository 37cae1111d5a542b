"""LightGBM and EBM on the same rows: stored as text, with exact contributions."""

from leadwise.learn.models.choose import Against, Candidate, Chosen, choose_model
from leadwise.learn.models.contributions import Explained, Line, explain
from leadwise.learn.models.facts import Facts, facts_of, field_of
from leadwise.learn.models.features import Features, features_of, table_of
from leadwise.learn.models.learn import ModelLearner, learn_model
from leadwise.learn.models.options import Options
from leadwise.learn.models.stored import Loaded, Stored, Trained, load, stored_from

__all__ = [
    "Against", "Candidate", "Chosen", "Explained", "Facts", "Features", "Line", "Loaded",
    "ModelLearner", "Options", "Stored", "Trained", "choose_model", "explain", "facts_of",
    "features_of", "field_of", "learn_model", "load", "stored_from", "table_of",
]  # fmt: skip
