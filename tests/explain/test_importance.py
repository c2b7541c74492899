"""Importance is the mean absolute attribution, largest first, with an interval that holds it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from plumbline.explain.importance import importance

VALUES = arrays(np.float64, (12, 3), elements=st.floats(-10, 10, allow_subnormal=False))


@given(VALUES)
def test_the_interval_lies_within_the_data_and_the_order_descends(values: np.ndarray) -> None:
    figures = importance(("a", "b", "c"), values, seed=7)
    means = [figure.mean_absolute for figure in figures]
    assert means == sorted(means, reverse=True)
    for figure in figures:
        size = np.abs(values[:, "abc".index(figure.column)])
        assert size.min() - 1e-9 <= figure.low <= figure.high <= size.max() + 1e-9


def test_the_interval_is_about_as_wide_as_the_normal_one() -> None:
    values = np.abs(np.random.default_rng(7).normal(5, 1, (1000, 1)))
    (figure,) = importance(("a",), values, seed=7)
    assert figure.high - figure.low == pytest.approx(2 * 1.96 * values.std() / np.sqrt(1000), rel=0.1)


def test_a_seed_repeats_the_interval() -> None:
    values = np.random.default_rng(7).normal(size=(50, 2))
    assert importance(("a", "b"), values, seed=3) == importance(("a", "b"), values, seed=3)
