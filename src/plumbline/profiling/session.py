"""The second DuckDB: in memory, bounded, spilling to a folder of its own; it never sees the store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import real

Arrays = dict[str, npt.NDArray[Any]]
_TOO_LARGE = (duckdb.ConversionException, duckdb.OutOfRangeException)


@dataclass(frozen=True, slots=True)
class Session:
    """A connection and the scratch folder it spills to."""

    db: duckdb.DuckDBPyConnection
    scratch: Path

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self.db.execute(sql).fetchall()

    def arrays(self, sql: str) -> Arrays:
        found = self.db.execute(sql).fetchnumpy()
        return {name: np.ma.getdata(values) for name, values in found.items()}

    def lay_out(self, name: str, sql: Callable[[str], str]) -> None:
        """A temporary table of whole numbers; `sql` is told the integer type that holds them."""
        try:
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql('BIGINT')}")
        except _TOO_LARGE:
            self.db.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql('HUGEINT')}")

    def tally(self, sql: Callable[[str], str]) -> Arrays:
        """Columns of a query of integer sums; `sql` is told the integer type to sum in.

        Sums in 64 bits are several times faster; values far outside the reference's range overflow them.
        """
        try:
            return self.arrays(sql("BIGINT"))
        except _TOO_LARGE:
            cursor = self.db.execute(sql("HUGEINT"))
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


@contextmanager
def open_session(memory: int) -> Iterator[Session]:
    """A session with `memory` megabytes for DuckDB's part; the scratch folder goes with it."""
    with tempfile.TemporaryDirectory(prefix="plumbline-") as folder:
        db = duckdb.connect(":memory:", config={"memory_limit": f"{memory}MB", "temp_directory": f"{folder}/spill"})
        try:
            db.execute("SET TimeZone = 'UTC'")
            # The verb draws its own; the engine's would run into pipes and logs.
            db.execute("SET enable_progress_bar = false")
            yield Session(db, Path(folder))
        finally:
            db.close()


def _column(values: list[Any]) -> npt.NDArray[Any]:
    if values and isinstance(values[0], float):
        return np.asarray(values, dtype=np.float64)
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column
