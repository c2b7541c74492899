"""Losses expected by band: what bands put together must give, whatever the losses and wherever the rows lie."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from plumbline.stats.loss_estimation import Bands, Loss, expected_loss

Floats = NDArray[np.float64]
bands = st.lists(st.tuples(st.integers(0, 50), st.floats(0.1, 5.0), st.floats(0.0, 9.0)), min_size=1, max_size=10)


def made(table: list[tuple[int, float, float]]) -> tuple[Bands, Floats, Floats]:
    """(rows and middles, ever rising, of bands with rows; losses of each; their squares)."""
    rows, steps, losses = (np.array(column, dtype=np.float64) for column in zip(*table, strict=True))
    middle = np.where(rows > 0, np.cumsum(steps), np.nan)
    return Bands(rows, middle), rows * losses, rows * (losses**2 + 1.0)


def here(of: Bands) -> Bands:
    return Bands(of.rows[None, :], of.middle[None, :])


@given(bands)
def test_the_rows_that_were_learnt_from_are_expected_to_lose_what_they_lost(
    table: list[tuple[int, float, float]],
) -> None:
    learnt, total, square = made(table)
    found = expected_loss(learnt, Loss(total, square), here(learnt))
    known = learnt.known
    if known.any():
        assert found.value[0] == pytest.approx(total[known].sum() / learnt.rows[known].sum())
        assert found.spread[0] > 0
    else:
        assert np.isnan(found.value[0])


@given(bands, st.lists(st.tuples(st.integers(0, 50), st.floats(-0.5, 0.5)), min_size=10, max_size=10))
def test_a_loss_that_follows_the_prediction_in_a_line_is_foretold_wherever_the_rows_lie(
    table: list[tuple[int, float, float]], moved: list[tuple[int, float]]
) -> None:
    learnt, _, square = made([(rows + 2, step, 0.0) for rows, step, _ in table])
    counts, away = (np.array(column, dtype=np.float64)[: len(table)] for column in zip(*moved, strict=True))
    middle = learnt.middle + away
    total = learnt.rows * (2.0 + 3.0 * learnt.middle)
    found = expected_loss(learnt, Loss(total, square), Bands(counts[None, :], middle[None, :]))
    if not counts.sum():
        assert np.isnan(found.value[0])
    elif len(table) > 1:
        assert found.value[0] == pytest.approx(2.0 + 3.0 * (counts * middle).sum() / counts.sum())


def test_fewer_rows_on_either_side_are_less_sure() -> None:
    learnt, total, square = made([(40, 1.0, 1.0), (60, 1.0, 2.0), (50, 1.0, 4.0)])
    rows = np.array([[100.0, 100.0, 100.0], [10.0, 10.0, 10.0]])
    many, few = expected_loss(learnt, Loss(total, square), Bands(rows, np.array([learnt.middle, learnt.middle]))).spread
    assert few > many
    more = Bands(learnt.rows * 10, learnt.middle)
    surer = expected_loss(more, Loss(total * 10, square * 10), here(Bands(rows[0], learnt.middle)))
    assert surer.spread[0] < many


def test_a_band_of_one_row_teaches_nothing() -> None:
    learnt, total, square = made([(1, 1.0, 9.0), (60, 1.0, 2.0)])
    rows = Bands(np.array([[5.0, 5.0], [5.0, 0.0]]), np.array([learnt.middle, learnt.middle]))
    assert expected_loss(learnt, Loss(total, square), rows).value == pytest.approx([2.0, np.nan], nan_ok=True)


@given(bands, st.integers(0, 2**32 - 1))
def test_a_window_alone_comes_to_the_same_last_digit_as_among_others(
    table: list[tuple[int, float, float]], seed: int
) -> None:
    """A passport makes a figure again from its own window alone."""
    learnt, total, square = made(table)
    rng = np.random.default_rng(seed)
    rows = Bands(
        rng.integers(0, 900, (7, len(table))).astype(float), learnt.middle + rng.normal(0, 0.1, (7, len(table)))
    )
    together = expected_loss(learnt, Loss(total, square), rows)
    for at in range(7):
        alone = expected_loss(learnt, Loss(total, square), Bands(rows.rows[at][None, :], rows.middle[at][None, :]))
        for name in ("value", "spread", "variance"):
            assert getattr(alone, name).tobytes() == getattr(together, name)[at : at + 1].tobytes(), name
