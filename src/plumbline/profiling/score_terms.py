"""The sums behind each performance figure, reckoned for rows at hand: the same arithmetic as their SQL."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Floats, Grid
from plumbline.profiling.score_sums import CAP, EPSILON, HUGE, ROW, TINY, terms

Values = dict[str, Floats]


def whole_terms(spec: LogSpec, grid: Grid) -> Callable[[Values], Values]:
    """A function from scores p, outcomes y and house columns x0, y0, ... to the terms in whole units; NaN is none.

    Where the outcome is not known, what the terms of outcomes say is of no account: those rows are told apart.
    On a weighed grid each term counts by the weight w of its row, and "weight_sq" is a term too.
    """
    units = ROW | grid.units
    scales = {term.name: 1.0 / units[term.unit] for term in terms(spec)}
    if "weight_sq" in units:
        scales["weight_sq"] = 1.0 / units["weight_sq"]

    def reckon(values: Values) -> Values:
        # Values far outside the reference may pass a double's range; they are held to a size further on.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            p = values["p"]
            found = {"s": p * 1.0, "q": p * p, **_of_task(spec, p, values["y"])}
            for at, metric in enumerate(spec.counted_metrics):
                found |= _of_house(metric.key, values[f"x{at}"], values.get(f"y{at}"))
            if "w" in values:
                w = values["w"]
                # What leaves a double and weighs nothing counts nothing.
                found = {name: np.where(w > 0, term * w, 0.0) for name, term in found.items()} | {"weight_sq": w * w}
            return {name: _whole(term, scales[name]) for name, term in found.items()}

    return reckon


def _whole(term: Floats, scale: float) -> Floats:
    np.multiply(term, scale, out=term)
    return np.rint(term, out=term)


def _of_task(spec: LogSpec, p: Floats, y: Floats) -> Values:
    if spec.task is Task.REGRESSION:
        return _of_regression(p, np.where(np.isnan(y), 0.0, y))
    return _of_probability(p, (y == 1).astype(np.float64)) if spec.score_kind is ScoreKind.PROBABILITY else {}


def _of_probability(p: Floats, y: Floats) -> Values:
    error = p - y
    fourth = error * error
    fourth *= error
    fourth *= error
    right = np.subtract(1.0 - y, p, out=error)
    np.abs(right, out=right)
    np.maximum(right, EPSILON, out=right)
    np.minimum(right, 1 - EPSILON, out=right)
    loss = np.log(right, out=right)
    np.negative(loss, out=loss)
    return {"brier_sq": fourth, "log_loss": loss, "log_loss_sq": loss * loss}


def _of_regression(p: Floats, y: Floats) -> Values:
    error, some = p - y, y != 0
    relative = np.where(some, np.minimum(np.abs(error / y), CAP), 0.0)
    return {
        "y": y,
        "yy": y * y,
        "py": p * y,
        "absolute": np.abs(error),
        "fourth": error * error * error * error,
        "relative": relative,
        "relative_sq": relative * relative,
        "relative_n": some.astype(np.float64),
        **_of_counts(p, y),
    }


def _of_counts(p: Floats, y: Floats) -> Values:
    held = (y >= 0) & (y < HUGE) & (p > TINY) & (p < HUGE)
    away = np.log(np.where(held & (y > 0), y, 1.0)) - np.log(np.where(held, p, 1.0))
    deviance = np.where(held, 2.0 * (y * away - (y - p)), 0.0)
    return {"deviance": deviance, "deviance_sq": deviance * deviance, "deviance_n": held.astype(np.float64)}


def _of_house(key: str, x: Floats, y: Floats | None) -> Values:
    held = np.isfinite(x) if y is None else np.isfinite(x) & np.isfinite(y)
    x = np.where(held, x, 0.0)
    found = {f"{key}:n": held.astype(np.float64), f"{key}:x": x, f"{key}:xx": x * x}
    if y is not None:
        y = np.where(held, y, 0.0)
        found |= {f"{key}:y": y, f"{key}:yy": y * y, f"{key}:xy": x * y}
    return found
