"""A red segment's own columns: counted from the log on demand, kept, and shown with their sources."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.errors import LogError
from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.domain.people import Actor, Role
from plumbline.domain.results import Level
from plumbline.domain.segment_drift import SegmentDrift
from plumbline.policy.load import load_policy
from plumbline.services import monitoring, run_record
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.services.integrity import verify
from plumbline.services.register import register
from plumbline.services.segment_drift import count_segment, kept, record, red_windows
from plumbline.services.segments import segments_view
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

HEAD = """
[model]
id = "{id}"
name = "{name}"
purpose = "Ranks loans"
owner = "ana"
family = "credit_pd"
task = "binary"
data_sources = ["Bureau", "Ledger"]

[version]
id = "1"

[log]
id = "id"
timestamp = "time"
score = "score"
label = "label"
reference = {{ column = "split", equals = "reference" }}
"""
MODEL = (
    HEAD.format(id="lender", name="Lender")
    + """
numeric = ["income", "age"]
categorical = ["channel"]
segments = ["region"]
groups = ["sex"]
intersections = [["sex", "region"]]

[sources]
Bureau = ["income"]
"""
)
ROWS = 2_000
OWNER = Actor("ana", "Ana", Role.MODEL_OWNER, (Role.MODEL_OWNER,))


def _month(rng: np.random.Generator, split: str, start: datetime, rows: int, *, moved: bool = False) -> pd.DataFrame:
    """In the moved month the north's incomes halve while their scores stay, and far more of them default."""
    north, income, score = rng.random(rows) < 0.4, rng.lognormal(10, 0.5, rows), rng.beta(2, 5, rows)
    hit = north & moved
    return pd.DataFrame(
        {
            "id": [f"{split}-{start:%m}-{at}" for at in range(rows)],
            "time": [start + timedelta(minutes=10 * at) for at in range(rows)],
            "split": split,
            "score": score,
            "label": (rng.random(rows) < np.where(hit, 2.5 * score, score)).astype(int),
            "income": np.where(hit, income / 2, income),
            "age": rng.normal(45, 10, rows),
            "channel": rng.choice(["branch", "web"], rows),
            "region": pd.Series(np.where(north, "north", "south")).where(rng.random(rows) < 0.95, None),
            "sex": rng.choice(["F", "M"], rows),
        }
    )


@dataclass(frozen=True)
class Lender:
    ctx: Context
    model_file: ModelFile
    log: Path

    def counted(self, segment: str, by: str = "region") -> SegmentDrift:
        return count_segment(self.model_file, by, segment, log=[self.log], policy=self.ctx.policy, clock=self.ctx.clock)


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    """The lender in a store, two months measured, and beside it a model that reads the same bureau."""
    folder, rng = tmp_path_factory.mktemp("own"), np.random.default_rng(8)
    ticks, numbers = itertools.count(1), itertools.count(1)

    def clock() -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))

    ctx = Context(Store.open(":memory:", clock=clock), clock, lambda: f"{next(numbers):04d}", load_policy())
    added = c.AddPerson(user_id="ana", name="Ana", password_hash="")
    handle_together(ctx, [added, c.GrantRole(user_id="ana", role=Role.MODEL_OWNER)], SYSTEM)
    (folder / "other.toml").write_text(HEAD.format(id="cards", name="Cards").replace(', "Ledger"', ""))
    (folder / "model.toml").write_text(MODEL)
    model_file, log = read_model_file(folder / "model.toml"), folder / "log.parquet"
    for each in (read_model_file(folder / "other.toml"), model_file):
        register(ctx, each, OWNER)
    months = [datetime(2026, month, 1, tzinfo=UTC) for month in (1, 8, 9)]
    pd.concat(
        [
            _month(rng, "reference", months[0], 2 * ROWS),
            _month(rng, "live", months[1], ROWS),
            _month(rng, "live", months[2], ROWS, moved=True),
        ],
        ignore_index=True,
    ).to_parquet(log, index=False)
    run_record.record(ctx, OWNER, monitoring.run(model_file, log=[log], policy=ctx.policy, clock=clock))
    yield Lender(ctx, model_file, log)
    ctx.store.close()


@pytest.mark.parametrize(
    ("by", "segment", "rows"),
    [
        ("region", "north", lambda log: log["region"] == "north"),
        ("region", "(missing)", lambda log: log["region"].isna()),
        ("sex*region", "F*south", lambda log: (log["sex"] == "F") & (log["region"] == "south")),
    ],
)
def test_a_segment_is_counted_as_a_log_of_its_rows_alone(
    by: str, segment: str, rows: object, lender: Lender, tmp_path: Path
) -> None:
    assert callable(rows)
    whole = pd.read_parquet(lender.log)
    whole[rows(whole)].to_parquet(tmp_path / "alone.parquet", index=False)
    spec = replace(lender.model_file.log, segments=(), groups=(), intersections=())
    alone = monitoring.run(
        replace(lender.model_file, log=spec), log=[tmp_path / "alone.parquet"], policy=lender.ctx.policy,
        clock=lender.ctx.clock,
    )  # fmt: skip
    psi = {
        (each.window.label, each.measurement.column): each.measurement.estimate
        for each in alone.results
        if each.measurement.metric == "psi" and each.measurement.segment_by is None
    }
    found = lender.counted(segment, by)
    assert found.reference_rows == int((rows(whole) & (whole["split"] == "reference")).sum())
    assert {(at.window, one.column): one.psi for at in found.windows for one in at.columns} == psi


def test_what_is_no_segment_is_refused(lender: Lender) -> None:
    with pytest.raises(LogError, match="declares no segment 'postcode'"):
        lender.counted("north", "postcode")
    with pytest.raises(LogError, match="pools what is too rare"):
        lender.counted("(other)")
    with pytest.raises(LogError, match="has no usable row: no rows at all"):
        lender.counted("west")


def test_a_red_segment_asks_for_its_columns_and_then_shows_them(lender: Lender) -> None:
    ctx = lender.ctx
    before = segments_view(ctx, "lender", "1", window="2026-09", segment="north").own
    assert before is not None
    assert before.columns == ()
    assert before.remedy == "Run plumbline monitor with --segment 'region=north' on the log."
    assert segments_view(ctx, "lender", "1", window="2026-08", segment="north").own is None

    red = red_windows(ctx, "lender", "1", "region", "north")
    assert red == ("2026-09",)
    found = kept(lender.counted("north"), red)
    assert [window.window for window in found.windows] == ["2026-09"]
    assert len(record(ctx, OWNER, lender.model_file, found)) == 1
    assert record(ctx, OWNER, lender.model_file, found) == (), "the same count is no news"
    assert verify(ctx).holds

    own = segments_view(ctx, "lender", "1", window="2026-09", segment="north").own
    assert own is not None
    assert "Within region = north" in own.sentence
    assert "income, distribution moved far: PSI" in own.sentence
    income = own.columns[0]
    assert (income.column, income.level, income.source, income.shared_with) == (
        "income", Level.RED, "Bureau", ("Cards",),
    )  # fmt: skip
    places = {one.column: (one.source, one.shared_with) for one in own.columns}
    assert places["age"] == ("not declared", ())
    assert places["score"] == ("", ())


def test_a_segment_without_a_red_keeps_its_newest_window(lender: Lender) -> None:
    found = lender.counted("south")
    assert [window.window for window in found.windows] == ["2026-08", "2026-09"]
    assert [window.window for window in kept(found, ()).windows] == ["2026-09"]
