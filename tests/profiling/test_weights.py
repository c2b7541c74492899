"""Rows that count by weight: the counts are sums of weights, exact in any order, and bad weights are set aside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws import costly

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.columns import CategoricalColumn, NumericColumn
from plumbline.profiling.count import Counted, count
from plumbline.profiling.merging import merged
from plumbline.profiling.profile import ALL, Profile, Slice, Weighted
from plumbline.profiling.serial import decode, encode
from plumbline.profiling.weights import weighed

Columns = dict[str, Any]
Loans = Callable[..., Columns]
Write = Callable[..., str]
Spec = Callable[..., LogSpec]


def counted(spec: LogSpec, *log: str, **more: Any) -> Counted:
    return count(spec, model_id="loans", version_id="1", log=log, **more)


def exposures(rows: int, seed: int = 5) -> Any:
    """Whole 1024ths, so that sums of them are exact in any order; some rows weigh nothing."""
    return np.random.default_rng(seed).integers(0, 2_049, rows) / 1_024


@pytest.fixture
def weighted(loans: Loans, write: Write, spec: Spec) -> Callable[..., tuple[Columns, Counted]]:
    """Loans with exposures, counted by them in one window a year; `changes` replace columns."""

    def make(rows: int = 4_000, name: str = "log.parquet", window: str = "year", **changes: Any) -> Any:
        columns = loans(rows) | {"exposure": exposures(rows)} | changes
        return columns, counted(spec(weight="exposure", window=window), write(columns, name))

    return make


def by_weight(profile: Profile) -> Weighted:
    assert profile.weighted is not None
    return profile.weighted


def after(columns: Columns) -> Any:
    return columns["split"] != "reference"


def test_counts_and_sums_by_weight_are_those_of_numpy(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    columns, found = weighted()
    late, unit = after(columns), found.reference.grid.units["weight"]
    w, p, y = (columns[name][late] for name in ("exposure", "score", "label"))
    twin, known = by_weight(found.windows[0]), ~np.isnan(y)
    rows = twin.populations[ALL]
    assert twin.total * unit == w.sum()
    assert rows.rows * unit == w.sum()
    assert rows.positives * unit == w[y == 1].sum()
    assert rows.negatives * unit == w[y == 0].sum()
    assert (rows.decisions[1] * unit).tolist() == [w[(p >= 0.3) & each].sum() for each in (y == 0, y == 1, ~known)]
    assert twin.total_sq * 2.0**-40 * (unit * 2**32) ** 2 == pytest.approx((w**2).sum(), rel=1e-9)
    for sex in ("F", "M"):
        assert twin.populations[Slice("sex", sex)].rows * unit == w[columns["sex"][late] == sex].sum()
    sums, w, p, y = rows.sums, w[known], p[known], y[known]
    assert sums.value("expected") == pytest.approx((w * p).sum(), rel=1e-11)
    assert sums.value("actual") == (w * y).sum()
    assert sums.value("brier") == pytest.approx((w * (p - y) ** 2).sum(), rel=1e-11)
    assert sums.value("log_loss") == pytest.approx((-w * np.log(np.where(y == 1, p, 1 - p))).sum(), rel=1e-10)
    assert rows.band_actual.sum() == pytest.approx((w * y).sum(), rel=1e-15)


def test_columns_by_weight_are_those_of_numpy(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    columns, found = weighted()
    late, unit = after(columns), found.reference.grid.units["weight"]
    w, income, sector = (columns[name][late] for name in ("exposure", "income", "sector"))
    twin, rows = by_weight(found.windows[0]).columns, found.windows[0].columns
    number, word, few = twin["income"], twin["sector"], twin["dependants"]
    assert isinstance(number, NumericColumn)
    assert isinstance(few, NumericColumn)
    assert isinstance(word, CategoricalColumn)
    finite = np.isfinite(income)
    edges = np.asarray(number.bins.deciles)
    expected = np.bincount(np.searchsorted(edges, income[finite], side="right"), weights=w[finite])
    assert (number.deciles() * unit).tolist() == expected.tolist()
    assert number.non_finite * unit == w[~finite].sum()
    assert number.total * number.bins.unit == pytest.approx((w * income)[finite].sum(), rel=1e-10)
    assert number.total_sq * number.bins.unit_sq == pytest.approx((w * income**2)[finite].sum(), rel=1e-8)
    assert few.n * unit == w.sum()
    assert few.total * few.bins.unit == pytest.approx((w * columns["dependants"][late]).sum(), rel=1e-11)
    assert (word.count * unit).tolist() == [w[sector == level].sum() for level in word.bins.levels]
    assert rows["income"].rows == rows["sector"].rows == late.sum()


def test_whole_weights_count_as_often_repeated_rows(
    weighted: Callable[..., tuple[Columns, Counted]], write: Write, spec: Spec
) -> None:
    often = np.random.default_rng(8).integers(0, 4, 3_000)
    columns, found = weighted(3_000, exposure=often)
    again = {name: np.repeat(values, often) for name, values in columns.items()} | {"exposure": np.ones(often.sum())}
    late = again["split"] != "reference"
    again = {name: values[late] for name, values in again.items()} | {"id": np.arange(late.sum()).astype(str)}
    plain = counted(
        spec(window="year", reference=None),
        write(again, "again.parquet"),
        reference=[write({n: v[~after(columns)] for n, v in columns.items()}, "before.parquet")],
    )
    twin, rows, unit = by_weight(found.windows[0]), plain.windows[0], found.reference.grid.units["weight"]
    assert twin.populations.keys() == rows.populations.keys()
    for each, population in rows.populations.items():
        assert (twin.populations[each].counts * unit).tolist() == population.counts.tolist()
        assert (twin.populations[each].decisions * unit).tolist() == population.decisions.tolist()
    for name, column in rows.columns.items():
        assert (twin.columns[name].count * unit).tolist() == column.count.tolist()


def test_weights_of_one_give_back_the_rows(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    _, found = weighted(exposure=np.ones(4_000))
    for profile in (found.reference, *found.windows):
        view = weighed(profile)
        for name, column in profile.columns.items():
            assert view.columns[name].count.tolist() == column.count.tolist()
            assert (view.columns[name].rows, view.columns[name].missing) == (column.rows, column.missing)
        for each, rows in profile.populations.items():
            assert view.populations[each].counts.tolist() == rows.counts.tolist()
            assert view.populations[each].sums == rows.sums  # Python's 3 == 3.0
            assert view.populations[each].band_score.tolist() == rows.band_score.tolist()


@pytest.mark.parametrize("scale", [2.0**-12, 2.0, 2.0**30])
def test_another_unit_of_weight_changes_nothing(scale: float, weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    columns, found = weighted()
    _, scaled = weighted(name="scaled.parquet", exposure=columns["exposure"] * scale)
    one, two = by_weight(found.windows[0]), by_weight(scaled.windows[0])
    assert (one.total, one.total_sq, one.squares) == (two.total, two.total_sq, two.squares)
    assert scaled.reference.grid.units["weight"] == found.reference.grid.units["weight"] * scale
    for each, rows in weighed(found.windows[0]).populations.items():
        assert weighed(scaled.windows[0]).populations[each].counts.tolist() == rows.counts.tolist()


def test_effective_rows_are_those_of_kish(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    columns, found = weighted()
    late = after(columns)
    view = weighed(found.windows[0])
    for each in (ALL, Slice("sex", "F"), Slice("sector", "shop")):
        inside = late if each.by is None else late & (columns[each.by] == each.value)
        w = columns["exposure"][inside]
        assert view.populations[each].rows == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-9)
    w = columns["exposure"][late]
    assert view.columns["sector"].rows == pytest.approx(w.sum() ** 2 / (w**2).sum(), rel=1e-9)


def test_order_and_files_do_not_show_and_days_merge(
    weighted: Callable[..., tuple[Columns, Counted]], write: Write, spec: Spec
) -> None:
    # Weights with all their digits: none of the sums is exact as a float.
    columns, found = weighted(exposure=np.random.default_rng(2).lognormal(0, 1, 4_000), window="month")
    order = np.random.default_rng(3).permutation(4_000)
    parts = [
        write({n: v[some] for n, v in columns.items()}, f"p{at}.parquet")
        for at, some in enumerate((order[:1_700], order[1_700:]))
    ]
    plan = spec(weight="exposure", window="month")
    shuffled, daily = counted(plan, *parts), counted(replace(plan, window="day"), *parts)
    expected = [encode(replace(each, sources=())) for each in (found.reference, *found.windows)]
    assert [encode(replace(each, sources=())) for each in (shuffled.reference, *shuffled.windows)] == expected
    months = merged(daily.windows, "month")
    assert [encode(replace(each, sources=())) for each in (daily.reference, *months)] == expected


def test_profiles_with_weights_survive_their_bytes(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    _, found = weighted()
    back = decode(encode(found.windows[0]))
    assert encode(back) == encode(found.windows[0])
    assert by_weight(back).squares == by_weight(found.windows[0]).squares
    assert weighed(back).populations[ALL].sums == weighed(found.windows[0]).populations[ALL].sums


def test_weights_that_cannot_be_used_are_quarantined(
    weighted: Callable[..., tuple[Columns, Counted]],
) -> None:
    exposure = exposures(4_000) + 0.001
    exposure[:6] = [np.nan, np.inf, -np.inf, -1.0, 0.0, -0.0]
    exposure[-3:] = [np.nan, -1e-9, np.inf]
    columns, found = weighted(exposure=[None if at == 9 else value for at, value in enumerate(exposure.tolist())])
    assert len(columns["score"]) == found.rows_in == 4_000
    assert found.quarantine == {"weight not usable": 8}
    assert found.reference.rows + sum(each.rows for each in found.windows) + 8 == 4_000
    assert found.windows[0].quarantine == {"weight not usable": 3}


weights = st.one_of(
    st.none(), st.floats(), st.floats(0, 3), st.sampled_from([0.0, -0.0, 1.0, -1.0, np.nan, np.inf, 5e-324, 1e9])
)


@costly(10)
@given(drawn=st.lists(weights, min_size=1, max_size=40), cut=st.integers(0, 40))
def test_whatever_they_weigh_rows_are_counted_or_set_aside_and_parts_add_up(
    drawn: list[float | None], cut: int, loans: Loans, write: Write, spec: Spec
) -> None:
    columns = {name: list(values) for name, values in loans(400 + len(drawn)).items()}
    columns |= {"split": ["reference"] * 400 + ["later"] * len(drawn), "exposure": [1.0] * 400 + drawn}
    plan, usable = (
        spec(weight="exposure", window="year"),
        [each for each in drawn if each is not None and 0 <= each < np.inf],
    )
    if not usable or sum(usable) > 2.0**29:
        return
    found = counted(plan, write(columns, "all.parquet"))
    assert found.rows_in == 400 + len(drawn)
    assert found.quarantine == ({"weight not usable": len(drawn) - len(usable)} if len(usable) < len(drawn) else {})
    rows, twin = found.windows[0], by_weight(found.windows[0])
    assert rows.rows == len(usable)
    assert twin.total == sum(round(each * 2.0**32) for each in usable)
    assert twin.populations[ALL].rows == twin.total
    assert all(column.rows == twin.total for column in twin.columns.values())
    assert all((column.count >= 0).all() for column in twin.columns.values())
    halves = [
        write({n: v[part] for n, v in columns.items()}, f"{at}.parquet")
        for at, part in enumerate((slice(0, 400 + cut), slice(400 + cut, None)))
        if len(columns["id"][part])
    ]
    apart = counted(plan, *halves)
    assert [encode(replace(each, sources=())) for each in apart.windows] == [
        encode(replace(each, sources=())) for each in found.windows
    ]


@pytest.mark.parametrize(("change", "said"), [({"exposure": ["much"] * 4_000}, "must hold numbers"), ({}, "no column")])
def test_a_column_of_no_weights_is_refused(change: Columns, said: str, loans: Loans, write: Write, spec: Spec) -> None:
    with pytest.raises(LogError, match=said):
        counted(spec(weight="exposure"), write(loans(4_000) | change))


@pytest.mark.parametrize("largest", [1e18, 2.0**31, 2.0**30])
def test_weights_out_of_all_proportion_are_refused(
    largest: float, weighted: Callable[..., tuple[Columns, Counted]]
) -> None:
    exposure = exposures(4_000)
    exposure[-40:] = largest
    with pytest.raises(LogError, match="too large beside those of the reference"):
        weighted(exposure=exposure)


def test_a_window_that_weighs_nothing_is_counted(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    columns, found = weighted(exposure=np.where(np.arange(4_000) < 1_000, 1.0, 0.0))
    profile = found.windows[0]
    assert (profile.rows, by_weight(profile).total) == (3_000, 0)
    view = weighed(profile)
    assert view.populations.keys() == profile.populations.keys()
    assert all(rows.rows == 0 for rows in view.populations.values())
    assert all(column.rows == 0 for column in view.columns.values())
    assert len(columns["score"]) == 4_000


def test_a_run_says_that_figures_are_by_weight(weighted: Callable[..., tuple[Columns, Counted]]) -> None:
    assert weighted()[1].notes == ("Figures are by weight (exposure); numbers of rows count every row once.",)


def test_without_a_weight_nothing_of_it_is_kept(loans: Loans, write: Write, spec: Spec) -> None:
    found = counted(spec(), write(loans()))
    assert found.reference.weighted is None
    assert "weight" not in found.reference.grid.units
    assert weighed(found.reference) is found.reference
