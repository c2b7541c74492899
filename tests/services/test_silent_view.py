"""Silent failures where people look: they lead the drift page, its ranked list, the data check and the model's page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.services.silent_log import CATEGORICAL, MODEL, NUMERIC, log

from plumbline.cli.summary import summary
from plumbline.domain.model_file import read_model_file
from plumbline.domain.people import Actor, Role
from plumbline.domain.results import Level
from plumbline.domain.silent import SILENT_ORDER
from plumbline.policy.load import load_policy
from plumbline.services import known_profiles, monitoring, run_record
from plumbline.services.context import Context
from plumbline.services.drift import drift_view
from plumbline.services.governance import handle_together
from plumbline.services.model import model
from plumbline.services.passport import passport
from plumbline.services.performance import performance_view
from plumbline.services.recomputing import recompute
from plumbline.services.rederiving import from_profiles
from plumbline.services.register import register
from plumbline.services.views.standing import Check
from plumbline.store import results
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

OWNER = Actor("ana", "Ana", Role.MODEL_OWNER, (Role.MODEL_OWNER,))


def as_months(folder: Path, given: pd.DataFrame) -> list[Path]:
    """One file a month, and the reference's."""
    paths = []
    for (split, month), rows in given.groupby([given["split"], given["time"].dt.to_period("M")]):
        paths.append(folder / f"{split}-{month}.parquet")
        rows.to_parquet(paths[-1], index=False)
    return paths


@pytest.fixture
def ctx(tmp_path: Path) -> Iterator[Context]:
    """A store with the model registered."""
    ticks, numbers = itertools.count(1), itertools.count(1)

    def clock() -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))

    found = Context(Store.open(":memory:", clock=clock), clock, lambda: f"{next(numbers):04d}", load_policy())
    added = c.AddPerson(user_id="ana", name="Ana", password_hash="")
    handle_together(found, [added, c.GrantRole(user_id="ana", role=Role.MODEL_OWNER)], SYSTEM)
    (tmp_path / "model.toml").write_text(
        MODEL.format(window="month", numeric=list(NUMERIC), categorical=list(CATEGORICAL))
    )
    register(found, read_model_file(tmp_path / "model.toml"), OWNER)
    yield found
    found.store.close()


def stored(ctx: Context, folder: Path, files: list[Path]) -> monitoring.MonitoringRun:
    """A run as the command line makes it: built on what the store holds, and only what is new is written."""
    model_file = read_model_file(folder / "model.toml")
    with ctx.store.read() as cursor:
        found = known_profiles.stored(cursor, known_profiles.asked(model_file, files))
    known = known_profiles.held(found) if found else None
    done = monitoring.run(model_file, log=files, policy=ctx.policy, clock=ctx.clock, held=known)
    run_record.record(ctx, OWNER, done, only_new=True)
    return done


def test_failures_lead_every_list(ctx: Context, tmp_path: Path) -> None:
    given = log(np.random.default_rng(8), windows=4, per_window=800, reference=2_000)
    broken = given["time"] >= "2026-03-01"
    given.loc[broken, "age"] *= 12
    given.loc[broken, "amount"] *= 1.6  # drift: past its limit, but below what is silent
    given.loc[given["time"] >= "2026-04-01", "channel"] = "web"
    stored(ctx, tmp_path, as_months(tmp_path, given))
    view = drift_view(ctx, "quiet", "1")
    assert [(one.kind, one.column, one.since) for one in view.failures] == [
        ("Unit change", "age", "March 2026"),
        ("Frozen column", "channel", "April 2026"),
    ]
    assert "which unit it sends" in view.failures[0].next_step
    assert view.headline.level is Level.RED
    assert view.headline.sentence.startswith("Unit change, April 2026: age comes in another unit")
    assert [one.column for one in view.ranked[:2]] == ["age", "channel"]
    assert view.ranked[0].finding.startswith("age comes in another unit")
    data = next(state for state in model(ctx, "quiet", "1").standing.checks if state.check is Check.DATA)
    assert (data.level, data.words) == (Level.RED, "unit change")
    page = performance_view(ctx, "quiet", "1")
    assert page.headline.sentence.startswith("Number of silent failures is in breach in April 2026: 2 (n 8")
    assert page.status is not None
    assert page.status.limit == "none in figures: the rule says what is past it"
    assert "nothing was corrected" in passport(ctx, data.result_id).family.words
    before = drift_view(ctx, "quiet", "1", window="2026-02")
    assert before.failures == ()
    assert before.looked.startswith("No silent failure among those looked for")


def test_a_column_that_nobody_declared_is_a_note_and_no_alarm(ctx: Context, tmp_path: Path) -> None:
    files = as_months(tmp_path, log(np.random.default_rng(6), windows=2, per_window=600, reference=1_000))
    pd.read_parquet(files[1]).assign(campaign="spring").to_parquet(files[1], index=False)
    done = stored(ctx, tmp_path, files)
    told = f"New in the log, and not in the model file: campaign (first in {files[1].name})."
    assert done.run["notes"] == [told]
    assert f"  note: {told}" in summary(done)
    view = drift_view(ctx, "quiet", "1")
    assert (view.notes, view.failures) == ((told,), ())
    with ctx.store.read() as cursor:
        again = from_profiles(cursor, read_model_file(tmp_path / "model.toml"), policy=ctx.policy, clock=ctx.clock)
    run_record.record(ctx, OWNER, again)
    assert drift_view(ctx, "quiet", "1").notes == (told,), "a run that read nothing has nothing new to tell"


def test_a_copy_is_one_no_more_when_what_it_copied_is_corrected(ctx: Context, tmp_path: Path) -> None:
    """February's file was January's own, delivered too early: once January is put right, February stands as it was,
    its rows are not read again, and its finding must go all the same.
    """
    given = log(np.random.default_rng(9), windows=3, per_window=800, reference=2_000)
    month = given["time"].dt.to_period("M").astype(str)
    live = given["split"] == "live"
    right = given[live & (month == "2026-01")]
    wrong = given[live & (month == "2026-02")].copy()
    wrong["time"] -= pd.Timedelta(days=31)
    wrong["id"] += 1_000_000
    files = as_months(tmp_path, pd.concat([given[~(live & (month == "2026-01"))], wrong]))
    stored(ctx, tmp_path, files)
    assert [one.kind for one in drift_view(ctx, "quiet", "1", window="2026-02").failures] == ["Duplicated batch"]
    right.to_parquet(tmp_path / "live-2026-01.parquet", index=False)
    done = stored(ctx, tmp_path, files)
    assert "2026-02" in done.run["taken_over"], "its rows are not read again"
    assert drift_view(ctx, "quiet", "1", window="2026-02").failures == ()


def test_rows_from_the_future_are_told_again_from_stored_profiles(ctx: Context, tmp_path: Path) -> None:
    given = log(np.random.default_rng(10), windows=2, per_window=300, reference=800)
    given.loc[given.index[-5:], "time"] = pd.Timestamp("2026-11-20")
    done = stored(ctx, tmp_path, as_months(tmp_path, given))
    with ctx.store.read() as cursor:
        figures = results.current(cursor, model_id="quiet", metrics=[*SILENT_ORDER], windows=["2026-02"])
        again = from_profiles(cursor, read_model_file(tmp_path / "model.toml"), policy=load_policy(), clock=ctx.clock)
    assert {one.result.measurement.metric for one in figures} == {"future_time", "silent_failures"}
    assert all(recompute(ctx, one.result_id).same for one in figures)
    found = [each for each in done.results if each.measurement.metric in SILENT_ORDER]
    assert [each for each in again.results if each.measurement.metric in SILENT_ORDER] == found


def test_what_lay_ahead_is_counted_once_its_time_has_come(ctx: Context, tmp_path: Path) -> None:
    given = log(np.random.default_rng(10), windows=2, per_window=300, reference=800)
    ahead = given.index[-5:]
    given.loc[ahead, "time"] = pd.Timestamp("2026-11-20")
    files = as_months(tmp_path, given)
    assert stored(ctx, tmp_path, files).run["quarantine"] == {"time in the future": 5}
    assert [one.kind for one in drift_view(ctx, "quiet", "1").failures] == ["Time in the future"]
    later = Context(ctx.store, lambda: datetime(2026, 12, 1, tzinfo=UTC), ctx.new_id, ctx.policy)
    done = stored(later, tmp_path, files)
    assert done.run["quarantine"] == {}
    assert done.profiles[-1].window.label == "2026-11"
    assert [one.kind for one in drift_view(ctx, "quiet", "1", window="2026-02").failures] == []
