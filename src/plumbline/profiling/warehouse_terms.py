"""What is summed of each score: the expressions behind the names of `score_sums.terms`, for a warehouse."""

from __future__ import annotations

import ibis

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.score_sums import CAP, EPSILON
from plumbline.profiling.warehouse_numbers import Expression, finite, product, real, square


def term_expressions(rows: Expression, spec: LogSpec) -> dict[str, Expression]:
    """By name; `rows` has p, y and the columns of the house's metrics as x0, y0, x1, ..."""
    p, y = rows.p, rows.y
    found = {"s": p, "q": square(p)}
    if spec.task is Task.REGRESSION:
        found |= _errors(p, y)
    elif spec.score_kind is ScoreKind.PROBABILITY:
        found |= _losses(p, y)
    one = real(1.0)
    for at, metric in enumerate(spec.counted_metrics):
        x = rows[f"x{at}"]
        z = rows[f"y{at}"] if metric.ratio else None
        held = finite(x) if z is None else finite(x) & finite(z)
        values = {"n": one, "x": x, "xx": square(x)}
        if z is not None:
            values |= {"y": z, "yy": square(z), "xy": product(x, z)}
        found |= {f"{metric.key}:{name}": ibis.cases((held, value)) for name, value in values.items()}
    return found


def _losses(p: Expression, y: Expression) -> dict[str, Expression]:
    away, one, low, high = p - y, real(1.0), real(EPSILON), real(1 - EPSILON)
    chance = ibis.cases((y == one, p), else_=one - p)
    held = ibis.cases((chance < low, low), (chance > high, high), else_=chance)
    loss = ibis.cases((y.notnull(), -held.ln()))
    return {"brier_sq": _fourth(away), "log_loss": loss, "log_loss_sq": square(loss)}


def _errors(p: Expression, y: Expression) -> dict[str, Expression]:
    away, cap = (p - y).abs(), real(CAP)
    # Divided only where the quotient is under the cap: next to nothing below it would leave a double.
    share = ibis.cases((away >= y.abs() * cap, cap), else_=away / y.abs())
    relative = ibis.cases((y != real(0.0), share))
    return {
        "y": y,
        "yy": square(y),
        "py": product(p, y),
        "absolute": away,
        "fourth": _fourth(p - y),
        "relative": relative,
        "relative_sq": square(relative),
        "relative_n": ibis.cases((y != real(0.0), real(1.0))),
    }


def _fourth(x: Expression) -> Expression:
    """x * x * x * x, from left to right as for files, within a double."""
    size = x.abs()
    inside = ibis.ifelse(size > real(1e75), real(1e300), x * x * x * x)
    return ibis.ifelse(size < real(1e-75), real(0.0), inside)
