"""What binning costs stays within the printed bound: any small sample, ties, constants, heavy tails, any bins."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special
from scipy.stats import ks_2samp, wasserstein_distance
from sklearn.metrics import average_precision_score, roc_auc_score

from plumbline.stats.discrimination import average_precision, ks_separation, roc_auc
from plumbline.stats.drift import ks, ks_batch
from plumbline.stats.recalibration import CLIP, recalibrate
from plumbline.stats.transport import ARRAYS, Sample, wasserstein_batch

Floats = NDArray[np.float64]
VALUES = st.floats(-1e6, 1e6) | st.integers(-3, 3).map(float) | st.sampled_from([1e12, -1e9])
SAMPLES = st.lists(VALUES, min_size=1, max_size=12).map(np.array)
EDGES = st.lists(VALUES, max_size=6).map(sorted)
SCORES = st.floats(0, 1) | st.sampled_from([0.1, 0.3, 0.5, 0.9])
LABELLED = st.lists(st.tuples(SCORES, st.integers(0, 1)), min_size=2, max_size=30).map(lambda rows: np.array(rows).T)
WIDTHS = st.sampled_from([1, 3, 20, 1000])
ROUNDING = 1e-12
# scipy divides by zero on its way to a p-value that is not asked for.
pytestmark = pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")


def binned(values: Floats, inner: Any) -> NDArray[np.int64]:
    return np.bincount(np.searchsorted(np.asarray(inner, dtype=float), values, side="right"), minlength=len(inner) + 1)


def by_outcome(scores: Floats, labels: Floats, width: int) -> list[NDArray[np.int64]]:
    return [binned(scores[labels == side], np.linspace(0, 1, width + 1)[1:-1]) for side in (0, 1)]


def sample(values: Floats, inner: list[float], mean_known: bool) -> Sample:
    low, high, mean = values.min(), values.max(), math.fsum(values) / len(values)
    error = 0.0 if mean_known else np.inf
    row = [np.array([each]) for each in (low, high, mean, error)]
    return Sample(
        counts=binned(values, inner)[None].astype(float), low=row[0], high=row[1], mean=row[2], mean_error=row[3]
    )


@given(SAMPLES, SAMPLES, EDGES)
def test_ks(one: Floats, two: Floats, inner: list[float]) -> None:
    found, exact = ks(binned(one, inner), binned(two, inner)), ks_2samp(one, two, method="asymp").statistic
    assert found.value - ROUNDING <= exact <= found.value + found.error_bound + ROUNDING


@given(SAMPLES, SAMPLES, EDGES, st.booleans())
def test_wasserstein(one: Floats, two: Floats, inner: list[float], mean_known: bool) -> None:
    bounds = np.array([[-np.inf, *inner, np.inf]])
    found = wasserstein_batch(sample(one, inner, mean_known), sample(two, inner, mean_known), bounds)
    exact = wasserstein_distance(one, two)
    assert abs(found.value[0] - exact) <= found.error_bound[0] + ROUNDING * exact
    assert 0 <= found.low[0] <= found.value[0] <= found.high[0] < np.inf


@pytest.mark.parametrize("mean_known", [True, False])
def test_wasserstein_of_rows_that_all_stand_on_edges_is_exact(mean_known: bool) -> None:
    rng = np.random.default_rng(2)
    one, two = (rng.poisson(mean, 500).astype(float) for mean in (4, 5))
    cuts = np.repeat(np.arange(30.0), 2)
    sides = [sample(each, [], mean_known) for each in (one, two)]
    counts = [np.zeros((1, 61)) for _ in sides]
    for table, each in zip(counts, (one, two), strict=True):
        np.add.at(table[0], 2 * each.astype(int) + 1, 1)
    exact = [
        Sample(counts=table, low=side.low, high=side.high, mean=side.mean, mean_error=side.mean_error)
        for table, side in zip(counts, sides, strict=True)
    ]
    found = wasserstein_batch(exact[0], exact[1], np.array([[-np.inf, *cuts, np.inf]]))
    assert found.value[0] == pytest.approx(wasserstein_distance(one, two), abs=1e-12)
    assert found.error_bound[0] < 1e-11


@given(LABELLED, WIDTHS)
def test_ranking(rows: Floats, width: int) -> None:
    scores, labels = rows
    assume(0 < labels.sum() < len(labels))
    table = by_outcome(scores, labels, width)
    area, precision, gap = roc_auc(*table), average_precision(*table), ks_separation(*table)
    assert area is not None
    assert precision is not None
    assert gap is not None
    assert abs(area.value - roc_auc_score(labels, scores)) <= area.error_bound + ROUNDING
    assert abs(precision.value - average_precision_score(labels, scores)) <= precision.error_bound + ROUNDING
    exact = ks_2samp(scores[labels == 0], scores[labels == 1], method="asymp").statistic
    assert gap.value - ROUNDING <= exact <= gap.value + gap.error_bound + ROUNDING


def test_events_alone_in_a_bin_may_still_be_ranked_among_themselves() -> None:
    scores, labels = np.array([0.95, 0.62, 0.64, 0.66]), np.array([0, 1, 1, 1])
    found = average_precision(*by_outcome(scores, labels, 10))
    assert found is not None
    exact = average_precision_score(labels, scores)
    assert found.value != pytest.approx(exact)
    assert abs(found.value - exact) <= found.error_bound


def test_only_bins_of_one_score_are_free_of_cost() -> None:
    table = [4, 0, 2], [1, 3, 2]
    for figure in (roc_auc, average_precision, ks_separation):
        tied, some, none = (figure(*table, exact=exact) for exact in (True, [True, True, False], False))
        assert tied is not None
        assert some is not None
        assert none is not None
        assert tied.error_bound == 0.0
        assert some.error_bound <= none.error_bound
        assert none.error_bound > 0.0
    assert ks(*table, exact=[True, True, True]).error_bound == 0.0


def fitted(scores: Floats, labels: Floats) -> tuple[float, float] | None:
    """Intercept and slope from the rows themselves, by Newton's steps to the last digits."""
    z = special.logit(np.clip(scores, CLIP, 1 - CLIP))
    middle = z.mean()
    x, at = np.column_stack([np.ones(len(z)), z - middle]), np.zeros(2)
    for _ in range(300):
        share = special.expit(x @ at)
        hessian = x.T @ (x * (share * (1 - share))[:, None])
        if np.linalg.det(hessian) <= 0:
            return None
        step = np.linalg.solve(hessian, x.T @ (share - labels))
        at = at - step / max(1.0, float(np.abs(x @ step).max()))
        if np.abs(step).max() < 1e-12 * max(1.0, float(np.abs(at).max())):
            return float(at[0] - at[1] * middle), float(at[1])
    return None


@given(LABELLED, st.sampled_from([50, 1_000, 100_000]), st.booleans())
def test_recalibration(rows: Floats, width: int, overlapping: bool) -> None:
    scores, labels = rows
    if overlapping:
        # Both outcomes at both ends: a finite answer exists.
        scores, labels = np.append(scores, [0.2, 0.2, 0.8, 0.8]), np.append(labels, [0, 1, 0, 1])
    inner = np.linspace(0, 1, width + 1)
    low, high = np.maximum(inner[:-1], scores.min()), np.minimum(inner[1:], scores.max())
    negatives, positives = by_outcome(scores, labels, width)
    found = recalibrate(negatives, positives, low, high)
    if found is None:
        return
    exact = fitted(scores, labels)
    assert exact is not None, "a proven answer was printed where none exists"
    assert abs(found.intercept.value - exact[0]) <= found.intercept_bound * (1 + 1e-9) + 1e-9 * abs(exact[0])
    assert abs(found.slope.value - exact[1]) <= found.slope_bound * (1 + 1e-9) + 1e-9 * abs(exact[1])


@pytest.mark.parametrize(("base", "slope"), [(0.0, 1.0), (-4.0, 0.8), (1.0, 1.7)])
def test_recalibration_finds_the_slope_it_was_made_with(base: float, slope: float) -> None:
    rng = np.random.default_rng(3)
    z = rng.normal(base, 1.2, 40_000)
    labels = (rng.random(len(z)) < special.expit(0.3 + slope * z)).astype(float)
    scores = special.expit(z)
    inner = np.linspace(0, 1, 65_537)
    negatives, positives = by_outcome(scores, labels, 65_536)
    found = recalibrate(negatives, positives, inner[:-1], inner[1:])
    exact = fitted(scores, labels)
    assert found is not None
    assert exact is not None
    assert abs(found.slope.value - exact[1]) <= found.slope_bound < 0.003
    assert found.slope.interval.low < slope < found.slope.interval.high
    assert found.intercept.interval.low < 0.3 < found.intercept.interval.high


@pytest.mark.parametrize("often", [1.0, 1e3, 1e6, 0.37])
def test_a_slope_hangs_on_shares_not_on_how_many_rows_there_are(often: float) -> None:
    """Of many rows the groups of bins that the search starts from lie whole standard errors from the answer."""
    z = np.linspace(-6, 3, 5_000)
    p = special.expit(z)
    n = np.random.default_rng(2).integers(1, 40, 5_000)
    events = n * special.expit(-0.9 + 0.85 * z + 0.4 * np.sin(z))
    once = recalibrate(n - events, events, p, p)
    found = recalibrate(often * (n - events), often * events, p, p)
    assert once is not None
    assert found is not None
    assert found.slope.value == pytest.approx(once.slope.value, rel=1e-9)


def test_no_slope_where_none_can_be_proven() -> None:
    assert recalibrate([9, 9], [0, 0], [0.1, 0.5], [0.2, 0.6]) is None, "one outcome"
    assert recalibrate([9], [9], [0.5], [0.5]) is None, "one score"
    assert recalibrate([9, 0], [0, 9], [0.1, 0.5], [0.2, 0.6]) is None, "parted outcomes"
    assert recalibrate([6, 3], [3, 6], [0.0, 0.5], [0.5, 1.0]) is None, "bins too wide"


@given(SAMPLES, st.lists(SAMPLES, min_size=1, max_size=4), EDGES)
def test_windows_measured_in_one_stroke_are_measured_as_each_alone(
    one: Floats, windows: list[Floats], inner: list[float]
) -> None:
    """To the bit, whatever was reckoned in the same room before."""
    bounds, before = np.array([[-np.inf, *inner, np.inf]]), sample(one, inner, mean_known=True)
    alone = [sample(each, inner, mean_known=True) for each in windows]
    counts, low, high, mean, mean_error = (
        np.concatenate([getattr(each, side) for each in alone])
        for side in ("counts", "low", "high", "mean", "mean_error")
    )
    together = Sample(counts=counts, low=low, high=high, mean=mean, mean_error=mean_error)
    room = np.full((ARRAYS, len(windows), bounds.shape[1] + 1), np.nan)
    found = wasserstein_batch(before, together, bounds, room=room)
    gaps = ks_batch(before.counts, together.counts, room=room[:4, :, :-2])
    for at, each in enumerate(alone):
        moved = wasserstein_batch(before, each, bounds)
        for part in ("value", "error_bound", "low", "high", "null_expectation"):
            assert getattr(found, part)[at] == getattr(moved, part)[0]
        assert [part[at] for part in gaps] == [part[0] for part in ks_batch(before.counts, each.counts)]
