"""The injected truths are in the raw rows: seen with plain arithmetic, before any of the product's own."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from plumbline.demo.calendar import TODAY, index, label
from plumbline.demo.catalogue import RECIPES
from plumbline.demo.sample_model import SampleModel, make

Models = Mapping[str, SampleModel]


def span(models: Models, model: str, first: str, last: str) -> pd.DataFrame:
    """Live rows from the first to the last month, both included."""
    log = models[model].log
    month = log["event_time"].dt.strftime("%Y-%m")
    rows: pd.DataFrame = log[(log["split"] == "live") & (month >= first) & (month <= last)]
    return rows


def known(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["label"].notna()]


def auc(rows: pd.DataFrame) -> float:
    rows = known(rows)
    return float(roc_auc_score(rows["label"].astype(int), rows["score"]))


def observed_expected(rows: pd.DataFrame) -> float:
    rows = known(rows)
    return float(rows["label"].sum() / rows["score"].sum())


def test_thirteen_models_of_which_one_has_no_artefact_and_one_ends_early(sample_models: Models) -> None:
    last = {model.id: model.log["event_time"].max() for model in sample_models.values()}
    assert len(sample_models) == 13
    assert [model.id for model in sample_models.values() if model.artefact is None] == ["bureau-score"]
    assert {key for key, moment in last.items() if moment < pd.Timestamp("2026-10-30")} == {"legacy-pd"}


def test_two_makings_give_equal_logs(sample_models: Models) -> None:
    for recipe in RECIPES[:2]:
        pd.testing.assert_frame_equal(make(recipe).log, sample_models[recipe.id].log)


def test_months_and_labels_are_each_others_inverse() -> None:
    assert [index(label(month)) for month in range(-12, 24)] == list(range(-12, 24))


def test_retail_pd_is_stable(sample_models: Models) -> None:
    halves = [span(sample_models, "retail-pd", *months) for months in (("2024-11", "2025-06"), ("2025-07", "2026-04"))]
    assert abs(auc(halves[0]) - auc(halves[1])) < 0.01
    assert all(0.9 < observed_expected(half) < 1.1 for half in halves)


def test_sme_default_rate_climbs_while_the_ranking_decays(sample_models: Models) -> None:
    before = span(sample_models, "sme-pd", "2024-11", "2025-07")
    after = span(sample_models, "sme-pd", "2026-07", "2026-07")
    assert known(before)["label"].mean() == pytest.approx(0.17, abs=0.01)
    assert known(after)["label"].mean() == pytest.approx(0.48, abs=0.03)
    assert auc(before) - auc(after) > 0.12


def test_new_fraud_passes_the_cut_off(sample_models: Models) -> None:
    before = span(sample_models, "card-fraud", "2024-11", "2026-05")
    after = span(sample_models, "card-fraud", "2026-06", "2026-08")
    caught = [rows.loc[rows["label"] == 1, "score"].ge(0.3).mean() for rows in (before, after)]
    assert caught[0] - caught[1] > 0.25
    assert "Gift card top-up" not in set(before["merchant"])


def test_approval_gap_opens_with_the_new_channel_and_not_by_ethnicity(sample_models: Models) -> None:
    before = span(sample_models, "mortgage-pd", "2024-11", "2025-12")
    after = span(sample_models, "mortgage-pd", "2026-01", "2026-10")
    rates = [rows["score"].lt(0.14).groupby(rows["sex"]).mean() for rows in (before, after)]
    assert rates[0]["F"] / rates[0]["M"] > 0.95
    assert rates[1]["F"] / rates[1]["M"] < 0.76
    by_ethnicity = after["score"].lt(0.14).groupby(after["ethnicity"]).mean()
    assert by_ethnicity.min() / by_ethnicity.max() > 0.95
    paid = known(after)["label"].astype(float).groupby(known(after)["sex"]).mean()
    assert paid["F"] == pytest.approx(paid["M"], abs=0.02)


def test_motor_claims_outrun_the_forecast(sample_models: Models) -> None:
    assert observed_expected(span(sample_models, "motor-frequency", "2024-11", "2025-09")) == pytest.approx(
        1.0, abs=0.03
    )
    assert observed_expected(span(sample_models, "motor-frequency", "2026-08", "2026-09")) > 1.15


def test_lapse_calibration_drifts_alone(sample_models: Models) -> None:
    before = span(sample_models, "life-lapse", "2024-11", "2025-11")
    after = span(sample_models, "life-lapse", "2026-07", "2026-08")
    assert observed_expected(after) > 1.6
    assert abs(auc(before) - auc(after)) < 0.02
    assert abs(before["score"].mean() - after["score"].mean()) < 0.005


def test_readmission_ranks_the_old_hardly_at_all(sample_models: Models) -> None:
    rows = span(sample_models, "readmission", "2024-11", "2026-09")
    by_age = {band: auc(part) for band, part in rows.groupby("age_band")}
    assert by_age["18-49"] == pytest.approx(0.72, abs=0.02)
    assert by_age["80+"] == pytest.approx(0.55, abs=0.02)
    missing = rows["hba1c"].isna().groupby(rows["event_time"] >= "2026-03-01").mean()
    assert missing[False] < 0.06
    assert missing[True] > 0.33


def test_one_holiday_season_is_forecast_and_the_next_is_not(sample_models: Models) -> None:
    usual, first, second = (
        span(sample_models, "offer-recommender", *months)
        for months in (("2025-02", "2025-11"), ("2024-12", "2025-01"), ("2025-12", "2026-01"))
    )
    assert known(usual)["label"].mean() - known(first)["label"].mean() > 0.03
    assert observed_expected(first) == pytest.approx(1.0, abs=0.06)
    assert observed_expected(second) < 0.62
    assert auc(first) - auc(second) > 0.15


def test_new_users_complain_twice_as_often_while_clicks_hold(sample_models: Models) -> None:
    before = span(sample_models, "offer-recommender", "2025-02", "2025-11")
    after = span(sample_models, "offer-recommender", "2026-05", "2026-09")
    rates = [rows.groupby("tenure")["complained"].mean() for rows in (before, after)]
    assert rates[1]["new"] / rates[0]["new"] == pytest.approx(2.0, abs=0.25)
    assert rates[1]["settled"] == pytest.approx(rates[0]["settled"], abs=0.004)
    assert known(after)["label"].mean() == pytest.approx(known(before)["label"].mean(), abs=0.01)


def test_aml_has_few_cases_and_learns_of_them_late(sample_models: Models) -> None:
    rows = span(sample_models, "aml-alerts", "2024-11", "2026-10")
    cases = known(rows).groupby(rows["event_time"].dt.strftime("%Y-%m"))["label"].sum()
    assert cases.max() < 20
    assert rows.loc[rows["event_time"] > "2026-06-01", "label"].isna().all()


def test_intervals_hold_fewer_returns_than_they_promise(sample_models: Models) -> None:
    before = span(sample_models, "asset-returns", "2024-11", "2026-01")
    after = span(sample_models, "asset-returns", "2026-02", "2026-09")
    assert before["covered"].mean() == pytest.approx(0.8, abs=0.02)
    assert after["covered"].mean() < 0.65


def test_routing_stays_as_right_as_it_was(sample_models: Models) -> None:
    rows = known(span(sample_models, "service-routing", "2024-11", "2026-10"))
    right = (rows["label"] == rows["routed_to"]).groupby(rows["event_time"].dt.strftime("%Y-%m")).mean()
    assert right.min() > 0.7
    assert np.ptp(right.to_numpy()) < 0.1


def test_the_past_knows_no_later_row_and_no_later_outcome(sample_models: Models) -> None:
    moment = TODAY.replace(year=2025, month=6, day=30)
    past = sample_models["sme-pd"].as_known_on(moment)
    assert past["event_time"].max() < pd.Timestamp("2025-07-01")
    assert past.loc[past["event_time"] > "2025-05-01", "label"].isna().all()
    assert past.loc[past["event_time"] < "2025-02-01", "label"].notna().all()
