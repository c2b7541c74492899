"""Results and profiles: a rerun supersedes the window, earlier rows stay, hashes follow the content."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from tests.entries import recorded

from plumbline.domain.chain import sha256
from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict, Window
from plumbline.store import profiles, results
from plumbline.store.database import Cursor, Store
from plumbline.store.result_digest import digest

SEPTEMBER = Window("2026-09", datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 10, 1, tzinfo=UTC))
OCTOBER = Window("2026-10", datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC))
GREEN = Verdict(Level.GREEN, "within", "drift.psi", "digest")


def result(window: Window, estimate: float | None, *, metric: str = "psi", segment: str | None = None) -> Result:
    measured = Measurement(
        metric=metric,
        column="score",
        segment_by="sex" if segment else None,
        segment=segment,
        estimate=estimate,
        low=0.1,
        confidence=0.95,
        method="counts",
        n=500,
        events=None,
        p_value=0.04,
        why_not="" if estimate is not None else "too few rows",
    )
    return Result(window, measured, GREEN)


@pytest.fixture
def cursor(clock: Callable[[], datetime]) -> Iterator[Cursor]:
    with Store.open(":memory:", clock=clock).read() as cursor:
        yield cursor


def put(cursor: Cursor, seq: int, *found: Result) -> None:
    results.insert_results(cursor, recorded(seq), run_id=f"run-{seq}", version_id="1", results=found)


def test_what_goes_in_comes_out(cursor: Cursor) -> None:
    written = (result(Window(REFERENCE), None), result(SEPTEMBER, 0.25, segment="F"))
    put(cursor, 1, *written)
    stored = results.current(cursor, model_id="m")
    assert tuple(r.result for r in stored) == written
    assert (stored[0].run_id, stored[0].recorded_at) == ("run-1", datetime(2026, 11, 1, tzinfo=UTC))


def test_a_rerun_supersedes_its_windows_and_no_others(cursor: Cursor) -> None:
    put(cursor, 1, result(SEPTEMBER, 0.1), result(SEPTEMBER, 0.2, metric="ks"), result(OCTOBER, 0.3))
    put(cursor, 2, result(SEPTEMBER, 0.15))
    standing = results.current(cursor, model_id="m", version_id="1")
    assert [(r.result.window.label, r.result.measurement.estimate) for r in standing] == [
        ("2026-09", 0.15),
        ("2026-10", 0.3),
    ]
    assert len(results.of_run(cursor, "run-1")) == 3


def test_they_are_found_by_window_metric_and_whole_population(cursor: Cursor) -> None:
    put(cursor, 1, result(SEPTEMBER, 0.1), result(SEPTEMBER, 0.2, segment="F"), result(OCTOBER, 0.3, metric="ks"))
    assert len(results.current(cursor, model_id="m", windows=["2026-09"])) == 2
    assert len(results.current(cursor, model_id="m", metrics=["ks"])) == 1
    assert len(results.current(cursor, overall=True)) == 2
    assert results.current(cursor, model_id="other") == ()
    assert results.windows(cursor, "m", "1") == (SEPTEMBER, OCTOBER)


def test_the_digest_is_of_what_was_stored_in_any_order(cursor: Cursor) -> None:
    written = [result(SEPTEMBER, 0.1 + 0.2), result(OCTOBER, 1e-17)]
    put(cursor, 1, *written)
    assert digest(results.of_run(cursor, "run-1")) == digest(written[::-1])
    assert digest(written[:1]) != digest(written)


def test_profiles_are_bytes_with_their_hash_and_the_latest_stands(cursor: Cursor) -> None:
    for seq, content in ((1, b"first"), (2, b"second")):
        profiles.insert_profiles(
            cursor, recorded(seq), run_id=f"run-{seq}", version_id="1", profiles=[(SEPTEMBER, content)]
        )
    (standing,) = profiles.current(cursor, "m", "1")
    assert (standing.content, standing.sha256, standing.window) == (b"second", sha256(b"second"), SEPTEMBER)
    assert profiles.hashes_by_run(cursor)["run-1", 1] == [(sha256(b"first"), sha256(b"first"))]
    assert profiles.current(cursor, "m", "1", windows=["2026-10"]) == ()
