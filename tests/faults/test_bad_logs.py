"""Bad logs: refused whole with file, column, row and value; or quarantined by row; or answered all the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws import costly

from plumbline.domain.errors import LogError
from plumbline.profiling.columns import CategoricalColumn, NumericColumn
from plumbline.profiling.count import Counted
from plumbline.profiling.profile import ALL, OTHER, Slice

Columns = dict[str, list[Any]]
Save = Callable[..., str]
Count = Callable[..., Counted]


def refused(counted: Count, *log: str, **more: Any) -> str:
    with pytest.raises(LogError) as found:
        counted(*log, **more)
    assert found.value.remedy
    return str(found.value)


def rows_of(found: Counted) -> int:
    return found.reference.rows + sum(window.rows for window in found.windows)


def test_a_missing_column_is_named_with_its_nearest(sound: Columns, save: Save, counted: Count) -> None:
    sound["scores"] = sound.pop("score")
    said = refused(counted, save(sound))
    assert "no column 'score'" in said
    assert "log.parquet" in said
    assert "Did you mean 'scores'" in said


def test_a_truncated_file_is_refused(sound: Columns, save: Save, counted: Count) -> None:
    path = Path(save(sound))
    path.write_bytes(path.read_bytes()[:-200])
    said = refused(counted, str(path))
    assert str(path) in said
    assert "cut short" in said


def test_damage_in_the_middle_of_a_file_is_refused(sound: Columns, save: Save, counted: Count) -> None:
    path = Path(save(sound))
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    path.write_bytes(bytes(content))
    assert str(path) in refused(counted, str(path))


def test_the_wrong_separator_is_told(sound: Columns, save: Save, counted: Count) -> None:
    said = refused(counted, save(sound, "log.csv", separator=";"))
    assert "id;when;score" in said
    assert "commas" in said
    assert "Name the" not in said


def test_a_ragged_line_is_refused(sound: Columns, save: Save, counted: Count) -> None:
    path = Path(save(sound, "log.csv"))
    path.write_text(path.read_text() + "r400,2026-01-01,0.5\n")
    said = refused(counted, str(path))
    assert str(path) in said
    assert "Line 402 has 3 cells, and the header has 7" in said


@pytest.mark.parametrize("column", ["score", "income"])
def test_text_in_a_numeric_column_is_named_by_row_and_value(
    column: str, sound: Columns, save: Save, counted: Count
) -> None:
    sound[column][41] = "high"
    said = refused(counted, save(sound, "log.csv"))
    assert f"'{column}'" in said
    assert "'high'" in said
    assert "row 42" in said


def test_a_column_of_the_wrong_type_is_refused(sound: Columns, save: Save, counted: Count) -> None:
    sound["when"] = list(range(400))
    assert "'when' holds BIGINT, not times" in refused(counted, save(sound))


@pytest.mark.parametrize(("split", "side"), [("production", "reference"), ("reference", "log")])
def test_a_side_without_a_usable_row_is_refused(
    split: str, side: str, sound: Columns, save: Save, counted: Count
) -> None:
    sound["split"] = [split] * 400
    assert f"The {side} has no usable row" in refused(counted, save(sound))


def test_a_log_of_nothing_but_bad_rows_says_why(sound: Columns, save: Save, counted: Count) -> None:
    sound["score"] = [2.0] * 400
    said = refused(counted, save(sound))
    assert "100 probability outside [0, 1]; row 1 has score = '2.0'" in said


def test_labels_in_words_are_refused_by_row_and_value(sound: Columns, save: Save, counted: Count) -> None:
    sound["label"] = ["yes" if label else "no" for label in sound["label"]]
    said = refused(counted, save(sound))
    assert "100 label other than 0 and 1; row 1 has label = " in said
    assert "log.parquet" in said


def test_an_unusable_log_beside_a_sound_reference_counts_its_own_rows(
    sound: Columns, save: Save, counted: Count
) -> None:
    sound["when"][100:] = ["soon"] * 300
    assert "The log has no usable row: 300 time not parsable; row 101 has when = 'soon'" in refused(
        counted, save(sound)
    )


@pytest.mark.parametrize("name", ["log.csv", "log.parquet"])
def test_an_empty_file_is_called_empty(name: str, counted: Count, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    said = refused(counted, str(tmp_path / name))
    assert "The file is empty" in said
    assert name in said


def test_what_the_engine_says_of_a_cut_file_is_put_in_words(sound: Columns, save: Save, counted: Count) -> None:
    path = Path(save(sound))
    path.write_bytes(path.read_bytes()[:200])
    said = refused(counted, str(path))
    assert "cut short" in said
    assert "magic" not in said


def test_ids_on_both_sides_are_refused_by_id_and_row(sound: Columns, save: Save, counted: Count) -> None:
    sound["id"][250] = "r7"
    said = refused(counted, save(sound))
    assert "overlaps" in said
    assert "'r7'" in said
    assert "row 251" in said


def test_one_file_on_both_sides_is_refused(sound: Columns, save: Save, counted: Count) -> None:
    log, again = save(sound), save(sound, "copy.parquet")
    assert "overlaps" in refused(counted, log, reference=(again,), id=None)


def test_a_path_that_finds_nothing_is_refused(counted: Count, tmp_path: Path) -> None:
    assert "no such file" in refused(counted, str(tmp_path / "*.parquet"))
    (tmp_path / "log.xlsx").write_text("")
    assert "neither Parquet nor CSV" in refused(counted, str(tmp_path / "log.xlsx"))


def test_labels_need_an_id(sound: Columns, save: Save, counted: Count) -> None:
    log = save(sound)
    assert "join the log by id" in refused(counted, log, labels=(log,), id=None)


BAD = [
    ("score", 1.5, "probability outside [0, 1]"),
    ("score", -0.1, "probability outside [0, 1]"),
    ("score", float("nan"), "score not finite"),
    ("score", float("inf"), "score not finite"),
    ("label", 2, "label other than 0 and 1"),
    ("label", -1, "label other than 0 and 1"),
    ("when", "soon", "time not parsable"),
    ("when", "2026-02-31", "time not parsable"),
    ("when", None, "time missing"),
    ("id", "r150", "duplicate id"),
]


@pytest.mark.parametrize("kind", ["log.parquet", "log.csv"])
@pytest.mark.parametrize(("column", "value", "reason"), BAD)
def test_a_bad_row_is_set_aside_by_reason_and_the_rest_goes_on(
    column: str, value: Any, reason: str, kind: str, sound: Columns, save: Save, counted: Count
) -> None:
    sound[column][200] = value
    found = counted(save(sound, kind))
    assert found.quarantine == {reason: 1}
    assert (found.rows_in, rows_of(found)) == (400, 399)


def test_points_outside_their_range_are_set_aside(sound: Columns, save: Save, counted: Count) -> None:
    sound["score"] = [300 + 550 * score for score in sound["score"]]
    sound["score"][200], sound["score"][201] = 299.0, 851.0
    found = counted(save(sound), score_kind="points", score_range=[300, 850], higher_is="safer")
    assert found.quarantine == {"score outside [300, 850]": 2}


def test_the_first_sound_row_of_an_id_stands(sound: Columns, save: Save, counted: Count) -> None:
    sound["id"][200], sound["score"][150] = "r150", 7.0
    assert counted(save(sound)).quarantine == {"probability outside [0, 1]": 1}


def test_later_files_repeat_earlier_ones(sound: Columns, save: Save, counted: Count) -> None:
    later = {name: values[300:] for name, values in sound.items()}
    found = counted(save(sound), save(later, "again.parquet"))
    assert (found.quarantine, found.rows_in, rows_of(found)) == ({"duplicate id": 100}, 500, 400)


@costly(25)
@given(
    faults=st.lists(st.tuples(st.integers(0, 399), st.sampled_from(BAD)), max_size=40),
    dropped=st.sets(st.integers(0, 399), max_size=30),
)
def test_rows_in_are_rows_counted_and_rows_set_aside(
    faults: list[tuple[int, tuple[str, Any, str]]], dropped: set[int], sound: Columns, save: Save, counted: Count
) -> None:
    spoiled = {name: list(values) for name, values in sound.items()}
    for at, (column, value, _) in faults:
        # A duplicate of a log row may not stand in the reference.
        spoiled[column][max(at, 160) if column == "id" else at] = value
    for at in dropped:
        spoiled["label"][at] = None
    found = counted(save(spoiled))
    assert found.rows_in == 400 == rows_of(found) + sum(found.quarantine.values())
    for profile in (found.reference, *found.windows):
        assert {each.rows for each in profile.columns.values()} == {profile.rows}
        assert profile.populations[ALL].rows == profile.rows


def test_one_class_only_is_counted(sound: Columns, save: Save, counted: Count) -> None:
    sound["label"] = [0] * 400
    found = counted(save(sound))
    assert [window.populations[ALL].positives for window in found.windows] == [0, 0]
    assert all(window.populations[ALL].negatives == window.rows for window in found.windows)


def test_ten_thousand_levels_are_counted_and_small_segments_pooled(sound: Columns, save: Save, counted: Count) -> None:
    many = {name: values * 60 for name, values in sound.items()}
    many["id"] = [f"r{at}" for at in range(24_000)]
    many["sector"] = [f"s{at % 10_000}" for at in range(24_000)]
    found = counted(save(many), segments=["sector"])
    column = found.windows[0].columns["sector"]
    assert isinstance(column, CategoricalColumn)
    assert column.rows == found.windows[0].rows
    pooled = found.windows[0].populations[Slice("sector", OTHER)]
    assert pooled.rows > 0
    assert len([each for each in found.windows[0].populations if each.by == "sector"]) <= 202
    assert any("pooled as (other)" in note for note in found.notes)


def test_mixed_time_zones_are_taken_to_utc_and_said(sound: Columns, save: Save, counted: Count) -> None:
    sound["when"][200:203] = ["2026-03-01T00:30:00+02:00", "2026-02-28 23:30:00-05:00", "2026-03-02 12:00:00"]
    found = counted(save(sound))
    assert {window.window.label: window.rows for window in found.windows}["2026-03"] == 2
    assert any("all were taken to UTC" in note for note in found.notes)


@pytest.mark.parametrize("name", ["income", "sector"])
def test_a_column_that_is_all_missing_is_counted_so(name: str, sound: Columns, save: Save, counted: Count) -> None:
    sound[name] = [None] * 400
    found = counted(save(sound, "log.csv"))
    for profile in (found.reference, *found.windows):
        column = profile.columns[name]
        assert isinstance(column, NumericColumn | CategoricalColumn)
        assert (column.missing, column.n) == (profile.rows, 0)


def test_a_missing_score_is_missing_and_not_a_fault(sound: Columns, save: Save, counted: Count) -> None:
    sound["score"][200] = None
    found = counted(save(sound))
    assert (found.quarantine, rows_of(found)) == ({}, 400)
    assert sum(window.columns["score"].missing for window in found.windows) == 1
