"""Why a mean changed: who is in the population (mix), or how its segments behave (within)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plumbline.stats.elementwise import Floats
from plumbline.stats.intervals import Intervals, around_of, mean_variance

METHOD = "delta method, multinomial shares"


@dataclass(frozen=True, slots=True, eq=False)
class SegmentSums:
    """A window by segment: rows, sum and sum of squares of what the figure is the mean of. Shapes (segments,)."""

    n: Floats
    total: Floats
    total_sq: Floats

    @property
    def rows(self) -> float:
        return float(self.n.sum())

    @property
    def share(self) -> Floats:
        share: Floats = self.n / self.n.sum()
        return share

    @property
    def mean(self) -> Floats:
        """NaN where the segment has no rows."""
        mean: Floats = np.divide(self.total, self.n, out=np.full(self.n.shape, np.nan), where=self.n > 0)
        return mean

    @property
    def variance(self) -> Floats:
        """Squared standard errors of the means."""
        return mean_variance(self.total, self.total_sq, self.n)

    @property
    def of_all(self) -> float:
        return float(self.total.sum() / self.n.sum())

    def pooled(self, small: NDArray[np.bool_]) -> SegmentSums:
        """The same with the `small` segments as one, which stands last.

        >>> SegmentSums(*np.ones((3, 3))).pooled(np.array([True, False, True])).n.tolist()
        [1.0, 2.0]
        """
        return SegmentSums(
            *(np.append(each[~small], each[small].sum()) for each in (self.n, self.total, self.total_sq))
        )


@dataclass(frozen=True, slots=True, eq=False)
class Effects:
    """Parts of a change with their limits; arrays of one shape."""

    value: Floats
    interval: Intervals


@dataclass(frozen=True, slots=True, eq=False)
class Decomposition:
    """`whole` is (change, mix, within), where change = mix + within; the others are by segment and add up to them.

    `interaction` (one part) comes from segments whose share and mean both moved: half of it stands in mix, half in
    within, as neither is its cause alone.
    """

    before: float
    after: float
    whole: Effects
    interaction: Effects
    mix: Effects
    within: Effects
    both: Effects


@dataclass(frozen=True, slots=True, eq=False)
class _Slopes:
    """How each part moves with each segment's share and mean in one window. Shapes (parts, segments)."""

    by_share: Floats
    by_mean: Floats

    def __add__(self, other: _Slopes) -> _Slopes:
        return _Slopes(self.by_share + other.by_share, self.by_mean + other.by_mean)


def decompose(before: SegmentSums, after: SegmentSums) -> Decomposition:
    """The change of a mean between two independent windows, split into mix and within (Kitagawa 1955).

    With shares w and means m of segments, mix = sum (w1 - w0) ((m0 + m1) / 2 - M) and within = sum (m1 - m0)
    (w0 + w1) / 2; they add up to the change exactly. M, the mean of both windows' means, leaves the sum as it is and
    makes a segment's part say whether it grew at the expense of segments that lie lower (the symmetric form of
    Oaxaca 1973 and Blinder 1973). Interaction = sum (w1 - w0) (m1 - m0) (Winsborough and Dickinson 1971). A segment
    without rows in one window has no mean there: it is lent the other window's, so that its coming or going is mix.
    Limits by the delta method: shares multinomial, means independent of them with their sample variances; both
    windows' errors count.

    Raises:
        ValueError: a window has no rows.

    >>> before = SegmentSums(np.array([50.0, 50.0]), np.array([5.0, 20.0]), np.array([5.0, 20.0]))
    >>> after = SegmentSums(np.array([20.0, 80.0]), np.array([2.0, 32.0]), np.array([2.0, 32.0]))
    >>> decompose(before, after).whole.value.round(6).tolist()
    [0.09, 0.09, 0.0]
    """
    if before.rows <= 0 or after.rows <= 0:
        raise ValueError("a window without rows has no mean to compare")
    w0, w1 = before.share, after.share
    m0, m1 = _lent(before.mean, after.mean)
    middle = (m0 + m1) / 2 - (before.of_all + after.of_all) / 2
    mix, within = (w1 - w0) * middle, (m1 - m0) * (w0 + w1) / 2
    slopes = [_slopes(sign, w0, w1, m0, m1, middle) for sign in (-1.0, 1.0)]
    variance = _variances(before, after, slopes)
    groups = np.split(variance, np.cumsum([3, 1, len(mix), len(mix)]))
    whole, product = [mix.sum() + within.sum(), mix.sum(), within.sum()], ((w1 - w0) * (m1 - m0)).sum()
    values = (np.array(whole), np.array([product]), mix, within, mix + within)
    effects = (Effects(value, around_of(value, spread, METHOD)) for value, spread in zip(values, groups, strict=True))
    return Decomposition(before.of_all, after.of_all, *effects)


def _lent(m0: Floats, m1: Floats) -> tuple[Floats, Floats]:
    one, two = np.where(np.isnan(m0), m1, m0), np.where(np.isnan(m1), m0, m1)
    return np.nan_to_num(one), np.nan_to_num(two)


def _slopes(sign: float, w0: Floats, w1: Floats, m0: Floats, m1: Floats, middle: Floats) -> _Slopes:
    """Of the window after (sign 1) or before (-1); parts in the order of `Decomposition`."""
    share, mean = (w1, m1) if sign > 0 else (w0, m0)
    own = np.eye(len(share))
    moved = (w1 - w0)[:, None]
    mix = _Slopes(sign * own * middle - moved * mean / 2, moved * (own - share) / 2)
    within = _Slopes(own * (m1 - m0) / 2, sign * own * (w0 + w1) / 2)
    product = _Slopes(sign * (m1 - m0)[None, :], sign * (w1 - w0)[None, :])
    both = mix + within
    return _stacked([*(_summed(part) for part in (both, mix, within)), product, mix, within, both])


def _summed(part: _Slopes) -> _Slopes:
    return _Slopes(part.by_share.sum(axis=0, keepdims=True), part.by_mean.sum(axis=0, keepdims=True))


def _stacked(parts: Sequence[_Slopes]) -> _Slopes:
    return _Slopes(np.concatenate([part.by_share for part in parts]), np.concatenate([part.by_mean for part in parts]))


def _variances(before: SegmentSums, after: SegmentSums, slopes: Sequence[_Slopes]) -> Floats:
    old, new = slopes
    # A lent mean moves with the mean that it was lent from.
    from_after, from_before = before.n == 0, after.n == 0
    of_old = np.where(from_after, 0.0, old.by_mean) + np.where(from_before, new.by_mean, 0.0)
    of_new = np.where(from_before, 0.0, new.by_mean) + np.where(from_after, old.by_mean, 0.0)
    return _spread(old.by_share, of_old, before) + _spread(new.by_share, of_new, after)


def _spread(by_share: Floats, by_mean: Floats, window: SegmentSums) -> Floats:
    # Not `@`: on a busy machine the threads of the linear algebra library wait for each other.
    square = np.einsum("ps,s->p", by_share**2, window.share) - np.einsum("ps,s->p", by_share, window.share) ** 2
    variance: Floats = np.maximum(square, 0.0) / window.rows + np.einsum("ps,s->p", by_mean**2, window.variance)
    return variance
