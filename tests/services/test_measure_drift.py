"""Shares of what the reference never held: measured as they are, tested against what chance alone brings."""

from __future__ import annotations

import numpy as np
import pytest

from plumbline.domain.results import Window
from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins
from plumbline.profiling.columns import CategoricalColumn, NumericColumn
from plumbline.profiling.profile import Profile
from plumbline.services.measure_compared import Compared
from plumbline.services.measure_drift import quality
from plumbline.stats.novelty import beyond_tail, expected_beyond, expected_unseen, unseen_tail

RARE = (900, 80, 10, 5, 3, 1, 1)
LEVELS = CategoricalBins(levels=tuple("abcdefg"))
BINS = NumericBins(kind="value", cuts=(1.0, 2.0, 3.0), deciles=(2.0,), minimum=1.0, maximum=3.0, unit=1.0, unit_sq=1.0)


def profile(label: str, unseen: int, beyond: int) -> Profile:
    grid = Grid(columns={"amount": BINS, "region": LEVELS}, scores={}, slices={}, bands=(), units={})
    region = CategoricalColumn(bins=LEVELS, count=np.array(RARE), unseen={"new": unseen} if unseen else {}, missing=50)
    # Bins of values and of what lies between them, from under the least to over the largest.
    amount = NumericColumn(bins=BINS, index=np.array([1, 3, 5, 6]), count=np.array([300, 400, 300 - beyond, beyond]))
    return Profile(
        model_id="m",
        version_id="1",
        window=Window(label),
        grid=grid,
        rows=1_000,
        quarantine={},
        columns={"amount": amount, "region": region},
        populations={},
    )


def of(metric: str) -> Compared:
    found = {each.metric: each for each in quality([profile("reference", 0, 0), profile("2026-01", 2, 1)])}
    return found[metric]


@pytest.mark.parametrize(
    ("metric", "share", "p_value", "expected"),
    [
        ("unseen_rate", 2 / 1_052, unseen_tail(2, 1_002, RARE)[0], expected_unseen(RARE)),
        ("out_of_range_rate", 1 / 1_000, beyond_tail(1, 1_000, 1_000)[0], expected_beyond(1_000)[0]),
    ],
)
def test_a_few_new_values_are_what_chance_brings(metric: str, share: float, p_value: float, expected: float) -> None:
    found = of(metric)
    assert found.current.value.tolist() == pytest.approx([0.0, share])
    assert found.p_value[1] == pytest.approx(p_value)
    assert found.p_value[1] > 0.3
    assert found.current.null_expectation[1] == pytest.approx(expected)
    assert np.isnan([found.p_value[0], found.current.null_expectation[0]]).all()
    assert found.current.method[1].endswith("had not met yet")


def test_a_share_of_missing_values_is_compared_with_the_references() -> None:
    found = of("missing_rate")
    assert np.isnan(found.current.null_expectation).all()
    assert found.p_value[found.rows.window == 1].max() > 0.9
