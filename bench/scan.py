"""The pure scan of a workload's columns: `python -m bench.scan FILE...` prints its wall and processor seconds as JSON.

The interpreter's start is left out, so the floor that others are held against is as low as it can be.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb


def scan(files: Sequence[str]) -> dict[str, float]:
    query = Path(__file__).with_name("scan.sql").read_text(encoding="utf-8")
    with duckdb.connect(":memory:") as db:
        wall, processor = time.perf_counter(), time.process_time()
        for file in files:
            db.execute(query, {"file": file}).fetchall()
        return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - processor}


if __name__ == "__main__":
    print(json.dumps(scan(sys.argv[1:])))
