"""Rows to explain and background rows, read from Parquet or CSV in place; a sample is drawn by seed."""

from __future__ import annotations

import glob
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset as ds

from plumbline.domain.errors import LogError, NotFound

Source: TypeAlias = Path | Sequence[Path] | pa.Table
FORMATS = {".parquet": "parquet", ".pq": "parquet", ".csv": "csv"}


@dataclass(frozen=True, slots=True)
class Rows:
    """A file, a folder, a glob or a table in memory; `name` stands in messages."""

    name: str
    data: ds.Dataset

    def count(self) -> int:
        with reading(self.name):
            return int(self.data.count_rows())

    def sample(self, columns: Sequence[str], size: int, seed: int) -> tuple[pa.Table, list[int]]:
        """At most `size` rows in their order, and their positions (from 0)."""
        self.require(columns)
        total = self.count()
        if total == 0:
            raise LogError("There is no row to read", where=self.name, remedy="Name files that hold rows.")
        positions = np.arange(total)
        if total > size:
            positions = np.sort(np.random.default_rng(seed).choice(total, size, replace=False))
        with reading(self.name):
            return plain(self.data.take(pa.array(positions), columns=list(columns))), positions.tolist()

    def chunks(self, columns: Sequence[str], size: int) -> Iterator[tuple[pa.Table, list[int]]]:
        """All rows in order, `size` at a time at most, with their positions."""
        self.require(columns)
        start = 0
        with reading(self.name):
            for batch in self.data.to_batches(columns=list(columns), batch_size=size):
                yield plain(pa.Table.from_batches([batch])), list(range(start, start + batch.num_rows))
                start += batch.num_rows

    def require(self, columns: Sequence[str]) -> None:
        present = self.data.schema.names
        for column in columns:
            if column not in present:
                raise LogError(f"The column '{column}' is missing", where=self.name, remedy=_hint(column, present))


def _hint(column: str, present: list[str]) -> str:
    if len(present) == 1:
        return f"The only column is '{present[0]}': is the separator a comma?"
    near = get_close_matches(column, present, 1)
    return f"Did you mean '{near[0]}'?" if near else f"It has: {', '.join(present[:12])}."


class reading:  # noqa: N801 - reads as a phrase: with reading(file)
    """Arrow's complaints become ours, with the file named."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, cause: BaseException | None, trace: object) -> None:
        if isinstance(cause, pa.ArrowException | OSError):
            reason = str(cause).strip().splitlines()[0].rstrip(".")
            raise LogError(
                f"The rows cannot be read: {reason}",
                where=self.name,
                remedy="Is the file whole, and Parquet or comma-separated CSV as its suffix says?",
            ) from None


def open_rows(source: Source) -> Rows:
    """Parquet or CSV files, folders or globs of one format; or an Arrow table."""
    if isinstance(source, pa.Table):
        return Rows("table in memory", ds.dataset(source))
    given = [source] if isinstance(source, Path) else list(source)
    files = [file for path in given for file in _files(path)]
    formats = {FORMATS.get(file.suffix.lower(), "") for file in files}
    name = str(given[0]) if len(given) == 1 else f"{given[0]} and {len(given) - 1} more"
    if len(formats) != 1 or "" in formats:
        raise LogError("Rows are read from Parquet or CSV files of one kind", where=name, remedy="Name such files.")
    # An empty cell is missing in a text column as well as in a number column.
    options = pa.csv.ConvertOptions(strings_can_be_null=True)
    reader = ds.CsvFileFormat(convert_options=options) if formats == {"csv"} else ds.ParquetFileFormat()
    with reading(name):
        return Rows(name, ds.dataset([str(file) for file in files], format=reader))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(file for file in path.rglob("*") if file.suffix.lower() in FORMATS)
    else:
        found = [path] if path.is_file() else sorted(Path(match) for match in glob.glob(str(path), recursive=True))
    if not found:
        raise NotFound("There is no such file or folder of rows", where=str(path))
    return found


def plain(table: pa.Table) -> pa.Table:
    """Dictionaries become text and decimals doubles, which every model library reads."""
    for position, field in enumerate(table.schema):
        wanted = field.type
        if pa.types.is_dictionary(wanted):
            wanted = wanted.value_type
        elif pa.types.is_decimal(wanted):
            wanted = pa.float64()
        if wanted != field.type:
            table = table.set_column(position, field.name, pc.cast(table.column(position), wanted))
    return table


def texts(column: pa.ChunkedArray) -> tuple[str | None, ...]:
    """Values as the reader knows them; missing and not-a-number are None."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return tuple(pc.cast(column, pa.string()).to_pylist())
