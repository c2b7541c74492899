"""What a figure would be on another mix of the same segments, each behaving as it does now (direct standardisation)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from plumbline.stats.calibration import Figure
from plumbline.stats.decomposition import SegmentSums
from plumbline.stats.discrimination import Separation, logit_interval, roc_auc
from plumbline.stats.elementwise import Floats
from plumbline.stats.intervals import Interval, around, wilson_of
from plumbline.stats.special import CONFIDENCE

DIRECT = "direct standardisation, delta method"
BY_SEGMENT = "direct standardisation, Wilson by segment, squared and added"
STRATIFIED = "delta method by segment, logit scale"


def standardised(segments: SegmentSums, shares: ArrayLike) -> Figure | None:
    """The mean on a population of these shares: sum w m, variance sum w^2 s^2 / n (Fleiss, Levin and Paik 2003, 19.2).

    Limits normal; of a share Wilson's by segment, squared and added (MOVER; Zou, Huang and Zhang 2009): they stay
    within 0 and 1, and a thin segment in which all were hits is not certain for that. The shares are taken as given,
    without error. None where a segment that has a share has no rows.

    Args: shares of shape (segments,), made to add up to 1.

    >>> segments = SegmentSums(np.array([80.0, 20.0]), np.array([8.0, 10.0]), np.array([8.0, 10.0]))
    >>> round(standardised(segments, [0.5, 0.5]).value, 6)
    0.3
    """
    wanted = np.asarray(shares, dtype=np.float64)
    wanted = wanted / wanted.sum()
    held = wanted > 0
    if not (segments.n[held] > 0).all():
        return None
    share = np.where(held, wanted, 0.0)
    value = float((share[held] * segments.mean[held]).sum())
    variance = float((share**2 * segments.variance).sum())
    return Figure(value, _limits(segments, share, value, variance), variance)


def _limits(segments: SegmentSums, weight: Floats, value: float, variance: float) -> Interval:
    """Of a weighed sum of the segments' means."""
    # Only ones and zeros are their own squares: the means are shares.
    if not np.array_equal(segments.total, segments.total_sq):
        return around(value, variance, DIRECT)
    limits, mean = wilson_of(segments.total, segments.n), segments.mean
    less, more = weight * (mean - limits.low), weight * (limits.high - mean)
    below, above = (np.where(weight > 0, one, -two)[weight != 0] for one, two in ((less, more), (more, less)))
    low, high = value - math.sqrt(float((below**2).sum())), value + math.sqrt(float((above**2).sum()))
    return Interval(low, high, CONFIDENCE, BY_SEGMENT)


def standardised_change(segments: SegmentSums, shares: ArrayLike) -> Figure | None:
    """`standardised` less the mean as it is: both stand on the same rows, so only what the mix moves is uncertain.

    >>> segments = SegmentSums(np.array([80.0, 20.0]), np.array([8.0, 10.0]), np.array([8.0, 10.0]))
    >>> round(standardised_change(segments, [0.5, 0.5]).value, 6)
    0.12
    """
    found, wanted = standardised(segments, shares), np.asarray(shares, dtype=np.float64)
    if found is None:
        return None
    moved = wanted / wanted.sum() - segments.share
    variance = float((moved**2 * segments.variance).sum())
    value = found.value - segments.of_all
    return Figure(value, _limits(segments, moved, value, variance), variance)


def standardised_auc(
    negatives: ArrayLike, positives: ArrayLike, shares: ArrayLike, *, exact: ArrayLike = False
) -> Separation | None:
    """AUC on a population of these shares, each segment scoring and ending as it does now, ties one half.

    A row of a segment counts share / rows of the segment. The variance is that of a stratified sample: a row with the
    event moves the area by (share of the others' weight that it beats - area) / weight of the events, one without it
    likewise, and variances add up by segment as share^2 / rows (influence function of the area: DeLong 1988; strata:
    Cochran 1977, 5.9). None where a wanted segment is empty, or one outcome is absent.

    Args: rows by segment and ascending score bin, shapes (segments, bins); `exact` as in `roc_auc`.

    >>> auc = standardised_auc([[1, 0], [1, 1]], [[0, 1], [1, 1]], [1.0, 0.0])
    >>> auc.value
    1.0
    """
    neg, pos, wanted = (np.asarray(each, dtype=np.float64) for each in (negatives, positives, shares))
    rows, share = neg.sum(axis=1) + pos.sum(axis=1), wanted / wanted.sum()
    held = share > 0
    if not (rows[held] > 0).all():
        return None
    neg, pos, rows, share = neg[held], pos[held], rows[held], share[held]
    weight = (share / rows)[:, None]
    others, events = (neg * weight).sum(axis=0), (pos * weight).sum(axis=0)
    found = roc_auc(others, events, exact=exact)
    if found is None:
        return None
    variance = _stratified(neg, pos, rows, share, others, events, found.value)
    smaller = min(float(neg.sum()), float(pos.sum()))
    interval = logit_interval(found.value, variance, smaller, STRATIFIED)
    return Separation(found.value, interval, variance, found.error_bound)


def _stratified(
    neg: Floats, pos: Floats, rows: Floats, share: Floats, others: Floats, events: Floats, area: float
) -> float:
    beaten = np.cumsum(others) - others / 2
    beaten_by = events.sum() - np.cumsum(events) + events / 2
    of_event = (beaten / others.sum() - area) / events.sum()
    of_other = (beaten_by / events.sum() - area) / others.sum()
    mean = ((pos * of_event).sum(axis=1) + (neg * of_other).sum(axis=1)) / rows
    square = ((pos * of_event**2).sum(axis=1) + (neg * of_other**2).sum(axis=1)) / rows
    spread = np.maximum(square - mean**2, 0.0) / np.maximum(rows - 1, 1)
    return float((share**2 * spread).sum())
