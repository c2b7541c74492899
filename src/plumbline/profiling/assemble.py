"""Counts made into profiles: every window in order of time, its bounds, its age, and the notes of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec, Task
from plumbline.domain.results import REFERENCE, Window
from plumbline.profiling.bins import Grid
from plumbline.profiling.columns import Column, add_columns
from plumbline.profiling.count_classes import no_classes
from plumbline.profiling.count_columns import empty_column
from plumbline.profiling.domain_scores import DomainScores
from plumbline.profiling.freeze import SLICES
from plumbline.profiling.known import CountedFile
from plumbline.profiling.opening import Opened
from plumbline.profiling.parts import Key, Prepared, Span
from plumbline.profiling.profile import ALL, Classes, Population, Profile, Slice, Weighted
from plumbline.profiling.score_sums import no_rows
from plumbline.profiling.taking_over import Kept, label_of
from plumbline.profiling.weights import MOST, weighed_grid
from plumbline.profiling.windows import window_of

MOST_EMPTY = 400  # empty calendar windows that are told of; more of them is a wrong date, not a quiet time


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What a run counted: `rows_in` = rows of all profiles + all of `quarantine`."""

    reference: Profile
    windows: tuple[Profile, ...]
    quarantine: dict[str, int]
    rows_in: int
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    files: tuple[CountedFile, ...] = ()
    taken: frozenset[str] = frozenset()  # windows that an earlier run counted, and this one did not read
    label_marks: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class WindowCounts:
    """What was counted of a window so far; `weighed` is the same by weight, which alone has the last three."""

    columns: dict[str, Column] = field(default_factory=dict)
    populations: dict[Slice, Population] = field(default_factory=dict)
    classes: Classes | None = None
    weighed: WindowCounts | None = None
    total: int = 0
    total_sq: int = 0
    squares: dict[Slice, int] = field(default_factory=dict)
    domain: DomainScores | None = None

    def add(self, other: WindowCounts) -> None:
        """Further rows of the same window."""
        for name, column in other.columns.items():
            self.columns[name] = add_columns(self.columns[name], column) if name in self.columns else column
        for each, population in other.populations.items():
            held = self.populations
            held[each] = held[each] + population if each in held else population
        if other.classes:
            self.classes = self.classes + other.classes if self.classes else other.classes
        self.total, self.total_sq = self.total + other.total, self.total_sq + other.total_sq
        for each, square in other.squares.items():
            self.squares[each] = self.squares.get(each, 0) + square
        if other.weighed:
            self.weighed = self.weighed or WindowCounts()
            self.weighed.add(other.weighed)


def assemble(
    opened: Opened,
    prepared: Prepared,
    grid: Grid,
    found: Mapping[Key, WindowCounts],
    model_id: str,
    version_id: str,
    kept: Kept | None = None,
) -> Counted:
    """The profiles of a run, the reference first, then each window in order of time.

    `kept` holds the windows that were not read again.
    """
    kept = kept or Kept(readings=())
    profiles = [
        kept.profiles.get(key) or _profile(opened, prepared, grid, key, found.get(key), model_id, version_id)
        for key in _keys([*prepared.spans, *kept.profiles])
    ]
    profiles = matured(profiles, opened.spec)
    return Counted(
        reference=profiles[0],
        windows=tuple(profiles[1:]),
        quarantine=dict(sorted((prepared.quarantine + kept.quarantine).items())),
        rows_in=prepared.rows_in + sum(each.rows for each in kept.profiles.values()) + kept.quarantine.total(),
        notes=(*opened.notes, *_pooled(grid), *_by_weight(opened.spec), *_alone(opened)),
        sources=opened.sources,
        taken=frozenset(profile.window.label for profile in kept.profiles.values()),
        label_marks={label_of(opened.spec, key): mark for key, mark in kept.label_marks.items()},
    )


def _keys(found: Iterable[Key]) -> list[Key]:
    """The reference first, then every window in order; empty calendar windows between two others included."""
    keys = [key for key in found if key != REFERENCE]
    numbers = sorted(key for key in keys if isinstance(key, int))
    if numbers and numbers[-1] - numbers[0] - len(numbers) < MOST_EMPTY:
        numbers = list(range(numbers[0], numbers[-1] + 1))
    return [REFERENCE, *numbers, *sorted(key for key in keys if isinstance(key, str))]


def _profile(
    opened: Opened, prepared: Prepared, grid: Grid, key: Key, found: WindowCounts | None, model_id: str, version_id: str
) -> Profile:
    span = prepared.spans.get(key, Span())
    spec = opened.spec
    found = found or WindowCounts()
    return Profile(
        model_id=model_id,
        version_id=version_id,
        window=window_of(spec.window, key) if isinstance(key, int) else Window(key),
        grid=grid,
        rows=span.rows,
        quarantine=dict(sorted(span.quarantine.items())),
        columns=_columns(found, grid),
        populations=_populations(found, spec, grid),
        classes=_classes(found, spec, grid),
        first_time=span.first,
        last_time=span.last,
        sources=_sources(opened, prepared, key),
        weighted=_weighted(found.weighed or WindowCounts(), spec, weighed_grid(grid), key) if spec.weight else None,
        domain=found.domain,
    )


def _weighted(found: WindowCounts, spec: LogSpec, grid: Grid, key: Key) -> Weighted:
    if found.total > MOST:
        raise too_heavy(spec, key)
    return Weighted(
        total=found.total,
        total_sq=found.total_sq,
        squares=found.squares,
        columns=_columns(found, grid),
        populations=_populations(found, spec, grid),
        classes=_classes(found, spec, grid),
    )


def too_heavy(spec: LogSpec, key: Key) -> LogError:
    """A window weighs more than its counts and sums can hold."""
    return LogError(
        "The weights are too large beside those of the reference to be counted with them",
        where=f"column {spec.weight}, window {label_of(spec, key)}",
        remedy="Give every weight in one unit, in the reference and in the log.",
    )


def _columns(found: WindowCounts, grid: Grid) -> dict[str, Column]:
    return {name: found.columns.get(name) or empty_column(bins) for name, bins in grid.columns.items()}


def _populations(found: WindowCounts, spec: LogSpec, grid: Grid) -> dict[Slice, Population]:
    return {} if spec.task is Task.MULTICLASS else {ALL: no_rows(spec, grid), **found.populations}


def _classes(found: WindowCounts, spec: LogSpec, grid: Grid) -> Classes | None:
    return (found.classes or no_classes(spec, grid)) if spec.task is Task.MULTICLASS else None


def _sources(opened: Opened, prepared: Prepared, key: Key) -> tuple[str, ...]:
    """The files in which the window has rows; all of them where rows lie in no file."""
    files = prepared.spans.get(key, Span()).files
    return tuple(sorted(opened.named[path] for path in files)) if opened.named else opened.sources


def matured(profiles: list[Profile], spec: LogSpec) -> list[Profile]:
    """Mark windows whose youngest rows are too young for their outcomes to be in, unless every outcome is."""
    if spec.label_maturity_days is None:
        return [_aged(each, mature=None) for each in profiles]
    last = max((each.last_time for each in profiles[1:] if each.last_time), default=None)
    edge: datetime | None = last - timedelta(days=spec.label_maturity_days) if last else None
    reference, *windows = profiles
    return [_aged(reference, mature=True), *(_aged(each, mature=_old_enough(each, edge)) for each in windows)]


def _aged(profile: Profile, *, mature: bool | None) -> Profile:
    # The very same profile where nothing changes: its bytes are known already.
    return profile if profile.mature is mature else replace(profile, mature=mature)


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


def _by_weight(spec: LogSpec) -> list[str]:
    return [f"Figures are by weight ({spec.weight}); numbers of rows count every row once."] if spec.weight else []


def _alone(opened: Opened) -> list[str]:
    """What several columns show together takes several."""
    if opened.spec.domain_rows is None or len({*opened.numeric, *opened.words}) > 1:
        return []
    return [
        "Rows are not told apart by all features at once: there are fewer than two, and their own drift says it all."
    ]
