"""A log of many kinds of columns in which nothing happens, and the same with one failure planted in its last month."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from plumbline.domain.model_file import read_model_file
from plumbline.domain.results import Result
from plumbline.domain.silent import SilentFailure
from plumbline.policy.load import load_policy
from plumbline.services.monitoring import MonitoringRun, run

NUMERIC = ("amount", "balance", "age", "visits", "wait", "temperature", "hours", "debt", "since")
CATEGORICAL = ("channel", "region", "code", "merchant")
MODEL = """
[model]
id = "quiet"
name = "Quiet"
purpose = "Ranks"
owner = "ana"
family = "general"
task = "binary"

[version]
id = "1"

[log]
id = "id"
timestamp = "time"
score = "score"
label = "label"
decision = {{ threshold = 0.5 }}
window = "{window}"
reference = {{ column = "split", equals = "reference" }}
numeric = {numeric}
categorical = {categorical}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
Change = Callable[[pd.DataFrame], pd.DataFrame]


def rows(rng: np.random.Generator, number: int) -> pd.DataFrame:
    """Money, heavy tails, small counts, many zeros, rare levels: what columns look like when nothing is wrong."""
    score = rng.beta(2, 4, number)
    return pd.DataFrame(
        {
            "score": score,
            "label": (rng.random(number) < score).astype(float),
            "amount": rng.lognormal(6, 1, number).round(2),
            "balance": rng.standard_t(2, number) * 1_000,
            "age": rng.integers(18, 80, number),
            "visits": rng.poisson(1.5, number),
            "wait": rng.exponential(30, number),
            "temperature": rng.normal(18, 6, number),
            "hours": np.where(rng.random(number) < 0.6, 0.0, rng.gamma(2, 5, number)),
            "debt": np.where(rng.random(number) < 0.2, np.nan, rng.lognormal(9, 1.5, number)),
            "since": np.full(number, 999.0),  # days since the last call; as yet nobody was called
            "channel": rng.choice(["branch", "web", "app"], number, p=[0.5, 0.3, 0.2]),
            "region": rng.choice([f"region {at}" for at in range(12)], number),
            "code": rng.choice(["1", "2", "3", "4"], number, p=[0.7, 0.2, 0.07, 0.03]),
            "merchant": [f"m{at}" for at in np.minimum(rng.zipf(1.4, number), 3_000)],
        }
    )


def log(
    rng: np.random.Generator, *, windows: int, per_window: int, reference: int, window: str = "month"
) -> pd.DataFrame:
    """A reference, then so many windows."""
    whole = rows(rng, reference + windows * per_window)
    number = np.maximum(np.arange(len(whole)) - reference, 0) // per_window
    starts = pd.period_range("2026-01", periods=windows, freq=window[0].upper()).to_timestamp()
    whole["id"] = np.arange(len(whole))
    whole["time"] = starts[number] + pd.to_timedelta(rng.integers(0, 86_400, len(whole)), unit="s")
    whole["split"] = np.where(np.arange(len(whole)) < reference, "reference", "live")
    return whole


def monitored(
    folder: Path, given: pd.DataFrame, *, window: str = "month", text: str = "", now: datetime = NOW
) -> MonitoringRun:
    """The run over that log, written to Parquet and counted there."""
    given.to_parquet(folder / "log.parquet", index=False)
    model = folder / "model.toml"
    model.write_text(text or MODEL.format(window=window, numeric=list(NUMERIC), categorical=list(CATEGORICAL)))
    return run(read_model_file(model), log=[folder / "log.parquet"], policy=load_policy(), clock=lambda: now)


def findings(done: MonitoringRun) -> list[Result]:
    return [each for each in done.results if each.measurement.metric in set(SilentFailure)]


def told(found: Sequence[Result]) -> list[tuple[str, str, str | None]]:
    return [(each.window.label, each.measurement.metric, each.measurement.column) for each in found]
