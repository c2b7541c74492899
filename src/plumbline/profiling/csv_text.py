"""CSV files that are none, or not whole: found before the engine takes them for something, and said in words."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from plumbline.domain.errors import LogError

# How files begin that are something else under the name of a CSV file.
_DISGUISED = (
    (b"PAR1", "a Parquet file", "Let its name end in .parquet."),
    (b"PK\x03\x04", "an Excel workbook or a zip archive", "Save the sheet as CSV."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV."),
    (b"\x1f\x8b", "compressed (gzip)", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "compressed (zstd)", "Unpack it first."),
    (b"\xff\xfe", "text in UTF-16", "Save it as UTF-8."),
    (b"\xfe\xff", "text in UTF-16", "Save it as UTF-8."),
    (b"\x00", "no text", "Write it again as CSV."),
)


def check(path: Path) -> None:
    """Refuse what is no CSV file, and a header that names a column twice: the second would be read under another name.

    Raises:
        LogError: names the file, and what it is or which column.
    """
    with path.open("rb") as stream:
        begins = stream.read(4)
    for magic, what, remedy in _DISGUISED:
        if begins.startswith(magic):
            raise LogError(f"The file is called CSV and is {what}", where=str(path), remedy=remedy)
    with _lines(path) as stream:
        try:
            header = [name.strip().casefold() for name in next(csv.reader(stream), [])]
        except csv.Error:
            return  # the engine says what is wrong
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise LogError(
            f"The header names the column '{twice}' twice",
            where=str(path),
            remedy="Give each column a name of its own; capitals do not tell them apart.",
        )


def fault(path: Path) -> LogError | None:
    """What is wrong with a file that the engine could not read; None where that is not seen."""
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                line.decode()
            except UnicodeDecodeError:
                return LogError(
                    f"Line {number} holds characters that are not in UTF-8", where=str(path), remedy="Save it as UTF-8."
                )
    opened = _open_quote(path)
    if opened:
        remedy = "Close it; a quote within a cell is written twice."
        return LogError(f"A quote is opened in line {opened} and not closed", where=str(path), remedy=remedy)
    ragged = _ragged_line(path)
    if ragged:
        line_number, cells, columns = ragged
        return LogError(
            f"Line {line_number} has {cells} cells, and the header has {columns}",
            where=str(path),
            remedy="Correct the line; a cell with a comma in it stands in double quotes.",
        )
    return None


def _open_quote(path: Path) -> int | None:
    """The line (the header is 1) of the last quote, where there is an odd number of them."""
    total = last = 0
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            if b'"' in line:
                total, last = total + line.count(b'"'), number
    return last if total % 2 else None


def _ragged_line(path: Path) -> tuple[int, int, int] | None:
    """The first line whose cells are not as many as the header's: line (the header is 1), cells, columns."""
    with _lines(path) as stream:
        lines = csv.reader(stream)
        try:
            columns = len(next(lines, []))
            return next(
                ((lines.line_num, len(cells), columns) for cells in lines if len(cells) not in (0, columns)), None
            )
        except csv.Error:
            return None


@contextmanager
def _lines(path: Path) -> Iterator[TextIO]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as stream:
        yield stream
