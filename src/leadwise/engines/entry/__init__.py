"""Entry: leads and events out of files and frames, typed by the card, in tables of DuckDB."""

from leadwise.engines.entry.dataset import Dataset
from leadwise.engines.entry.notes import MissingColumn, Notes, UnlistedChoice
from leadwise.engines.entry.read import Source, read

__all__ = ["Dataset", "MissingColumn", "Notes", "Source", "UnlistedChoice", "read"]
