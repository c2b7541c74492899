"""The second DuckDB: in memory, bounded, spilling to a folder of its own; it never sees the store."""

from __future__ import annotations

import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import real

Arrays = dict[str, npt.NDArray[Any]]
Found = TypeVar("Found")
THREADS = 2
BATCH = 65_536  # rows that are held at once while they are counted
_ACCOUNTED = 0.8  # of the engine's memory; what it has in hand while it joins is not in its own account
_TOO_LARGE = (duckdb.ConversionException, duckdb.OutOfRangeException)


@dataclass(frozen=True, slots=True)
class Session:
    """An engine of its own and the scratch folder it spills to.

    Each call has its own cursor, so that two threads may read at once; tables must therefore not be temporary ones.
    """

    db: duckdb.DuckDBPyConnection
    scratch: Path

    def cursor(self) -> duckdb.DuckDBPyConnection:
        return self.db.cursor()

    def run(self, sql: str) -> None:
        self.cursor().execute(sql)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.cursor().execute(sql).fetchall()

    def arrays(self, sql: str) -> Arrays:
        found = self.cursor().execute(sql).fetchnumpy()
        return {name: np.ma.getdata(values) for name, values in found.items()}

    def batches(self, sql: str) -> Iterator[Any]:
        """The rows of a query as Arrow record batches, as they are read; never all of them at once."""
        try:
            yield from self.cursor().sql(sql).to_arrow_reader(BATCH)
        except OSError as error:
            # Arrow passes the engine's own errors on as text.
            kind = duckdb.OutOfMemoryException if "Out of Memory" in str(error) else duckdb.InvalidInputException
            raise kind(str(error)) from None

    def tally(self, sql: Callable[[str], str]) -> Arrays:
        """Columns of a query of integer sums; `sql` is told the integer type to sum in.

        Sums in 64 bits are several times faster; values far outside the reference's range overflow them.
        """
        try:
            return self.arrays(sql("BIGINT"))
        except _TOO_LARGE:
            cursor = self.cursor().execute(sql("HUGEINT"))
            names = [str(column[0]) for column in cursor.description or ()]
            rows = cursor.fetchall()
            return {name: _column([row[at] for row in rows]) for at, name in enumerate(names)}


def fixed(expression: str, unit: float, kind: str) -> str:
    """SQL: an expression in whole `unit`s (a power of two)."""
    scaled = f"({expression}) * {real(1.0 / unit)}"
    if kind == "HUGEINT":
        scaled = f"least(greatest({scaled}, -1e30), 1e30)"
    return f"CAST({scaled} AS {kind})"


def whole_sum(expression: str, kind: str) -> str:
    """SQL: the sum of whole numbers, NULL counted as 0."""
    return f"CAST(coalesce(sum({expression}), 0) AS {kind})"


def fixed_sum(expression: str, unit: float, kind: str) -> str:
    """SQL: the sum of an expression in whole `unit`s."""
    return whole_sum(fixed(expression, unit, kind), kind)


def together(tasks: Sequence[Callable[[], Found]]) -> Iterator[Found]:
    """What each task gives, in their order; two run at a time, and after a failure no further one begins."""
    with ThreadPoolExecutor(THREADS) as pool:
        waiting = deque(pool.submit(task) for task in tasks)
        try:
            # Let go of one by one: a future holds what its task gave.
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def open_session(memory: int) -> Iterator[Session]:
    """A session with `memory` megabytes for DuckDB's part; the scratch folder goes with it."""
    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        limit = f"{memory * _ACCOUNTED:.0f}MB"
        db = duckdb.connect(":memory:", config={"memory_limit": limit, "temp_directory": f"{folder}/spill"})
        try:
            db.execute("SET GLOBAL TimeZone = 'UTC'")
            # Each column is read once: keeping what was read would only fill the memory.
            db.execute("SET enable_external_file_cache = false")
            # Its table of contents is read by every query.
            db.execute("SET parquet_metadata_cache = true")
            yield Session(db, Path(folder))
        finally:
            db.close()


def _column(values: list[Any]) -> npt.NDArray[Any]:
    if values and isinstance(values[0], float):
        return np.asarray(values, dtype=np.float64)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
