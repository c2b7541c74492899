"""What each figure is a mean of: its rows, sum and sum of squares, in every segment of a window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.bins import Ints
from plumbline.profiling.profile import NEGATIVE, POSITIVE, UNKNOWN, Population, Profile, Slice
from plumbline.stats.decomposition import SegmentSums

Sums = tuple[float, float, float]  # rows, sum, sum of squares
DIFFERENCES = ("observed_expected", "actual_expected")
KNOWN = "rows with a known outcome"
_NOTHING: Sums = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class RowMean:
    """A figure that is a mean over rows: `rows` says over which, `title` what it is where it is not the metric itself.

    `of` takes a population, or the confusion matrix of a slice of several classes.
    """

    of: Callable[[Any], Sums]
    rows: str
    title: str = ""
    unit: str = ""


def row_means(spec: LogSpec) -> dict[str, RowMean]:
    """The figures of a model of one score that are means over rows, in the order they are offered."""
    found: dict[str, RowMean] = {}
    if spec.label is not None:
        found |= _errors() if spec.task is Task.REGRESSION else _outcomes(spec)
    found["mean_score"] = RowMean(lambda one: (one.rows, *_sum(one, "score")), "rows")
    if spec.decides:
        found |= _decided(spec)
    return found | {each.key: _house(each.key) for each in spec.metrics if not each.ratio}


def of_classes(spec: LogSpec) -> dict[str, RowMean]:
    """The one mean that the segments of a model of several classes keep."""
    return {"accuracy": RowMean(lambda table: _right(table[:, :-1]), KNOWN)} if spec.label is not None else {}


def by_segment(profile: Profile, mean: RowMean, by: str) -> dict[str, Sums]:
    """Segment -> what the mean is made of there; segments without such rows are left out."""
    held: Mapping[Slice, Any] = profile.classes.confusion if profile.classes else profile.populations
    found = {each.value or "": mean.of(of) for each, of in held.items() if each.by == by}
    return {segment: sums for segment, sums in found.items() if sums[0]}


def sums_of(found: Mapping[str, Sums], segments: Iterable[str]) -> SegmentSums:
    """These segments side by side; one that the window does not have holds no rows."""
    table = np.array([found.get(segment, _NOTHING) for segment in segments], dtype=np.float64)
    return SegmentSums(*table.reshape(-1, 3).T)


def _right(table: Ints) -> Sums:
    right = float(np.trace(table))
    return float(table.sum()), right, right


def _sum(population: Population, name: str, squares: str = "") -> tuple[float, float]:
    return population.sums.value(name), population.sums.value(squares or f"{name}_sq")


def _outcomes(spec: LogSpec) -> dict[str, RowMean]:
    found = {"base_rate": RowMean(lambda one: (one.labelled, one.positives, one.positives), KNOWN)}
    if spec.score_kind is ScoreKind.PROBABILITY:
        found["observed_expected"] = RowMean(_excess, KNOWN, "Observed less expected", "points")
        found["brier_score"] = RowMean(lambda one: (one.labelled, *_sum(one, "brier")), KNOWN)
        found["log_loss"] = RowMean(lambda one: (one.labelled, *_sum(one, "log_loss")), KNOWN)
    return found


def _excess(one: Population) -> Sums:
    """Of observed less expected, whose squares add up to the Brier score's."""
    return one.labelled, one.sums.value("actual") - one.sums.value("expected"), one.sums.value("brier")


def _errors() -> dict[str, RowMean]:
    return {
        "actual_expected": RowMean(_shortfall, KNOWN, "Actual less expected"),
        "mean_error": RowMean(lambda one: (one.labelled, *_sum(one, "error", "squared")), KNOWN),
        "mae": RowMean(lambda one: (one.labelled, *_sum(one, "absolute", "squared")), KNOWN),
        "rmse": RowMean(lambda one: (one.labelled, *_sum(one, "squared")), KNOWN, "Mean squared error"),
    }


def _shortfall(one: Population) -> Sums:
    error, squared = _sum(one, "error", "squared")
    return one.labelled, -error, squared


def _decided(spec: LogSpec) -> dict[str, RowMean]:
    """Rates of decisions: each is a mean over the rows that its denominator counts."""
    taken = RowMean(lambda one: _share(one.decisions[:UNKNOWN, :].sum(axis=1), spec.favourable), "rows with a decision")
    found = {"selection_rate": taken}
    if spec.label is None or spec.task is Task.REGRESSION:
        return found
    accuracy = RowMean(lambda one: _right(one.decisions[:UNKNOWN, :UNKNOWN]), "rows with a decision and an outcome")
    recall = RowMean(lambda one: _share(one.decisions[:UNKNOWN, POSITIVE], 1), "rows with the event")
    precision = RowMean(lambda one: _share(one.decisions[1, :UNKNOWN], POSITIVE), "rows decided 1")
    specificity = RowMean(lambda one: _share(one.decisions[:UNKNOWN, NEGATIVE], 0), "rows without the event")
    return found | {"accuracy": accuracy, "recall": recall, "precision": precision, "specificity": specificity}


def _share(counts: Ints | Sequence[int], at: int) -> Sums:
    k = float(counts[at])
    return float(sum(counts)), k, k


def _house(key: str) -> RowMean:
    def of(one: Population) -> Sums:
        return one.sums.value(f"{key}:n"), one.sums.value(f"{key}:x"), one.sums.value(f"{key}:xx")

    return RowMean(of, "rows that have it")
