"""What is summed of each score: a column, and its power, behind each name of `score_sums.terms`, for a warehouse."""

from __future__ import annotations

import ibis

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.score_sums import CAP, EPSILON, HUGE, TINY
from plumbline.profiling.warehouse_numbers import Expression, finite, product, real

Power = tuple[str, int]  # a column, and how often it is multiplied by itself


def powers_of(spec: LogSpec) -> dict[str, Power]:
    """By the name of the term."""
    found: dict[str, Power] = {"s": ("p", 1), "q": ("p", 2)}
    if spec.task is Task.REGRESSION:
        found |= {"y": ("y", 1), "yy": ("y", 2), "py": ("py", 1), "absolute": ("away", 1), "fourth": ("away", 4)}
        found |= {"relative": ("relative", 1), "relative_sq": ("relative", 2), "relative_n": ("relative_n", 1)}
        found |= {"deviance": ("deviance", 1), "deviance_sq": ("deviance", 2), "deviance_n": ("deviance_n", 1)}
    elif spec.score_kind is ScoreKind.PROBABILITY:
        found |= {"brier_sq": ("away", 4), "log_loss": ("loss", 1), "log_loss_sq": ("loss", 2)}
    for at, metric in enumerate(spec.counted_metrics):
        parts = {"n": (f"n{at}", 1), "x": (f"x{at}", 1), "xx": (f"x{at}", 2)}
        if metric.ratio:
            parts |= {"y": (f"y{at}", 1), "yy": (f"y{at}", 2), "xy": (f"xy{at}", 1)}
        found |= {f"{metric.key}:{name}": power for name, power in parts.items()}
    return found


def factors(rows: Expression, spec: LogSpec) -> dict[str, Expression]:
    """The columns that are summed, null where there is nothing to sum.

    `rows` has p, y and the columns of the house's metrics as x0, y0, x1, ...
    """
    found = {"p": rows.p}
    if spec.task is Task.REGRESSION:
        found |= _errors(rows.p, rows.y)
    elif spec.score_kind is ScoreKind.PROBABILITY:
        found |= {"away": rows.p - rows.y, "loss": _loss(rows.p, rows.y)}
    for at, metric in enumerate(spec.counted_metrics):
        x, y = rows[f"x{at}"], rows[f"y{at}"] if metric.ratio else None
        held = finite(x) if y is None else finite(x) & finite(y)
        values = {"n": real(1.0), "x": x}
        if y is not None:
            values |= {"y": y, "xy": product(x, y)}
        found |= {f"{name}{at}": ibis.cases((held, value)) for name, value in values.items()}
    return found


def _loss(p: Expression, y: Expression) -> Expression:
    one, low, high = real(1.0), real(EPSILON), real(1 - EPSILON)
    chance = ibis.ifelse(y == one, p, one - p)
    return ibis.cases((y.notnull(), -ibis.least(ibis.greatest(chance, low), high).ln()))


def _errors(p: Expression, y: Expression) -> dict[str, Expression]:
    away, cap = (p - y).abs(), real(CAP)
    # Divided only where the quotient is under the cap: next to nothing below it would leave a double.
    share = ibis.cases((away >= y.abs() * cap, cap), else_=away / y.abs())
    known = y != real(0.0)
    held = (y >= real(0.0)) & (y < real(HUGE)) & (p > real(TINY)) & (p < real(HUGE))
    one = real(1.0)
    ratio = ibis.ifelse(held & (y > real(0.0)), y, one).ln() - ibis.ifelse(held, p, one).ln()
    return {
        "y": y,
        "py": product(p, y),
        "away": away,
        "relative": ibis.cases((known, share)),
        "relative_n": ibis.cases((known, one)),
        "deviance": ibis.cases((held, real(2.0) * (y * ratio - (y - p)))),
        "deviance_n": ibis.cases((held, one)),
    }
