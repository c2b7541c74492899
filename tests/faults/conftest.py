"""A sound log, its model file, and a way to spoil either."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.toml_table import Table
from plumbline.profiling.count import Counted, count

Columns = dict[str, list[Any]]
ROWS = 400


@pytest.fixture
def sound() -> Columns:
    """400 rows over two months; the first hundred are the reference."""
    rng = np.random.default_rng(11)
    score = rng.random(ROWS)
    return {
        "id": [f"r{at}" for at in range(ROWS)],
        "when": [f"2026-0{1 + at % 2}-1{at % 9}T10:00:00Z" for at in range(ROWS)],
        "score": score.tolist(),
        "label": (rng.random(ROWS) < score).astype(int).tolist(),
        "split": ["reference" if at < 100 else "production" for at in range(ROWS)],
        "income": rng.lognormal(10, 1, ROWS).tolist(),
        "sector": rng.choice(["farm", "shop"], ROWS).tolist(),
    }


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., str]:
    def written(columns: Columns, name: str = "log.parquet", separator: str = ",") -> str:
        path = tmp_path / name
        if name.endswith(".parquet"):
            pq.write_table(pa.table(dict(columns)), path)
        else:
            lines = [columns.keys(), *zip(*columns.values(), strict=True)]
            text = [separator.join("" if cell is None else str(cell) for cell in line) for line in lines]
            path.write_text("\n".join(text) + "\n")
        return str(path)

    return written


@pytest.fixture
def counted() -> Callable[..., Counted]:
    def run(*log: str, reference: tuple[str, ...] = (), labels: tuple[str, ...] = (), **changes: Any) -> Counted:
        return count(specified(**changes), model_id="m", version_id="1", log=log, reference=reference, labels=labels)

    return run


def specified(task: Task = Task.BINARY, **changes: Any) -> LogSpec:
    raw: dict[str, Any] = {
        "id": "id",
        "timestamp": "when",
        "score": "score",
        "label": "label",
        "reference": {"column": "split", "equals": "reference"},
        "numeric": ["income"],
        "categorical": ["sector"],
    } | changes
    kept = {key: value for key, value in raw.items() if value is not None}
    return parse_log(Table(kept, file="model.toml", path="[log]"), task, ())
