"""Laws of counting: parts add up to the whole, order does not show, and no row is lost, whatever the rows hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws import costly

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.profiling.columns import NumericColumn
from plumbline.profiling.count import Counted, count
from plumbline.profiling.profile import Profile
from plumbline.profiling.serial import encode

Columns = dict[str, list[Any]]
Spec = Callable[..., LogSpec]
FEW = costly(8)
numbers = st.one_of(
    st.none(), st.floats(), st.floats(-1e3, 1e3), st.sampled_from([0.0, -0.0, 1.0, np.inf, -np.inf, np.nan, 1e308])
)
rows = st.fixed_dictionaries(
    {
        "month": st.integers(1, 3),
        "score": st.one_of(st.floats(0, 1), st.sampled_from([None, 0.5, 1.5, np.nan, 0.1])),
        "label": st.sampled_from([0.0, 1.0, None, 2.0, np.nan]),
        "income": numbers,
        "dependants": st.one_of(st.none(), st.integers(-5, 5)),
        "sector": st.sampled_from(["farm", "shop", "", "new", None]),
        "sex": st.sampled_from(["F", "M", None]),
        "same_as": st.integers(0, 400),  # an id that another row may have
    }
)
logs = st.lists(rows, min_size=1, max_size=60)


def reference() -> Columns:
    """Two thousand good rows: enough that income has a fine grid."""
    rng = np.random.default_rng(3)
    return {
        "id": [f"R{at}" for at in range(3_000)],
        "event_time": [np.datetime64("2025-12-01", "us")] * 3_000,
        "score": rng.beta(2, 5, 3_000).tolist(),
        "label": rng.integers(0, 2, 3_000).astype(float).tolist(),
        "income": rng.normal(0, 300, 3_000).tolist(),
        "dependants": rng.integers(0, 5, 3_000).tolist(),
        "sector": rng.choice(["farm", "shop", "office"], 3_000).tolist(),
        "sex": rng.choice(["F", "M"], 3_000).tolist(),
    }


def table(found: list[dict[str, Any]]) -> Columns:
    columns: Columns = {name: [each[name] for each in found] for name in found[0] if name not in ("month", "same_as")}
    columns["id"] = [f"L{each['same_as']}" for each in found]
    columns["event_time"] = [np.datetime64(f"2026-0{each['month']}-10", "us") for each in found]
    return columns


KINDS = {
    "id": pa.string(), "event_time": pa.timestamp("us"), "score": pa.float64(), "label": pa.float64(),
    "income": pa.float64(), "dependants": pa.int64(), "sector": pa.string(), "sex": pa.string(),
}  # fmt: skip


def save(path: Path, columns: Columns) -> str:
    pq.write_table(pa.table({name: pa.array(columns[name], kind) for name, kind in KINDS.items()}), path)
    return str(path)


@pytest.fixture
def counted(tmp_path: Path, spec: Spec) -> Callable[..., Counted]:
    before = save(tmp_path / "reference.parquet", reference())
    made = spec(reference=None, intersections=[["sex", "sector"]])

    def run(*parts: list[dict[str, Any]]) -> Counted:
        files = [save(tmp_path / f"part{at}.parquet", table(part)) for at, part in enumerate(parts)]
        return count(made, model_id="loans", version_id="1", log=files, reference=[before])

    return run


def usable(found: list[dict[str, Any]]) -> bool:
    return any(good(each) for each in found)


def good(each: dict[str, Any]) -> bool:
    score = each["score"]
    return each["label"] != 2.0 and (score is None or 0 <= score <= 1)


def unlike(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same rows with ids of their own: which of two equal ids is the first depends on their order."""
    return [{**each, "same_as": at} for at, each in enumerate(found)]


def plain(found: Counted) -> list[bytes]:
    return [encode(replace(each, sources=())) for each in (found.reference, *found.windows)]


@FEW
@given(found=logs.filter(usable), data=st.data())
def test_order_of_rows_and_files_is_irrelevant(
    found: list[dict[str, Any]], data: st.DataObject, counted: Callable[..., Counted]
) -> None:
    found = unlike(found)
    shuffled = data.draw(st.permutations(found))
    cut = data.draw(st.integers(1, len(shuffled)))
    parts = [part for part in (shuffled[:cut], shuffled[cut:]) if part]
    assert plain(counted(found)) == plain(counted(*parts)) == plain(counted(*parts[::-1]))


@FEW
@given(found=logs, data=st.data())
def test_the_merge_of_any_split_is_the_whole(
    found: list[dict[str, Any]], data: st.DataObject, counted: Callable[..., Counted]
) -> None:
    found = [{**each, "month": 1} for each in unlike(found)]
    cut = data.draw(st.integers(0, len(found)))
    parts = [part for part in (found[:cut], found[cut:]) if usable(part)]
    if not parts or len(parts) < 2:
        return
    whole = counted(found).windows[0]
    one, two = (counted(part).windows[0] for part in parts)
    assert encode(replace(one + two, sources=())) == encode(replace(whole, sources=()))


@FEW
@given(found=logs.filter(usable))
def test_every_row_is_counted_or_quarantined_and_no_count_is_negative(
    found: list[dict[str, Any]], counted: Callable[..., Counted]
) -> None:
    done = counted(found)
    profiles = (done.reference, *done.windows)
    assert done.rows_in == len(found) + 3_000
    assert done.rows_in == sum(each.rows for each in profiles) + sum(done.quarantine.values())
    ids = [each["same_as"] for each in found if good(each)]
    assert done.quarantine.get("duplicate id", 0) == len(ids) - len(set(ids))
    for each in profiles:
        assert_whole(each)


def assert_whole(profile: Profile) -> None:
    for column in profile.columns.values():
        assert column.rows == profile.rows
        assert (column.count >= 0).all()
        if isinstance(column, NumericColumn):
            assert column.fine().sum() == column.n
            assert column.below + column.above <= column.n
    scored = profile.columns["score"].rows - profile.columns["score"].missing
    for by in (None, "sector", "sex", "sex*sector"):
        cut = [population for each, population in profile.populations.items() if each.by == by]
        assert sum(population.rows for population in cut) == scored
        assert all(population.decisions.sum() == population.rows for population in cut)
        assert all(population.outcomes.tolist() == population.counts.sum(axis=0).tolist() for population in cut)


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.MULTICLASS])
@FEW
@given(found=logs, data=st.data())
def test_the_merge_of_any_split_is_the_whole_for_every_task(
    task: Task, found: list[dict[str, Any]], data: st.DataObject, tmp_path: Path, spec: Spec
) -> None:
    """Losses by band, and the scores of the rows whose largest score is a class's, add like all else."""
    score = {"0.0": "score", "1.0": "income"} if task is Task.MULTICLASS else "score"
    made = spec(task, score=score, reference=None, decision=None, groups=None, intersections=None)
    before = save(
        tmp_path / "reference.parquet", reference() | {"income": (1 - np.array(reference()["score"])).tolist()}
    )
    found = [each | {"month": 1, "label": float(at % 2)} for at, each in enumerate(unlike(found))]
    found = [each | {"score": each["score"] if good(each) else 0.25} for each in found]
    found = [each | {"income": None if each["score"] is None else 1 - each["score"]} for each in found]
    cut = data.draw(st.integers(0, len(found)))
    parts = [part for part in (found[:cut], found[cut:]) if part]

    def counted(*rows: list[dict[str, Any]]) -> Profile:
        files = [save(tmp_path / f"part{at}.parquet", table(part)) for at, part in enumerate(rows)]
        return count(made, model_id="loans", version_id="1", log=files, reference=[before]).windows[0]

    one, *two = (counted(part) for part in parts)
    merged = one + two[0] if two else one
    assert encode(replace(merged, sources=())) == encode(replace(counted(found), sources=()))
