"""`python -m bench.recompute STORE MODEL.toml`: seconds to derive and judge every figure again from stored profiles.

Prints the quickest of five as JSON: reading, adding up, measuring and judging; the columns alone, from the stored bytes
to every distance of every column of every window; and those with the score's drift in every segment and group. The
interpreter's start, the opening of the store and the reading of the policy are left out.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from plumbline.domain.model_file import ModelFile, read_model_file
from plumbline.policy.load import load_policy
from plumbline.profiling.serial import decode_all
from plumbline.services.measure_compared import Compared, Maturity
from plumbline.services.measure_drift import drift, of_columns
from plumbline.services.measure_figures import words
from plumbline.services.rederiving import from_profiles
from plumbline.store import profiles
from plumbline.store.database import Cursor, Store

TIMES = 5


def now() -> datetime:
    return datetime.now(UTC)


def recompute(store: Path, model: Path) -> dict[str, dict[str, float]]:
    model_file, policy, opened = read_model_file(model), load_policy(), Store.open(store, clock=now)
    gc.freeze()  # as the verb does
    with opened.read() as cursor:
        found = {
            "all": quickest(lambda: len(from_profiles(cursor, model_file, policy=policy, clock=now).results)),
            "columns": quickest(lambda: drifts(cursor, model_file, of_columns)),
            "columns, the score by slice": quickest(lambda: drifts(cursor, model_file, drift)),
        }
    opened.close()
    gc.unfreeze()
    return found


def quickest(work: Callable[[], int]) -> dict[str, float]:
    taken, results = [], 0
    for _ in range(TIMES):
        start, processor = time.perf_counter(), time.process_time()
        results = work()
        taken.append((time.perf_counter() - start, time.process_time() - processor))
    wall, cpu = min(taken)
    return {"wall": wall, "cpu": cpu, "results": results}


def drifts(cursor: Cursor, model_file: ModelFile, measured: Callable[..., Iterator[Compared]]) -> int:
    stored = profiles.current(cursor, model_file.model.id, model_file.version.id)
    windows = decode_all([each.content for each in stored])
    unknown = Maturity(words(None, len(windows)), np.full(len(windows), np.nan))
    with np.errstate(divide="ignore", invalid="ignore"):
        return sum(len(each.reference) for each in measured(windows, unknown))


if __name__ == "__main__":
    print(json.dumps(recompute(Path(sys.argv[1]), Path(sys.argv[2]))))
