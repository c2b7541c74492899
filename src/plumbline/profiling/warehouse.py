"""Count a log that lives in a warehouse, by Ibis: tables in, the same profiles out, and only counts leave it."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.assemble import Counted, WindowCounts, assemble
from plumbline.profiling.bins import CategoricalBins, Grid
from plumbline.profiling.columns import Column
from plumbline.profiling.count import MEMORY, Progress
from plumbline.profiling.opening import Opened
from plumbline.profiling.parts import Key, Prepared
from plumbline.profiling.profile import LABEL, SCORE
from plumbline.profiling.weights import weighed_grid

if TYPE_CHECKING:
    from plumbline.profiling.warehouse_engine import Engine
    from plumbline.profiling.warehouse_numbers import Expression
    from plumbline.profiling.warehouse_parts import TablePart
    from plumbline.profiling.warehouse_rows import TableRows

NO_ROWS = (
    "Rows are not told apart by all features at once (domain_rows): that takes rows, and none leave the warehouse."
)


def is_url(engine: str) -> bool:
    """Whether `--engine` names a warehouse."""
    return "://" in engine


def engine_name(engine: str) -> str:
    """What a run's account calls it: never the URL, which may hold a password."""
    scheme = urlsplit(engine).scheme if is_url(engine) else engine
    return {"spark": "pyspark", "postgresql": "postgres"}.get(scheme, scheme)


def count_tables(
    spec: LogSpec,
    *,
    engine: str,
    model_id: str,
    version_id: str,
    log: str,
    reference: str | None = None,
    labels: str | None = None,
    memory: int = MEMORY,
    progress: Progress | None = None,
    now: datetime | None = None,
) -> Counted:
    """Profiles of the reference and of each window, in order of time, as `count` makes them of files.

    `now` is the moment of the run; rows with a later time are set aside.
    `engine` is a URL as Ibis understands it; `log`, `reference` and `labels` are tables there.

    Raises:
        LogError: Ibis or the driver is not installed, or the log cannot be trusted at all; nothing was changed.
    """
    if importlib.util.find_spec("ibis") is None:
        raise LogError(
            "The package 'ibis-framework' is not installed",
            where=f"--engine {engine_name(engine)}://...",
            remedy="Run: pip install 'plumbline[warehouse]'",
        )
    # Ibis costs two seconds of start, which a run over files need not pay.
    from plumbline.profiling.warehouse_engine import open_engine
    from plumbline.profiling.warehouse_freeze import freeze_tables
    from plumbline.profiling.warehouse_opening import open_tables, used_columns
    from plumbline.profiling.warehouse_parts import prepare_tables

    with open_engine(engine, memory) as warehouse:
        opened, readings = open_tables(warehouse, spec, log, reference, labels, now)
        used = used_columns(opened.spec, opened.numeric, opened.words)
        parts, prepared = prepare_tables(warehouse, readings, used)
        sources = _sources(prepared, [each for each in (reference, log, labels) if each])
        opened = replace(opened, sources=sources, notes=(*opened.notes, *([NO_ROWS] if spec.domain_rows else [])))
        of_reference = next(part for part in parts if part.reference)
        grid = freeze_tables(warehouse, of_reference, opened.spec, opened.numeric, opened.words)
        found = _count_parts(warehouse, parts, opened, grid, progress)
    return assemble(opened, prepared, grid, found, model_id, version_id)


def _count_parts(
    engine: Engine, parts: Sequence[TablePart], opened: Opened, grid: Grid, progress: Progress | None
) -> dict[Key, WindowCounts]:
    found: dict[Key, WindowCounts] = {}
    for at, part in enumerate(parts):
        if progress:
            progress(at, len(parts), part.rows.name)
        for key, counts in _count_part(engine, part, opened, grid).items():
            found.setdefault(key, WindowCounts()).add(counts)
        if opened.spec.weight:
            for key, counts in _weigh_part(engine, part, opened, grid).items():
                found[key].add(WindowCounts(weighed=counts))
    if progress:
        progress(len(parts), len(parts), "counted")
    return found


def _weigh_part(engine: Engine, part: TablePart, opened: Opened, grid: Grid) -> dict[Key, WindowCounts]:
    from plumbline.profiling.warehouse_weights import count_weights

    part, grid = replace(part, unit=grid.units["weight"]), weighed_grid(grid)
    weights = count_weights(engine, part, opened.spec, grid)
    found = _count_part(engine, part, opened, grid)
    for key, counts in found.items():
        counts.add(weights[key])
    return found


def _count_part(engine: Engine, part: TablePart, opened: Opened, grid: Grid) -> dict[Key, WindowCounts]:
    from plumbline.profiling.warehouse_classes import count_tables_classes
    from plumbline.profiling.warehouse_columns import count_numbers, count_texts
    from plumbline.profiling.warehouse_scores import count_tables_scores

    numbers, texts = {}, {}
    for name, bins in grid.columns.items():
        if isinstance(bins, CategoricalBins):
            texts[name] = _text(part.rows, opened.spec, name), bins
        else:
            numbers[name] = _number(part.rows, opened.spec, name), bins
    found: dict[Key, WindowCounts] = {}
    counted: dict[str, Mapping[Key, Column]] = {
        **count_numbers(engine, part, numbers),
        **count_texts(engine, part, texts),
    }
    for name, columns in counted.items():
        for key, column in columns.items():
            found.setdefault(key, WindowCounts()).columns[name] = column
    if opened.spec.task is Task.MULTICLASS:
        for key, classes in count_tables_classes(engine, part, opened.spec, grid).items():
            found.setdefault(key, WindowCounts()).classes = classes
    else:
        for key, counts in count_tables_scores(engine, part, opened.spec, grid).items():
            found.setdefault(key, WindowCounts()).add(counts)
    return found


def _number(rows: TableRows, spec: LogSpec, name: str) -> Expression:
    if name == LABEL:
        return rows.label()
    if name == SCORE and spec.score:
        return rows.number(spec.score)
    of_class = {f"{SCORE}[{label}]": column for label, column in spec.classes.items()}
    return rows.number(of_class.get(name, name))


def _text(rows: TableRows, spec: LogSpec, name: str) -> Expression:
    if name != LABEL:
        return rows.word(name)
    return rows.label_word() if spec.task is Task.MULTICLASS else rows.label().cast("int64").cast("string")


def _sources(prepared: Prepared, tables: Sequence[str]) -> tuple[str, ...]:
    """Tables have no file to fingerprint: what the first look found stands for them, not every value."""
    spans = [(str(key), span.rows, str(span.first), str(span.last)) for key, span in prepared.spans.items()]
    seen = repr((sorted(spans), prepared.rows_in, sorted(prepared.quarantine.items())))
    return tuple(f"{table} {hashlib.sha256(f'{table}{seen}'.encode()).hexdigest()}" for table in tables)
