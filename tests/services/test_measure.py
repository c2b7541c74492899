"""Figures of a window from profiles counted here by plain numpy, held against scikit-learn and arithmetic."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

from plumbline.domain.house_metric import HouseMetric
from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Window
from plumbline.policy.judge import judge_window
from plumbline.policy.load import load_policy
from plumbline.profiling.bins import CategoricalBins, Grid, NumericBins
from plumbline.profiling.profile import ALL, CategoricalColumn, NumericColumn, Population, Profile, Slice, Sums
from plumbline.profiling.scores import CountedScores
from plumbline.services.measure import adjusted, measure, measure_windows

POLICY = load_policy()
UNIT = 2.0**-40
SCORES = tuple(round(step / 100, 2) for step in range(1, 100))
BINS = NumericBins(
    kind="value",
    cuts=SCORES,
    deciles=tuple(step / 10 for step in range(1, 10)),
    minimum=0.01,
    maximum=0.99,
    unit=UNIT,
    unit_sq=UNIT,
)
LEVELS = CategoricalBins(levels=("a", "b", "c"))
GRID = Grid(
    columns={"amount": BINS, "region": LEVELS},
    scores={"score": BINS},
    slices={"sex": ("F", "M")},
    bands=tuple(step / 10 for step in range(11)),
    units={},
)
SPEC = LogSpec(
    task=Task.BINARY,
    score="score",
    classes={},
    score_kind=ScoreKind.PROBABILITY,
    score_range=(0.0, 1.0),
    higher_is="riskier",
    label="label",
    threshold=0.5,
    favourable=0,
    groups=("sex",),
    metrics=(HouseMetric(key="complaint_rate", direction="lower", mean_of="complained"),),
)
Rows = dict[str, np.ndarray[Any, Any]]


def rows(n: int, seed: int, *, shift: float = 0.0, unfair: float = 0.0, labels: float = 1.0) -> Rows:
    """Scores that are true probabilities; `shift` moves the outcomes away from them."""
    rng = np.random.default_rng(seed)
    sex = np.where(rng.random(n) < 0.5, "F", "M")
    score = np.clip(np.round(rng.beta(2, 3, n) + unfair * (sex == "F"), 2), 0.01, 0.99)
    label = (rng.random(n) < np.clip(score + shift, 0, 1)).astype(int)
    label[rng.random(n) >= labels] = 2
    region = rng.choice(["a", "b", "c"], n, p=[0.6, 0.3, 0.1])
    return {"sex": sex, "score": score, "label": label, "region": region, "complained": rng.random(n) < 0.05}


def population(of: Rows) -> Population:
    score, label, n = of["score"], of["label"], len(of["score"])
    at = 2 * np.searchsorted(np.asarray(SCORES), score) + 1
    index, place = np.unique(at, return_inverse=True)
    counts = np.zeros((len(index), 3), dtype=np.int64)
    np.add.at(counts, (place, label), 1)
    decisions = np.zeros((3, 3), dtype=np.int64)
    np.add.at(decisions, ((score >= 0.5).astype(int), label), 1)
    known = label < 2
    s, y = score[known], label[known]
    bands = np.minimum((s * 10).astype(int), 9)
    loss = -np.log(np.where(y == 1, s, 1 - s))
    brier = (s - y) ** 2
    sums = {
        "score": score.sum(), "score_sq": (score**2).sum(), "expected": s.sum(), "variance": (s * (1 - s)).sum(),
        "brier": brier.sum(), "brier_sq": (brier**2).sum(), "log_loss": loss.sum(), "log_loss_sq": (loss**2).sum(),
        "actual": y.sum(), "complaint_rate:n": float(n), "complaint_rate:x": of["complained"].sum(),
        "complaint_rate:xx": of["complained"].sum(),
    }  # fmt: skip
    return Population(
        bins=BINS,
        scores=CountedScores(index, counts),
        decisions=decisions,
        band_rows=np.bincount(bands, minlength=10),
        band_score_units=_units(np.bincount(bands, weights=s, minlength=10)),
        band_actual_units=_units(np.bincount(bands, weights=y, minlength=10)),
        sums=_sums(sums),
    )


def _units(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.round(values / UNIT).astype(np.int64)


def _sums(values: Mapping[str, float]) -> Sums:
    totals = tuple(round(float(value) / UNIT) for value in values.values())
    return Sums(names=tuple(values), totals=totals, units=(UNIT,) * len(values))


def numeric(values: np.ndarray[Any, Any], missing: int = 0) -> NumericColumn:
    at = 2 * np.searchsorted(np.asarray(SCORES), values) + 1
    index, count = np.unique(at, return_counts=True)
    return NumericColumn(bins=BINS, index=index, count=count.astype(np.int64), missing=missing)


def profile(of: Rows, label: str = "2026-01", missing: int = 0, **changes: Any) -> Profile:
    groups = {Slice("sex", each): of["sex"] == each for each in np.unique(of["sex"])}
    found = Profile(
        model_id="m",
        version_id="1",
        window=Window(label),
        grid=GRID,
        rows=len(of["score"]),
        quarantine={},
        columns={
            "amount": numeric(of["score"], missing),
            "region": CategoricalColumn(
                bins=LEVELS, count=np.array([(of["region"] == level).sum() for level in LEVELS.levels])
            ),
        },
        populations={ALL: population(of)}
        | {which: population({key: values[mask] for key, values in of.items()}) for which, mask in groups.items()},
    )
    return replace(found, **changes)


def find(
    found: tuple[Measurement, ...], metric: str, segment: str | None = None, column: str | None = None
) -> Measurement:
    matches = [m for m in found if (m.metric, m.segment, m.column) == (metric, segment, column)]
    assert len(matches) == 1, f"{metric} {segment} {column}: {len(matches)}"
    return matches[0]


@pytest.fixture(scope="module")
def reference() -> Profile:
    return profile(rows(6000, 1), "reference")


def levels(
    found: tuple[Measurement, ...], family: str = "credit_pd"
) -> dict[tuple[str, str | None, str | None], Level]:
    verdicts = judge_window(found, POLICY, family=family, tier=Tier.TWO)
    return {(m.metric, m.segment, m.column): v.level for m, v in zip(found, verdicts, strict=True)}


def test_figures_equal_scikit_learn(reference: Profile) -> None:
    raw = rows(4000, 2, labels=0.9)
    found = measure(SPEC, reference, profile(raw), POLICY)
    known = raw["label"] < 2
    y, s = raw["label"][known], raw["score"][known]
    for metric, expected in {
        "roc_auc": roc_auc_score(y, s),
        "average_precision": average_precision_score(y, s),
        "brier_score": brier_score_loss(y, s),
        "log_loss": log_loss(y, s),
        "base_rate": y.mean(),
        "observed_expected": y.sum() / s.sum(),
        "recall": (s[y == 1] >= 0.5).mean(),
    }.items():
        figure = find(found, metric)
        assert figure.estimate is not None
        assert figure.low is not None
        assert figure.high is not None
        assert figure.estimate == pytest.approx(expected, abs=1e-9), metric
        assert figure.low <= figure.estimate <= figure.high, metric
        assert figure.label_share == pytest.approx(known.mean())
    assert find(found, "selection_rate").estimate == pytest.approx((raw["score"] < 0.5).mean()), "favourable is 0"


def test_effect_is_a_difference_and_for_ratios_a_quotient(reference: Profile) -> None:
    found = measure(SPEC, reference, profile(rows(4000, 3, shift=0.1)), POLICY)
    auc, ratio = find(found, "roc_auc"), find(found, "observed_expected")
    assert auc.estimate is not None
    assert auc.reference is not None
    assert auc.effect == pytest.approx(auc.estimate - auc.reference)
    assert ratio.estimate is not None
    assert ratio.reference is not None
    assert ratio.effect == pytest.approx(ratio.estimate / ratio.reference)


def test_a_stable_window_stays_quiet(reference: Profile) -> None:
    found = measure_windows(SPEC, reference, [profile(rows(4000, seed)) for seed in range(10, 20)], POLICY)
    loud = [level for window in found for level in levels(window, "healthcare").values() if level is Level.RED]
    assert loud == []


def test_a_shift_of_outcomes_is_red_and_named(reference: Profile) -> None:
    found = measure(SPEC, reference, profile(rows(4000, 4, shift=0.25)), POLICY)
    ratio = find(found, "observed_expected")
    verdict = judge_window([ratio], POLICY, family="credit_pd", tier=Tier.ONE)[0]
    assert verdict.level is Level.RED
    assert "1.43" in verdict.reason
    assert verdict.rule == "credit_pd.observed_expected"
    assert verdict.policy == POLICY.digest


def test_missing_values_arriving_are_red(reference: Profile) -> None:
    found = measure(SPEC, reference, profile(rows(4000, 5), missing=600), POLICY)
    assert levels(found)["missing_rate", None, "amount"] is Level.RED


def test_one_outcome_only_is_grey_with_the_reason_and_no_nan(reference: Profile) -> None:
    raw = rows(2000, 6)
    raw["label"][:] = 0
    found = measure(SPEC, reference, profile(raw), POLICY)
    auc = find(found, "roc_auc")
    assert auc.estimate is None
    assert "Only one outcome" in auc.why_not
    assert levels(found)["roc_auc", None, None] is Level.GREY
    floats = [value for m in found for value in (m.estimate, m.low, m.high, m.p_value) if value is not None]
    assert all(math.isfinite(value) for value in floats)


def test_an_empty_window_is_answered(reference: Profile) -> None:
    nothing = {key: values[:0] for key, values in rows(10, 7).items()}
    found = measure(SPEC, reference, profile(nothing), POLICY)
    assert find(found, "row_count").estimate == 0.0
    assert find(found, "roc_auc").why_not == "No label is known yet in this window."
    assert levels(found)["psi", None, "amount"] is Level.GREY
    assert find(found, "row_count", "F").estimate == 0.0, "a group that went missing is counted as none"


def test_points_are_ranked_but_not_calibrated(reference: Profile) -> None:
    points = replace(SPEC, score_kind=ScoreKind.POINTS, higher_is="safer")
    found = measure(points, reference, profile(rows(3000, 8)), POLICY)
    auc = find(found, "roc_auc").estimate
    as_probability = find(measure(SPEC, reference, profile(rows(3000, 8)), POLICY), "roc_auc").estimate
    assert auc is not None
    assert as_probability is not None
    assert auc == pytest.approx(1 - as_probability)
    assert "needs a probability" in find(found, "brier_score").why_not
    assert levels(found)["brier_score", None, None] is Level.GREY


def test_labels_that_are_still_arriving_are_grey(reference: Profile) -> None:
    found = measure(SPEC, reference, profile(rows(3000, 9, labels=0.4)), POLICY)
    assert levels(found)["roc_auc", None, None] is Level.GREY
    assert levels(found)["selection_rate", None, None] is not Level.GREY
    declared = measure(SPEC, reference, profile(rows(3000, 9, labels=0.4), mature=True), POLICY)
    assert levels(declared)["roc_auc", None, None] is not Level.GREY


def test_impact_ratio_names_its_reference_group(reference: Profile) -> None:
    found = measure(SPEC, reference, profile(rows(4000, 10, unfair=0.3)), POLICY)
    ratio = find(found, "impact_ratio", "F")
    assert ratio.estimate is not None
    assert ratio.estimate < 0.8
    assert "against sex = M" in ratio.method
    assert levels(found)["impact_ratio", "F", None] is Level.RED
    assert find(found, "impact_ratio", "M").estimate == 1.0


def test_a_small_group_shows_its_count_only(reference: Profile) -> None:
    raw = rows(2000, 11)
    raw["sex"] = np.where(np.arange(2000) < 25, "F", "M")
    ratio = find(measure(SPEC, reference, profile(raw), POLICY), "impact_ratio", "F")
    assert ratio.estimate is None
    assert ratio.n == 25
    assert "under 30 only the count" in ratio.why_not


def test_house_metric_is_judged_in_its_direction(reference: Profile) -> None:
    raw = rows(4000, 12)
    raw["complained"] = np.arange(4000) % 8 == 0
    found = measure(SPEC, reference, profile(raw), POLICY)
    assert levels(found)["complaint_rate", None, None] is Level.RED
    raw["complained"] = np.arange(4000) % 80 == 0
    better = measure(SPEC, reference, profile(raw), POLICY)
    assert levels(better)["complaint_rate", None, None] is Level.WATCH


def test_the_reference_itself_is_measured_without_drift(reference: Profile) -> None:
    found = measure(SPEC, reference, reference, POLICY)
    assert not [m for m in found if m.metric == "psi"]
    assert find(found, "roc_auc").effect == 0.0
    assert find(found, "roc_auc").p_value is None


def test_families_of_tests() -> None:
    lines = [
        ("psi", 0.01, "a", None), ("psi", 0.04, "b", None),
        ("gini", 0.01, None, "s"), ("gini", 0.04, None, "s"),
        ("gini", 0.03, None, None), ("row_count", math.nan, None, None),
    ]  # fmt: skip
    metric, p, column, by = (np.array(part, dtype=object) for part in zip(*lines, strict=True))
    window = np.repeat([0, 1], len(lines))
    fields = {"metric": metric, "p_value": p.astype(np.float64), "column": column, "segment_by": by}
    found = adjusted({name: np.tile(values, 2) for name, values in fields.items()} | {"window": window})
    expected = [0.02, 0.04, 0.02, 0.04, 0.03, math.nan]
    assert found.tolist() == pytest.approx(expected * 2, nan_ok=True), "another window is another family"
