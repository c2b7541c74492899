"""All features at once: what no single column shows is found and named, and chance is not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Result
from plumbline.domain.toml_table import Table
from plumbline.policy.load import load_policy
from plumbline.profiling.count import Counted, count
from plumbline.profiling.domain_classifier import Sample, told_apart
from plumbline.profiling.serial import decode, encode
from plumbline.services.domain_auc import DOMAIN_AUC, domain_aucs, leaning, measured
from plumbline.services.judging import judged_results

POLICY = load_policy()
NAMES = ("a", "b", "c", "d", "e", "f")


def rows(rng: np.random.Generator, n: int, correlation: float) -> np.ndarray:
    """Six standard normal columns; the first two move together, or against each other."""
    values = rng.normal(0, 1, (n, len(NAMES)))
    values[:, 1] = correlation * values[:, 0] + np.sqrt(1 - correlation**2) * values[:, 1]
    return values


def spec(**more: Any) -> LogSpec:
    raw = {
        "id": "id", "timestamp": "at", "score": "score", "window": "month", "domain_rows": 700,
        "reference": {"column": "split", "equals": "reference"}, "numeric": list(NAMES), "categorical": [],
    } | more  # fmt: skip
    return parse_log(Table(raw, file="model.toml", path="[log]"), Task.BINARY, ())


def log(path: Path, sizes: Sequence[int], correlations: Sequence[float]) -> Path:
    """The reference and then month after month."""
    rng, parts = np.random.default_rng(11), []
    for month, (n, correlation) in enumerate(zip(sizes, correlations, strict=True), start=1):
        part = pd.DataFrame(rows(rng, n, correlation), columns=list(NAMES))
        split = "reference" if month == 1 else "live"
        parts.append(part.assign(at=pd.Timestamp(2026, month, 5), split=split, score=0.5, w=2.0))
    frame = pd.concat(parts, ignore_index=True)
    frame.assign(id=[f"r{at}" for at in range(len(frame))]).to_parquet(path)
    return path


@pytest.fixture(scope="module")
def flipped(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """A reference, a month alike, a month in which a correlation changed its sign, and two that are small."""
    path = tmp_path_factory.mktemp("flipped") / "log.parquet"
    return count(
        spec(),
        model_id="m",
        version_id="1",
        log=[log(path, (1_500, 900, 900, 300, 30), (0.6, 0.6, -0.6, 0.6, 0.6))],
    )


def judged(found: Counted, of: LogSpec | None = None) -> dict[str, Result]:
    held = (found.reference, *found.windows)
    results = judged_results(of or spec(), held, POLICY, family="general", tier=Tier.TWO)
    return {each.window.label: each for each in results if each.measurement.metric == DOMAIN_AUC}


def test_a_correlation_that_changed_its_sign_is_found_and_both_columns_are_named(flipped: Counted) -> None:
    held = (flipped.reference, *flipped.windows)
    results = judged_results(spec(), held, POLICY, family="general", tier=Tier.TWO)
    march = {
        (each.measurement.metric, each.measurement.column): each for each in results if each.window.label == "2026-03"
    }
    assert all(march["psi", name].verdict.level in (Level.GREEN, Level.WATCH) for name in NAMES)
    found = march[DOMAIN_AUC, None]
    m = found.measurement
    assert found.verdict.level in (Level.AMBER, Level.RED)
    assert m.estimate is not None
    assert m.low is not None
    assert 0.65 < m.low < m.estimate
    assert m.effect == pytest.approx(m.estimate - 0.5)
    assert (m.n, m.n_reference) == (700, 700)
    said = found.verdict.reason.split("What tells them apart: ")[1]
    assert {word for word in NAMES if f"{word} (" in said} == {"a", "b"}


def test_a_month_alike_is_no_change(flipped: Counted) -> None:
    found = judged(flipped)["2026-02"]
    assert found.verdict.level in (Level.GREEN, Level.WATCH)
    assert found.measurement.p_adjusted == found.measurement.p_value
    assert "within the limits" in found.verdict.reason.lower()


def test_too_few_rows_are_grey_and_say_how_many_it_takes(flipped: Counted) -> None:
    few, hardly = judged(flipped)["2026-04"], judged(flipped)["2026-05"]
    assert (few.verdict.level, few.measurement.n) == (Level.GREY, 300)
    assert "500 rows are needed, 300 are here; 200 more settle it" in few.verdict.reason
    assert (hardly.verdict.level, hardly.measurement.estimate) == (Level.GREY, None)
    assert "30 of the window and 700 of the reference are here" in hardly.verdict.reason


def test_the_reference_has_none_and_a_stored_window_gives_the_same_digits(flipped: Counted) -> None:
    now = judged(flipped)
    assert set(now) == {"2026-02", "2026-03", "2026-04", "2026-05"}
    reference, *windows = (decode(encode(each)) for each in (flipped.reference, *flipped.windows))
    again = domain_aucs(spec(), reference, windows, POLICY, family="general", tier=Tier.TWO)
    assert {each.window.label: each for each in again} == now


def test_another_reference_or_a_sum_of_windows_has_no_such_figure(flipped: Counted) -> None:
    one, two = flipped.windows[:2]
    for reference, window in ((one, two), (flipped.reference + one, two), (flipped.reference, one + two)):
        assert not list(domain_aucs(spec(), reference, [window], POLICY, family="general", tier=Tier.TWO))


def test_by_weight_it_still_describes_rows_and_says_so(tmp_path: Path) -> None:
    weighed = spec(weight="w")
    path = log(tmp_path / "log.parquet", (600, 600), (0.6, -0.6))
    found = judged(count(weighed, model_id="m", version_id="1", log=[path]), weighed)["2026-02"].measurement
    assert found.method.endswith("rows count once, whatever their weight")
    assert found.n == 600


@pytest.fixture(scope="module")
def quiet() -> list[float]:
    """p-values where nothing drifts: 30 references, each with one window, of 150 rows a side."""
    rng = np.random.default_rng(5)
    found = []
    for _ in range(30):
        reference, window = (Sample(rows(rng, 150, 0.6)) for _ in range(2))
        found.append(measured(told_apart(reference, window, NAMES, ())).p_value)
    return [p for p in found if p is not None]


def test_without_drift_p_values_are_not_too_small(quiet: list[float]) -> None:
    """At most 5 % are under 5 %: of 30 six or more would come once in sixty such tests."""
    assert len(quiet) == 30
    assert sum(p < 0.05 for p in quiet) < 6
    assert min(quiet) > 0.0005


def test_an_infinity_is_a_value_like_any_other_and_unseen_levels_are_one() -> None:
    rng = np.random.default_rng(6)
    reference, window = rows(rng, 300, 0.0), rows(rng, 300, 0.0)
    reference[:, 5], window[:, 5] = rng.integers(0, 3, 300), rng.integers(0, 4, 300)
    window[:20, 0], reference[:20, 1] = np.inf, -np.inf
    found = told_apart(Sample(reference), Sample(window), NAMES, (5,))
    m = measured(found)
    assert m.estimate is not None
    assert m.estimate > 0.55
    assert "f (" in leaning(found)
