"""What every registered figure promises, whatever rows a window holds: logs counted for real, every key by itself.

A key that joins the registry joins these tests; where no model here makes it, give one what it needs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.models import Tier
from plumbline.domain.results import Measurement
from plumbline.domain.silent import SILENT_FAILURES, SilentFailure
from plumbline.domain.toml_table import Table
from plumbline.policy.judge import judge_window
from plumbline.policy.load import load_policy
from plumbline.profiling.count import Counted, count
from plumbline.profiling.profile import Profile
from plumbline.services.drifted_share import DRIFTED_SHARE
from plumbline.services.judging import judged_results
from plumbline.services.measure import measure_windows
from plumbline.stats.registry import METRICS

POLICY = load_policy()
ROWS = 1_200
MONTHS = {
    "plain": 1,
    "constant": 2,
    "one outcome": 3,
    "one row": 4,
    "ties": 5,
    "nothing known": 6,
    "empty": 7,
    "last": 8,
}
Key = tuple[str, str | None, str | None, str | None]
ROUNDING = 1e-9


@dataclass(frozen=True)
class Model:
    """A model file's log, and its columns for so many rows: what `of` shapes them into depends on the window."""

    task: Task
    log: dict[str, Any]
    columns: Callable[[np.random.Generator, int], pd.DataFrame]
    event: Any  # an outcome

    def spec(self, **more: Any) -> LogSpec:
        given = {
            "id": "id", "timestamp": "at", "reference": {"column": "split", "equals": "reference"}, "window": "month",
            "numeric": ["x", "near_constant"], "categorical": ["level"], "segments": ["level"],
        } | self.log | more  # fmt: skip
        counter = {"key": "change_rate", "mean_of": "changed", "direction": "lower", "role": "counter"}
        house = Table(counter, file="model.toml", path="[[metrics]]")
        return parse_log(Table(given, file="model.toml", path="[log]"), self.task, (house,))


def features(rng: np.random.Generator, n: int) -> pd.DataFrame:
    x = rng.normal(0, 1, n)
    x[rng.random(n) < 0.05] = np.nan
    return pd.DataFrame({
        "x": x, "near_constant": np.where(rng.random(n) < 0.99, 1.0, 2.0), "level": rng.choice(["a", "b", "c"], n),
        "sex": rng.choice(["F", "M"], n), "changed": rng.random(n) < 0.1,
    })  # fmt: skip


def binary(rng: np.random.Generator, n: int) -> pd.DataFrame:
    score = np.round(rng.beta(2, 3, n), 4)
    return features(rng, n).assign(score=score, label=(rng.random(n) < score).astype(float))


def amounts(rng: np.random.Generator, n: int) -> pd.DataFrame:
    score = rng.gamma(2, 0.2, n) + 0.01
    return features(rng, n).assign(score=score, label=rng.poisson(score).astype(float))


def classes(rng: np.random.Generator, n: int) -> pd.DataFrame:
    given = rng.dirichlet([1, 1, 1], n)
    label = np.array([rng.choice(list("abc"), p=row) for row in given], dtype=object)
    return features(rng, n).assign(p_a=given[:, 0], p_b=given[:, 1], p_c=given[:, 2], label=label)


MODELS = {
    "binary": Model(
        Task.BINARY,
        {
            "score": "score", "label": "label", "decision": {"threshold": 0.4}, "groups": ["sex"],
            "override": "changed", "domain_rows": 500, "value": {"tp": 0, "fp": -200, "fn": -9000, "tn": 400},
        },
        binary,
        1.0,
    ),
    "regression": Model(Task.REGRESSION, {"score": "score", "label": "label"}, amounts, 1.0),
    "multiclass": Model(
        Task.MULTICLASS, {"score": {"a": "p_a", "b": "p_b", "c": "p_c"}, "label": "label"}, classes, "a"
    ),
}  # fmt: skip


def log_of(model: Model) -> pd.DataFrame:
    """The reference, and a month for each of MONTHS but the empty one."""
    rng = np.random.default_rng(5)
    parts = [model.columns(rng, 2 * ROWS).assign(split="reference", month=0)]
    for name, month in MONTHS.items():
        part = model.columns(rng, 1 if name == "one row" else 0 if name == "empty" else ROWS)
        if name == "constant":
            part = pd.concat([part.iloc[:1]] * ROWS, ignore_index=True)
        elif name == "one outcome":
            part["label"] = model.event
        elif name == "ties" and "score" in part:
            part["score"] = np.where(np.arange(len(part)) % 2, 0.25, 0.5)
        elif name == "nothing known":
            part = part.assign(label=None, x=np.nan, **({"score": np.nan} if "score" in part else {}))
        parts.append(part.assign(split="live", month=month))
    frame = pd.concat([part for part in parts if len(part)], ignore_index=True)
    when = [f"2026-{month:02d}-10T00:00:00Z" if month else "2025-12-10T00:00:00Z" for month in frame.pop("month")]
    return frame.assign(id=[f"r{at}" for at in range(len(frame))], at=when, one=1.0)


def counted(spec: LogSpec, frame: pd.DataFrame, path: Path) -> Counted:
    frame.to_parquet(path)
    return count(spec, model_id="m", version_id="1", log=[path])


def measured(spec: LogSpec, reference: Profile, windows: Sequence[Profile]) -> dict[str, tuple[Measurement, ...]]:
    figures = measure_windows(spec, reference, windows, POLICY)
    return {profile.window.label: found for profile, found in zip(windows, figures, strict=True)}


def by_key(figures: Sequence[Measurement]) -> dict[Key, Measurement]:
    return {(each.metric, each.column, each.segment_by, each.segment): each for each in figures}


@pytest.fixture(scope="module")
def logs() -> Mapping[str, pd.DataFrame]:
    return {name: log_of(model) for name, model in MODELS.items()}


@pytest.fixture(scope="module")
def whole(logs: Mapping[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Counted]:
    folder = tmp_path_factory.mktemp("whole")
    return {name: counted(MODELS[name].spec(), log, folder / f"{name}.parquet") for name, log in logs.items()}


@pytest.fixture(scope="module")
def figures(whole: Mapping[str, Counted]) -> Mapping[str, Mapping[str, list[Measurement]]]:
    """By the name of what the window holds, then by metric: the figures of all models."""
    found: dict[str, dict[str, list[Measurement]]] = {name: defaultdict(list) for name in (*MONTHS, "reference")}
    names = {f"2026-{month:02d}": name for name, month in MONTHS.items()} | {"reference": "reference"}
    for model, each in whole.items():
        held = (each.reference, *each.windows)
        for result in judged_results(MODELS[model].spec(), held, POLICY, family="general", tier=Tier.ONE):
            found[names[result.window.label]][result.measurement.metric].append(result.measurement)
    return found


# A failure that is found is a figure; where nothing failed there is none, and their number says so.
@pytest.mark.parametrize("key", [key for key in METRICS if key not in set(SilentFailure)])
def test_a_registered_figure_is_made_of_plain_rows(key: str, figures: Mapping[str, Mapping[str, Any]]) -> None:
    made = [each for each in figures["plain"][key] if each.estimate is not None]
    assert made, "no model of this test makes it; give one what it needs"
    tested = [each for each in made if each.low is not None or each.p_value is not None]
    assert tested or key in ("chi_square", SILENT_FAILURES, DRIFTED_SHARE), "neither an interval nor a test"


@pytest.mark.parametrize("holds", [*MONTHS, "reference"])
@pytest.mark.parametrize("key", METRICS)
def test_a_figure_is_within_its_range_and_its_interval_or_says_why_it_is_absent(
    key: str, holds: str, figures: Mapping[str, Mapping[str, list[Measurement]]]
) -> None:
    metric = METRICS[key]
    for each in figures[holds][key]:
        numbers = (each.estimate, each.low, each.high, each.p_value, each.p_adjusted, each.error_bound, each.effect)
        assert all(number is None or math.isfinite(number) for number in numbers), each
        if each.estimate is None:
            assert each.why_not, each
            assert (each.low, each.high, each.p_value, each.method) == (None, None, None, ""), each
            continue
        slack = ROUNDING * max(1.0, abs(each.estimate))
        assert each.method, each
        assert each.n > 0 or key in ("row_count", SilentFailure.NO_DATA, SILENT_FAILURES), each
        assert metric.low is None or each.estimate >= metric.low - slack, each
        assert metric.high is None or each.estimate <= metric.high + slack, each
        assert (each.low is None) == (each.high is None), each
        if each.low is not None and each.high is not None:
            assert each.low - slack <= each.estimate <= each.high + slack, each
        assert each.p_value is None or 0 <= each.p_value <= 1, each
        assert each.error_bound is None or each.error_bound >= 0, each


@pytest.mark.parametrize("holds", [*MONTHS, "reference"])
def test_every_figure_gets_a_verdict_in_words(
    holds: str, figures: Mapping[str, Mapping[str, list[Measurement]]]
) -> None:
    found = [each for of in figures[holds].values() for each in of]
    verdicts = judge_window(found, POLICY, family="credit_pd", tier=Tier.ONE)
    assert all(verdict.reason and "nan" not in verdict.reason.lower() for verdict in verdicts)


@pytest.mark.parametrize("model", MODELS)
def test_a_weight_of_one_is_a_row(
    model: str, logs: Mapping[str, pd.DataFrame], whole: Mapping[str, Counted], tmp_path: Path
) -> None:
    spec = MODELS[model].spec(weight="one")
    weighed = counted(spec, logs[model], tmp_path / "log.parquet")
    one = measured(spec, weighed.reference, weighed.windows)
    rows = measured(MODELS[model].spec(), whole[model].reference, whole[model].windows)
    for window, of in rows.items():
        for key, figure in by_key(of).items():
            found = by_key(one[window])[key]
            assert (found.n, found.events) == (figure.n, figure.events), key
            for name in ("estimate", "low", "high", "p_value"):
                expected, got = getattr(figure, name), getattr(found, name)
                assert (got is None) == (expected is None), (window, key, name)
                # A distance by transport knows of rows where their least and greatest stand.
                slack = (figure.error_bound or 0) + ROUNDING if "wasserstein" in key[0] else ROUNDING
                assert got is None or got == pytest.approx(expected, rel=1e-6, abs=slack), (window, key, name)


@pytest.mark.parametrize("model", MODELS)
def test_the_order_of_rows_is_of_no_matter(
    model: str, logs: Mapping[str, pd.DataFrame], whole: Mapping[str, Counted], tmp_path: Path
) -> None:
    spec = MODELS[model].spec()
    turned = counted(spec, logs[model].sample(frac=1.0, random_state=3), tmp_path / "log.parquet")
    assert measured(spec, turned.reference, turned.windows) == measured(
        spec, whole[model].reference, whole[model].windows
    )


@pytest.mark.parametrize("model", MODELS)
def test_figures_of_parts_added_up_are_those_of_the_whole(
    model: str, logs: Mapping[str, pd.DataFrame], whole: Mapping[str, Counted], tmp_path: Path
) -> None:
    spec, log = MODELS[model].spec(), logs[model]
    live = log["split"] == "live"
    rng = np.random.default_rng(4)
    first = rng.random(len(log)) < 0.3
    parts = [
        counted(spec, log[~live | (live & side)], tmp_path / f"{at}.parquet") for at, side in enumerate((first, ~first))
    ]
    by_label = [{each.window.label: each for each in part.windows} for part in parts]
    every = whole[model]
    for window in every.windows:
        here = [side[window.window.label] for side in by_label if window.window.label in side]
        added = here[0] if len(here) == 1 else here[0] + here[1]
        added = replace(added, sources=window.sources)
        label = window.window.label
        assert measured(spec, every.reference, [added])[label] == measured(spec, every.reference, [window])[label]
