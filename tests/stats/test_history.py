"""What a column's own history calls ordinary: months with a season and a memory, and not what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from plumbline.stats.history import Ordinary, ordinary

EDGES = stats.norm.ppf(np.arange(1, 10) / 10)
MONTHS = 24
LEVELS = ("fixed", "rolling", "expanding", "same_season")


def counts(moved: NDArray[np.float64], rng: np.random.Generator, rows: int = 1_000) -> NDArray[np.int64]:
    """Of normal values moved by so many standard deviations, on ten bins; shape (windows, 10)."""
    upto = np.pad(stats.norm.cdf(EDGES - moved[:, None]), ((0, 0), (1, 1)), constant_values=(0, 1))
    return np.array([rng.multinomial(rows, shares) for shares in np.diff(upto)])


def after_two_years(
    rng: np.random.Generator, *, season: float = 0.3, effect: float = 0.1, now: float = 0.0, since: int = MONTHS
) -> Ordinary:
    """The month after 24, `now` added from month `since` on; the reference is the year before, month effects AR(1)."""
    months = np.arange(-12, MONTHS + 1)
    effects = rng.normal(0, effect, len(months))
    for at in range(1, len(months)):
        effects[at] = 0.5 * effects[at - 1] + np.sqrt(0.75) * effects[at]
    moved = season * np.sin(2 * np.pi * (months + rng.uniform(0, 12)) / 12) + effects + now * (months >= since)
    seen = counts(moved, rng)
    return ordinary(seen[:12].sum(axis=0), seen[12:-1], seen[-1], months[12:], 12)


@pytest.mark.parametrize(("season", "effect"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.1), (0.3, 0.1)])
def test_ordinary_months_are_ordinary(season: float, effect: float) -> None:
    rng = np.random.default_rng(2)
    found = [after_two_years(rng, season=season, effect=effect).p_values for _ in range(200)]
    for level in LEVELS:
        chances = np.array([each[level] for each in found])
        assert np.mean(chances < 0.05) < 0.11, level
        assert np.mean(chances < 0.0002) <= 0.005, level


def test_a_planted_change_is_not() -> None:
    rng = np.random.default_rng(3)
    found = [after_two_years(rng, now=1.0) for _ in range(40)]
    for level in LEVELS:
        assert np.mean([each.p_values[level] < 0.001 for each in found]) > 0.9, level


def test_a_change_among_the_windows_before_is_set_aside_and_still_seen() -> None:
    rng = np.random.default_rng(4)
    found = [after_two_years(rng, season=0.0, effect=0.05, now=0.8, since=MONTHS - 3) for _ in range(40)]
    assert np.mean([each.p_values["expanding"] < 0.001 for each in found]) > 0.9
    assert min(min(each.apart[-3:]) for each in found) > 0.2 > max(max(each.apart[:-3]) for each in found)


def test_months_without_effects_have_no_spread_of_their_own() -> None:
    rng = np.random.default_rng(5)
    quiet = [after_two_years(rng, season=0.0, effect=0.0).spread for _ in range(40)]
    moved = [after_two_years(rng, season=0.0, effect=0.3).spread for _ in range(40)]
    assert np.median(quiet) < 0.003 < 0.05 < np.median(moved)


def test_a_level_that_no_window_had_before_is_not_ordinary() -> None:
    before = np.tile([600, 400, 0], (MONTHS, 1))
    found = ordinary([600, 400, 0], before, [300, 200, 500], np.arange(MONTHS + 1))
    assert found.p_values == {"fixed": 0.0, "rolling": 0.0, "expanding": 0.0}
