"""`python -m bench.recompute STORE MODEL.toml`: seconds to derive and judge every figure again from stored profiles.

Prints the quickest of three as JSON: reading, adding up, measuring and judging; the interpreter's start, the opening
of the store and the reading of the policy are left out.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from plumbline.domain.model_file import read_model_file
from plumbline.policy.load import load_policy
from plumbline.services.rederiving import from_profiles
from plumbline.store.database import Store

TIMES = 3


def now() -> datetime:
    return datetime.now(UTC)


def recompute(store: Path, model: Path) -> dict[str, float]:
    model_file, policy, opened = read_model_file(model), load_policy(), Store.open(store, clock=now)
    taken, results = [], 0
    for _ in range(TIMES):
        with opened.read() as cursor:
            start, processor = time.perf_counter(), time.process_time()
            results = len(from_profiles(cursor, model_file, policy=policy, clock=now).results)
            taken.append((time.perf_counter() - start, time.process_time() - processor))
    opened.close()
    wall, cpu = min(taken)
    return {"wall": wall, "cpu": cpu, "results": results}


if __name__ == "__main__":
    print(json.dumps(recompute(Path(sys.argv[1]), Path(sys.argv[2]))))
