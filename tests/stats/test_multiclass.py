"""Averages over classes: scikit-learn's values, the two-class case, and limits that hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, matthews_corrcoef, precision_score, recall_score

from plumbline.stats.classification import Confusion, Rates
from plumbline.stats.multiclass import Averages

KEYS = ("precision", "weighted_precision", "recall", "f1", "weighted_f1", "mcc")
tables = st.integers(2, 4).flatmap(
    lambda size: st.lists(st.lists(st.integers(1, 30), min_size=size, max_size=size), min_size=size, max_size=size)
)


def of(table: np.ndarray) -> dict[str, Rates]:
    averages = Averages(table)
    return {key: getattr(averages, key) for key in KEYS}


@given(tables)
def test_values_are_those_of_scikit_learn(table: list[list[int]]) -> None:
    cells = np.array(table)
    chosen, came = (np.repeat(side.ravel(), cells.ravel()) for side in np.indices(cells.shape))
    exact: dict[str, Callable[..., float]] = {
        "precision": precision_score, "recall": recall_score, "f1": f1_score,
    }  # fmt: skip
    for key, rates in of(cells[None]).items():
        if key == "mcc":
            assert rates.value[0] == pytest.approx(matthews_corrcoef(came, chosen), abs=1e-12)
            continue
        average = "weighted" if key.startswith("weighted") else "macro"
        value = exact[key.removeprefix("weighted_")](came, chosen, average=average)
        assert rates.value[0] == pytest.approx(value)
        assert 0 <= rates.interval.low[0] <= value <= rates.interval.high[0] <= 1


def test_two_classes_are_the_binary_case() -> None:
    table = np.array([[[40, 20], [10, 30]]])
    binary = Confusion(tp=30, fp=10, fn=20, tn=40)
    of_two = of(table)
    assert binary.mcc
    assert binary.balanced_accuracy
    for key, rate in (("mcc", binary.mcc), ("recall", binary.balanced_accuracy)):
        assert of_two[key].value[0] == pytest.approx(rate.value)
        assert of_two[key].variance[0] == pytest.approx(rate.variance)
        assert of_two[key].interval.low[0] == pytest.approx(rate.interval.low)


@pytest.mark.parametrize(("rows", "right"), [(200, 0.6), (1_000, 0.6), (1_000, 0.95)])
def test_limits_of_95_percent_hold(rows: int, right: float) -> None:
    """Four classes of which one comes in a row of twenty; mistakes lean towards the common ones."""
    came, mistaken = np.array([0.5, 0.3, 0.15, 0.05]), np.array([0.4, 0.3, 0.2, 0.1])
    cells = (1 - right) * np.outer(mistaken, came) + right * np.diag(came)
    truth = of(np.round(cells[None] * 1e9).astype(np.int64))
    drawn = np.random.default_rng(7).multinomial(rows, cells.ravel(), 2_000).reshape(-1, 4, 4)
    for key, rates in of(drawn).items():
        limits, value = rates.interval, truth[key].value[0]
        assert 0.93 <= np.mean((limits.low <= value) & (value <= limits.high)) <= 0.98, key
        assert np.sqrt(rates.variance.mean()) == pytest.approx(rates.value.std(), rel=0.07), key


def test_what_no_row_speaks_of_is_not_made_up() -> None:
    with np.errstate(invalid="ignore", divide="ignore"):
        never_chosen, never_came = of(np.array([[[5, 3], [0, 0]]])), of(np.array([[[5, 0], [3, 0]]]))
    assert [key for key, rates in never_chosen.items() if np.isnan(rates.value[0])] == [
        "precision", "weighted_precision", "mcc",
    ]  # fmt: skip
    assert [key for key, rates in never_came.items() if np.isnan(rates.value[0])] == ["recall", "mcc"]
