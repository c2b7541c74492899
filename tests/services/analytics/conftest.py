"""A small lender's log with known truths, counted, judged and stored by the product's own doors."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.explanations import ColumnAttribution, Explanation, Importance, Perturbation, Scale
from plumbline.domain.model_file import read_model_file
from plumbline.domain.people import Actor, Role
from plumbline.policy.load import load_policy
from plumbline.services import monitoring, run_record
from plumbline.services.context import Context
from plumbline.services.governance import handle_together
from plumbline.services.register import register
from plumbline.store.database import Store
from plumbline.workflow import commands as c
from plumbline.workflow.people import SYSTEM

MODEL = """
[model]
id = "lender"
name = "Lender"
purpose = "Ranks loans"
owner = "ana"
family = "credit_pd"
task = "binary"
jurisdictions = ["GB"]

[version]
id = "1"

[log]
id = "id"
timestamp = "time"
score = "score"
label = "label"
decision = { threshold = 0.5 }
favourable = 0
reference = { column = "split", equals = "reference" }
numeric = ["income"]
categorical = ["channel"]
domain_rows = 500
segments = ["region"]
groups = ["sex"]
reference_group = { sex = "M" }

[[metrics]]
key = "complaint_rate"
mean_of = "complained"
direction = "lower"
"""
ROWS = 3000
OWNER = Actor("ana", "Ana", Role.MODEL_OWNER, (Role.MODEL_OWNER,))


def _rows(rng: np.random.Generator, split: str, start: datetime, number: int) -> pd.DataFrame:
    """Scores rank well; every second is a woman, twelve rows are of an undeclared sex."""
    income = rng.normal(30, 8, number)
    score = 1 / (1 + np.exp(0.25 * (income - 25) + rng.normal(0, 1, number)))
    return pd.DataFrame(
        {
            "id": [f"{split}-{start:%m}-{at}" for at in range(number)],
            "time": [start + timedelta(minutes=10 * at) for at in range(number)],
            "split": split,
            "score": score,
            "label": (rng.random(number) < score).astype(int),
            "income": income,
            "channel": rng.choice(["branch", "web"], number),
            "region": np.where(np.arange(number) % 3 == 0, "north", "south"),
            "sex": np.where(np.arange(number) < 12, "X", np.where(np.arange(number) % 2, "F", "M")),
            "complained": (rng.random(number) < 0.05).astype(int),
        }
    )


def _log() -> pd.DataFrame:
    """August as the reference; September loses a third of the incomes and women's approvals; October has no labels."""
    rng = np.random.default_rng(11)
    reference = _rows(rng, "reference", datetime(2026, 1, 1, tzinfo=UTC), 2 * ROWS)
    august = _rows(rng, "live", datetime(2026, 8, 1, tzinfo=UTC), ROWS)
    september = _rows(rng, "live", datetime(2026, 9, 1, tzinfo=UTC), ROWS)
    september.loc[rng.random(ROWS) < 0.3, "income"] = np.nan
    september.loc[(september["sex"] == "F") & (rng.random(ROWS) < 0.4), "score"] = 0.9
    october = _rows(rng, "live", datetime(2026, 10, 1, tzinfo=UTC), ROWS).astype({"label": "Int64"})
    october["label"] = pd.NA
    return pd.concat([reference, august, september, october], ignore_index=True)


def _explanation() -> Explanation:
    rng = np.random.default_rng(5)
    income, channel = rng.normal(0, 1, 40), rng.normal(0, 0.2, 40)
    return Explanation(
        model_id="lender",
        version="1",
        artefact="model.txt",
        artefact_sha256="a1",
        method="tree",
        perturbation=Perturbation.INTERVENTIONAL,
        scale=Scale.MARGIN,
        tolerance=1e-9,
        background_rows=100,
        rows_available=9000,
        seed=7,
        row_ids=tuple(f"row-{at}" for at in range(40)),
        predictions=tuple((income + channel - 1.0).tolist()),
        base_values=(-1.0,) * 40,
        columns=(
            ColumnAttribution("income", tuple(f"{v:.1f}" for v in income), tuple(income.tolist())),
            ColumnAttribution("channel", ("web",) * 40, tuple(channel.tolist())),
        ),
        importance=(Importance("income", 0.8, 0.7, 0.9), Importance("channel", 0.2, 0.1, 0.3)),
    )


@pytest.fixture(scope="session")
def explanation() -> Explanation:
    """Forty rows explained by two columns."""
    return _explanation()


@pytest.fixture(scope="session")
def lender_log() -> pd.DataFrame:
    """The rows behind `measured`."""
    return _log()


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The lender in a store, its three months measured; only read by tests."""
    folder = tmp_path_factory.mktemp("lender")
    (folder / "model.toml").write_text(MODEL)
    _log().to_parquet(folder / "log.parquet", index=False)
    ticks, numbers = itertools.count(1), itertools.count(1)

    def clock() -> datetime:
        return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=next(ticks))

    ctx = Context(Store.open(":memory:", clock=clock), clock, lambda: f"{next(numbers):04d}", load_policy())
    added = c.AddPerson(user_id="ana", name="Ana", password_hash="")
    handle_together(ctx, [added, c.GrantRole(user_id="ana", role=Role.MODEL_OWNER)], SYSTEM)
    model_file = read_model_file(folder / "model.toml")
    register(ctx, model_file, OWNER)
    done = monitoring.run(model_file, log=[folder / "log.parquet"], policy=ctx.policy, clock=clock)
    run_record.record(ctx, OWNER, done)
    yield ctx
    ctx.store.close()
