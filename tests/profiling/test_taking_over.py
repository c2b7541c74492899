"""Counting only what is new: the profiles are those of a full count, whatever came, changed or went."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.laws import costly

from plumbline.domain.errors import LogError
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.results import REFERENCE
from plumbline.profiling import taking_over
from plumbline.profiling.count import Counted, count
from plumbline.profiling.known import Known
from plumbline.profiling.serial import encode

Columns = dict[str, Any]
Make = Callable[..., Any]
DAY = np.timedelta64(1, "D")


@dataclass
class Place:
    """A folder of monthly files and of outcomes, counted in full or on top of what was counted before."""

    spec: LogSpec
    write: Callable[..., str]
    make: Callable[..., Columns]
    log: list[str] = field(default_factory=list)
    reference: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)

    def month(self, name: str, number: int, *, first_id: int, rows: int = 60, seed: int = 0) -> None:
        columns = self.make(rows, seed=seed or number, days=27, first_id=first_id)
        columns["event_time"] = columns["event_time"] + 31 * number * DAY
        self._put(self.log, name, columns)

    def outcomes(self, name: str, ids: Sequence[int], value: float = 1.0) -> None:
        columns = {"id": [f"L{at:06d}" for at in ids], "label": np.full(len(ids), value)}
        self._put(self.labels, name, columns)

    def _put(self, where: list[str], name: str, columns: Columns) -> None:
        path = self.write(columns, name)
        if path not in where:
            where.append(path)
            where.sort()

    def count(self, known: Known | None = None) -> Counted:
        return count(
            self.spec, model_id="m", version_id="1", known=known,
            log=self.log, reference=self.reference, labels=self.labels,
        )  # fmt: skip


@pytest.fixture
def place(loans: Make, write: Make, spec: Callable[..., LogSpec]) -> Place:
    """A reference and three months, none of them sharing an id."""
    found = Place(spec(reference=None, label_maturity="20d"), write, loans)
    found.reference.append(write(loans(200, seed=99, first_id=900_000), "reference.parquet"))
    for number in range(3):
        found.month(f"month{number}.parquet", number, first_id=1_000 * number)
    return found


def remembered(counted: Counted) -> Known:
    """What the store would hand back."""
    windows = {profile.window.label: profile for profile in (counted.reference, *counted.windows)}
    return Known(files=counted.files, windows=windows, runs=dict.fromkeys(windows, "r1"), labels=counted.label_marks)


def told(counted: Counted) -> dict[str, Any]:
    profiles = {profile.window.label: encode(profile) for profile in (counted.reference, *counted.windows)}
    return {
        "profiles": profiles,
        "rows_in": counted.rows_in,
        "quarantine": counted.quarantine,
        "sources": counted.sources,
        "files": counted.files,
        "labels": counted.label_marks,
        "notes": counted.notes,
    }


def same_as_full(place: Place, known: Known) -> Counted:
    """The incremental count, held against a full one."""
    found = place.count(known)
    assert told(found) == told(place.count())
    assert found.rows_in == sum(each.rows for each in (found.reference, *found.windows)) + sum(
        found.quarantine.values()
    )
    return found


def test_a_new_file_alone_is_read(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    known = remembered(place.count())
    place.month("month3.parquet", 3, first_id=3_000)
    found = same_as_full(place, known)
    assert found.taken == {REFERENCE, "2026-01", "2026-02", "2026-03"}
    read: list[str] = []

    def told_of(path: Path) -> str:
        read.append(path.name)
        return "d"

    monkeypatch.setattr("plumbline.profiling.opening.fingerprint", told_of)
    place.count(known)
    assert read == ["month3.parquet"]


def test_nothing_new_reads_nothing(place: Place) -> None:
    known = remembered(place.count())
    assert len(same_as_full(place, known).taken) == 4


def test_features_found_in_an_unchanged_reference_are_not_looked_for_again(
    place: Place, spec: Callable[..., LogSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    place.spec = spec(reference=None, numeric=None, categorical=None)
    columns = place.make(1_200, seed=99, first_id=900_000)
    place.reference = [place.write(columns | {"remark": columns["id"]}, "named.parquet")]
    for number in range(3):
        columns = place.make(60, seed=number, days=27, first_id=1_000 * number)
        place.write(columns | {"remark": columns["id"]}, f"month{number}.parquet")
    known = remembered(place.count())
    same_as_full(place, known)
    monkeypatch.setattr("plumbline.profiling.opening._row_names", pytest.fail)
    notes = place.count(known).notes
    assert notes == ("remark: left out of the features, nearly every row has a value of its own.",)


def test_a_changed_file_is_read_again_with_all_it_touches(place: Place) -> None:
    known = remembered(place.count())
    place.month("month1.parquet", 1, first_id=1_000, seed=77)
    assert same_as_full(place, known).taken == {REFERENCE, "2026-01", "2026-03"}


def test_late_rows_re_read_their_window_from_every_file(place: Place) -> None:
    known = remembered(place.count())
    place.month("month3.parquet", 1, first_id=3_000)
    assert same_as_full(place, known).taken == {REFERENCE, "2026-01", "2026-03"}


def test_a_file_with_two_windows_is_read_for_one_of_them(place: Place, loans: Make, write: Make) -> None:
    both = loans(80, seed=5, days=59, first_id=5_000)
    place.log.append(write(both, "two.parquet"))
    known = remembered(place.count())
    place.month("month4.parquet", 1, first_id=6_000)
    assert same_as_full(place, known).taken == {REFERENCE, "2026-01", "2026-03"}


def test_a_file_that_is_gone_takes_its_windows_with_it(place: Place) -> None:
    known = remembered(place.count())
    del place.log[1]
    assert same_as_full(place, known).taken == {REFERENCE, "2026-01", "2026-03"}


def test_another_reference_changes_everything(place: Place, loans: Make, write: Make) -> None:
    known = remembered(place.count())
    place.reference[:] = [write(loans(210, seed=98, first_id=900_000), "reference.parquet")]
    assert same_as_full(place, known).taken == frozenset()


def test_an_id_that_stands_in_two_months_is_set_aside_as_in_a_full_count(place: Place) -> None:
    known = remembered(place.count())
    place.month("month3.parquet", 3, first_id=2_030)
    found = same_as_full(place, known)
    assert found.quarantine["duplicate id"] == 30
    assert found.taken == {REFERENCE, "2026-01", "2026-02"}
    # And when the first of the two goes, the other counts again.
    again = remembered(found)
    del place.log[2]
    assert "duplicate id" not in same_as_full(place, again).quarantine


def test_a_reference_that_meets_a_new_file_is_refused_as_ever(place: Place) -> None:
    known = remembered(place.count())
    place.month("month3.parquet", 3, first_id=900_190)
    with pytest.raises(LogError, match="overlaps"):
        place.count(known)


def test_late_outcomes_re_read_only_the_windows_they_touch(place: Place) -> None:
    place.outcomes("labels0.parquet", range(1_000, 1_020))
    known = remembered(place.count())
    place.outcomes("labels1.parquet", range(2_000, 2_020), 0.0)
    assert same_as_full(place, known).taken == {REFERENCE, "2026-01", "2026-02"}
    # The same file, longer: only what it adds is new.
    place.outcomes("labels0.parquet", range(40, 60))
    place.outcomes("labels0.parquet", [*range(1_000, 1_020), *range(50)])
    again = remembered(place.count(known))
    place.outcomes("labels0.parquet", [*range(1_000, 1_020), *range(55)])
    assert same_as_full(place, again).taken == {REFERENCE, "2026-02", "2026-03"}


def test_rows_without_a_window_are_accounted_for(place: Place, loans: Make, write: Make) -> None:
    lost = loans(40, seed=6, days=20, first_id=7_000)
    lost["event_time"][:5] = np.datetime64("NaT")
    place.log.append(write(lost, "nameless.parquet"))
    known = remembered(place.count())
    place.month("month3.parquet", 3, first_id=3_000)
    found = same_as_full(place, known)
    assert found.quarantine == {"time missing": 5}
    assert "2026-01" in found.taken


def test_a_file_that_was_only_touched_is_known_by_its_time(place: Place) -> None:
    known = remembered(place.count())
    os.utime(place.log[0], (1, 1))
    assert same_as_full(place, known).taken == {REFERENCE, "2026-02", "2026-03"}


def test_marks_in_the_log_make_the_reference_a_window_like_any_other(loans: Make, write: Make, spec: Make) -> None:
    found = Place(spec(), write, loans)
    found.log.append(write(loans(400, days=59), "a.parquet"))
    known = remembered(found.count())
    later = loans(100, seed=3, days=20, first_id=5_000)
    later["event_time"] = later["event_time"] + 62 * DAY
    later["split"][:] = "production"
    found.log.append(write(later, "b.parquet"))
    assert same_as_full(found, known).taken == {REFERENCE, "2026-01", "2026-02"}


@costly(12)
@given(steps=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=3))
def test_any_history_of_files_counts_as_the_last_state_in_full(
    loans: Make, write: Make, spec: Make, steps: list[tuple[int, int, int]]
) -> None:
    place = Place(spec(reference=None, label_maturity="20d"), write, loans)
    place.reference.append(write(loans(200, seed=99, first_id=900_000), "reference.parquet"))
    place.month("f0.parquet", 0, first_id=0)
    known = remembered(place.count())
    for kind, which, number in steps:
        if kind <= 2:  # a file that is new or changed, whose ids may meet another's
            place.month(f"f{which}.parquet", number, first_id=50 * number, seed=1 + kind)
        elif kind == 3:
            place.outcomes(f"l{which % 2}.parquet", range(30 * number, 30 * number + 20), float(which % 2))
        elif len(place.log) > 1:
            place.log.pop(which % len(place.log))
        known = remembered(same_as_full(place, known))
    assert known.files
    assert taking_over.vouched(known, taking_over.mark_files(place.log)).keys() == {Path(each) for each in place.log}
