"""Where rows lie: Parquet or CSV files, globs and folders, opened in place or refused whole."""

from __future__ import annotations

import glob
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote

import duckdb
from blake3 import blake3

from plumbline.domain.errors import LogError
from plumbline.profiling import csv_text
from plumbline.profiling.profile import JOIN, MISSING

_SHOWN = 8  # columns of a file that are named
_BLOCK = 1 << 20  # bytes read at once
_SUFFIXES = (".parquet", ".pq", ".csv")
_CUT = ("No magic bytes", "too small to be a Parquet")  # how the engine says that a file's end is not there


def quote(name: str) -> str:
    """An SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """An SQL text literal."""
    return "'" + value.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Source:
    """One file of rows: `relation` is what stands after FROM, with `file_row_number`; `types` are DuckDB's names."""

    path: Path
    relation: str
    types: dict[str, str]
    partitions: frozenset[str] = frozenset()  # columns that the names of the file's folders give

    def place(self, row_number: int) -> str:
        """Where a row stands, for a person: data rows count from 1."""
        return f"{self.path}, row {row_number + 1}"

    def require(self, column: str, role: str) -> None:
        """Refuse the file when the column is not there.

        Raises:
            LogError: names the file, the column and the nearest one that is there.
        """
        if column in self.types:
            return
        near = get_close_matches(column, self.types, n=1)
        hint = f"Did you mean '{near[0]}'? " if near else ""
        there = ", ".join(list(self.types)[:_SHOWN]) + (", ..." if len(self.types) > _SHOWN else "")
        remedy = f"{hint or f'There are: {there}. '}Name the {role} column in the model file."
        if len(self.types) == 1 and any(mark in next(iter(self.types)) for mark in ";\t|"):
            first = next(iter(self.types))
            remedy = f"The only column reads {first[:60]!r}: write the file with commas between the columns."
        raise LogError(f"There is no column '{column}'", where=str(self.path), remedy=remedy)


def find_files(patterns: Iterable[str | Path]) -> tuple[Path, ...]:
    """Files behind paths, globs and folders, each once, in order of name within a pattern.

    Raises:
        LogError: a pattern that finds nothing, or a file that is neither Parquet nor CSV.
    """
    found: dict[Path, None] = {}
    for pattern in patterns:
        files = _matching(str(pattern))
        if not files:
            raise _nothing(str(pattern))
        for file in files:
            if file.suffix.lower() not in _SUFFIXES:
                raise LogError(
                    "The file is neither Parquet nor CSV", where=str(file), remedy="Convert it to one of these."
                )
            found[file] = None
    return tuple(found)


def _matching(pattern: str) -> list[Path]:
    path = Path(pattern)
    try:
        if not pattern.strip() or path.is_file():
            return [path] if pattern.strip() else []
        if path.is_dir():
            found = [each for each in sorted(path.rglob("*")) if each.suffix.lower() in _SUFFIXES]
        else:
            found = [Path(each) for each in sorted(glob.glob(pattern, recursive=True))]
        return [each for each in found if each.is_file()]
    except OSError:  # a name that no disk can hold, a link that goes in a circle
        return []


def _nothing(pattern: str) -> LogError:
    what = "There is no such file"
    if not pattern.strip():
        what = "The name of the file is blank"
    elif os.path.isdir(pattern):
        what = "The folder holds no Parquet or CSV file"
    elif os.path.islink(pattern):
        what = "The file is a link that leads nowhere"
    return LogError(what, where=pattern, remedy="Give a Parquet or CSV file, a glob, or a folder.")


def open_source(db: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Source:
    """A readable file of rows; a CSV file is copied once to Parquet in `scratch`, as text.

    Raises:
        LogError: a truncated or damaged file, or lines that do not fit the header.
    """
    if not path.stat().st_size:
        raise LogError("The file is empty", where=str(path), remedy="Write it again, with a header and rows.")
    readable = path
    try:
        if path.suffix.lower() == ".csv":
            csv_text.check(path)
            readable = _stage_csv(db, path, scratch)
        # Writers leave NaN out of a file's statistics; unless told, the engine then believes that there is none.
        relation = f"read_parquet({text(str(readable))}, file_row_number = true, can_have_nan = true)"
        described = db.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise unreadable(path, error) from None
    types = {str(row[0]): str(row[1]) for row in described if row[0] != "file_row_number"}
    given = {name: value for name, value in partitions_of(path).items() if name not in types}
    if given:
        columns = ", ".join(f"{_constant(value)} AS {quote(name)}" for name, value in given.items())
        relation = f"(SELECT *, {columns} FROM {relation})"
    return Source(path, relation, types | dict.fromkeys(given, "VARCHAR"), frozenset(given))


def narrowed(source: Source, columns: Sequence[str], value: str) -> Source:
    """The rows of one segment alone; a null is "(missing)", several columns are joined as their slice is named.

    Raises:
        LogError: the file lacks a column.
    """
    for column in columns:
        source.require(column, "segment")
    word = f" || '{JOIN}' || ".join(f"coalesce(CAST({quote(each)} AS VARCHAR), '{MISSING}')" for each in columns)
    return replace(source, relation=f"(SELECT * FROM {source.relation} WHERE {word} = {text(value)})")


def partitions_of(path: Path) -> dict[str, str | None]:
    """What a file's folders say of all its rows, as Hive writes it.

    >>> partitions_of(Path("log/month=2024-01/region=North%20West/part-0.parquet"))
    {'month': '2024-01', 'region': 'North West'}
    """
    named = (part.split("=", 1) for part in path.parent.parts if re.fullmatch(r"[A-Za-z_]\w*=.+", part))
    return {name: None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value) for name, value in named}


def _constant(value: str | None) -> str:
    return "CAST(NULL AS VARCHAR)" if value is None else text(value)


def unreadable(path: Path, error: duckdb.Error) -> LogError:
    """The refusal for a file that the engine cannot read."""
    why = str(error).splitlines()[0]
    if any(mark in why for mark in _CUT):
        return LogError(
            "The Parquet file has no end, so it is cut short or no Parquet file",
            where=str(path),
            remedy="Write it again.",
        )
    found = csv_text.fault(path) if path.suffix.lower() == ".csv" else None
    why = re.sub(r"^[A-Z][A-Za-z -]* Error: ", "", why)
    return found or LogError(
        f"The file cannot be read: {why}", where=str(path), remedy="It may be cut short: write it again."
    )


@contextmanager
def reading(files: Sequence[str | Path]) -> Iterator[None]:
    """Damage that shows only while rows are read is the file's, and memory that runs out has a remedy."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        where = ", ".join(map(str, files))
        raise LogError(str(error).splitlines()[0], where=where, remedy="Give DuckDB more with --memory.") from None
    except duckdb.Error as error:
        # A query that does not parse or bind is our fault, not the file's.
        if not isinstance(error, duckdb.IOException | duckdb.InvalidInputException) and type(error) is not duckdb.Error:
            raise
        named = [Path(each) for each in files if str(each) in str(error)]
        raise unreadable(named[0] if named else Path(", ".join(map(str, files))), error) from None


def fingerprint(path: Path) -> str:
    """BLAKE3 of a file's whole content, ten times as fast as SHA-256: the counting of a large log waits for it."""
    digest = blake3()
    with path.open("rb") as stream:
        # Not mapped: the pages of a large file would count as memory of ours.
        while block := stream.read(_BLOCK):
            digest.update(block)
    return f"blake3:{digest.hexdigest()}"


def _stage_csv(db: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> Path:
    # Every column is counted on its own: parsing the text once and reading Parquet after is far cheaper.
    staged = scratch / f"{hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:24]}.parquet"
    read = f"read_csv({text(str(path))}, delim = ',', header = true, all_varchar = true, nullstr = '', quote = '\"')"
    db.execute(f"COPY (SELECT * FROM {read}) TO {text(str(staged))} (FORMAT parquet, COMPRESSION snappy)")
    return staged
