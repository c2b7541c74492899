"""The sums behind each performance figure, reckoned for rows at hand: the same arithmetic as their SQL."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Floats, Grid
from plumbline.profiling.score_sums import CAP, EPSILON, terms

Values = dict[str, Floats]


def whole_terms(spec: LogSpec, grid: Grid) -> Callable[[Values], Values]:
    """A function from scores p, outcomes y (NaN: unknown) and house columns x0, y0, ... to the terms in whole units."""
    units = grid.units | {"one": 1.0}
    scales = {term.name: 1.0 / units[term.unit] for term in terms(spec)}

    def reckon(values: Values) -> Values:
        # Values far outside the reference may pass a double's range; they are held to a size further on.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            found = {"s": values["p"], "q": values["p"] * values["p"], **_of_task(spec, values["p"], values["y"])}
            for at, metric in enumerate(spec.counted_metrics):
                found |= _of_house(metric.key, values[f"x{at}"], values.get(f"y{at}"))
            return {name: _whole(term * scales[name]) for name, term in found.items()}

    return reckon


def _whole(scaled: Floats) -> Floats:
    """Rounded, and 0 where there is no value."""
    np.rint(scaled, out=scaled)
    scaled[np.isnan(scaled)] = 0.0
    return scaled


def _of_task(spec: LogSpec, p: Floats, y: Floats) -> Values:
    if spec.task is Task.REGRESSION:
        return _of_regression(p, y)
    if spec.score_kind is not ScoreKind.PROBABILITY:
        return {}
    error = p - y
    right = np.clip(np.abs((y != 1) - p), EPSILON, 1 - EPSILON)
    loss = -np.log(right)
    loss[np.isnan(y)] = np.nan
    return {"brier_sq": error * error * error * error, "log_loss": loss, "log_loss_sq": loss * loss}


def _of_regression(p: Floats, y: Floats) -> Values:
    error = p - y
    relative = np.where(y != 0, np.minimum(np.abs(error / y), CAP), np.nan)
    return {
        "y": y,
        "yy": y * y,
        "py": p * y,
        "absolute": np.abs(error),
        "fourth": error * error * error * error,
        "relative": relative,
        "relative_sq": relative * relative,
        "relative_n": np.where((y != 0) & ~np.isnan(y), 1.0, np.nan),
    }


def _of_house(key: str, x: Floats, y: Floats | None) -> Values:
    held = np.isfinite(x) if y is None else np.isfinite(x) & np.isfinite(y)
    x = np.where(held, x, np.nan)
    found = {f"{key}:n": np.where(held, 1.0, np.nan), f"{key}:x": x, f"{key}:xx": x * x}
    if y is not None:
        y = np.where(held, y, np.nan)
        found |= {f"{key}:y": y, f"{key}:yy": y * y, f"{key}:xy": x * y}
    return found
