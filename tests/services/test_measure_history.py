"""History in a run: from the policy's number of windows on, by windows before alone, not for a change that lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from plumbline.domain.results import Window
from plumbline.policy.load import load_policy
from plumbline.profiling.bins import Grid, NumericBins
from plumbline.profiling.columns import NumericColumn
from plumbline.profiling.profile import Profile
from plumbline.services.measure_compared import Maturity, as_fields
from plumbline.services.measure_drift import drift
from plumbline.services.measure_figures import words
from plumbline.services.measure_history import with_history

POLICY = load_policy()
BINS = NumericBins(kind="value", cuts=(1.0, 2.0), deciles=(2.0,), minimum=1.0, maximum=2.0, unit=1.0, unit_sq=1.0)
GRID = Grid(columns={"amount": BINS}, scores={}, slices={}, bands=(), units={})
SEASON = [500, 560, 620, 680, 680, 620, 560, 500, 440, 380, 380, 440]


def profile(window: Window, ones: int) -> Profile:
    column = NumericColumn(
        bins=BINS,
        index=np.array([1, 3]),
        count=np.array([ones, 1_000 - ones]),
        total=2_000 - ones,
        total_sq=4_000 - 3 * ones,
        minimum=1.0,
        maximum=2.0,
    )
    return Profile(
        model_id="m",
        version_id="1",
        window=window,
        grid=GRID,
        rows=1_000,
        quarantine={},
        columns={"amount": column},
        populations={},
    )


def judged(ones: list[int]) -> dict[str, NDArray[Any]]:
    """PSI by window, of a reference with 500 ones and a window a month."""
    windows = [
        profile(Window(f"{at}", datetime(2020 + at // 12, at % 12 + 1, 1, tzinfo=UTC)), of)
        for at, of in enumerate(ones)
    ]
    profiles = [profile(Window("reference"), 500), *windows]
    maturity = Maturity(words(None, len(profiles)), np.full(len(profiles), np.nan))
    found = with_history(as_fields(drift(profiles, maturity)), profiles, windows, "month", POLICY)
    chosen = found["metric"] == "psi"
    return {name: values[chosen] for name, values in found.items()}


def test_a_season_that_was_seen_twice_is_ordinary_the_third_time() -> None:
    found = judged(SEASON * 3)
    assert np.isnan(found["ordinary"][:24]).all()
    asked = ~np.isnan(found["ordinary"])
    assert asked.sum() == 10, "two of the season's months are as the reference: no history is asked"
    assert (found["ordinary"][asked] > 0.01).all()
    assert (found["p_value"][asked] >= found["ordinary"][asked]).all()
    assert "by its own history: fixed" in found["method"][30]


def test_what_comes_later_changes_nothing() -> None:
    whole, short = judged([*SEASON, *SEASON, *SEASON[:6], 900, 900]), judged([*SEASON, *SEASON, *SEASON[:6]])
    for name in ("p_value", "ordinary"):
        assert np.array_equal(whole[name][:30], short[name], equal_nan=True)


def test_a_shift_beyond_the_season_is_not_ordinary() -> None:
    assert judged([*SEASON, *SEASON, 900])["ordinary"][-1] < POLICY.thresholds.history.chance


def test_a_change_that_has_lasted_half_a_year_is_judged_as_without_a_history() -> None:
    found = judged([500 + (at % 3) * 10 for at in range(12)] + [850 + (at % 3) * 10 for at in range(13)])
    assert np.isnan(found["ordinary"]).all()
    assert found["p_value"][-1] < 1e-6
