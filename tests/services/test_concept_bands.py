"""The table of event rates at equal score: its bands add up to the concept shift that was measured."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.toml_table import Table
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.concept_bands import shift_by_band
from plumbline.services.measure import measure_windows

ROWS = 8_000


def _log() -> pd.DataFrame:
    """In the second half the event comes twice as often at the same score; large exposures score high."""
    rng = np.random.default_rng(8)
    live = np.arange(ROWS) >= ROWS // 2
    score = np.round(rng.beta(2, 6, ROWS) ** np.where(live, 0.8, 1.0), 3)
    return pd.DataFrame(
        {
            "at": np.where(live, "2026-02-10T00:00:00Z", "2026-01-10T00:00:00Z"),
            "split": np.where(live, "live", "reference"),
            "score": score,
            "label": (rng.random(ROWS) < np.where(live, 1.6, 0.8) * score).astype(int),
            "exposure": 0.2 + 8 * score**2,
        }
    )


def _plan(**changes: Any) -> LogSpec:
    given = {
        "timestamp": "at", "score": "score", "label": "label", "window": "month", "numeric": [], "categorical": [],
        "reference": {"column": "split", "equals": "reference"},
    } | changes  # fmt: skip
    return parse_log(Table(given, file="m.toml", path="[log]"), Task.BINARY, ())


def _number(words: str) -> float:
    return float(words.replace("−", "-").replace("+", "").split()[0]) / 100 if words[0] in "+−-0123456789" else 0.0


@pytest.mark.parametrize("changes", [{}, {"weight": "exposure"}], ids=["rows", "weights"])
def test_the_bands_add_up_to_the_figure(changes: dict[str, Any], tmp_path: Path) -> None:
    _log().to_parquet(tmp_path / "log.parquet")
    spec = _plan(**changes)
    counted = count(spec, model_id="m", version_id="1", log=[tmp_path / "log.parquet"])
    found = measure_windows(spec, counted.reference, counted.windows, load_policy())[0]
    shift = next(each.estimate for each in found if each.metric == "concept_shift")
    lines = shift_by_band(spec, counted.reference, counted.windows[0])
    assert len(lines) > 3
    assert sum(_number(line["Share of rows"]) * abs(_number(line["Change"])) for line in lines) == pytest.approx(
        shift, rel=0.01
    )
