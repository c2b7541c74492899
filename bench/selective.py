"""How often the truth over everybody lies within the bounds that those approved alone give: simulated scorecards.

`python -m bench.selective [--scorecards N] [--rows N] [--seed N] [--no-results]`: each scorecard draws its applicants
from a bank of its own, whose truth is known exactly: its quality, base rate, cut-off and overrides are its own, and who
decides sees something that the score does not. Outcomes are kept for those approved alone, the log is counted and
measured as any other. Then the hardest cases there are: outcomes of those declined that reach a bound.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from bench.measuring import Table
from numpy.typing import NDArray
from scipy.stats import rankdata

from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.results import Measurement
from plumbline.domain.toml_table import Table as Section
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.measure import measure_windows

BANK = 20_000  # applicants of whom a scorecard's are drawn, with replacement: their truth is the truth
METRICS = ("roc_auc", "base_rate", "observed_expected", "brier_score", "accuracy", "precision", "recall", "specificity")
HEADS = ("figure, scorecards", "rows", "in bounds", "mean width", "in naive 95 %", "bound", "holds")
SPEC = {
    "window": {"column": "scorecard"}, "score": "score", "label": "label", "decision": {"column": "declined"},
    "favourable": 0, "label_seen_when": {"decision": 0}, "numeric": [], "categorical": [],
}  # fmt: skip
Numbers = NDArray[np.float64]
Bank = dict[str, Numbers]
Fate = Callable[[Bank], Numbers]


def bank(chance: np.random.Generator) -> Bank:
    """Applicants with score, decision (1: declined) and what would become of them."""
    cause, hidden = chance.normal(size=BANK), chance.normal(size=BANK)
    risk = chance.uniform(-3.0, -0.5) + chance.uniform(0.6, 2.0) * cause
    true = _logistic(risk + chance.uniform(0.0, 1.0) * hidden)
    # The score is off in level and spread; whoever decides knows some of what is hidden, and errs.
    score = _logistic(chance.uniform(-0.4, 0.4) + chance.uniform(0.7, 1.3) * risk)
    seen = score + chance.uniform(0.0, 0.1) * hidden + chance.uniform(0.0, 0.05) * chance.normal(size=BANK)
    declined = seen >= np.quantile(seen, chance.uniform(0.5, 0.9))
    declined ^= chance.random(BANK) < chance.uniform(0.0, 0.1)  # overrides
    y = (chance.random(BANK) < true).astype(float)
    return {"score": np.round(score, 4), "declined": declined.astype(float), "y": y}


def as_drawn(of: Bank) -> Numbers:
    return of["y"]


def all_pay(of: Bank) -> Numbers:
    """None of those declined would have failed: events are as few as they can be."""
    return np.where(of["declined"] == 1, 0.0, of["y"])


def all_fail(of: Bank) -> Numbers:
    return np.where(of["declined"] == 1, 1.0, of["y"])


def upside_down(of: Bank) -> Numbers:
    """Of those declined the safest by score would have failed: the ranking is as bad as it can be."""
    cuts, ranks = np.quantile(of["score"][of["declined"] == 1], np.linspace(0, 1, 51)), rankdata(of["score"])
    fates = [np.where(of["declined"] == 1, (of["score"] < cut).astype(float), of["y"]) for cut in cuts]
    return min(fates, key=lambda y: area(y, ranks))


TRIALS: tuple[tuple[str, Fate, tuple[str, ...]], ...] = (
    ("as they would have fared", as_drawn, METRICS),
    ("had all declined paid", all_pay, ("base_rate", "observed_expected", "accuracy", "recall", "specificity")),
    ("had all declined failed", all_fail, ("base_rate", "observed_expected", "accuracy", "recall", "specificity")),
    ("had the safest declined failed", upside_down, ("roc_auc",)),
)


def truth(of: Bank) -> dict[str, float]:
    """The figures over everybody."""
    y, score, declined = of["y"], of["score"], of["declined"]
    tp, tn = float((declined * y).sum()), float(((1 - declined) * (1 - y)).sum())
    return {
        "roc_auc": area(y, rankdata(score)),
        "base_rate": float(y.mean()),
        "observed_expected": float(y.sum() / score.sum()),
        "brier_score": float(np.square(score - y).mean()),
        "accuracy": (tp + tn) / len(y),
        "precision": tp / float(declined.sum()),
        "recall": tp / float(y.sum()),
        "specificity": tn / float((1 - y).sum()),
    }


def area(y: Numbers, ranks: Numbers) -> float:
    events = float(y.sum())
    return float((ranks[y == 1].sum() - events * (events + 1) / 2) / (events * (len(y) - events)))


def _logistic(z: Numbers) -> Numbers:
    return np.asarray(1 / (1 + np.exp(-z)))


def trial(fate: Fate, scorecards: int, rows: int, seed: int) -> Iterator[tuple[dict[str, float], Mapping[str, Any]]]:
    """(truth, figures) of each scorecard."""
    truths = list[dict[str, float]]()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "log.parquet")
        with pq.ParquetWriter(log, _table({}, "").schema) as file:
            for at in range(scorecards + 1):
                chance = np.random.default_rng([seed, at])
                of = bank(chance)
                of["y"] = fate(of)
                truths.append(truth(of))
                drawn = chance.integers(0, BANK, rows)
                file.write_table(_table({name: values[drawn] for name, values in of.items()}, f"{at:04d}"))
        reference = Path(folder, "reference.parquet")
        pq.write_table(pq.read_table(log).slice(0, rows), reference)
        for window, found in _measured(spec(), log, reference):
            if int(window):
                yield truths[int(window)], found


def spec() -> LogSpec:
    return parse_log(Section(dict(SPEC), file="selective.toml", path="[log]"), Task.BINARY, ())


def _table(of: Bank, scorecard: str) -> pa.Table:
    score, declined, y = (of.get(name, np.zeros(0)) for name in ("score", "declined", "y"))
    label = pa.array(y, mask=declined == 1)
    named = pa.array([scorecard] * len(score), pa.string())
    return pa.table({"scorecard": named, "score": score, "declined": declined.astype(np.int8), "label": label})


def _measured(of: LogSpec, log: Path, reference: Path) -> Iterator[tuple[str, Mapping[str, Measurement]]]:
    counted = count(of, model_id="scorecard", version_id="1", log=[log], reference=[reference])
    measured = measure_windows(of, counted.reference, counted.windows, load_policy())
    for window, found in zip(counted.windows, measured, strict=True):
        yield window.window.label, {each.metric: each for each in found if each.column is None}


def summed_up(report: Table, name: str, metrics: tuple[str, ...], found: Any, rows: int) -> None:
    """A line a figure: how often the truth lies within the bounds, and within the interval of those approved."""
    widths, inside, naive = defaultdict[str, list[float]](list), defaultdict[str, int](int), defaultdict[str, int](int)
    total = 0
    for true, figures in found:
        total += 1
        for metric in metrics:
            each = figures[metric]
            widths[metric].append(each.highest - each.lowest)
            inside[metric] += each.lowest <= true[metric] <= each.highest
            naive[metric] += each.low is not None and each.low <= true[metric] <= each.high
    # At a bound itself 95 % is what is promised, and 500 scorecards tell no more of that than two standard errors.
    bound = 0.95 if metrics == METRICS else 0.95 - 2 * (0.95 * 0.05 / total) ** 0.5
    for metric in metrics:
        share = inside[metric] / total
        said = f"{100 * naive[metric] / total:.1f} %" if figures[metric].low is not None else "none"
        report.add(
            f"{metric}, {total} {name}", f"{rows:,}", f"{100 * share:.1f} %", f"{np.mean(widths[metric]):.3f}", said,
            f"{100 * bound:.1f} %", "yes" if share >= bound else "NO",
        )  # fmt: skip


def main(words: list[str] | None = None) -> int:
    read = argparse.ArgumentParser(prog="python -m bench.selective", description=(__doc__ or "").splitlines()[0])
    read.add_argument("--scorecards", type=int, default=500)
    read.add_argument("--rows", type=int, default=2_000, help="applicants of a scorecard")
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--no-results", action="store_true")
    given = read.parse_args(words)
    report = Table("Selective labels: the truth within the bounds", HEADS)
    for name, fate, metrics in TRIALS:
        summed_up(report, name, metrics, trial(fate, given.scorecards, given.rows, given.seed), given.rows)
    if not given.no_results:
        report.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
