"""Tests of predicted probabilities against what came: are they too low, or wrong band by band?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.special import beta_cdf, binomial_tail, chi_square_tail, two_sided


@dataclass(frozen=True, slots=True)
class Test:
    """A statistic and the probability of one at least as far out if the predictions are right."""

    statistic: float
    p_value: float


def binomial(events: int, n: int, expected: float) -> float:
    """P(X >= events) if each of n rows has the probability `expected`: small where too little was predicted.

    Exact and one-sided; takes outcomes to be independent, which a downturn's are not (BCBS working paper 14, 2005).

    >>> round(binomial(55, 406, 0.10342906086898278), 7)
    0.0238923
    """
    return float(binomial_tail(events, n, expected))


def jeffreys(events: int, n: int, expected: float) -> float:
    """P(true rate <= expected) under Jeffreys' prior: small where too little was predicted.

    The lower tail of Beta(events + 1/2, n - events + 1/2) at `expected` (ECB, instructions for reporting the
    validation results of internal models, 2019, section 2.5.3.1).

    >>> round(jeffreys(55, 406, 0.10342906086898278), 7)
    0.0199586
    """
    return float(beta_cdf(events + 0.5, n - events + 0.5, expected))


def hosmer_lemeshow(rows: ArrayLike, expected: ArrayLike, events: ArrayLike, *, fitted: bool = False) -> Test | None:
    """Chi-square over bands of observed against expected events; None where no band can differ.

    Args: by band, rows, sum of predictions, events; shapes (bands,). `fitted`: the same rows fitted the model, which
    costs two degrees of freedom (Hosmer and Lemeshow 1980; for assigned probabilities k, BCBS working paper 14).

    >>> t = hosmer_lemeshow([406, 480, 114], [41.99220, 47.77150, 10.91200], [55, 41, 10])
    >>> round(t.statistic, 3), round(t.p_value, 4)
    (5.644, 0.1303)
    """
    n, e, o = (np.asarray(each, dtype=np.float64) for each in (rows, expected, events))
    variance = np.where(n > 0, e * (1 - np.divide(e, n, out=np.zeros_like(e), where=n > 0)), 0.0)
    held = variance > 0
    freedom = int(held.sum()) - (2 if fitted else 0)
    if freedom < 1:
        return None
    statistic = float((np.square(o[held] - e[held]) / variance[held]).sum())
    return Test(statistic, float(chi_square_tail(freedom, statistic)))


def spiegelhalter(excess: float, variance: float) -> Test | None:
    """Whether the Brier score is what right predictions would give; per row, never per grade (Spiegelhalter 1986).

    Args: `excess`, sum of (y - p)(1 - 2p) = sum of squared errors less sum of p (1 - p); `variance`, sum of
    (1 - 2p)^2 p (1 - p). None where the variance is 0.

    >>> p, y = np.array([0.1, 0.2, 0.8, 0.7]), np.array([0, 0, 1, 1])
    >>> t = spiegelhalter(float(((y - p) * (1 - 2 * p)).sum()), float(lean_variance(p).sum()))
    >>> round(t.statistic, 4), round(t.p_value, 4)
    (-0.9685, 0.3328)
    """
    if variance <= 0:
        return None
    z = excess / variance**0.5
    return Test(z, two_sided(z))


def lean_variance(p: ArrayLike) -> NDArray[np.float64]:
    """(1 - 2p)^2 p (1 - p), by which one row adds to Spiegelhalter's variance; it changes by at most 1 for 1 of p."""
    p = np.asarray(p, dtype=np.float64)
    return np.asarray(np.square(1 - 2 * p) * p * (1 - p), dtype=np.float64)
