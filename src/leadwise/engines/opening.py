"""An engine by its name."""

from __future__ import annotations

from leadwise.engines.base import Engine
from leadwise.errors import UserError

ENGINES = ("duckdb", "sqlite", "postgresql://...", "spark")


def open_engine(spec: str) -> Engine:
    """Open the engine that `spec` names: `duckdb`, `sqlite`, `postgresql://...` or `spark`.

    Raises UserError where the name is not known, the server cannot be reached, or a package (or a
    Java) that the engine needs is missing. Drivers are imported only here, when they are asked for.
    """
    if spec == "duckdb":
        from leadwise.engines.duckdb import DuckDBEngine

        return DuckDBEngine()
    if spec == "sqlite":
        from leadwise.engines.sqlite import SQLiteEngine

        return SQLiteEngine()
    if spec.startswith(("postgresql://", "postgres://")):
        from leadwise.engines.postgres import PostgresEngine

        return PostgresEngine(spec)
    if spec == "spark":
        from leadwise.engines.spark import SparkEngine

        return SparkEngine()
    raise UserError(
        "engine-unknown",
        f"There is no engine called {spec!r}.",
        hint=f"The engines are {', '.join(ENGINES)}.",
    )
