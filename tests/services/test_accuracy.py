"""Figures of a real count, held against every row: within the printed bound, or equal to the last digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.stats import ks_2samp, wasserstein_distance
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, matthews_corrcoef, roc_auc_score

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import Measurement
from plumbline.domain.toml_table import Table
from plumbline.policy.load import load_policy
from plumbline.profiling.columns import NumericColumn
from plumbline.profiling.count import count
from plumbline.profiling.edges import edges, single
from plumbline.profiling.profile import SCORE
from plumbline.services.measure import measure_windows
from plumbline.stats.classification import Confusion

ROWS = 20_000
NUMERIC = ("normal", "lognormal", "tails", "counts", "waiting", "constant", "outlier")
Found = dict[tuple[str, str | None], Measurement]


def spec() -> LogSpec:
    raw: dict[str, Any] = {
        "timestamp": "at",
        "score": "score",
        "label": "label",
        "decision": {"threshold": 0.3},
        "reference": {"column": "split", "equals": "reference"},
        "numeric": list(NUMERIC),
        "categorical": [],
    }
    return parse_log(Table(raw, file="model.toml", path="[log]"), Task.BINARY, ())


def half(rng: np.random.Generator, moved: float) -> pd.DataFrame:
    z = rng.normal(-1.5, 1.3, ROWS)
    waiting = np.where(rng.random(ROWS) < 0.8, 0.0, rng.gamma(2, 3 + moved, ROWS))
    outlier = rng.normal(0, 1, ROWS)
    outlier[0] = 1e9 * (1 + moved)
    return pd.DataFrame(
        {
            "score": 1 / (1 + np.exp(-(0.2 + 0.8 * z))),
            "label": (rng.random(ROWS) < 1 / (1 + np.exp(-z))).astype(float),
            "normal": rng.normal(moved, 1, ROWS),
            "lognormal": rng.lognormal(moved, 1, ROWS),
            "tails": rng.standard_t(2, ROWS) * 10 + moved,
            "counts": rng.poisson(4 + moved, ROWS),
            "waiting": waiting,  # one value rules, thousands of others: cuts do not part them all
            "constant": np.full(ROWS, 7.0),
            "outlier": outlier,
        }
    )


@pytest.fixture(scope="module")
def halves() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(11)
    return half(rng, 0.0), half(rng, 0.2)


@pytest.fixture(scope="module")
def counted(halves: tuple[pd.DataFrame, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Any:
    file = tmp_path_factory.mktemp("log") / "log.parquet"
    frames = [
        frame.assign(at=at, split=split)
        for frame, at, split in zip(halves, ("2026-01-10", "2026-02-10"), ("reference", "live"), strict=True)
    ]
    pd.concat(frames).to_parquet(file)
    return count(spec(), model_id="m", version_id="1", log=[file])


@pytest.fixture(scope="module")
def found(counted: Any) -> Found:
    measured = measure_windows(spec(), counted.reference, counted.windows, load_policy())[0]
    return {(each.metric, each.column): each for each in measured if each.segment is None}


def assert_within(figure: Measurement, exact: float, slack: float = 1e-12) -> None:
    assert figure.estimate is not None, figure.why_not
    assert figure.error_bound is not None
    assert abs(figure.estimate - exact) <= figure.error_bound + slack * max(1.0, abs(exact)), figure.metric


@pytest.mark.parametrize("name", [*NUMERIC, SCORE])
def test_every_value_lies_between_the_edges_of_its_bin(name: str, counted: Any) -> None:
    for profile in (counted.reference, *counted.windows):
        column = profile.columns[name]
        assert isinstance(column, NumericColumn)
        edge = edges(column.bins)
        assert len(edge) == column.bins.size + 1
        assert (edge[1:] >= edge[:-1]).all()
        assert edge[column.index[0]] <= column.minimum <= edge[column.index[0] + 1]
        assert edge[column.index[-1]] <= column.maximum <= edge[column.index[-1] + 1]
        alone = single(column.bins, column.index)
        assert (edge[column.index] == edge[column.index + 1])[alone].all()


@pytest.mark.parametrize("name", [*NUMERIC, SCORE])
def test_distances_of_a_column(name: str, halves: tuple[pd.DataFrame, pd.DataFrame], found: Found) -> None:
    before, now = (frame[name].to_numpy(dtype=float) for frame in halves)
    exact = wasserstein_distance(before, now)
    assert_within(found["ks", name], ks_2samp(before, now, method="asymp").statistic)
    assert_within(found["wasserstein", name], exact)
    if name == "constant":
        assert found["wasserstein_std", name].why_not == "The reference has no spread to measure the distance in."
    else:
        assert_within(found["wasserstein_std", name], exact / before.std(), 1e-9)


def test_bounds_are_small_where_the_bins_are_fine(found: Found) -> None:
    for name in ("normal", "lognormal", SCORE):
        bound, low = (getattr(found["wasserstein_std", name], part) for part in ("error_bound", "low"))
        assert bound < 0.01
        assert low >= 0
    assert (found["ks", "waiting"].error_bound or 0.0) > 0, "not every value has a bin of its own"
    assert found["ks", "counts"].error_bound == 0.0
    assert (found["calibration_slope", None].error_bound or 1.0) < 1e-3


def test_ranking_and_recalibration(halves: tuple[pd.DataFrame, pd.DataFrame], found: Found) -> None:
    y, p = halves[1]["label"].to_numpy(), halves[1]["score"].to_numpy()
    assert_within(found["roc_auc", None], float(roc_auc_score(y, p)))
    assert_within(found["average_precision", None], float(average_precision_score(y, p)))
    assert_within(found["ks_separation", None], ks_2samp(p[y == 0], p[y == 1], method="asymp").statistic)
    z = np.log(p / (1 - p))
    exact = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-13).fit(z[:, None], y)
    assert_within(found["calibration_slope", None], float(exact.coef_[0, 0]), 1e-9)
    assert_within(found["calibration_intercept", None], float(exact.intercept_[0]), 1e-9)


def test_sums_are_exact(halves: tuple[pd.DataFrame, pd.DataFrame], found: Found) -> None:
    y, p = halves[1]["label"].to_numpy(), halves[1]["score"].to_numpy()
    decided: NDArray[np.bool_] = p >= 0.3
    for metric, exact in {
        "brier_score": brier_score_loss(y, p),
        "log_loss": log_loss(y, p),
        "accuracy": (decided == y).mean(),
        "recall": decided[y == 1].mean(),
        "mcc": matthews_corrcoef(y, decided),
    }.items():
        assert found[metric, None].estimate == pytest.approx(exact, rel=0, abs=1e-9 if "loss" in metric else 1e-12), (
            metric
        )


def test_the_limits_of_matthews_correlation_cover_it() -> None:
    rng, hits = np.random.default_rng(4), 0
    shares = np.array([0.2, 0.1, 0.15, 0.55])
    truth = (shares[0] * shares[3] - shares[1] * shares[2]) / np.sqrt(0.3 * 0.7 * 0.35 * 0.65)
    for tp, fp, fn, tn in rng.multinomial(300, shares, 400).tolist():
        rate = Confusion(tp=tp, fp=fp, fn=fn, tn=tn).mcc
        assert rate is not None
        hits += rate.interval.low <= truth <= rate.interval.high
    assert 0.92 <= hits / 400 <= 0.98
    perfect = Confusion(tp=20, fp=0, fn=0, tn=30).mcc
    assert perfect is not None
    assert perfect.value == pytest.approx(1.0)
    assert 0.7 < perfect.interval.low < 1.0
    assert Confusion(tp=0, fp=0, fn=5, tn=5).mcc is None
