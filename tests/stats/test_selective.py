"""Bounds over unseen outcomes: as every way of filling them in gives, and wide enough for chance."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from plumbline.stats.classification import Confusions
from plumbline.stats.discrimination import roc_auc
from plumbline.stats.selective import areas, critical, decisions, greatest_area, losses

RATES = (
    *("accuracy", "precision", "recall", "specificity", "false_positive_rate", "false_negative_rate"),
    *("f1", "balanced_accuracy", "mcc"),
)
SMALL = st.integers(0, 3)
# Scores that tie now and then; an outcome of None is unseen.
ROWS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0, 1, None, None])), min_size=2, max_size=9)


def by_bin(rows: Sequence[tuple[int, int | None]]) -> list[list[int]]:
    return [[sum(1 for score, y in rows if (score, y) == (bin_, of)) for bin_ in range(5)] for of in (0, 1, None)]


def filled(rows: list[tuple[int, int | None]]) -> list[list[tuple[int, int]]]:
    """Every way in which the unseen outcomes may have fallen."""
    choices = [(y,) if y is not None else (0, 1) for _, y in rows]
    return [[(score, y) for (score, _), y in zip(rows, ys, strict=True)] for ys in itertools.product(*choices)]


@given(ROWS)
def test_areas_are_the_least_and_the_greatest_of_all_that_may_be(rows: list[tuple[int, int | None]]) -> None:
    found = [roc_auc(*by_bin(each)[:2], exact=True) for each in filled(rows)]
    values = [each.value for each in found if each]
    negatives, positives, unknown = by_bin(rows)
    greatest = greatest_area(negatives, positives, unknown)
    least = 1 - greatest_area(negatives[::-1], positives[::-1], unknown[::-1])
    if not values:
        assert np.isnan(greatest)
        return
    assert [least, greatest] == pytest.approx([min(values), max(values)])
    limits = areas([(negatives, positives, unknown, True)])
    assert limits.lowest[0] <= min(values) + 1e-12
    assert limits.highest[0] >= max(values) - 1e-12


@given(ROWS)
def test_bins_of_several_scores_only_widen(rows: list[tuple[int, int | None]]) -> None:
    """Scores 2 and 3 in one bin: whatever their order in it, the bounds hold."""
    parts = by_bin(rows)
    coarse = [[part[0], part[1], part[2] + part[3], part[4]] for part in parts]
    exact = np.array([True, True, False, True])
    true = greatest_area(parts[0], parts[1], parts[2])
    if not np.isnan(true):
        assert greatest_area(coarse[0], coarse[1], coarse[2], exact) >= true - 1e-12


@given(SMALL, SMALL, SMALL, SMALL, SMALL, SMALL, st.sampled_from(RATES))
def test_rates_are_bounded_by_all_that_may_be(
    tp: int, fp: int, fn: int, tn: int, refused: int, decided: int, rate: str
) -> None:
    def table(a: int, b: int) -> Confusions:
        cells = (tp + a, fp + decided - a, fn + b, tn + refused - b)
        return Confusions(*(np.array([float(cell)]) for cell in cells))

    tables = [table(a, b) for a in range(decided + 1) for b in range(refused + 1)]
    values = np.array([getattr(each, rate).value[0] for each in tables])
    known = Confusions(*(np.array([float(cell)]) for cell in (tp, fp, fn, tn)))
    unknown = (np.array([refused]), np.array([decided]))
    found = decisions(known, unknown, rate, least=-1.0 if rate == "mcc" else 0.0)
    held = values[~np.isnan(values)]
    if len(held):
        assert found.lowest[0] <= held.min() + 1e-12
        assert found.highest[0] >= held.max() - 1e-12


@pytest.mark.parametrize("rate", RATES)
def test_rates_of_many_rows_are_sharp(rate: str) -> None:
    """A million times as many rows, and the bounds are those that filling in gives."""
    cells, million = (3, 2, 4, 9), 1_000_000.0
    refused, decided = 5, 3
    known = Confusions(*(np.array([million * cell]) for cell in cells))
    found = decisions(known, (np.array([million * refused]), np.array([million * decided])), rate, least=-1.0)
    tables = [
        Confusions(*(np.array([float(c)]) for c in (3 + a, 2 + decided - a, 4 + b, 9 + refused - b)))
        for a in range(decided + 1)
        for b in range(refused + 1)
    ]
    values = [float(getattr(each, rate).value[0]) for each in tables]
    assert found.lowest[0] == pytest.approx(min(values), abs=2e-3)
    assert found.highest[0] == pytest.approx(max(values), abs=2e-3)


@given(st.floats(0, 5), st.floats(1e-3, 1))
def test_critical_values_solve_their_equation(width: float, error: float) -> None:
    c = float(critical(width, error)[0])
    assert norm.cdf(c + width / error) - norm.cdf(-c) == pytest.approx(0.95, abs=1e-12)


def test_brier_is_bounded_by_the_lesser_and_the_greater_loss() -> None:
    score, rows = np.array([0.2, 0.7]), 1e8
    count = np.array([3.0, 1.0]) * rows
    found = losses(np.array([0.5 * rows]), np.array([0.2 * rows]), [(count, score, score)], np.array([5.0 * rows]))
    least, most = 0.5 + 3 * 0.2**2 + 0.3**2, 0.5 + 3 * 0.8**2 + 0.7**2
    assert (found.lowest[0], found.highest[0]) == (
        pytest.approx(least / 5, abs=1e-3),
        pytest.approx(most / 5, abs=1e-3),
    )


def test_nothing_known_leaves_everything_open() -> None:
    found = areas([([0, 0], [0, 0], [5, 5], True)])
    assert (found.lowest[0], found.highest[0]) == (0.0, 1.0)


def test_parts_of_rows_are_cut_anywhere() -> None:
    """Weights are no whole rows: the best cut may lie within one."""
    whole, parts = np.array([30, 20, 10]), np.array([0.3, 0.2, 0.1])
    assert greatest_area(parts[::-1], parts, parts) >= greatest_area(whole[::-1], whole, whole) - 1e-12
