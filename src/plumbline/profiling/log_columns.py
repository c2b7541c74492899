"""Columns that come and go from file to file, unasked for by the model file: nobody may have decided it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from plumbline.profiling.sources import Source

NAMED = 12


def columns_that_changed(before: Source, log: Sequence[Source], declared: Collection[str]) -> list[str]:
    """Sentences on columns that `before` has not and a file of the log has, and the other way round.

    `declared` are the columns that the model file names: of those that must be there a lack is refused elsewhere. What
    the names of folders say is no column of a file.
    """
    known = _columns(before)
    new, gone = dict[str, str](), dict[str, str]()
    for source in log:
        here = _columns(source)
        new |= {name: source.path.name for name in here if name not in known and name not in new}
        gone |= {name: source.path.name for name in known if name not in here and name not in gone}
    return [
        *_told("New in the log, and not in the model file", new, declared, "first in {file}"),
        *_told(
            "Gone from the log, though the model file does not ask for it", gone, declared, "first missing in {file}"
        ),
    ]


def _columns(source: Source) -> list[str]:
    return [name for name in source.types if name not in source.partitions]


def _told(what: str, found: dict[str, str], declared: Collection[str], where: str) -> Iterator[str]:
    left = [f"{name} ({where.format(file=file)})" for name, file in found.items() if name not in declared]
    if left:
        more = f" and {len(left) - NAMED} more" if len(left) > NAMED else ""
        yield f"{what}: {', '.join(left[:NAMED])}{more}."
