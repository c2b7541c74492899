"""Normal tails and quantiles as plain floats (scipy.special alone: scipy.stats costs a second to import)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

CONFIDENCE = 0.95
Z95 = 1.959963984540054  # standard normal quantile at 0.975


def two_sided(z: float) -> float:
    """Two-sided normal p-value of a z score.

    >>> round(two_sided(1.959963984540054), 6)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2.0))


def kolmogorov_tail(z: ArrayLike) -> NDArray[np.float64]:
    """Kolmogorov's survival function Q(z) = 2 sum (-1)^(k-1) exp(-2 k^2 z^2), element by element.

    >>> round(float(kolmogorov_tail(0.8)), 4)
    0.5441
    """
    return np.asarray(special.kolmogorov(np.asarray(z, dtype=np.float64)), dtype=np.float64)
