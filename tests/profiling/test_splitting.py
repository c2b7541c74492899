"""A file in order of time is read window by window, and counts what it counts when read at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from plumbline.domain.log_spec import LogSpec
from plumbline.profiling.count import Counted, count
from plumbline.profiling.serial import encode

Columns = dict[str, Any]
Loans = Callable[..., Columns]
Spec = Callable[..., LogSpec]


def save(path: Path, rows: Columns, group: int) -> str:
    pq.write_table(pa.table({name: pa.array(values) for name, values in rows.items()}), path, row_group_size=group)
    return str(path)


def told(spec: LogSpec, path: str) -> tuple[Counted, list[tuple[int, int, str]]]:
    steps: list[tuple[int, int, str]] = []
    found = count(spec, model_id="m", version_id="1", log=[path], progress=lambda *step: steps.append(step))
    return found, steps


def test_windows_read_one_by_one_are_those_read_at_once(loans: Loans, spec: Spec, tmp_path: Path) -> None:
    rows = loans(6_000)
    rows["label"][5_000] = 2.0
    rows["id"][4_000] = rows["id"][3_999]
    in_order, steps = told(spec(), save(tmp_path / "a.parquet", rows, 100))
    mixed = np.random.default_rng(1).permutation(6_000)
    keep = np.concatenate([mixed[mixed != 4_000], [4_000]])  # the later of the two equal ids stays the later
    shuffled, together = told(spec(), save(tmp_path / "b.parquet", {k: v[keep] for k, v in rows.items()}, 100))
    plain = [
        [encode(replace(each, sources=())) for each in (run.reference, *run.windows)] for run in (in_order, shuffled)
    ]
    assert plain[0] == plain[1]
    assert in_order.quarantine == shuffled.quarantine == {"duplicate id": 1, "label other than 0 and 1": 1}
    assert len(steps) > len(together)  # a part for each window
    assert steps[-1][:2] == (5_998, 5_998)
    assert steps[-1][2].endswith(f"{len(in_order.windows) + 1} windows")
