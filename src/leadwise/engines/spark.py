"""Apache Spark in local mode: the same query where one machine is outgrown."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
from sqlglot import exp

from leadwise.engines.base import Closing, canonical_batches, conform
from leadwise.errors import UserError
from leadwise.plan.render import render

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    # A population that fits one machine: more partitions only cost start-up time.
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.caseSensitive": "true",
    # Plans are long expressions: show little of them where Spark logs them.
    "spark.sql.debug.maxToStringFields": "50",
}
TYPES = {pa.int64(): "BIGINT", pa.float64(): "DOUBLE", pa.string(): "STRING"}
NO_JAVA = (
    "Spark needs a Java (17 or later) that it can start.",
    "Install one (on Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME.",
)


class SparkEngine(Closing):
    """The Spark session of this process (started if there is none), with views of our tables.

    A session takes some ten seconds to start, so it is kept when the engine closes; `stop_session`
    ends it. Tables are Parquet files in a directory that `close` removes.
    """

    name = "spark"
    dialect = "spark"

    def __init__(self) -> None:
        self.session = _session()
        self._directory = Path(tempfile.mkdtemp(prefix="leadwise-"))
        self._loaded: dict[str, int] = {}

    def load(self, name: str, data: pa.Table | pa.RecordBatchReader) -> None:
        reader = canonical_batches(data)
        # A new file each time: Spark may still know the old one.
        number = self._loaded[name] = self._loaded.get(name, 0) + 1
        path = self._directory / f"{len(self._loaded)}-{number}-{abs(hash(name))}.parquet"
        with pq.ParquetWriter(path, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
        # Said and not found out: Spark would start a job to look into the file.
        columns = ", ".join(f"{_quoted(f.name)} {TYPES[f.type]}" for f in reader.schema)
        frame = self.session.read.schema(columns).parquet(path.as_uri())
        frame.createOrReplaceTempView(_quoted(name))

    def query(self, tree: exp.Expression, schema: pa.Schema | None = None) -> pa.Table:
        with warnings.catch_warnings():
            # PySpark warns of a pandas that it does not know; nothing here goes through pandas.
            warnings.simplefilter("ignore", FutureWarning)
            table = self.session.sql(render(tree, self.dialect)).toArrow()
        return conform(table, schema)

    def close(self) -> None:
        for name in self._loaded:
            self.session.catalog.dropTempView(name)
        shutil.rmtree(self._directory, ignore_errors=True)


def stop_session() -> None:
    """End the Spark session of this process, and its Java, if there is one."""
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    if session is not None:
        session.stop()


def _session() -> SparkSession:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise UserError(
            "engine-missing",
            "Spark needs the package pyspark, which is not installed.",
            hint="Install it: pip install 'leadwise[spark]'.",
        ) from None
    active = SparkSession.getActiveSession()
    if active is not None:
        return active
    if not _java():
        raise UserError("engine-missing", NO_JAVA[0], hint=NO_JAVA[1])
    builder = SparkSession.builder.master("local[2]").appName("leadwise")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    # Nothing is ever kept there, but Spark makes the directory, else where the user stands.
    warehouse = Path(tempfile.gettempdir(), "leadwise-spark-warehouse")
    builder = builder.config("spark.sql.warehouse.dir", warehouse.as_uri())
    try:
        with _quiet():
            session = builder.getOrCreate()
    except (PySparkException, RuntimeError, OSError) as error:
        said = str(error).splitlines() or ["no reason given"]
        raise UserError(
            "engine-missing", f"Spark did not start: {said[0]}", hint=NO_JAVA[1]
        ) from error
    session.sparkContext.setLogLevel("ERROR")
    return session


def _java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return bool(shutil.which("java") or (home and Path(home, "bin", "java").exists()))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Java writes its greetings straight to the error output of the process; none of it is ours."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
