"""A connection to a warehouse: its tables by name, and the only door through which figures leave it."""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import ibis
import numpy as np
import pyarrow as pa

from plumbline.domain.errors import LogError
from plumbline.profiling.session import Arrays
from plumbline.profiling.warehouse_numbers import Expression

_TOGETHER = 8  # results fetched at a time; each may be as large as a fine grid times the windows
# Compiling queries of thousands of expressions takes longer than counting by them. Counts by bin are few, but
# PostgreSQL expects as many as rows, and with little memory sorts them all.
_POSTGRES = ("jit = off", "work_mem = '256MB'")
_SPARK = ("spark", "pyspark", "databricks-connect")


def convert_to(word: str, encoding: str) -> bytes:
    """PostgreSQL's own function of that name: the bytes of a text."""
    return word.encode(encoding)


_bytes_of: Any = ibis.udf.scalar.builtin(convert_to)


@dataclass(frozen=True, slots=True)
class Engine:
    """An open warehouse; `name` is what the run's account says ("duckdb", "postgres", "pyspark")."""

    name: str
    connection: Any
    kept: ExitStack

    def table(self, name: str) -> Expression:
        """A table by its name, "schema.table" or "catalog.schema.table"; on Spark also a Parquet path.

        Raises:
            LogError: there is none.
        """
        if self.name == "pyspark" and name.endswith(".parquet"):
            return self.connection.read_parquet(name)
        *place, table = name.split(".")
        try:
            return self.connection.table(table, database=tuple(place) or None)
        except Exception as error:  # every engine has exceptions of its own for it
            raise LogError(
                f"The table cannot be opened: {_first_line(error)}",
                where=f"table {name}",
                remedy="Name it as schema.table, and see that the account may read it.",
            ) from None

    def fetch(self, table: Expression) -> Arrays:
        """The columns of a small result, one array each."""
        try:
            found = self.connection.to_pyarrow(table)
        except Exception as error:
            if not type(error).__module__.startswith(("duckdb", "_duckdb", "psycopg", "pyspark", "py4j", "snowflake")):
                raise
            raise LogError(
                f"The query failed in the warehouse: {_first_line(error)}",
                where=self.name,
                remedy="See that the account may read every table, and that the engine has the memory it asks for.",
            ) from error
        return {name: _array(found[name]) for name in found.column_names}

    def keep(self, table: Expression) -> Expression:
        """The table worked out once, as a temporary one inside the warehouse, until the run ends."""
        if self.name == "pyspark":
            return self.kept.enter_context(table.cache())
        try:
            return self.connection.create_table(ibis.util.gen_name("plumbline"), table, temp=True)
        except Exception:
            # No temporary tables in this engine, or no right to make one: it is worked out again for every query.
            # What else went wrong goes wrong again there, and is told.
            return table

    def by_letter(self, word: Expression) -> Expression:
        """What to order a text by, so that every engine agrees: the bytes of its characters."""
        return _bytes_of(word, "UTF8") if self.name == "postgres" else word


def all_of(engine: Engine, queries: Mapping[str, Expression]) -> Iterator[tuple[str, Arrays]]:
    """Several small results by one query a batch: a cluster needs longer to begin than to count."""
    for batch in batches(queries):
        marked = [queries[name].mutate(at=ibis.literal(at, type="int64")) for at, name in enumerate(batch)]
        found = engine.fetch(ibis.union(*marked) if len(marked) > 1 else marked[0])
        for at, name in enumerate(batch):
            mine = found["at"] == at
            yield name, {key: values[mine] for key, values in found.items() if key != "at"}


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """As many at a time as one query should ask for."""
    listed = list(names)
    yield from (listed[start : start + _TOGETHER] for start in range(0, len(listed), _TOGETHER))


@contextmanager
def open_engine(url: str, memory: int) -> Iterator[Engine]:
    """Connect to the warehouse behind a URL; `memory` megabytes bound DuckDB alone, a server has its own.

    Raises:
        LogError: the URL is none, its file is not there, its driver is not installed, or nobody answers.
    """
    with tempfile.TemporaryDirectory(prefix="plumbline-") as scratch:
        name = urlsplit(url).scheme
        try:
            connection = _connected(url, name, memory, scratch)
        except LogError:
            raise
        except ImportError as error:
            raise missing_driver(name, error) from None
        except Exception as error:  # every engine has exceptions of its own for it
            raise LogError(
                f"The warehouse cannot be reached: {_first_line(error)}",
                where=f"--engine {name}://...",
                remedy="Check the address, the account and the network.",
            ) from None
        try:
            with ExitStack() as kept:
                yield Engine(connection.name, connection, kept)
        finally:
            # A Spark session may be the caller's own, so it is left as it is.
            if connection.name != "pyspark":
                connection.disconnect()


def missing_driver(name: str, error: ImportError) -> LogError:
    return LogError(
        f"The package '{error.name}' is not installed" if error.name else f"The driver of {name} is not installed",
        where=f"--engine {name}://...",
        remedy=f"Run: pip install 'plumbline[warehouse]' 'ibis-framework[{name}]'",
    )


def _connected(url: str, name: str, memory: int, scratch: str) -> Any:
    if name == "duckdb":
        return _duckdb(url, memory, scratch)
    if name in _SPARK:
        return _spark(url, name)
    connection = ibis.connect(url)
    if connection.name == "postgres":
        for setting in _POSTGRES:
            connection.con.execute(f"SET {setting}")
    return connection


def _duckdb(url: str, memory: int, scratch: str) -> Any:
    path = Path(url.removeprefix("duckdb://").split("?")[0])
    if not path.is_file():
        raise LogError("There is no such file", where=str(path), remedy="Write duckdb:// and the path of the file.")
    connection = ibis.duckdb.connect(
        path, read_only=True, memory_limit=f"{memory}MB", temp_directory=f"{scratch}/spill"
    )
    # The verb draws its own; the engine's would run into pipes and logs.
    connection.con.execute("SET enable_progress_bar = false")
    connection.con.execute("SET TimeZone = 'UTC'")
    return connection


def _spark(url: str, name: str) -> Any:
    """spark://host:port is a standalone cluster's address; pyspark://?spark.master=... takes any setting."""
    builder = importlib.import_module("pyspark.sql").SparkSession.builder.appName("plumbline")
    if name == "spark":
        builder = builder.master(url.split("?")[0])
    for key, value in parse_qsl(urlsplit(url).query):
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.conf.set("spark.sql.session.timeZone", "UTC")
    return ibis.pyspark.connect(session)


def _array(column: Any) -> Any:
    kind = str(column.type)
    if kind.startswith("timestamp"):
        # Nanoseconds are no part of Python's times.
        column = column.cast(pa.timestamp("us", column.type.tz), safe=False)
    if kind.startswith("int") or kind == "double":
        return column.to_numpy().astype(np.int64 if kind.startswith("int") else np.float64)
    values = np.empty(len(column), dtype=object)
    values[:] = column.to_pylist()
    return values


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
