"""A column's own history: how ordinary each window's shares are after those before it, once there are enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.results import Baseline
from plumbline.policy.load import Policy
from plumbline.policy.thresholds import History
from plumbline.profiling.profile import Column, NumericColumn, Profile
from plumbline.profiling.weights import weighed
from plumbline.profiling.windows import cycle_of
from plumbline.services.measure_drift import decile_counts
from plumbline.services.measure_figures import Floats
from plumbline.stats.history import Ordinary, ordinary

# They share one test, whatever they measure.
DISTANCES = (
    *("psi", "js_distance", "hellinger", "total_variation", "chi_square", "l_infinity"),
    *("ks", "wasserstein", "wasserstein_std"),
)
Fields = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class _Told:
    """What history says of a column in a window: the chance by the policy's level, and by each in words."""

    chance: float
    words: str


def with_history(
    fields: Fields, profiles: Sequence[Profile], history: Sequence[Profile], calendar: str, policy: Policy
) -> Fields:
    """The fields with the chance that an ordinary window shows as much, which a p-value is then never under.

    `calendar` is what windows are of the calendar ("month"), empty for windows of the house's own.
    """
    rules, limit = policy.thresholds.history, _limit(policy)
    known = [each for each in history if each.rows]
    places = {id(each): at for at, each in enumerate(known)}
    due = {at: places[id(each)] for at, each in enumerate(profiles) if places.get(id(each), -1) >= rules.windows > 0}
    if not due:
        return fields
    views = [weighed(each) for each in (profiles[0], *known)]
    told = {
        (at, name): _told(found, rules, limit)
        for at, place in due.items()
        for name, found in _columns(views[0], views[1 : place + 2], calendar)
    }
    return _filled(fields, told)


def _columns(reference: Profile, windows: Sequence[Profile], calendar: str) -> Iterator[tuple[str, Ordinary]]:
    """Of the last of these windows, each column that has values in all of them."""
    period, positions = cycle_of(calendar, [each.window for each in windows])
    for name, column in reference.columns.items():
        sides = [each.columns.get(name) for each in windows]
        if any(side is None or type(side) is not type(column) for side in sides):
            continue
        counts = [_counts(each, name) for each in (column, *sides) if each is not None]
        if all(each.any() for each in counts):
            yield name, ordinary(counts[0], np.array(counts[1:-1]), counts[-1], positions, period)


def _counts(column: Column, name: str) -> Floats:
    """By decile, or by frozen level with what the reference never held, and missing."""
    if isinstance(column, NumericColumn):
        return decile_counts(column, name)
    return np.append(column.count, [column.unseen_rows, column.missing]).astype(np.float64)


def _told(found: Ordinary, rules: History, limit: float) -> _Told | None:
    """None where the column has been past the limit all along: a change that lasts is no season."""
    last = found.apart[-rules.lasting :] if rules.lasting else ()
    if last and min(last) > limit:
        return None
    words = ", ".join(f"{name.replace('_', ' ')} {p:.2g}" for name, p in found.p_values.items())
    return _Told(found.p_values.get(rules.baseline, found.p_values[Baseline.EXPANDING]), words)


def _limit(policy: Policy) -> float:
    """The strictest amber limit on PSI."""
    limits = [clause.amber.above for clause in policy.thresholds.clauses.get("psi", ())]
    return min((each for each in limits if each is not None), default=np.inf)


def _filled(fields: Fields, told: Mapping[tuple[int, str], _Told | None]) -> Fields:
    found = {name: fields[name].copy() for name in ("p_value", "ordinary", "method")}
    lines = zip(*(fields[name].tolist() for name in ("window", "column", "metric", "segment_by")), strict=True)
    for row, (window, column, metric, by) in enumerate(lines):
        said = told.get((window, column)) if by is None and metric in DISTANCES else None
        if said and not np.isnan(fields["p_value"][row]):
            found["ordinary"][row] = said.chance
            found["p_value"][row] = max(fields["p_value"][row], said.chance)
            found["method"][row] += f"; by its own history: {said.words}"
    return {**fields, **found}
