"""Figures of the point that a model is worked at: what its decisions are worth, what it catches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.profiling.profile import UNKNOWN, Population
from plumbline.services.measure_figures import Figures, Ints, Made, of_figures
from plumbline.services.measure_performance import Populations, falling, one_outcome, table_of
from plumbline.stats.classification import Confusions
from plumbline.stats.operating_point import sensitivities
from plumbline.stats.value import net_benefit_of, payoff_of

UNDECIDED = "No row has both a decision and a label."
CELLS = ("tp", "fp", "fn", "tn")


def worth(populations: Populations, spec: LogSpec) -> Figures:
    """Value by row and in all where the model file says what decisions are worth; net benefit at its threshold."""
    if spec.label is None or spec.task is not Task.BINARY or not spec.decides:
        return {}
    (tn, fn), (fp, tp) = populations.decisions[:, :UNKNOWN, :UNKNOWN].transpose(1, 2, 0)
    table = Confusions(tp=tp, fp=fp, fn=fn, tn=tn)
    n, events = np.rint(table.n).astype(np.int64), np.rint(tp + fn).astype(np.int64)
    found: dict[str, Made] = {}
    if isinstance(spec.value, Mapping):
        by_row = of_figures(payoff_of(table, [spec.value[cell] for cell in CELLS]), n, UNDECIDED, events=events)
        found |= {"business_value": by_row, "business_value_total": _in_all(by_row, table.n)}
    threshold = spec.threshold
    if threshold is not None and 0 < threshold < 1 and spec.score_kind is ScoreKind.PROBABILITY:
        found["net_benefit"] = of_figures(net_benefit_of(table, threshold), n, UNDECIDED, events=events)
    return found


def sensitivity(populations: Sequence[Population], spec: LogSpec) -> Figures:
    """Sensitivity at the fixed specificity."""
    found = sensitivities(table_of(each, falling(spec)) for each in populations)
    labelled, positives = (
        np.array([getattr(each, name) for each in populations]) for name in ("labelled", "positives")
    )
    why = one_outcome(labelled, positives)
    return {"sensitivity_at_fixed_specificity": of_figures(found, labelled, why, events=positives)}


def _in_all(by_row: Made, n: Ints) -> Made:
    """Its own spread is left out: how many rows came is no matter of chance, so totals are not tested."""
    value, low, high = (part * n for part in (by_row.value, by_row.low, by_row.high))
    return replace(by_row, value=value, low=low, high=high, variance=np.full(len(value), np.nan))
