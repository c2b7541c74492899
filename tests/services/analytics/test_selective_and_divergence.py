"""A lender that sees outcomes after approval alone and whose complaints double in one region: what its pages say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.model_file import read_model_file
from plumbline.domain.people import Actor, Role
from plumbline.domain.results import Level
from plumbline.policy.load import load_policy
from plumbline.services import monitoring, run_record
from plumbline.services.checks import measured_checks
from plumbline.services.context import Context
from plumbline.services.divergence import DIVERGENCE
from plumbline.services.fairness import fairness_view
from plumbline.services.governance import handle_together
from plumbline.services.passport import passport
from plumbline.services.performance import performance_view
from plumbline.services.register import register
from plumbline.services.views.performance import PerformanceView
from plumbline.services.views.standing import Check
from plumbline.store import results, standing
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

MODEL = """
[model]
id = "lender"
name = "Lender"
purpose = "Grants loans"
owner = "ana"
family = "general"
task = "binary"
[version]
id = "1"
[log]
timestamp = "time"
score = "score"
label = "label"
decision = { column = "declined" }
favourable = 0
label_seen_when = { decision = 0 }
reference = { column = "split", equals = "reference" }
numeric = []
categorical = []
segments = ["region"]
groups = ["sex"]
[[metrics]]
key = "complaint_rate"
mean_of = "complained"
direction = "lower"
role = "counter"
"""
OWNER = Actor("ana", "Ana", Role.MODEL_OWNER, (Role.MODEL_OWNER,))
ROWS = 4_000


def _month(chance: np.random.Generator, at: datetime, split: str, complaints: float) -> pd.DataFrame:
    score, region = chance.beta(2, 5, ROWS), chance.choice(["north", "south"], ROWS)
    declined, bad = score >= 0.4, chance.random(ROWS) < score
    return pd.DataFrame(
        {
            "time": at,
            "split": split,
            "score": score,
            "declined": declined.astype(int),
            "label": np.where(declined, np.nan, bad),
            "region": region,
            "sex": chance.choice(["F", "M"], ROWS),
            "complained": chance.random(ROWS) < np.where(region == "north", complaints, 0.05),
        }
    )


def _log() -> pd.DataFrame:
    chance = np.random.default_rng(3)
    months = [(2025, 1, "reference", 0.05), (2026, 7, "live", 0.05), (2026, 8, "live", 0.11), (2026, 9, "live", 0.12)]
    return pd.concat(
        [_month(chance, datetime(y, m, 5, tzinfo=UTC), split, rate) for y, m, split, rate in months], ignore_index=True
    )


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    ctx = _monitored(tmp_path_factory.mktemp("lender"), _log())
    yield ctx
    ctx.store.close()


def _monitored(folder: Path, log: pd.DataFrame) -> Context:
    ticks, numbers = itertools.count(1), itertools.count(1)

    def clock() -> datetime:
        return datetime(2026, 10, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))

    ctx = Context(Store.open(":memory:", clock=clock), clock, lambda: f"{next(numbers):04d}", load_policy())
    added = c.AddPerson(user_id="ana", name="Ana", password_hash="")
    handle_together(ctx, [added, c.GrantRole(user_id="ana", role=Role.MODEL_OWNER)], SYSTEM)
    Path(folder, "model.toml").write_text(MODEL)
    log.to_parquet(folder / "log.parquet")
    model_file = read_model_file(folder / "model.toml")
    register(ctx, model_file, OWNER)
    done = monitoring.run(model_file, log=[folder / "log.parquet"], policy=ctx.policy, clock=clock)
    run_record.record(ctx, OWNER, done)
    return ctx


def view(ctx: Context, **chosen: str) -> PerformanceView:
    return performance_view(ctx, "lender", "1", **chosen)


def test_the_status_says_whom_a_figure_describes_and_what_it_may_be_over_all_rows(lender: Context) -> None:
    shown = view(lender, window="2026-09", metric="roc_auc")
    assert shown.status is not None
    assert shown.status.population.startswith("The 76.4 % of rows")
    assert "those approved. Over all rows the truth is 0." in shown.status.population
    assert shown.status.n.endswith("labels in for 100 %"), "none is late"
    assert shown.trend is not None
    points = shown.trend.points
    assert all(p.lowest is not None and p.highest is not None and p.lowest < p.highest for p in points)
    assert "Outcomes exist after approval (decision 0) alone" in shown.described
    assert shown.confusion is None
    assert any("Over all rows" in line for line in shown.overview)
    unbounded = view(lender, window="2026-09", metric="log_loss").status
    assert unbounded is not None
    assert unbounded.population.endswith("What it is over all rows has no bounds here.")


def test_rows_that_no_outcome_will_come_of_are_not_said_to_wait_for_one(tmp_path: Path) -> None:
    log = _log()
    late = log.index[(log["time"] >= "2026-09-01") & (log["declined"] == 0)][::2]
    log.loc[late, "label"] = np.nan
    ctx = _monitored(tmp_path, log)
    trend = view(ctx, window="2026-09", metric="roc_auc").trend
    assert trend is not None
    assert trend.points[-1].unlabelled == len(late)
    ctx.store.close()


def test_what_compares_both_decisions_has_bounds_alone(lender: Context) -> None:
    status = view(lender, window="2026-09", metric="recall").status
    assert status is not None
    assert status.level is Level.GREY
    assert status.population.startswith("Over all rows the truth is 0 % to ")
    assert status.remedy == "No more data would: it takes what the reason names."


def test_what_needs_no_outcome_describes_all_rows(lender: Context) -> None:
    status = view(lender, window="2026-09", metric="approval_rate").status
    assert status is not None
    assert status.population == ""


def test_fairness_says_which_figures_describe_whom(lender: Context) -> None:
    assert "describe all rows. Outcomes exist after approval" in fairness_view(lender, "lender", "1").label


def test_a_divergence_is_one_sentence_with_cohort_figures_and_since_when(lender: Context) -> None:
    found = view(lender, window="2026-09").divergence
    assert found is not None
    assert found.level is Level.RED
    assert found.sentence.startswith("Wrong target? Complaint rate where region = north worsened by ")
    assert "while the proxy holds: AUC is 0." in found.sentence
    assert found.sentence.endswith("Since August 2026.")


def test_it_is_not_told_of_earlier_windows(lender: Context) -> None:
    assert view(lender, window="2026-07").divergence is None
    told = view(lender, window="2026-08").divergence
    assert told is not None
    assert told.sentence.endswith("Since August 2026.")


def test_its_passport_says_among_how_many_cohorts_it_was_corrected(lender: Context) -> None:
    with lender.store.read() as cursor:
        found = results.current(cursor, model_id="lender", windows=["2026-09"], metrics=[DIVERGENCE])
    tested = [one for one in found if one.result.measurement.p_value is not None]
    assert len(tested) == 3, "all rows, north and south"
    for one in tested:
        family = passport(lender, one.result_id).family
        assert (family.size, family.words) == (3, "Holm, 3 cohorts of this window, all rows among them")


def test_the_model_has_it_among_what_needs_attention(lender: Context) -> None:
    with lender.store.read() as cursor:
        checks = measured_checks(standing.gathered(cursor, "lender"))
    reason = next(state for state in checks if state.check is Check.PERFORMANCE).reason
    assert reason.startswith("September 2026, Divergence from the proxy: Complaint rate where region = north worsened")
    assert reason.count("Since August 2026.") == 1
