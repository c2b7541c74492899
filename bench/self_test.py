"""Does a self-test tell the truth? Its rates beside those of rows drawn anew, of a model in which nothing drifts.

`python -m bench.self_test [--lives N] [--seed N] [--no-results]`: 6 numeric and 4 categorical columns, a score with
outcomes, a segment of five values and a group of two; a reference of 5,000 rows, twelve windows of 3,500. Rows are
counted and judged life after life; the self-test has the profiles of one other life alone, and what it takes is timed.
"""

from __future__ import annotations

import argparse
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.alarms import read
from bench.measuring import Table, share

from plumbline.domain.model_file import ModelFile
from plumbline.domain.self_test import AlarmRate, PartRates
from plumbline.policy.load import load_policy
from plumbline.profiling.count import Counted, count
from plumbline.services.run_account import rated
from plumbline.services.self_test import LIFE, PARTS, Judging, alarms_of, rates_of, self_test

REFERENCE, ROWS = 5_000, 3_500
LEVELS = {"a": 4, "b": 12, "c": 60, "region": 5}
HEADS = ("figures", "windows", "red", "beyond chance", "amber or red", "bound", "holds")
MODEL = """
[model]
id = "quiet"
name = "Quiet"
purpose = "Where nothing drifts"
owner = "ana.ito"
family = "credit_pd"
task = "binary"
[version]
id = "1"
[log]
window = { column = "period" }
score = "score"
label = "label"
decision = { threshold = 0.3 }
reference = { column = "period", equals = "before" }
numeric = ["x0", "x1", "x2", "x3", "x4", "x5"]
categorical = ["a", "b", "c", "region"]
segments = ["region"]
groups = ["sex"]
"""


def rows_of(rows: int, period: str, chance: np.random.Generator) -> pa.Table:
    """One window: scores that tell the outcome's very chance, levels that fall with their rank, as in Zipf's law."""
    x = chance.normal(0, 1, (6, rows))
    score = 1 / (1 + np.exp(2 - np.array([0.8, 0.5, 0.3, 0.2, 0.1, 0.0]) @ x))
    x[4], x[5] = np.exp(x[4]), chance.poisson(8, rows)
    found = {f"x{at}": values for at, values in enumerate(x)}
    for name, levels in LEVELS.items():
        shares = 1 / np.arange(1, levels + 1)
        found[name] = chance.choice([f"{name}{level}" for level in range(levels)], rows, p=shares / shares.sum())
    found |= {"sex": chance.choice(["F", "M"], rows), "score": score, "label": chance.random(rows) < score}
    return pa.table(found | {"period": [period] * rows})


def lived(model_file: ModelFile, chance: np.random.Generator) -> Counted:
    """A reference and the windows of a year, counted."""
    parts = [rows_of(REFERENCE, "before", chance)]
    parts += [rows_of(ROWS, f"{datetime(2026, month + 1, 1, tzinfo=UTC):%Y-%m}", chance) for month in range(LIFE)]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.parquet")
        pq.write_table(pa.concat_tables(parts), log)
        return count(model_file.log, model_id="quiet", version_id="1", log=[log], reference=[])


def words(rate: AlarmRate) -> str:
    return f"{share(rate.windows, rate.of)} ({100 * rate.low:.1f}-{100 * rate.high:.1f})"


def meet(one: AlarmRate, two: AlarmRate) -> bool:
    """Whether the two intervals share a value."""
    return one.low <= two.high and two.low <= one.high


def beside(report: Table, rows: tuple[PartRates, ...], counts: tuple[PartRates, ...]) -> None:
    for one, two in zip(rows, counts, strict=True):
        holds = all(meet(getattr(one, kind), getattr(two, kind)) for kind in ("red", "shown", "alarm"))
        for of, each, held in (("rows", one, ""), ("self-test", two, "yes" if holds else "NO")):
            shown = (words(each.red), words(each.shown), words(each.alarm))
            report.add(f"{each.part or 'all'}, {of}", str(each.red.of), *shown, "intervals meet" if held else "", held)


def main() -> int:
    known = argparse.ArgumentParser(prog="python -m bench.self_test", description=(__doc__ or "").splitlines()[0])
    known.add_argument("--lives", type=int, default=40, help="references, with twelve windows each")
    known.add_argument("--seed", type=int, default=1)
    known.add_argument("--no-results", action="store_true")
    given = known.parse_args()
    model_file, policy = read(MODEL), load_policy()
    judging = Judging(model_file.log, policy, model_file.model.family, rated(model_file, policy))
    report = Table("A self-test beside rows drawn anew, 10 columns, a segment and a group", HEADS)
    by_life = []
    for life in range(given.lives):
        found = lived(model_file, np.random.default_rng([given.seed, life]))
        by_life.append(alarms_of(judging.of(found.reference, found.windows), found.windows))
    other = lived(model_file, np.random.default_rng([given.seed, given.lives]))
    told = self_test(judging, other.reference, other.windows, drawn=given.lives * LIFE, seed=given.seed)
    beside(report, tuple(rates_of(part, by_life) for part in PARTS), told.rates)
    began, spent = perf_counter(), process_time()
    self_test(judging, other.reference, other.windows * 2, seed=given.seed)
    took = f"{perf_counter() - began:.1f} s, {process_time() - spent:.1f} s of processor"
    report.add("as the verb runs it, 24 windows", "", "", "", "", "10 s", took)
    if not given.no_results:
        report.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
