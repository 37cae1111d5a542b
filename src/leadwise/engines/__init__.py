"""Run the query of a card on DuckDB, SQLite, PostgreSQL or Spark, and read what it runs on."""

from leadwise.engines.base import Engine
from leadwise.engines.opening import open_engine

__all__ = ["Engine", "open_engine"]
