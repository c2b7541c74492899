"""Count a prediction log: files in, one profile a window out, every row either counted or quarantined by reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.domain.results import REFERENCE, Window
from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins
from plumbline.profiling.columns import Column, add_columns
from plumbline.profiling.count_classes import count_classes, no_classes
from plumbline.profiling.count_columns import count_number, count_words, empty_column
from plumbline.profiling.count_scores import count_populations
from plumbline.profiling.freeze import SLICES, freeze
from plumbline.profiling.opening import Opened, open_log
from plumbline.profiling.parts import Key, Part, Prepared, Span, prepare
from plumbline.profiling.profile import ALL, LABEL, SCORE, Classes, Population, Profile, Slice
from plumbline.profiling.score_sums import no_rows
from plumbline.profiling.session import Session, open_session
from plumbline.profiling.sources import reading
from plumbline.profiling.windows import window_of

MEMORY = 300  # megabytes of DuckDB's part
MOST_EMPTY = 400  # empty calendar windows that are told of; more of them is a wrong date, not a quiet time
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a run counted: `rows_in` = rows of all profiles + all of `quarantine`."""

    reference: Profile
    windows: tuple[Profile, ...]
    quarantine: dict[str, int]
    rows_in: int
    notes: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(slots=True)
class _Window:
    columns: dict[str, Column]
    populations: dict[Slice, Population]
    classes: Classes | None = None


def count(
    spec: LogSpec,
    *,
    model_id: str,
    version_id: str,
    log: Sequence[str | Path],
    reference: Sequence[str | Path] = (),
    labels: Sequence[str | Path] = (),
    memory: int = MEMORY,
    progress: Progress | None = None,
) -> Counted:
    """Profiles of the reference and of each window, in order of time.

    Raises:
        LogError: the log cannot be trusted at all; nothing was changed.
    """
    with open_session(memory) as session, reading([*log, *reference, *labels]):
        opened = open_log(session, spec, log, reference, labels)
        prepared = prepare(session, opened.readings)
        grid = freeze(
            session, [part for part in prepared.parts if part.reference], opened.spec, opened.numeric, opened.words
        )
        found = _count_parts(session, prepared.parts, opened, grid, progress)
    profiles = [_profile(opened, prepared, grid, key, found.get(key), model_id, version_id) for key in _keys(prepared)]
    profiles = _matured(profiles, opened.spec)
    return Counted(
        reference=profiles[0],
        windows=tuple(profiles[1:]),
        quarantine=dict(sorted(prepared.quarantine.items())),
        rows_in=prepared.rows_in,
        notes=(*opened.notes, *_pooled(grid)),
        sources=opened.sources,
    )


def _count_parts(
    session: Session, parts: Sequence[Part], opened: Opened, grid: Grid, progress: Progress | None
) -> dict[Key, _Window]:
    found: dict[Key, _Window] = {}
    for at, part in enumerate(parts):
        if progress:
            progress(at, len(parts), Path(part.rows.source.path).name)
        _count_part(session, part, opened, grid, found)
    if progress:
        progress(len(parts), len(parts), "counted")
    return found


def _count_part(session: Session, part: Part, opened: Opened, grid: Grid, found: dict[Key, _Window]) -> None:
    for name, bins in grid.columns.items():
        expression = _expression(part, opened.spec, name, bins)
        counted: dict[Key, Column] = {}
        if isinstance(bins, CategoricalBins):
            counted.update(count_words(session, part, expression, bins))
        else:
            counted.update(count_number(session, part, expression, bins))
        for key, column in counted.items():
            columns = found.setdefault(key, _Window({}, {})).columns
            columns[name] = add_columns(columns[name], column) if name in columns else column
    if opened.spec.task is Task.MULTICLASS:
        for key, classes in count_classes(session, part, opened.spec, grid).items():
            window = found.setdefault(key, _Window({}, {}))
            window.classes = window.classes + classes if window.classes else classes
        return
    for key, populations in count_populations(session, part, opened.spec, grid).items():
        mine = found.setdefault(key, _Window({}, {})).populations
        for each, population in populations.items():
            mine[each] = mine[each] + population if each in mine else population


def _expression(part: Part, spec: LogSpec, name: str, bins: NumericBins | CategoricalBins) -> str:
    rows = part.rows
    if name == LABEL:
        if isinstance(bins, NumericBins):
            return rows.label()
        return (
            rows.label_word() if spec.task is Task.MULTICLASS else f"CAST(CAST({rows.label()} AS INTEGER) AS VARCHAR)"
        )
    if name == SCORE and spec.score:
        return rows.number(spec.score)
    for label, column in spec.classes.items():
        if name == f"{SCORE}[{label}]":
            return rows.number(column)
    return rows.word(name) if isinstance(bins, CategoricalBins) else rows.number(name)


def _keys(prepared: Prepared) -> list[Key]:
    """The reference first, then every window in order; empty calendar windows between two others included."""
    keys = [key for key in prepared.spans if key != REFERENCE]
    numbers = sorted(key for key in keys if isinstance(key, int))
    if numbers and numbers[-1] - numbers[0] - len(numbers) < MOST_EMPTY:
        numbers = list(range(numbers[0], numbers[-1] + 1))
    return [REFERENCE, *numbers, *sorted(key for key in keys if isinstance(key, str))]


def _profile(
    opened: Opened, prepared: Prepared, grid: Grid, key: Key, found: _Window | None, model_id: str, version_id: str
) -> Profile:
    span = prepared.spans.get(key, Span())
    spec = opened.spec
    found = found or _Window({}, {})
    populations = {} if spec.task is Task.MULTICLASS else {ALL: no_rows(spec, grid), **found.populations}
    return Profile(
        model_id=model_id,
        version_id=version_id,
        window=window_of(spec.window, key) if isinstance(key, int) else Window(key),
        grid=grid,
        rows=span.rows,
        quarantine=dict(sorted(span.quarantine.items())),
        columns={name: found.columns.get(name) or empty_column(bins) for name, bins in grid.columns.items()},
        populations=populations,
        classes=(found.classes or no_classes(spec, grid)) if spec.task is Task.MULTICLASS else None,
        first_time=span.first,
        last_time=span.last,
        sources=opened.sources,
    )


def _matured(profiles: list[Profile], spec: LogSpec) -> list[Profile]:
    """Mark windows whose youngest rows are too young for their outcomes to be in, unless every outcome is."""
    if spec.label_maturity_days is None:
        return profiles
    last = max((each.last_time for each in profiles[1:] if each.last_time), default=None)
    edge: datetime | None = last - timedelta(days=spec.label_maturity_days) if last else None
    reference, *windows = profiles
    return [replace(reference, mature=True), *(replace(each, mature=_old_enough(each, edge)) for each in windows)]


def _old_enough(profile: Profile, edge: datetime | None) -> bool:
    if edge is None or profile.last_time is None or profile.labelled == profile.rows:
        return True
    return profile.last_time <= edge


def _pooled(grid: Grid) -> list[str]:
    return [
        f"{name}: only the {len(values)} largest values of the reference are measured on their own; "
        "the others are pooled as (other)."
        for name, values in grid.slices.items()
        if len(values) >= SLICES
    ]
