"""Open the files of a run and hold them to the model file: columns there, types right, nothing in both sides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.bins import Grid, NumericBins
from plumbline.profiling.log_columns import columns_that_changed
from plumbline.profiling.parts import zone_note
from plumbline.profiling.profile import LABEL, SCORE
from plumbline.profiling.rows import Rows, is_plain, latest
from plumbline.profiling.session import Session, together
from plumbline.profiling.sources import Source, find_files, fingerprint, narrowed, open_source, quote

Only = tuple[tuple[str, ...], str]  # the columns of a slice, and its value
KEYLIKE = 1_000  # a category with more levels than this, and most rows a level of their own, names rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A run's files, ready to be read; `numeric` and `words` are the features to count."""

    spec: LogSpec
    readings: tuple[Rows, ...]
    numeric: tuple[str, ...]
    words: tuple[str, ...]
    notes: tuple[str, ...]
    sources: tuple[str, ...]  # "name digest" of each file
    named: dict[Path, str] = field(default_factory=dict)  # the same by file, those of the rows


def open_log(
    session: Session,
    spec: LogSpec,
    log: Sequence[str | Path],
    reference: Sequence[str | Path],
    labels: Sequence[str | Path],
    digests: Mapping[Path, str] | None = None,
    grid: Grid | None = None,
    now: datetime | None = None,
    only: Only | None = None,
) -> Opened:
    """Open everything and check it before a single row is counted.

    `digests` of files whose content is known already: those are not read for it. `grid`: frozen by an earlier run.
    `now` is the moment of the run: rows of a later time are set aside. `only` the rows of that segment are there.

    Raises:
        LogError: names the file and the column that cannot be used, or the file that is on both sides.
    """
    log_files, reference_files, label_files = find_files(log), find_files(reference), find_files(labels)
    if reference:
        # The files given say what the reference is; the log's own marks no longer do.
        spec = replace(spec, reference_column=None, reference_equals=None)
    elif spec.reference_column is None:
        raise LogError(
            "There is no reference", where=", ".join(map(str, log)),
            remedy="Give --reference FILE, or reference = { column = ..., equals = ... } under [log].",
        )  # fmt: skip
    paths = list(dict.fromkeys((*log_files, *reference_files, *label_files)))
    prints = dict(digests or {})
    unknown = [path for path in paths if path not in prints]
    prints |= zip(unknown, together([partial(fingerprint, path) for path in unknown]), strict=True)
    prints = {path: prints[path] for path in paths}
    _refuse_same_file(prints, log_files, reference_files)
    sources = {path: open_source(session.cursor(), path, session.scratch) for path in (*log_files, *reference_files)}
    if only:
        sources = {path: narrowed(source, *only) for path, source in sources.items()}
    joined = _load_labels(session, spec, label_files) if label_files else False
    logs = [Rows(spec, sources[path], joined, until=latest(now)) for path in log_files]
    references = [Rows(spec, sources[path], joined, reference_file=True) for path in reference_files]
    first = (references or logs)[0].source
    numeric, words, notes = _features(session, spec, first, grid if digests and first.path in digests else None)
    declared = {*numeric, *words, *named_columns(spec)}
    notes += columns_that_changed(first, [rows.source for rows in logs], declared)
    for rows in (*logs, *references):
        _check(session, rows, numeric, words)
        notes += [note for note in [zone_note(session, rows)] if note]
    return Opened(
        spec=spec,
        readings=(*references, *logs),
        numeric=numeric,
        words=words,
        notes=tuple(notes),
        sources=tuple(f"{path.name} {digest}" for path, digest in prints.items()),
        named={path: f"{path.name} {digest}" for path, digest in prints.items()},
    )


def _refuse_same_file(prints: dict[Path, str], log: Iterable[Path], reference: Iterable[Path]) -> None:
    contents = {prints[path]: path for path in reference}
    for path in log:
        if prints[path] in contents:
            raise LogError(
                f"The reference overlaps the log: {contents[prints[path]]} has the same rows",
                where=str(path),
                remedy="Give the reference and the log as different files.",
            )


def _load_labels(session: Session, spec: LogSpec, files: Sequence[Path]) -> bool:
    """Later outcomes by id; of several for one id the first stands."""
    if spec.id is None:
        raise LogError("Labels join the log by id", where=str(files[0]), remedy="Name the id column under [log].")
    label, lines = spec.label or LABEL, []
    for number, path in enumerate(files):
        source = open_source(session.cursor(), path, session.scratch)
        source.require(spec.id, "id")
        source.require(label, "label")
        lines.append(
            f"SELECT CAST({quote(spec.id)} AS VARCHAR) AS id, CAST({quote(label)} AS VARCHAR) AS label, "
            f"{number} * 1000000000000 + file_row_number AS line FROM {source.relation} "
            f"WHERE {quote(label)} IS NOT NULL"
        )
    first = f"SELECT id, arg_min(label, line) AS label FROM ({' UNION ALL '.join(lines)}) GROUP BY id"
    session.run(f"CREATE TABLE later_label AS {first}")
    return True


def _features(
    session: Session, spec: LogSpec, source: Source, grid: Grid | None
) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """(numeric, words, notes); `grid` knows the features of this very file, which is then not read for them."""
    if spec.numeric is not None or spec.categorical is not None:
        return spec.numeric or (), spec.categorical or (), []
    # A folder's name tells files apart, not rows: every window would show it as drift.
    apart = {*spec.role_columns, SCORE, LABEL, *source.partitions}
    names = [name for name in source.types if name not in apart]
    texts = [name for name in names if source.types[name] == "VARCHAR"]
    if source.path.suffix.lower() == ".csv":
        texts = _not_numbers(session, source, texts, grid)
    numeric = tuple(
        name for name in names if (source.types[name] != "BOOLEAN" and is_plain(source.types[name]))
        or (source.types[name] == "VARCHAR" and name not in texts)
    )  # fmt: skip
    words = [name for name in names if name in texts or _is_category(source.types[name])]
    keys = [name for name in words if name not in grid.columns] if grid else _row_names(session, source, words)
    notes = [f"{name}: left out of the features, nearly every row has a value of its own." for name in keys]
    skipped = [name for name in names if name not in numeric and name not in words]
    if skipped:
        notes.append(f"Left out of the features by type: {', '.join(skipped)}.")
    return numeric, tuple(name for name in words if name not in keys), notes


def _is_category(kind: str) -> bool:
    return kind == "BOOLEAN" or kind.startswith("ENUM")


def _not_numbers(session: Session, source: Source, names: Sequence[str], grid: Grid | None) -> list[str]:
    if grid:
        return [name for name in names if not isinstance(grid.columns.get(name), NumericBins)]
    if not names:
        return []
    asked = ", ".join(
        f"count({quote(name)}) > 0 AND count({quote(name)}) = count(TRY_CAST({quote(name)} AS DOUBLE))"
        for name in names
    )
    numbers = session.rows(f"SELECT {asked} FROM {source.relation}")[0]
    return [name for name, number in zip(names, numbers, strict=True) if not number]


def _row_names(session: Session, source: Source, names: Sequence[str]) -> list[str]:
    if not names:
        return []
    asked = ", ".join(f"approx_count_distinct({quote(name)}), count({quote(name)})" for name in names)
    found = session.rows(f"SELECT {asked} FROM {source.relation}")[0]
    return [name for at, name in enumerate(names) if found[2 * at] > max(KEYLIKE, found[2 * at + 1] / 2)]


def _check(session: Session, rows: Rows, numeric: Sequence[str], words: Sequence[str]) -> None:
    spec, source = rows.spec, rows.source
    for column, role in required_columns(spec, numeric, words, joined=rows.joined, reference=rows.reference_file):
        source.require(column, role)
    for column in number_columns(spec, numeric):
        _require_number(session, source, column)
    if not rows.reference_file:
        rows.time()


def named_columns(spec: LogSpec) -> set[str]:
    """Every column that the model file gives a part."""
    named = {*spec.role_columns, *(column for columns in spec.slices.values() for column in columns)}
    named |= {column for metric in spec.counted_metrics for column in metric.columns}
    return named | ({spec.amount} if spec.amount else set())


def number_columns(spec: LogSpec, numeric: Sequence[str]) -> list[str]:
    """Columns that must hold numbers."""
    scores = [spec.score] if spec.score else list(spec.classes.values())
    weight = [spec.weight] if spec.weight else []
    return [*scores, *numeric, *(column for metric in spec.counted_metrics for column in metric.columns), *weight]


def required_columns(
    spec: LogSpec, numeric: Sequence[str], words: Sequence[str], *, joined: bool, reference: bool
) -> list[tuple[str, str]]:
    """Columns that must be there, with their roles; outcomes may be `joined`, a `reference` needs no time."""
    scores = [spec.score] if spec.score else list(spec.classes.values())
    named: list[tuple[str | None, str]] = [(column, "score") for column in scores]
    named += [(column, "feature") for column in (*numeric, *words)]
    named += [(column, "segment") for columns in spec.slices.values() for column in columns]
    named += [(spec.id, "id"), (spec.decision_column, "decision"), (spec.weight, "weight")]
    if not joined:
        named.append((spec.label, "label"))
    if not reference:
        named += [(spec.timestamp, "timestamp"), (spec.window_column, "window"), (spec.reference_column, "reference")]
    named += [(column, "metric") for metric in spec.counted_metrics for column in metric.columns]
    return [(column, role) for column, role in named if column]


def _require_number(session: Session, source: Source, column: str) -> None:
    """Refuse a column that holds something else than numbers, naming the first row of it."""
    kind, name = source.types[column], quote(column)
    if is_plain(kind):
        return
    broken = f"TRY_CAST({name} AS DOUBLE) IS NULL AND" if kind == "VARCHAR" else ""
    found = session.rows(
        f"SELECT file_row_number, CAST({name} AS VARCHAR) FROM {source.relation} "
        f"WHERE {broken} {name} IS NOT NULL ORDER BY file_row_number LIMIT 1"
    )
    if found:
        raise LogError(
            f"Column '{column}' must hold numbers, not {found[0][1]!r}",
            where=source.place(found[0][0]),
            remedy="Correct the column, or name another under [log].",
        )
