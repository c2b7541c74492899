"""A column's own history: how ordinary each window's shares are after those before it, once there are enough."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
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

    Only columns whose test finds something are asked: what chance explains needs no history. `calendar` is what windows
    are of the calendar ("month"), empty for windows of the house's own.
    """
    rules = policy.thresholds.history
    known = [each for each in history if each.rows]
    places = {id(each): at for at, each in enumerate(known)}
    due = {at: places[id(each)] for at, each in enumerate(profiles) if places.get(id(each), -1) >= rules.windows > 0}
    asked = _asked(fields, due, policy.thresholds.significance)
    if not asked:
        return fields
    reference, *windows = (weighed(each) for each in (profiles[0], *known))
    tables = {name: _table(name, reference, windows) for name in dict.fromkeys(column for _, column in asked)}
    limit, told = _limit(policy), dict[tuple[int, str], _Told | None]()
    for at, name in asked:
        before, counts = tables[name][0], tables[name][1][: due[at] + 1]
        if before.any() and counts.any(axis=-1).all():
            period, positions = cycle_of(calendar, [each.window for each in windows[: due[at] + 1]])
            told[at, name] = _told(ordinary(before, counts[:-1], counts[-1], positions, period), rules, limit)
    return _filled(fields, told)


def _asked(fields: Fields, due: Container[int], significance: float) -> list[tuple[int, str]]:
    """(window, column) of every figure that the column's history may speak to, each once."""
    lines = zip(
        *(fields[name].tolist() for name in ("window", "column", "metric", "segment_by", "p_value")), strict=True
    )
    return list(
        dict.fromkeys(
            (window, column)
            for window, column, metric, by, p in lines
            if window in due and by is None and metric in DISTANCES and p < significance
        )
    )


def _table(name: str, reference: Profile, windows: Sequence[Profile]) -> tuple[Floats, Floats]:
    """(counts on the reference, counts of each window): shapes (bins,) and (windows, bins)."""
    return _counts(reference.columns[name], name), np.array([_counts(each.columns[name], name) for each in windows])


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
