"""Figures from counts beside the exact ones from every row (scipy, scikit-learn), with the bound each must keep.

`python -m bench.accuracy [--rows N] [--data FOLDER] [--window N] [--no-results]`: the reference against one drifted
window whose labels are in. A line is the worst of the columns it speaks of: where a figure prints its own error bound,
the column whose error comes nearest to it.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from bench.measuring import CACHE, Table
from bench.workload import write
from numpy.typing import NDArray
from scipy import stats
from sklearn import metrics
from sklearn.linear_model import LogisticRegression

from plumbline.domain.model_file import read_model_file
from plumbline.domain.results import Measurement
from plumbline.policy.load import load_policy
from plumbline.profiling.count import count
from plumbline.services.measure import measure_windows

NUMBERS = [f"num_{column:02d}" for column in range(20)]
HEADS = ("figure", "exact", "ours", "error", "bound", "holds")
MODEL = Path(__file__).with_name("model.toml")
Numbers = NDArray[np.float64]
Found = Mapping[tuple[str, str | None, str | None], Measurement]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure both ways, and the most it may be off by."""

    name: str
    exact: float
    ours: float
    bound: float

    @property
    def error(self) -> float:
        return abs(self.exact - self.ours)

    @property
    def nearness(self) -> float:
        """How much of the bound is used up."""
        return self.error / self.bound if self.bound else float(self.error > 0)


def measured(reference: Path, current: Path) -> Found:
    model_file = read_model_file(MODEL)
    counted = count(model_file.log, model_id="bench", version_id="1", log=[current], reference=[reference])
    figures = measure_windows(model_file.log, counted.reference, counted.windows, load_policy())[0]
    return {(each.metric, each.column, each.segment): each for each in figures}


def compared(reference: Path, current: Path, found: Found) -> Iterator[Line]:
    """Every line of the table."""
    yield from _columns(reference, current, found)
    table = pq.read_table(current, columns=["score", "label", "sex", "age_band"])
    score, label = (table[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in ("score", "label"))
    yield from _ranking(score, label, found)
    yield from _sums(score, label, found)
    group = np.char.add(np.char.add(_words(table, "sex"), "*"), _words(table, "age_band"))
    yield _impact(score, group, found)


def _columns(reference: Path, current: Path, found: Found) -> Iterator[Line]:
    lines: dict[str, list[Line]] = {"psi": [], "ks": [], "wasserstein": [], "wasserstein_std": [], "missing_rate": []}
    for name in NUMBERS:
        before, now = (_column(file, name) for file in (reference, current))
        held = [side[np.isfinite(side)] for side in (before, now)]
        distance = float(stats.wasserstein_distance(held[0], held[1]))
        for metric, exact, bound in (
            ("psi", psi(before, now), 1e-9),
            ("ks", largest_gap(held[0], held[1]), 1e-4),
            ("wasserstein", distance, None),
            ("wasserstein_std", distance / float(held[0].std()), None),
            ("missing_rate", float(np.isnan(now).mean()), 1e-12),
        ):
            lines[metric].append(line(f"{metric}, {name}", exact, found[metric, name, None], bound))
    for worst in lines.values():
        yield max(worst, key=lambda each: each.nearness)


def _ranking(score: Numbers, label: Numbers, found: Found) -> Iterator[Line]:
    exact = {
        "roc_auc": (float(metrics.roc_auc_score(label, score)), 1e-5),
        "average_precision": (float(metrics.average_precision_score(label, score)), None),
        "ks_separation": (largest_gap(score[label == 0], score[label == 1]), None),
    }
    logit = np.log(score / (1 - score))
    fit = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(logit[:, None], label)
    exact["calibration_slope"] = float(fit.coef_[0, 0]), None
    exact["calibration_intercept"] = float(fit.intercept_[0]), None
    for metric, (value, bound) in exact.items():
        yield line(metric, value, found[metric, None, None], bound)


def _sums(score: Numbers, label: Numbers, found: Found) -> Iterator[Line]:
    decided = score >= 0.5
    of: dict[str, Callable[[], Any]] = {
        "row_count": lambda: len(score),
        "brier_score": lambda: metrics.brier_score_loss(label, score),
        "log_loss": lambda: metrics.log_loss(label, score),
        "accuracy": lambda: (decided == label).mean(),
        "precision": lambda: label[decided].mean(),
        "recall": lambda: decided[label == 1].mean(),
        "mcc": lambda: metrics.matthews_corrcoef(label, decided),
        "base_rate": lambda: label.mean(),
    }
    for metric, exact in of.items():
        yield line(metric, float(exact()), found[metric, None, None], 1e-12)


def _impact(score: Numbers, group: NDArray[Any], found: Found) -> Line:
    """The impact ratio of each group of an intersection, against the highest rate of a group of 100 rows."""
    rates = {str(value): float((score[group == value] >= 0.5).mean()) for value in np.unique(group)}
    highest = max(rate for value, rate in rates.items() if (group == value).sum() >= 100)
    figures = {value: found["impact_ratio", None, value] for value in rates}
    lines = [
        line(f"impact_ratio, {value}", rates[value] / highest, figure, 1e-12)
        for value, figure in figures.items()
        if figure.estimate is not None
    ]
    return max(lines, key=lambda each: each.nearness)


def line(name: str, exact: float, figure: Measurement, bound: float | None) -> Line:
    """`bound` None = the one that the figure itself prints."""
    assert figure.estimate is not None, f"{name}: {figure.why_not}"
    return Line(name, exact, figure.estimate, (figure.error_bound or 0.0) if bound is None else bound)


def psi(before: Numbers, now: Numbers) -> float:
    """Written once more, from the rows, by the published definition."""
    edges = np.unique(np.quantile(before[np.isfinite(before)], np.arange(1, 10) / 10))
    shares = []
    for side in (before, now):
        held = side[np.isfinite(side)]
        counts = np.bincount(np.searchsorted(edges, held, side="right"), minlength=len(edges) + 1)
        shares.append(np.append(counts, len(side) - len(held)) / len(side))
    used = (shares[0] + shares[1]) > 0
    e, a = (np.where(share[used] > 0, share[used], 1e-4) for share in shares)
    e, a = e / e.sum(), a / a.sum()
    return float(((a - e) * np.log(a / e)).sum())


def largest_gap(one: Numbers, two: Numbers) -> float:
    return float(stats.ks_2samp(one, two, method="asymp").statistic)


def _column(file: Path, name: str) -> Numbers:
    values: Numbers = pq.read_table(file, columns=[name])[name].to_numpy(zero_copy_only=False).astype(np.float64)
    return values


def _words(table: Any, name: str) -> NDArray[np.str_]:
    return np.asarray(table[name].to_pylist(), dtype=np.str_)


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, help="a folder with the workload of --rows rows")
    parser.add_argument("--window", type=int, default=9)
    parser.add_argument("--no-results", action="store_true", help="print, and leave bench/results.md as it is")
    args = parser.parse_args(words)
    data = args.data or CACHE / "data" / f"{args.rows}"
    reference, current = data / "reference.parquet", data / f"current_{args.window:02d}.parquet"
    if not (reference.exists() and current.exists()):
        write(data, args.rows)
    found = measured(reference, current)
    table = Table(f"Accuracy, {args.rows:,} rows against {args.rows:,}", HEADS)
    for each in compared(reference, current, found):
        holds = "yes" if each.error <= each.bound else "NO"
        table.add(each.name, f"{each.exact:.6g}", f"{each.ours:.6g}", f"{each.error:.1e}", f"{each.bound:.1e}", holds)
    if not args.no_results:
        table.keep()


if __name__ == "__main__":
    main()
