"""A self-test draws what a run would have counted, judges it by the run's own code, and finds what is planted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.models import Tier
from plumbline.domain.self_test import COLUMNS, Kept
from plumbline.domain.toml_table import Table
from plumbline.policy.load import load_policy
from plumbline.profiling.count import Counted, count
from plumbline.profiling.profile import ALL, SCORE, UNKNOWN, NumericColumn, Profile
from plumbline.profiling.serial import encode
from plumbline.services.judging import judged_results
from plumbline.services.self_test import Judging, self_test
from plumbline.services.self_test_columns import Levels, Numbers, drawn
from plumbline.services.self_test_pool import Drawing, Pool, levels_of
from plumbline.services.self_test_power import power
from plumbline.services.self_test_view import sentences

POLICY = load_policy()
ROWS = 1_500
LOG = {
    "timestamp": "at", "score": "score", "label": "label", "decision": {"threshold": 0.4}, "favourable": 0,
    "reference": {"column": "split", "equals": "reference"}, "numeric": ["income", "late"],
    "categorical": ["channel"], "segments": ["channel"], "groups": ["sex"],
}  # fmt: skip
HOUSE = ({"key": "complaints", "mean_of": "complained", "direction": "lower"},)


def spec_of(task: Task = Task.BINARY, **more: Any) -> LogSpec:
    log = Table(LOG | more, file="model.toml", path="log")
    return parse_log(log, task, tuple(Table(each, file="model.toml", path="metrics") for each in HOUSE))


def frame(month: int, rows: int, shift: float = 0.0) -> pd.DataFrame:
    """Scores of two decimals, so that each has a bin of its own; a tenth of the incomes are missing."""
    chance = np.random.default_rng([7, month])
    income = chance.normal(30 + 8 * shift, 8, rows)
    score = np.round(1 / (1 + np.exp(0.15 * (income - 38) + chance.normal(0, 1, rows))), 2)
    return pd.DataFrame(
        {
            "at": pd.Timestamp(2026, month, 1, tz="UTC") + pd.to_timedelta(np.arange(rows), unit="min"),
            "split": "live" if month > 1 else "reference",
            "score": score,
            "label": (chance.random(rows) < score).astype(float),
            "income": np.where(chance.random(rows) < 0.1, np.nan, income),
            "late": chance.poisson(6, rows).astype(float),
            "channel": chance.choice(["branch", "web", "agent"], rows, p=[0.6, 0.3, 0.1]),
            "sex": chance.choice(["F", "M"], rows),
            "complained": (chance.random(rows) < 0.05).astype(int),
        }
    )


def counted(path: Path, spec: LogSpec, frames: list[pd.DataFrame]) -> Counted:
    pd.concat(frames, ignore_index=True).to_parquet(path / "log.parquet", index=False)
    return count(spec, model_id="m", version_id="1", log=[path / "log.parquet"], reference=[])


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Counted:
    """A reference and three months, the last of them a whole standard deviation further up."""
    frames = [frame(1, 2 * ROWS), frame(2, ROWS), frame(3, ROWS // 2), frame(4, ROWS, shift=1.0)]
    return counted(tmp_path_factory.mktemp("log"), spec_of(), frames)


@pytest.fixture(scope="module")
def pool(known: Counted) -> Pool:
    return Pool(spec_of(), [known.reference, *known.windows], POLICY)


def judging(spec: LogSpec | None = None) -> Judging:
    return Judging(spec or spec_of(), POLICY, "general", Tier.TWO)


def test_the_counts_of_a_window_give_the_populations_that_a_run_counted(known: Counted) -> None:
    window = known.reference  # whose scores are the bins, so that a middle is the score itself
    scores = Pool(spec_of(), [window], POLICY).scores
    assert scores is not None
    chance = np.random.default_rng(1)
    for each, population in window.populations.items():
        held = scores.counts[each]
        at = np.flatnonzero(held.any(axis=1))
        made = scores._population(each, at, held[at], scores.per_row[at], 1.0, chance)
        for name in ("index", "counts", "decisions", "band_rows", "band_score_units", "band_actual_units"):
            np.testing.assert_array_equal(getattr(made, name), getattr(population, name), err_msg=name)
        assert made.sums.units == population.sums.units
        for name in made.sums.names:
            if not name.startswith("complaints"):
                # Counted row by row, each rounded to whole units.
                off = abs(made.sums.value(name) - population.sums.value(name))
                assert off <= 1.01 * population.rows * population.sums.unit(name), name


def test_every_draw_adds_up(known: Counted, pool: Pool) -> None:
    one = pool.draw(known.windows[1], np.random.default_rng(3))
    assert one.rows == known.windows[1].rows == ROWS // 2
    assert all(column.rows == one.rows for column in one.columns.values())
    whole, score = one.populations[ALL], one.columns[SCORE]
    assert isinstance(score, NumericColumn)
    np.testing.assert_array_equal(score.count, whole.counts.sum(axis=1))
    for by in ("channel", "sex"):
        parts = [population for each, population in one.populations.items() if each.by == by]
        np.testing.assert_array_equal(sum(part.outcomes for part in parts), whole.outcomes)
        np.testing.assert_array_equal(sum(part.decisions for part in parts), whole.decisions)
        assert sum(part.sums.value("actual") for part in parts) == whole.sums.value("actual")
    np.testing.assert_array_equal(whole.decisions.sum(axis=0), whole.outcomes)


def test_one_seed_draws_one_window(known: Counted, pool: Pool) -> None:
    one, again, other = (pool.draw(known.windows[0], np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert encode(one) == encode(again) != encode(other)


def test_many_draws_are_on_average_what_was_pooled(known: Counted, pool: Pool) -> None:
    profiles = [known.reference, *known.windows]
    whole = profiles[0] + profiles[1] + profiles[2] + profiles[3]
    draws = [pool.draw(known.reference, np.random.default_rng([5, at])) for at in range(30)]
    rows = sum(each.rows for each in draws)

    def share(of: list[Profile], part: Any) -> float:
        return float(sum(part(each) for each in of)) / sum(each.rows for each in of)

    for part in (
        lambda each: each.columns["income"].missing,
        lambda each: each.columns["income"].deciles()[0],
        lambda each: each.columns["channel"].count[0],
        lambda each: each.populations[ALL].positives,
        lambda each: each.populations[ALL].decisions[1].sum(),
        lambda each: each.populations[ALL].sums.value("complaints:x"),
    ):
        expected = share([whole], part)
        assert share(draws, part) == pytest.approx(expected, abs=4.5 * np.sqrt(expected / rows))


@pytest.mark.parametrize("rows", [50, 100_000])
def test_few_and_many_rows_are_drawn_by_the_same_law(rows: int) -> None:
    counts, chance = np.array([700, 200, 0, 100]), np.random.default_rng(9)
    repeats = 4_000 // 50 if rows == 50 else 1
    every = np.sum([drawn(np.repeat(counts, 30), rows, chance) for _ in range(repeats)], axis=0)
    found = every.reshape(4, 30).sum(axis=1)
    assert found.sum() == rows * repeats
    np.testing.assert_allclose(found / found.sum(), counts / 1_000, atol=0.03)
    assert drawn(np.zeros(3, dtype=np.int64), 10, chance).tolist() == [0, 0, 0]


def test_a_window_without_its_outcomes_is_drawn_without_them(known: Counted, pool: Pool) -> None:
    unlabelled = replace(known.windows[0], populations={ALL: _hidden(known.windows[0])})
    one = pool.draw(unlabelled, np.random.default_rng(2))
    whole = one.populations[ALL]
    assert (whole.labelled, whole.rows, one.columns["label"].rows) == (0, ROWS, ROWS)
    assert whole.decisions[:, UNKNOWN].sum() == whole.rows


def _hidden(window: Profile) -> Any:
    whole = window.populations[ALL]
    counts = np.zeros_like(whole.counts)
    counts[:, UNKNOWN] = whole.counts.sum(axis=1)
    return replace(whole, scores=replace(whole.scores, counts=counts))  # type: ignore[type-var]


def test_what_drifted_in_truth_does_not_drift_in_a_self_test(known: Counted) -> None:
    results = judged_results(spec_of(), [known.reference, *known.windows], POLICY, family="general", tier=Tier.TWO)
    assert any(one.measurement.column == "income" and one.verdict.level.value == "red" for one in results)
    found = self_test(judging(), known.reference, known.windows, drawn=36)
    columns = next(each for each in found.rates if each.part == COLUMNS)
    # A missing rate of a tenth passes two points by chance now and then: amber, never red.
    assert (columns.red.windows, columns.red.of) == (0, 36)
    assert columns.alarm.windows <= 4
    assert found.kept is not Kept.BROKEN
    assert (found.fewest, found.rows, found.most, found.a_year) == (ROWS // 2, ROWS, ROWS, 12.0)


def test_what_is_true_of_all_rows_is_no_false_alarm(tmp_path: Path) -> None:
    """Half as many events come as the scores say, in the reference too: red in every window, and rightly so."""
    frames = [frame(month, ROWS) for month in (1, 2)]
    for each in frames:
        each["label"] = each["label"] * (np.arange(ROWS) % 2)
    known = counted(tmp_path, spec_of(), frames)
    results = judging().of(known.reference, known.windows)
    assert any(one.measurement.metric == "observed_expected" and one.verdict.level.value == "red" for one in results)
    found = self_test(judging(), known.reference, known.windows, drawn=12)
    assert "observed_expected" in found.standing
    assert "observed_expected (sex F)" in found.standing
    assert found.whole.red.windows < 12
    assert "Not false, so not counted" in sentences(found)


def test_what_is_planted_is_found_as_soon_as_theory_says(known: Counted, pool: Pool) -> None:
    """One mean of 1,500 against one of 3,000: 0.032 spreads of error; the family's test sees 3 to 6 of them."""
    quick = Drawing(judging().of, pool, known.reference, known.windows[:1], seed=4)
    error = np.sqrt(1 / ROWS + 1 / (2 * ROWS))
    found = power(quick, Numbers)
    assert found is not None
    assert found.noticed is not None
    assert found.alarmed is not None
    assert 2.5 * error < found.noticed < 7 * error
    # PSI of a shifted normal is the shift squared: 0.1, and what chance adds, is amber.
    assert 0.25 < found.alarmed < 0.45
    mixed = power(quick, Levels)
    assert mixed is not None
    assert mixed.noticed is not None
    assert mixed.alarmed is not None
    assert mixed.noticed < 0.05 < mixed.alarmed < 0.2


def test_a_level_that_the_drawn_reference_lacks_is_unseen_in_its_windows(known: Counted) -> None:
    rare = known.reference.columns["channel"]
    pool = Levels.of(replace(rare, count=np.array([1_000, 990, 10])))  # type: ignore[arg-type]
    chance = np.random.default_rng(3)
    before = next(each for each in (pool.draw(60, chance) for _ in range(50)) if len(each.bins.levels) == 2)
    after = pool.draw(5_000, chance, before.bins)
    assert after.unseen_rows == 5_000 - after.count.sum() > 0


def test_a_regression_is_tried_on_its_columns_and_says_so(tmp_path: Path) -> None:
    regression = {key: value for key, value in LOG.items() if key not in ("decision", "favourable")}
    spec = parse_log(Table(regression, file="model.toml", path="log"), Task.REGRESSION, ())
    found = counted(tmp_path, spec, [frame(1, 2 * ROWS), frame(2, ROWS)])
    told = self_test(judging(spec), found.reference, found.windows, drawn=12)
    assert any("outcomes" in each for each in told.left_out)
    assert told.numeric is not None
    assert levels_of(found.reference)["channel"].levels == ("branch", "web", "agent")
