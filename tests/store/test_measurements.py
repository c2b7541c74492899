"""What the pages ask of results: the current one of each window, and no other model's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from tests.entries import recorded

from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict, Window
from plumbline.store import measurements, results
from plumbline.store.database import Cursor, Store
from plumbline.store.measurements import Selection

WINDOWS = {month: Window(f"2026-{month:02d}", datetime(2026, month, 1, tzinfo=UTC)) for month in (8, 9, 10)}
BEFORE = Window(REFERENCE)


def _result(
    window: Window,
    estimate: float | None,
    *,
    level: Level = Level.GREEN,
    metric: str = "roc_auc",
    column: str | None = None,
    segment_by: str | None = None,
    segment: str | None = None,
) -> Result:
    figure = Measurement(metric=metric, column=column, segment_by=segment_by, segment=segment, estimate=estimate, n=500)
    return Result(window, figure, Verdict(level, "", "rule", "digest"))


@pytest.fixture
def cursor(clock: Callable[[], datetime]) -> Iterator[Cursor]:
    """Two runs of model m, the second over September and October only, and one run of another model."""
    store = Store.open(":memory:", clock=clock)
    runs = {
        1: ("m", [_result(BEFORE, 0.8), _result(WINDOWS[8], 0.7), _result(WINDOWS[9], 0.6)]),
        2: (
            "m",
            [
                _result(WINDOWS[9], 0.65, level=Level.RED),
                _result(WINDOWS[9], 0.5, segment_by="sex", segment="F"),
                _result(WINDOWS[10], None, level=Level.GREY),
                _result(WINDOWS[10], 0.1, metric="psi", column="income"),
            ],
        ),
        3: ("other", [_result(WINDOWS[9], 0.1)]),
    }
    for seq, (model_id, found) in runs.items():
        with store.transaction() as writing:
            results.insert_results(writing, recorded(seq, model_id), run_id=f"run-{seq}", version_id="1", results=found)
    with store.read() as reading:
        yield reading
    store.close()


def _estimates(cursor: Cursor, selection: Selection) -> list[tuple[str, float | None]]:
    found = measurements.current(cursor, "m", "1", selection)
    return [(one.result.window.label, one.result.measurement.estimate) for one in found]


def test_the_latest_run_speaks_for_its_windows_and_the_reference_comes_first(cursor: Cursor) -> None:
    of_all = Selection(metrics=("roc_auc",), segment_by=(None,))
    assert _estimates(cursor, of_all) == [("reference", 0.8), ("2026-08", 0.7), ("2026-09", 0.65), ("2026-10", None)]


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(segment_by=("sex",)), [("2026-09", 0.5)]),
        (Selection(columns=("income",)), [("2026-10", 0.1)]),
        (Selection(columns=("income", None), windows=("2026-10",)), [("2026-10", None), ("2026-10", 0.1)]),
        (Selection(segments=("M",)), []),
    ],
)
def test_a_selection_narrows_and_none_means_of_all(
    cursor: Cursor, selection: Selection, expected: list[tuple[str, float | None]]
) -> None:
    assert sorted(_estimates(cursor, selection), key=str) == sorted(expected, key=str)


def test_windows_are_listed_in_order_without_the_reference(cursor: Cursor) -> None:
    assert measurements.measured_windows(cursor, "m", "1") == ("2026-08", "2026-09", "2026-10")
    assert measurements.measured_windows(cursor, "nobody", "1") == ()


def test_a_grey_window_is_measured_but_not_judged(cursor: Cursor) -> None:
    assert measurements.judged_windows(cursor, "m", "1", ["roc_auc"]) == ("2026-08", "2026-09")


def test_breakdowns_and_their_metrics(cursor: Cursor) -> None:
    assert measurements.dimensions(cursor, "m", "1") == ("sex",)
    assert measurements.metrics_by(cursor, "m", "1", "sex") == {"roc_auc": True}


def test_an_unregistered_version_is_nothing(cursor: Cursor) -> None:
    assert measurements.registered(cursor, "m", "1") is None
