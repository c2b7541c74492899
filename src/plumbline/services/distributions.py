"""Two profiles of one column, laid over each other on the very bins that its statistic is computed on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plumbline.profiling.profile import CategoricalColumn, Column, NumericColumn, Profile
from plumbline.services import bins as drawn
from plumbline.services.views import figures
from plumbline.services.views.drift import Distribution
from plumbline.stats.drift import pool_batch, psi

_MOST_LEVELS = 20


@dataclass(frozen=True, slots=True)
class _Counts:
    labels: list[str]
    reference: list[int]
    current: list[int]
    missing: tuple[int, int]


def distribution(reference: Profile | None, current: Profile | None, column: str) -> Distribution | None:
    """None where a profile or the column is not in the store."""
    if reference is None or current is None or column not in reference.columns or column not in current.columns:
        return None
    counts = _counts(reference.columns[column], current.columns[column])
    if counts is None or not sum(counts.reference) or not sum(counts.current):
        return None
    shift = psi(counts.reference, counts.current)
    shown = _largest(counts, shift.contributions) if isinstance(current.columns[column], CategoricalColumn) else None
    keep = range(len(counts.labels)) if shown is None else shown
    return Distribution(
        column=column,
        window=current.window.label,
        labels=tuple(counts.labels[at] for at in keep),
        reference=tuple(counts.reference[at] / shift.n_reference for at in keep),
        current=tuple(counts.current[at] / shift.n_current for at in keep),
        contributions=tuple(shift.contributions[at] for at in keep),
        n_reference=shift.n_reference,
        n_current=shift.n_current,
        categorical=shown is not None,
        noise_floor=shift.null_expectation,
        left_out=len(counts.labels) - len(keep),
        finding=_finding(counts, shift.contributions, shift.n_reference, shift.n_current),
    )


def noise_floor(overlay: Distribution | None) -> float | None:
    return None if overlay is None else overlay.noise_floor


def _counts(reference: Column, current: Column) -> _Counts | None:
    if isinstance(reference, NumericColumn) and isinstance(current, NumericColumn):
        labels = list(drawn.decile_labels(reference.bins.deciles))
        lost = (reference.missing + reference.non_finite, current.missing + current.non_finite)
        return _with_missing(_Counts(labels, reference.deciles().tolist(), current.deciles().tolist(), lost))
    if isinstance(reference, CategoricalColumn) and isinstance(current, CategoricalColumn):
        unseen = sorted(current.unseen, key=lambda level: -current.unseen[level])
        labels = [*reference.bins.levels, *(f"{level} (unseen)" for level in unseen)]
        before = [*reference.count.tolist(), *(0 for _ in unseen)]
        after = [*current.count.tolist(), *(current.unseen[level] for level in unseen)]
        return _pooled(_with_missing(_Counts(labels, before, after, (reference.missing, current.missing))))
    return None


def _with_missing(counts: _Counts) -> _Counts:
    """Missing is a bin of its own as soon as either side has any, as in the definition of PSI."""
    if any(counts.missing):
        counts.labels.append("missing")
        counts.reference.append(counts.missing[0])
        counts.current.append(counts.missing[1])
    return counts


def _pooled(counts: _Counts) -> _Counts:
    """Rare levels stand together, as the statistic counts them."""
    before, after = (np.asarray(side, dtype=np.float64)[None, :] for side in (counts.reference, counts.current))
    reference, current = (table[0] for table in pool_batch(before, after))
    names = [*counts.labels, "rare levels together"]
    kept = [at for at in range(len(names)) if reference[at] + current[at] > 0]
    return _Counts(
        [names[at] for at in kept],
        [int(reference[at]) for at in kept],
        [int(current[at]) for at in kept],
        counts.missing,
    )


def _largest(counts: _Counts, contributions: tuple[float, ...]) -> list[int]:
    """Levels that moved most, shown in order of the reference: ten thousand levels are not a picture."""
    moved = sorted(range(len(counts.labels)), key=lambda at: (-abs(contributions[at]), -counts.reference[at]))
    return sorted(moved[:_MOST_LEVELS])


def _finding(counts: _Counts, contributions: tuple[float, ...], n_reference: int, n_current: int) -> str:
    most = max(range(len(contributions)), key=lambda at: contributions[at])
    before, after = counts.reference[most] / n_reference, counts.current[most] / n_current
    if abs(after - before) < 0.005:
        return "The two distributions lie on each other"
    verb = "rose" if after > before else "fell"
    moved = f"from {figures.figure(before, 'rate')} to {figures.figure(after, 'rate')} of rows"
    return f"'{counts.labels[most]}' {verb} {moved}"
