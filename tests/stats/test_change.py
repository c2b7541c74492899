"""Charts of change: what they find in noise, in steps and in ramps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plumbline.stats.change import Manner, change, cusum, ewma, page_hinkley

series = st.lists(st.floats(-10, 10), min_size=1, max_size=40)
MONTHS = np.arange(24)


@given(series)
def test_sums_are_never_negative_and_mirror_each_other(x: list[float]) -> None:
    one, two = (cusum(side, 0.0, slack=0.5, decision=5.0) for side in (np.array(x), -np.array(x)))
    assert (one.high >= 0).all()
    assert one.high.tolist() == two.low.tolist()
    assert one.signal == two.signal


@given(series, st.integers(1, 40))
def test_a_signal_never_depends_on_later_values(x: list[float], upto: int) -> None:
    whole, part = (cusum(side, 0.0, slack=0.5, decision=5.0).signal for side in (x, x[:upto]))
    assert part == (whole if whole is not None and whole < upto else None)
    alarms = page_hinkley(x, delta=0.5, threshold=5.0)
    assert page_hinkley(x[:upto], delta=0.5, threshold=5.0) == tuple(each for each in alarms if each < upto)


@given(st.floats(-5, 5), st.integers(1, 30))
def test_what_stands_at_its_target_moves_no_chart(level: float, months: int) -> None:
    flat = [level] * months
    assert cusum(flat, level, slack=0.5, decision=5.0).signal is None
    assert ewma(flat, level, 1.0).values == pytest.approx(level)
    assert page_hinkley(flat, delta=0.5, threshold=5.0) == ()


def found(shape: np.ndarray, seed: int, times: int = 50) -> list[tuple[int, Manner] | None]:
    rng = np.random.default_rng(seed)
    changes = [change(rng.normal(size=24) + shape) for _ in range(times)]
    return [None if each is None else (each.start, each.manner) for each in changes]


def test_two_years_of_noise_seldom_change() -> None:
    assert sum(each is not None for each in found(np.zeros(24), 1, 1_000)) < 60


@pytest.mark.parametrize("rows", [1, 2, 10], ids=lambda rows: f"a reference of {rows} windows")
def test_a_target_that_is_itself_uncertain_seldom_makes_a_change(rows: int) -> None:
    rng, shared = np.random.default_rng(5), 1 / (1 + rows)
    noise = np.sqrt(1 - shared) * rng.normal(size=(500, 24)) - np.sqrt(shared) * rng.normal(size=(500, 1))
    assert sum(change(z, shared) is not None for z in noise) < 45
    # Five standard errors of a window's own.
    moved = noise + 5 * np.sqrt(1 - shared) * (MONTHS >= 12)
    assert sum(change(z, shared) is not None for z in moved) > 475


def test_a_step_is_dated_and_sudden() -> None:
    changes = found(np.where(MONTHS >= 12, 6.0, 0.0), 2)
    assert sum(each is not None and abs(each[0] - 12) <= 2 for each in changes) > 42
    assert sum(each is not None and each[1] is Manner.SUDDEN for each in changes) > 42


def test_a_ramp_is_dated_and_gradual() -> None:
    changes = found(np.clip(MONTHS - 8.0, 0.0, 12.0), 3)
    assert sum(each is not None and 6 <= each[0] <= 11 for each in changes) > 42
    assert sum(each is not None and each[1] is Manner.GRADUAL for each in changes) > 45


def test_what_was_off_from_the_first_month_has_no_date() -> None:
    changes = found(np.full(24, 3.0), 4)
    assert sum(each == (0, Manner.FROM_THE_START) for each in changes) > 42


@pytest.mark.parametrize(("z", "back"), [([0, 0, 8, 8, 0, 0, 0, 0, 0, 0], 4), ([0, 0, 8, 8, 8], None)])
def test_it_is_back_once_the_average_is(z: list[float], back: int | None) -> None:
    moved = change(z)
    assert moved is not None
    assert (moved.start, moved.back) == (2, back)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_both_ways_alike(sign: float) -> None:
    moved = change(sign * np.array([0.0, 0, 6, 6, 6]))
    assert moved is not None
    assert (moved.start, moved.manner) == (2, Manner.SUDDEN)


def test_a_great_change_is_not_dated_by_a_small_one_before_it() -> None:
    z = np.where(MONTHS < 13, 1.2, np.where(MONTHS < 15, 9.0, 0.0))
    moved = change(z)
    assert moved is not None
    assert (moved.start, moved.manner, moved.back) == (13, Manner.SUDDEN, 15)
