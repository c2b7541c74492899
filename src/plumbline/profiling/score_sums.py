"""Which sums each kind of score needs: the SQL of the ones that are counted, the names of the ones that are kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Grid, real
from plumbline.profiling.population import LOSSES
from plumbline.profiling.profile import SCORE, Population, Sums
from plumbline.profiling.scores import CountedScores

# The machine epsilon of a double, as scikit-learn clips a probability before its logarithm.
EPSILON = float(np.finfo(np.float64).eps)
CLIP = real(EPSILON)
ROW = {"one": 1.0}  # the unit of counts, unless a grid of weights has its own
# Beyond these a deviance has no meaning, and its square would leave a double.
TINY, HUGE = 1e-150, 1e150
CAP = 1e4  # a relative error: an outcome next to nothing would drown all the others


@dataclass(frozen=True, slots=True)
class Term:
    """One sum of the query: SQL over score p, outcome y, and its unit's name in the grid."""

    name: str
    sql: str
    unit: str


def terms(spec: LogSpec) -> tuple[Term, ...]:
    """The sums that a kind of score needs; those that follow from others are left out."""
    found = [Term("s", "p", "score"), Term("q", "p * p", "square")]
    if spec.task is Task.REGRESSION:
        # least() passes over NULL: without the condition an unknown outcome would count as the worst one.
        deviance = "2 * (y * (ln(CASE WHEN y > 0 THEN y ELSE 1 END) - ln(p)) - (y - p))"
        held = f"y >= 0 AND y < {real(HUGE)} AND p > {real(TINY)} AND p < {real(HUGE)}"
        relative = f"least(abs((p - y) / y), {real(CAP)})"
        found += [
            Term("y", "y", "score"),
            Term("yy", "y * y", "square"),
            Term("py", "p * y", "square"),
            Term("absolute", "abs(p - y)", "score"),
            Term("fourth", "(p - y) * (p - y) * (p - y) * (p - y)", "fourth"),
            Term("relative", f"CASE WHEN y <> 0 THEN {relative} END", "relative"),
            Term("relative_sq", f"CASE WHEN y <> 0 THEN {relative} * {relative} END", "relative_sq"),
            Term("relative_n", "CASE WHEN y <> 0 THEN 1 END", "one"),
            Term("deviance", f"CASE WHEN {held} THEN {deviance} END", "deviance"),
            Term("deviance_sq", f"CASE WHEN {held} THEN {deviance} * {deviance} END", "deviance_sq"),
            Term("deviance_n", f"CASE WHEN {held} THEN 1 END", "one"),
        ]
    elif spec.score_kind is ScoreKind.PROBABILITY:
        loss = f"-ln(least(greatest(CASE WHEN y = 1 THEN p ELSE 1 - p END, {CLIP}), 1 - {CLIP}))"
        found += [
            Term("brier_sq", "(p - y) * (p - y) * (p - y) * (p - y)", "square"),
            Term("log_loss", f"CASE WHEN y IS NOT NULL THEN {loss} END", "loss"),
            Term("log_loss_sq", f"CASE WHEN y IS NOT NULL THEN {loss} * {loss} END", "loss_sq"),
        ]
    return (*found, *_house_terms(spec))


def _house_terms(spec: LogSpec) -> list[Term]:
    found = []
    for at, metric in enumerate(spec.counted_metrics):
        x, y = f"x{at}", f"y{at}" if metric.ratio else "0"
        held = f"isfinite({x}) AND isfinite({y})" if metric.ratio else f"isfinite({x})"
        key = metric.key
        found += [
            Term(f"{key}:n", f"CASE WHEN {held} THEN 1 END", "one"),
            Term(f"{key}:x", f"CASE WHEN {held} THEN {x} END", f"{key}:x"),
            Term(f"{key}:xx", f"CASE WHEN {held} THEN {x} * {x} END", f"{key}:xx"),
        ]
        if metric.ratio:
            for name, product in (("y", y), ("yy", f"{y} * {y}"), ("xy", f"{x} * {y}")):
                found.append(Term(f"{key}:{name}", f"CASE WHEN {held} THEN {product} END", f"{key}:{name}"))
    return found


def no_rows(spec: LogSpec, grid: Grid) -> Population:
    """The population of a window without rows."""
    names = tuple(name for name, _ in summed_names(spec))
    nothing, bands = np.zeros(0, dtype=np.int64), np.zeros(len(grid.bands) + 1, dtype=np.int64)
    units = ROW | grid.units
    return Population(
        bins=grid.scores[SCORE],
        scores=CountedScores(nothing, np.zeros((0, 3), dtype=np.int64)),
        decisions=np.zeros((3, 3), dtype=np.int64),
        band_rows=bands,
        band_score_units=bands,
        band_actual_units=bands,
        band_loss_units=np.stack([bands] * len(LOSSES)) if spec.task is Task.REGRESSION else None,
        sums=Sums(names=names, totals=(0,) * len(names), units=tuple(units[unit] for _, unit in summed_names(spec))),
    )


def summed_names(spec: LogSpec) -> tuple[tuple[str, str], ...]:
    """(name, unit's name) of every sum that a population keeps."""
    found = [("score", "score"), ("score_sq", "square"), ("expected", "score"), ("expected_sq", "square")]
    if spec.task is Task.REGRESSION:
        found += [("actual", "score"), ("actual_sq", "square"), ("cross", "square"), ("error", "score")]
        found += [("squared", "square"), ("squared_sq", "fourth")]
    else:
        found.append(("actual", "one"))
        if spec.score_kind is ScoreKind.PROBABILITY:
            found += [("variance", "square"), ("brier", "square")]
    return (*found, *((term.name, term.unit) for term in terms(spec) if term.name not in DERIVED_FROM))


DERIVED_FROM = frozenset({"s", "q", "y", "yy", "py", "fourth"})
