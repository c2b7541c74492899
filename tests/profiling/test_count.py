"""Counting: deciles, sums and populations equal to plain numpy, and parts that add up to the whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.special import xlogy

from plumbline.domain.errors import LogError
from plumbline.domain.house_metric import HouseMetric
from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.bins import NumericBins
from plumbline.profiling.columns import CategoricalColumn, NumericColumn
from plumbline.profiling.count import Counted, count
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, UNKNOWN, Profile, Slice
from plumbline.profiling.serial import encode

Columns = dict[str, Any]
Loans = Callable[..., Columns]
Write = Callable[..., str]
Spec = Callable[..., LogSpec]


def counted(spec: LogSpec, *log: str, **more: Any) -> Counted:
    return count(spec, model_id="loans", version_id="1", log=log, **more)


def numeric(profile: Profile, name: str) -> NumericColumn:
    column = profile.columns[name]
    assert isinstance(column, NumericColumn)
    return column


def categorical(profile: Profile, name: str) -> CategoricalColumn:
    column = profile.columns[name]
    assert isinstance(column, CategoricalColumn)
    return column


def by_decile(values: Any, reference: Any) -> list[int]:
    """The definition in plain numpy: linear deciles, a value equal to an edge in the upper bin, outer bins open."""
    edges = np.unique(np.quantile(reference[np.isfinite(reference)], np.arange(1, 10) / 10))
    place = np.searchsorted(edges, values[np.isfinite(values)], side="right")
    counts: list[int] = np.bincount(place, minlength=len(edges) + 1).tolist()
    return counts


def whole(loans: Columns, name: str, *, reference: bool) -> Any:
    return np.asarray(loans[name])[(loans["split"] == "reference") == reference]


@pytest.mark.parametrize("name", ["income", "dependants", "score"])
def test_deciles_are_those_of_numpy(name: str, loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans(6_000)
    found = counted(spec(window="year"), write(rows))
    before, after = whole(rows, name, reference=True), whole(rows, name, reference=False)
    assert numeric(found.reference, name).deciles().tolist() == by_decile(before, before)
    assert numeric(found.windows[0], name).deciles().tolist() == by_decile(after, before)


def test_a_value_on_a_decile_belongs_above_it(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans(8_000)
    before = whole(rows, "income", reference=True)
    edges = np.quantile(before[np.isfinite(before)], np.arange(1, 10) / 10)
    current = np.concatenate([edges, np.nextafter(edges, -np.inf), [edges[0] * 1e6, -5.0]])
    at = np.flatnonzero(rows["split"] != "reference")[: len(current)]
    rows["income"][rows["split"] != "reference"] = np.nan
    rows["income"][at] = current
    found = counted(spec(window="year"), write(rows))
    column = numeric(found.windows[0], "income")
    assert column.bins.kind == "softsign"
    assert column.deciles().tolist() == by_decile(current, before)
    assert (column.below, column.above) == (1, 1)


def test_sums_and_extremes_are_exact(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    found = counted(spec(window="year"), write(rows))
    after = whole(rows, "income", reference=False)
    finite = after[np.isfinite(after)]
    column = numeric(found.windows[0], "income")
    assert (column.n, column.non_finite, column.minimum, column.maximum) == (
        len(finite), len(after) - len(finite), finite.min(), finite.max()
    )  # fmt: skip
    assert column.mean == pytest.approx(finite.mean(), rel=1e-9)
    assert column.std == pytest.approx(finite.std(), rel=1e-6)


def test_sums_that_pass_sixty_four_bits_are_still_counted(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["income"][-1] = 1e200
    found = counted(spec(window="year"), write(rows))
    column = numeric(found.windows[0], "income")
    assert column.maximum == 1e200
    assert column.above >= 1
    assert column.n == int(np.isfinite(whole(rows, "income", reference=False)).sum())


def test_scores_stand_by_outcome_and_their_sums_are_those_of_numpy(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    found = counted(spec(window="year"), write(rows)).windows[0].populations[ALL]
    score, label = whole(rows, "score", reference=False), whole(rows, "label", reference=False)
    known = ~np.isnan(label)
    p, y = score[known], label[known]
    assert found.counts.sum(axis=0).tolist() == [int((y == 0).sum()), int((y == 1).sum()), int((~known).sum())]
    assert found.sums.value("score") == pytest.approx(score.sum(), rel=1e-9)
    assert found.sums.value("expected") == pytest.approx(p.sum(), rel=1e-9)
    assert found.sums.value("brier") == pytest.approx(((p - y) ** 2).sum(), rel=1e-8)
    assert found.sums.value("brier_sq") == pytest.approx(((p - y) ** 4).sum(), rel=1e-8)
    loss = -np.log(np.where(y == 1, p, 1 - p))
    assert found.sums.value("log_loss") == pytest.approx(loss.sum(), rel=1e-8)
    assert found.sums.value("log_loss_sq") == pytest.approx((loss**2).sum(), rel=1e-6)
    assert found.sums.value("variance") == pytest.approx((p * (1 - p)).sum(), rel=1e-8)


def test_calibration_bands_are_ten_equal_widths(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    found = counted(spec(window="year"), write(rows)).windows[0].populations[ALL]
    score, label = whole(rows, "score", reference=False), whole(rows, "label", reference=False)
    known = ~np.isnan(label)
    band = np.searchsorted(np.arange(1, 10) / 10, score[known], side="right")
    assert found.band_rows.tolist() == np.bincount(band, minlength=10).tolist()
    assert found.band_score == pytest.approx(np.bincount(band, score[known], minlength=10), abs=1e-6)
    assert found.band_actual == pytest.approx(np.bincount(band, label[known], minlength=10), abs=1e-9)


def test_decisions_stand_by_outcome(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["score"][-5:] = 0.3  # on the threshold is a yes
    rows["label"][-5:] = 1.0
    for decision, said in (({"threshold": 0.3}, rows["score"] >= 0.3), ({"column": "approved"}, rows["approved"] == 1)):
        found = counted(spec(window="year", decision=decision), write(rows)).windows[0].populations[ALL]
        after = rows["split"] != "reference"
        for outcome, held in ((NEGATIVE, rows["label"] == 0), (POSITIVE, rows["label"] == 1)):
            assert found.decisions[1, outcome] == int((said & held & after).sum())
            assert found.decisions[0, outcome] == int((~said & held & after).sum())
        assert found.decisions[:2, UNKNOWN].sum() == int((np.isnan(rows["label"]) & after).sum())


def test_segments_groups_and_intersections_part_the_rows(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["sex"] = [None if at % 10 == 0 else value for at, value in enumerate(rows["sex"])]
    found = counted(spec(window="year", intersections=[["sex", "sector"]]), write(rows)).windows[0]
    sizes = {each: population.rows for each, population in found.populations.items()}
    for by in ("sector", "sex", "sex*sector"):
        assert sum(size for each, size in sizes.items() if each.by == by) == found.rows == sizes[ALL]
    farm = sum(
        sector == "farm" and sex == "F" and split != "reference"
        for sector, sex, split in zip(rows["sector"], rows["sex"], rows["split"], strict=True)
    )
    assert sizes[Slice("sex*sector", "F*farm")] == farm
    assert Slice("sex", "(missing)") in sizes


def test_windows_are_calendar_months_with_empty_ones_between(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans(days=20)
    rows["event_time"][-100:] += np.timedelta64(60, "D")
    found = counted(spec(), write(rows))
    assert [window.window.label for window in found.windows] == ["2026-01", "2026-02", "2026-03"]
    empty = found.windows[1]
    assert (empty.rows, empty.labelled, empty.label_share) == (0, 0, None)
    assert numeric(empty, "income").mean is None


def test_windows_may_be_a_columns_own_text(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["wave"] = np.where(np.arange(len(rows["id"])) % 2, "spring", "autumn")
    found = counted(spec(window={"column": "wave"}, timestamp=None), write(rows))
    assert [(w.window.label, w.window.start) for w in found.windows] == [("autumn", None), ("spring", None)]
    assert sum(window.rows for window in found.windows) == int((rows["split"] != "reference").sum())


@pytest.mark.parametrize(
    ("name", "reason"), [(None, "window missing"), ("", "window missing"), ("reference", "window called 'reference'")]
)
def test_a_row_whose_window_has_no_name_of_its_own_is_set_aside(
    name: str | None, reason: str, loans: Loans, write: Write, spec: Spec
) -> None:
    rows = loans()
    log = rows["split"] != "reference"
    rows["wave"] = np.array([name if at <= 10 else "spring" for at in np.cumsum(log)], dtype=object)
    found = counted(spec(window={"column": "wave"}, timestamp=None), write(rows))
    assert found.quarantine == {reason: 10}
    assert [window.rows for window in found.windows] == [int(log.sum()) - 10]
    assert (found.reference.rows, found.reference.quarantine) == (int((~log).sum()), {})


def test_parts_add_up_to_the_whole(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans(3_000)
    half = {name: (values[:2_000], values[2_000:]) for name, values in rows.items()}
    one = counted(spec(), write(rows))
    first = write({name: pair[0] for name, pair in half.items()}, "a.parquet")
    two = counted(spec(), first, write({name: pair[1] for name, pair in half.items()}, "b.parquet"))
    plain = [[encode(replace(each, sources=())) for each in (run.reference, *run.windows)] for run in (one, two)]
    assert plain[0] == plain[1]


def test_adding_profiles_is_exact(loans: Loans, write: Write, spec: Spec) -> None:
    log = write(loans(3_000))
    months, years = counted(spec(), log), counted(spec(window="year"), log)
    total = months.windows[0]
    for month in months.windows[1:]:
        total = total + month
    assert total.window.label == "2026-01 to 2026-03"
    assert encode(replace(total, window=years.windows[0].window)) == encode(years.windows[0])


def test_profiles_of_different_grids_do_not_add(loans: Loans, write: Write, spec: Spec) -> None:
    one = counted(spec(), write(loans())).reference
    two = counted(spec(), write(loans(seed=8), "other.parquet")).reference
    with pytest.raises(ValueError, match="different grids"):
        one + two


def test_the_same_log_gives_the_same_bytes(loans: Loans, write: Write, spec: Spec) -> None:
    log = write(loans())
    runs = [counted(spec(), log) for _ in range(2)]
    assert encode(runs[0].windows[0]) == encode(runs[1].windows[0])


def test_a_csv_file_counts_like_its_parquet_twin(loans: Loans, write: Write, spec: Spec, tmp_path: Path) -> None:
    rows = loans()
    rows["label"] = [None if np.isnan(value) else value for value in rows["label"]]
    rows["income"] = [None if np.isnan(value) else value for value in rows["income"]]
    lines = [",".join(rows)]
    for line in zip(*rows.values(), strict=True):
        lines.append(",".join("" if value is None else str(value) for value in line))
    (tmp_path / "log.csv").write_text("\n".join(lines) + "\n")
    one, two = counted(spec(), write(rows)), counted(spec(), str(tmp_path / "log.csv"))
    plain = [[encode(replace(each, sources=())) for each in (run.reference, *run.windows)] for run in (one, two)]
    assert plain[0] == plain[1]


def test_a_reference_may_be_files_of_its_own(loans: Loans, write: Write, spec: Spec) -> None:
    before = loans(500, first_id=50_000)
    del before["event_time"]
    found = counted(spec(reference=None), write(loans()), reference=[write(before, "reference.parquet")])
    assert (found.reference.rows, sum(window.rows for window in found.windows)) == (500, 2_000)
    with pytest.raises(LogError, match="There is no reference"):
        counted(spec(reference=None), write(loans()))


def test_labels_may_come_later_in_a_file_of_their_own(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    labels = {"id": rows["id"], "label": np.where(np.isnan(rows["label"]), 1.0, rows["label"])}
    found = counted(spec(), write(rows), labels=[write(labels, "labels.parquet")])
    assert all(window.labelled == window.rows for window in found.windows)
    assert sum(window.labelled for window in counted(spec(), write(rows)).windows) < found.rows_in


def test_unseen_levels_are_named_up_to_a_cap(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["sector"] = rows["sector"].astype(object)
    after = np.flatnonzero(rows["split"] != "reference")
    rows["sector"][after[:300]] = [f"new {at:03d}" for at in range(300)]
    found = counted(spec(window="year", segments=None), write(rows)).windows[0]
    column = categorical(found, "sector")
    assert (column.unseen_rows, len(column.unseen), column.unseen_rest) == (300, 100, 200)


def test_features_are_inferred_and_named_columns_left_out(loans: Loans, write: Write, spec: Spec) -> None:
    found = counted(spec(numeric=None, categorical=None), write(loans()))
    assert set(found.reference.columns) == {"income", "dependants", "sector", "sex", "approved", "score", "label"}


def test_house_metrics_are_summed_by_population(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["lost"] = np.where(np.arange(2_000) % 7 == 0, np.nan, rows["dependants"] * 10.0)
    metrics = (
        HouseMetric(key="size", direction="lower", mean_of="dependants"),
        HouseMetric(key="loss", direction="lower", ratio=("lost", "dependants")),
    )
    found = counted(replace(spec(window="year"), metrics=metrics), write(rows)).windows[0].populations[ALL].sums
    lost, size = whole(rows, "lost", reference=False), whole(rows, "dependants", reference=False)
    held = ~np.isnan(lost)
    assert found.value("size:x") == size.sum()
    assert found.value("loss:n") == held.sum()
    assert found.value("loss:xy") == pytest.approx((lost * size)[held].sum(), rel=1e-9)


def test_regression_sums_are_those_of_numpy(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["score"], rows["label"] = rows["score"] * 900, rows["label"] * rows["income"]
    found = counted(spec(Task.REGRESSION, window="year", decision=None), write(rows)).windows[0].populations[ALL]
    p, y = whole(rows, "score", reference=False), whole(rows, "label", reference=False)
    p, y = p[~np.isnan(y)], y[~np.isnan(y)]
    assert found.labelled == len(y)
    for name, expected in (
        ("actual", y.sum()), ("actual_sq", (y**2).sum()), ("cross", (p * y).sum()), ("error", (p - y).sum()),
        ("absolute", abs(p - y).sum()), ("squared", ((p - y) ** 2).sum()), ("squared_sq", ((p - y) ** 4).sum()),
    ):  # fmt: skip
        assert found.sums.value(name) == pytest.approx(expected, rel=1e-6), name
    assert found.sums.value("relative_n") == (y != 0).sum()
    assert found.band_losses is not None
    band = np.searchsorted(found.bins.deciles, p, side="right")
    for losses, power in zip(found.band_losses, (1, 2, 4), strict=True):
        assert losses == pytest.approx(np.bincount(band, weights=abs(p - y) ** power, minlength=10), rel=1e-6)
    p, y = p[y >= 0], y[y >= 0]
    deviance = 2 * (xlogy(y, y / p) - (y - p))
    assert found.sums.value("deviance_n") == len(y)
    assert found.sums.value("deviance") == pytest.approx(deviance.sum(), rel=1e-6)
    assert found.sums.value("deviance_sq") == pytest.approx((deviance**2).sum(), rel=1e-6)


def test_multiclass_counts_each_class_and_the_confusion(loans: Loans, write: Write, spec: Spec) -> None:
    rng = np.random.default_rng(3)
    rows = loans()
    chance = rng.dirichlet([2, 2, 1], 2_000)
    rows |= {"p_a": chance[:, 0], "p_b": chance[:, 1], "p_c": chance[:, 2]}
    rows["label"] = [None if rng.random() < 0.1 else str(rng.choice(list("abc"), p=p)) for p in chance]
    names = {"a": "p_a", "b": "p_b", "c": "p_c"}
    made = spec(Task.MULTICLASS, score=names, window="year", decision=None)
    found = counted(made, write(rows)).windows[0]
    assert found.classes is not None
    after = [at for at in range(2_000) if rows["split"][at] != "reference"]
    known = [at for at in after if rows["label"][at]]
    best = ["abc"[at] for at in chance.argmax(axis=1)]
    table = found.classes.confusion[ALL]
    assert table[0, 1] == sum(best[at] == "a" and rows["label"][at] == "b" for at in after)
    assert table[:, -1].sum() == len(after) - len(known)
    loss = -sum(np.log(chance[at, "abc".index(rows["label"][at])]) for at in known)
    assert found.classes.sums.value("log_loss") == pytest.approx(loss, rel=1e-8)
    assert found.classes.one_vs_rest["c"].positives == sum(rows["label"][at] == "c" for at in after)
    assert found.labelled == len(known)
    for name, of in found.classes.one_vs_rest.items():
        own = [at for at in after if best[at] == name]
        outcomes = ["" if rows["label"][at] is None else rows["label"][at] == name for at in own]
        assert of.chosen is not None
        assert of.chosen.counts.sum(axis=0).tolist() == [outcomes.count(each) for each in (False, True, "")]
        assert (of.fine()[of.chosen.index] >= of.chosen.counts.sum(axis=1)).all()
        assert of.chosen.counts.sum() == table["abc".index(name)].sum()


def test_a_zero_inflated_column_is_counted_by_value(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans(12_000)
    rows["income"] = np.where(np.arange(12_000) % 10 < 8, 0.0, np.random.default_rng(5).lognormal(5, 1, 12_000))
    found = counted(spec(window="year"), write(rows))
    column = numeric(found.windows[0], "income")
    assert column.bins.kind == "value"
    assert column.fine().sum() == found.windows[0].rows
    assert column.deciles().tolist() == by_decile(
        whole(rows, "income", reference=False), whole(rows, "income", reference=True)
    )


def test_every_edge_of_the_grid_is_a_bins_first_value(loans: Loans, write: Write, spec: Spec) -> None:
    bins = counted(spec(), write(loans(9_000))).reference.grid.scores["score"]
    assert isinstance(bins, NumericBins)
    assert bins.merge_at(bins.splits)[list(bins.starts)].tolist() == list(range(1, len(bins.splits) + 1))


def test_young_windows_are_not_mature(loans: Loans, write: Write, spec: Spec) -> None:
    found = counted(spec(label_maturity="45d"), write(loans()))
    assert [window.mature for window in found.windows] == [True, False, False]
    assert [window.mature for window in counted(spec(), write(loans())).windows] == [None, None, None]


def test_folders_may_say_what_their_rows_have_in_common(loans: Loans, spec: Spec, tmp_path: Path) -> None:
    for at, wave in enumerate(("spring", "North%20West")):
        folder = tmp_path / "log" / f"wave={wave}"
        folder.mkdir(parents=True)
        rows = loans(500, first_id=500 * at)
        pq.write_table(pa.table({name: pa.array(values) for name, values in rows.items()}), folder / "0.parquet")
    made = spec(window={"column": "wave"}, numeric=None, categorical=None)
    found = counted(made, str(tmp_path / "log"))
    assert [(each.window.label, each.rows) for each in found.windows] == [("North West", 375), ("spring", 375)]
    assert "wave" not in found.reference.columns


def test_an_outcome_for_a_row_of_no_window_is_no_fault(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    last = rows["id"][-1]
    rows["event_time"][-1] = np.datetime64("NaT")
    found = counted(spec(), write(rows), labels=[write({"id": [last], "label": [1]}, "labels.parquet")])
    assert found.quarantine == {"time missing": 1}
    assert found.rows_in == len(rows["id"])


def test_labels_are_joined_only_where_they_are_asked_for(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    labels = write({"id": rows["id"][:1_000], "label": np.ones(1_000)}, "labels.parquet")
    one, two = counted(spec(), write(rows)), counted(spec(), write(rows), labels=[labels])
    for before, after in zip(one.windows, two.windows, strict=True):
        assert numeric(before, "income").fine().tolist() == numeric(after, "income").fine().tolist()
    assert categorical(two.reference, "label").count.tolist() == [0, 500]


def test_an_unknown_outcome_adds_nothing_to_the_relative_error(loans: Loans, write: Write, spec: Spec) -> None:
    rows = loans()
    rows["score"], rows["label"] = rows["score"] * 900, rows["label"] * rows["dependants"] * 100.0
    found = counted(spec(Task.REGRESSION, window="year", decision=None), write(rows)).windows[0].populations[ALL]
    p, y = whole(rows, "score", reference=False), whole(rows, "label", reference=False)
    held = (y != 0) & ~np.isnan(y)
    assert found.sums.value("relative") == pytest.approx(np.abs((p - y)[held] / y[held]).sum(), rel=1e-6)
    assert found.sums.value("relative_n") == held.sum()
