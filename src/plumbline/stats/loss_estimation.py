"""Errors without labels: how large they are at each prediction, learnt where outcomes are known.

Direct loss estimation (DLE; NannyML 2023) with a regressogram (Tukey 1961) for its regression of the loss on the
prediction: a row is expected to err as much as the rows of its band did on the reference, more or less as far as its
prediction lies from theirs and the bands beside them erred more or less. It holds as long as outcomes fall about each
prediction as they did there: no concept shift.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_ROWS = 2  # of a band: a single row has no spread


@dataclass(frozen=True, slots=True)
class Bands:
    """Rows by band of the prediction, and their mean prediction; shapes (..., bands), NaN where there is no row."""

    rows: Floats
    middle: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """The bands that teach anything."""
        return self.rows >= LEAST_ROWS


@dataclass(frozen=True, slots=True)
class Loss:
    """Sums of one loss of the reference's rows by band, and of its square. Shapes (bands,)."""

    total: Floats
    square: Floats


@dataclass(frozen=True, slots=True)
class Expected:
    """The mean loss of the rows of each window, shapes (windows,), NaN where there are none.

    `spread` is the variance of what comes about what is expected, given the predictions: of the window's own losses and
    of the reference's. `variance` is that of the mean of so many rows drawn from all bands, to test a change of it by:
    the reference's error is the same on both sides of such a change.
    """

    value: Floats
    spread: Floats
    variance: Floats


def expected_loss(learnt: Bands, loss: Loss, here: Bands) -> Expected:
    """Mean loss of windows whose rows lie `here`, shapes (windows, bands); rows of unknown bands are left out.

    With L_b, Q_b, s_b^2 the mean of the loss, of its square and its variance on the m_b rows of the reference's band b:
    the mean is sum c_b L_b, where c_b is the share of the window's rows in b and what rows beside it lean on it (the
    line through both neighbours); its spread is (sum c_b Q_b - sum n_b / n L_b'^2) / n + sum c_b^2 s_b^2 / m_b, L_b'
    being the mean loss expected of the window's rows in b.

    >>> learnt, loss = Bands(np.full(2, 2.0), np.array([1.0, 3.0])), Loss(np.array([2.0, 6.0]), np.array([4.0, 20.0]))
    >>> rows, middle = [[2.0, 2.0], [0.0, 4.0], [0.0, 4.0]], [[1.0, 3.0], [np.nan, 3.0], [np.nan, 3.5]]
    >>> found = expected_loss(learnt, loss, Bands(np.array(rows), np.array(middle)))
    >>> found.value, found.spread[:2]
    (array([2. , 3. , 3.5]), array([0.75, 1.25]))
    """
    known = learnt.known
    m, middle = learnt.rows[known], learnt.middle[known]
    mean, square = loss.total[known] / m, loss.square[known] / m
    within = np.maximum(square - mean * mean, 0.0) * m / (m - 1)
    # Row by row in memory, and no matrix products: a window alone comes to the same last digit as among others.
    rows, there = (np.ascontiguousarray(each[:, known]) for each in (here.rows, here.middle))
    n = np.where(rows.sum(axis=1) > 0, rows.sum(axis=1), np.nan)
    share, lean = rows / n[:, None], _lean(middle, there)
    relied, (left, right) = share.copy(), _beside(len(middle))
    for band in range(len(middle)):
        relied[:, right[band]] += share[:, band] * lean[:, band]
        relied[:, left[band]] -= share[:, band] * lean[:, band]
    value, squares = np.where(n > 0, (relied * mean).sum(axis=1), np.nan), (relied * square).sum(axis=1)
    own = squares - (share * (mean + lean * (mean[right] - mean[left])) ** 2).sum(axis=1)
    spread = np.maximum(own, 0.0) / n + (relied * relied * (within / m)).sum(axis=1)
    return Expected(value, spread, np.maximum(squares - value * value, 0.0) / np.maximum(n - 1, 1.0))


def _beside(bands: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The bands on both sides of each; at the ends, itself."""
    at = np.arange(bands)
    return np.maximum(at - 1, 0), np.minimum(at + 1, bands - 1)


def _lean(middle: Floats, here: Floats) -> Floats:
    """How far the rows of a window lie from the reference's of their band, in the distance of its two neighbours."""
    left, right = _beside(len(middle))
    apart = middle[right] - middle[left]
    return np.nan_to_num((here - middle) / np.where(apart > 0, apart, np.inf))
