"""Which columns matter over all explained rows, and how sure that is: mean absolute attribution with its interval."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.explanations import Importance

RESAMPLES = 1000


def importance(
    columns: tuple[str, ...], values: NDArray[np.float64], *, seed: int, confidence: float = 0.95
) -> tuple[Importance, ...]:
    """Largest first; the interval is the percentile bootstrap over rows (Efron 1979), `seed` makes it repeatable.

    `values` is rows x columns of attributions.

    >>> importance(("a", "b"), np.array([[1.0, 0.0], [-3.0, 0.0]]), seed=7)[0].mean_absolute
    2.0
    """
    size = np.abs(values)
    rows = len(size)
    draws = np.random.default_rng(seed).multinomial(rows, np.full(rows, 1 / rows), size=RESAMPLES) / rows
    tail = (1 - confidence) / 2
    low, high = np.quantile(draws @ size, [tail, 1 - tail], axis=0)
    figures = [
        Importance(column, float(mean), float(lo), float(hi))
        for column, mean, lo, hi in zip(columns, size.mean(axis=0), low, high, strict=True)
    ]
    return tuple(sorted(figures, key=lambda figure: (-figure.mean_absolute, figure.column)))
