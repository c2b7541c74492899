"""Figures by weight: those of scikit-learn's sample_weight, of numpy, and of rows repeated as often as they weigh."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn import metrics

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import Measurement
from plumbline.domain.toml_table import Table
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.measure import measure_windows

POLICY = load_policy()
Columns = dict[str, Any]
Key = tuple[str, str | None, str | None]
Figures = dict[Key, Measurement]
Measure = Callable[..., tuple[Figures, Figures]]
ROWS = 12_000
START = np.datetime64("2026-01-01T00:00:00", "us")


def loans(seed: int = 11, rows: int = ROWS) -> Columns:
    """A third is the reference; later scores and incomes move, and exposures have all their digits."""
    rng = np.random.default_rng(seed)
    late = np.arange(rows) >= rows // 3
    score = np.clip(rng.beta(2, 6, rows) + 0.05 * late, 0, 1)
    sex = rng.choice(["F", "M"], rows)
    return {
        "id": np.arange(rows).astype(str),
        "event_time": START + np.arange(rows).astype("timedelta64[m]"),
        "split": np.where(late, "production", "reference"),
        "score": score,
        "label": (rng.random(rows) < score).astype(float),
        "income": np.where(rng.random(rows) < 0.05, np.nan, rng.lognormal(10 + 0.2 * late, 1, rows)),
        "dependants": rng.poisson(2 + 0.3 * late, rows).astype(float),
        "sector": rng.choice(["farm", "shop", "office"], rows, p=[0.5, 0.3, 0.2]),
        "sex": sex,
        "complained": (rng.random(rows) < 0.1).astype(float),
        "exposure": rng.uniform(0.05, 1.0, rows) * np.where(sex == "F", 1.0, 0.6),
    }


def plan(task: Task = Task.BINARY, **changes: Any) -> LogSpec:
    raw: dict[str, Any] = {
        "id": "id", "timestamp": "event_time", "score": "score", "label": "label", "decision": {"threshold": 0.3},
        "favourable": 0, "window": "year", "reference": {"column": "split", "equals": "reference"},
        "numeric": ["income", "dependants"], "categorical": ["sector"], "segments": ["sector"], "groups": ["sex"],
        "weight": "exposure",
    } | changes  # fmt: skip
    kept = {key: value for key, value in raw.items() if value is not None}
    house = Table({"key": "complaint_rate", "mean_of": "complained", "direction": "lower"}, file="m.toml", path="")
    return parse_log(Table(kept, file="m.toml", path="[log]"), task, (house,))


@pytest.fixture
def measured(tmp_path: Path) -> Measure:
    """(figures of the reference, figures of the one window) by metric, column and segment."""

    def run(columns: Columns, spec: LogSpec | None = None) -> tuple[Figures, Figures]:
        path = tmp_path / "log.parquet"
        pq.write_table(pa.table({name: pa.array(values) for name, values in columns.items()}), path)
        spec = spec or plan()
        found = count(spec, model_id="m", version_id="1", log=[str(path)])
        both = measure_windows(spec, found.reference, [found.reference, found.windows[0]], POLICY)
        first, second = ({(each.metric, each.column, each.segment): each for each in part} for part in both)
        return first, second

    return run


def value(figures: Figures, metric: str, column: str | None = None, segment: str | None = None) -> float:
    estimate = figures[metric, column, segment].estimate
    assert estimate is not None, (metric, figures[metric, column, segment].why_not)
    return estimate


@pytest.mark.parametrize("segment", [None, "F", "shop"])
def test_performance_is_that_of_scikit_learn_with_sample_weight(segment: str | None, measured: Measure) -> None:
    columns = loans()
    inside = columns["split"] == "production"
    if segment:
        inside = inside & ((columns["sex"] == segment) | (columns["sector"] == segment))
    y, p, w = (columns[name][inside] for name in ("label", "score", "exposure"))
    _, found = measured(columns)
    expected = expected_of(y, p, w)
    for name, exact in expected.items():
        assert value(found, name, None, segment) == pytest.approx(exact, abs=TOLERANCE.get(name, 1e-11), rel=0), name
    for name in ("roc_auc", "average_precision"):
        figure = found[name, None, segment]
        assert abs(value(found, name, None, segment) - expected[name]) <= (figure.error_bound or 0) + 1e-11
        assert (figure.n, figure.events) == (inside.sum(), y.sum())


def share(of: Any, w: Any) -> float:
    return float(w[of].sum() / w.sum())


def expected_of(y: Any, p: Any, w: Any) -> dict[str, float]:
    d, of_score = p >= 0.3, {"y_true": y, "sample_weight": w}
    of_decision = {"y_true": y, "y_pred": d, "sample_weight": w}
    return {
        "roc_auc": metrics.roc_auc_score(y_score=p, **of_score),
        "gini": 2 * metrics.roc_auc_score(y_score=p, **of_score) - 1,
        "average_precision": metrics.average_precision_score(y_score=p, **of_score),
        "log_loss": metrics.log_loss(y_proba=p, **of_score),
        "brier_score": metrics.brier_score_loss(y_proba=p, **of_score),
        "accuracy": metrics.accuracy_score(**of_decision),
        "balanced_accuracy": metrics.balanced_accuracy_score(**of_decision),
        "precision": metrics.precision_score(**of_decision),
        "recall": metrics.recall_score(**of_decision),
        "specificity": metrics.recall_score(pos_label=0, **of_decision),
        "f1": metrics.f1_score(**of_decision),
        "mcc": metrics.matthews_corrcoef(**of_decision),
        "base_rate": share(y == 1, w),
        "selection_rate": share(~d, w),
        "mean_score": float(np.average(p, weights=w)),
        "observed_expected": float(np.average(y, weights=w) / np.average(p, weights=w)),
    }


TOLERANCE = {"roc_auc": 1e-5, "gini": 2e-5, "average_precision": 1e-4}


def test_drift_is_that_of_numpy_with_weights(measured: Measure) -> None:
    columns = loans()
    before, late = columns["split"] == "reference", columns["split"] == "production"
    _, found = measured(columns)
    w = columns["exposure"]
    for name in ("income", "dependants", "score"):
        x = columns[name]
        one, two = before & np.isfinite(x), late & np.isfinite(x)
        edges = np.unique(np.quantile(x[one], np.arange(1, 10) / 10))
        bins = len(edges) + 1
        shares = [
            np.bincount(np.searchsorted(edges, x[side], side="right"), weights=w[side], minlength=bins)
            for side in (one, two)
        ]
        p, q = (side[shares[0] > 0] / side.sum() for side in shares)
        assert value(found, "psi", name) == pytest.approx(((q - p) * np.log(q / p)).sum(), abs=1e-10)
        gap, moved = distances(x[one], w[one], x[two], w[two])
        for metric, exact in (("ks", gap), ("wasserstein", moved)):
            figure = found[metric, name, None]
            # What is printed of a bound is of binning; weights are told to 32 bits.
            assert abs(value(found, metric, name) - exact) <= (figure.error_bound or 0) + 1e-9 * max(exact, 1.0)
    shares = [
        np.array([w[side & (columns["sector"] == level)].sum() for level in ("farm", "shop", "office")])
        for side in (before, late)
    ]
    p, q = (side / side.sum() for side in shares)
    assert value(found, "total_variation", "sector") == pytest.approx(np.abs(p - q).sum() / 2, abs=1e-11)
    assert found["psi", "sector", None].n == late.sum()
    missing = w[late & np.isnan(columns["income"])].sum() / w[late].sum()
    assert value(found, "non_finite_rate", "income") == pytest.approx(missing, abs=1e-11)


def distances(x: Any, v: Any, y: Any, w: Any) -> tuple[float, float]:
    """Largest gap and area between two weighted distribution functions."""
    at = np.unique(np.concatenate([x, y]))
    sides = []
    for values, weights in ((x, v), (y, w)):
        order = np.argsort(values)
        below = np.concatenate([[0.0], np.cumsum(weights[order])]) / weights.sum()
        sides.append(below[np.searchsorted(values[order], at, side="right")])
    gap = np.abs(sides[0] - sides[1])
    return float(gap.max()), float((gap[:-1] * np.diff(at)).sum())


def test_intervals_and_tests_are_of_the_effective_rows(measured: Measure) -> None:
    columns = loans()
    _, found = measured(columns)
    inside = columns["split"] == "production"
    y, w = columns["label"][inside], columns["exposure"][inside]
    n, rate = w.sum() ** 2 / (w**2).sum(), share(y == 1, w)
    half = 1.959963984540054 / (1 + 3.841458820694124 / n)
    half *= np.sqrt(rate * (1 - rate) / n + 3.841458820694124 / (4 * n * n))
    figure = found["base_rate", None, None]
    assert figure.low is not None
    assert figure.high is not None
    assert (figure.high - figure.low) / 2 == pytest.approx(half, rel=1e-7)
    assert figure.n == inside.sum()
    assert figure.events == y.sum()
    assert "effective rows" in figure.method


def numbers(each: Measurement) -> tuple[float | None, ...]:
    return (
        *(each.estimate, each.low, each.high, each.reference, each.effect, each.p_value, each.p_adjusted),
        *(each.n, each.events, each.n_reference, each.label_share, each.error_bound, each.null_expectation),
    )


@pytest.mark.parametrize("weight", [1.0, 2.0**-7, 64.0])
def test_rows_of_one_weight_give_the_figures_of_rows(weight: float, measured: Measure) -> None:
    columns = loans() | {"exposure": np.full(ROWS, weight)}
    plain, weighted = measured(columns, plan(weight=None))[1], measured(columns)[1]
    assert weighted.keys() == plain.keys()
    # What a row must weigh is not known of weights, so these are told a hair less closely.
    looser = {"average_precision", "wasserstein", "wasserstein_std"}
    for key, each in plain.items():
        if key[0] not in looser:
            assert numbers(weighted[key]) == numbers(each), key
        elif each.estimate is not None:
            assert abs(value(weighted, *key) - each.estimate) <= (each.error_bound or 0) + 1e-12


def test_estimates_are_those_of_rows_repeated_as_often_as_they_weigh(measured: Measure) -> None:
    often = np.random.default_rng(4).integers(0, 4, ROWS)
    columns = loans() | {"exposure": often.astype(float)}
    repeated = {
        name: np.repeat(values, np.where(columns["split"] == "reference", 1, often)) for name, values in columns.items()
    }
    columns["exposure"][columns["split"] == "reference"] = 1.0
    repeated["id"] = np.arange(len(repeated["id"])).astype(str)
    plain, weighted = measured(repeated, plan(weight=None))[1], measured(columns)[1]
    # What hangs on the number of rows, and not on shares alone.
    sized = {"row_count", "chi_square", "hosmer_lemeshow", "spiegelhalter_z", "jeffreys", "binomial"}
    sized |= {"traffic_light", "rank_order_breaks"}
    sized |= {"concept_shift"}  # whose bands are pooled by rows
    compared = 0
    for key, each in plain.items():
        if key[0] not in sized and each.estimate is not None:
            # A distance by transport knows of rows where their least and greatest stand.
            slack = (each.error_bound or 0) + (weighted[key].error_bound or 0) if "wasserstein" in key[0] else 1e-10
            assert weighted[key].estimate == pytest.approx(each.estimate, rel=1e-8, abs=slack), key
            compared += 1
    assert compared > 100


def test_regression_is_that_of_weighted_sums(measured: Measure) -> None:
    rng, columns = np.random.default_rng(3), loans()
    columns["score"] = rng.gamma(2, 500, ROWS)
    columns["label"] = columns["score"] * rng.gamma(4, 0.25, ROWS)
    spec = plan(Task.REGRESSION, decision=None, favourable=None, segments=["sector"])
    _, found = measured(columns, spec)
    inside = columns["split"] == "production"
    y, p, w = (columns[name][inside] for name in ("label", "score", "exposure"))
    expected = {
        "actual_expected": (w * y).sum() / (w * p).sum(),
        "mae": metrics.mean_absolute_error(y, p, sample_weight=w),
        "rmse": metrics.root_mean_squared_error(y, p, sample_weight=w),
        "r2": metrics.r2_score(y, p, sample_weight=w),
        "mean_error": np.average(p - y, weights=w),
        "mape": np.average(np.minimum(np.abs((y - p) / y), 1e4), weights=w),
    }
    for name, exact in expected.items():
        assert value(found, name) == pytest.approx(exact, rel=1e-8, abs=1e-8), name


def test_several_classes_are_weighed(measured: Measure) -> None:
    rng, columns = np.random.default_rng(6), loans()
    chances = rng.dirichlet([2, 2, 2], ROWS)
    names = np.array(["a", "b", "c"])
    label = names[(chances.cumsum(axis=1) < rng.random((ROWS, 1))).sum(axis=1).clip(0, 2)]
    columns |= {"label": label} | {f"p_{name}": chances[:, at] for at, name in enumerate(names)}
    spec = plan(Task.MULTICLASS, decision=None, favourable=None, score={str(name): f"p_{name}" for name in names})
    _, found = measured(columns, spec)
    inside = columns["split"] == "production"
    y, p, w = label[inside], chances[inside], columns["exposure"][inside]
    assert value(found, "accuracy") == pytest.approx(
        metrics.accuracy_score(y, names[p.argmax(axis=1)], sample_weight=w), abs=1e-11
    )
    assert value(found, "log_loss") == pytest.approx(metrics.log_loss(y, p, sample_weight=w), abs=1e-9)
    areas = [metrics.roc_auc_score(y == name, p[:, at], sample_weight=w) for at, name in enumerate(names)]
    assert value(found, "roc_auc") == pytest.approx(np.mean(areas), abs=2e-5)
    shop = columns["sector"][inside] == "shop"
    exact = metrics.accuracy_score(y[shop], names[p[shop].argmax(axis=1)], sample_weight=w[shop])
    assert value(found, "accuracy", None, "shop") == pytest.approx(exact, abs=1e-11)


def test_groups_are_compared_by_weight_and_held_back_by_rows(measured: Measure) -> None:
    columns = loans()
    columns["exposure"][columns["sex"] == "M"] *= 1e-6
    _, found = measured(columns)
    inside = columns["split"] == "production"
    favoured = columns["score"] < 0.3
    rates = {}
    for sex in ("F", "M"):
        some = inside & (columns["sex"] == sex)
        rates[sex] = columns["exposure"][some & favoured].sum() / columns["exposure"][some].sum()
    low, high = sorted(rates, key=lambda sex: rates[sex])
    figure = found["impact_ratio", None, low]
    assert figure.estimate == pytest.approx(rates[low] / rates[high], rel=1e-3)
    assert figure.n == (inside & (columns["sex"] == low)).sum()
    assert figure.n_reference == (inside & (columns["sex"] == high)).sum()


def test_a_window_that_weighs_nothing_is_empty_with_a_reason(measured: Measure) -> None:
    columns = loans()
    columns["exposure"] = np.where(columns["split"] == "reference", 1.0, 0.0)
    _, found = measured(columns)
    assert value(found, "row_count") == (columns["split"] == "production").sum()
    for key, each in found.items():
        if key[0] not in ("row_count", "duplicate_rate"):
            assert each.estimate is None, key
            assert each.why_not, key
