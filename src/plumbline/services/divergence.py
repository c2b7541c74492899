"""Whether a model is steered by the wrong target: counter-figures that worsen in a cohort while the proxy holds.

The proxy is the house metric with role "proxy" where the model file names one, else the model's leading performance
figure. Each window is looked at by itself, so that its verdict never depends on later ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from statistics import NormalDist

from plumbline.domain.house_metric import HouseMetric
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.models import Tier
from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict
from plumbline.policy.divergence import Judged, judge_divergence
from plumbline.policy.judge import clauses_for, relative_change
from plumbline.policy.load import Policy
from plumbline.stats.multiplicity import holm
from plumbline.stats.special import CONFIDENCE, Z95

DIVERGENCE = "divergence"
LEADING = ("roc_auc", "actual_expected", "rmse", "accuracy")
Cohort = tuple[str | None, str | None]
_SMALLEST = 1e-300  # of a p-value: a smaller one is told no further apart
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class _Worsening:
    """The counter-figure of a cohort that has worsened most surely, and by how much of its reference."""

    counter: Measurement
    value: float | None
    p_value: float | None


def divergences(
    log: LogSpec, results: Sequence[Result], policy: Policy, *, family: str, tier: Tier
) -> Iterator[Result]:
    """The divergences of all windows of these results but the reference; results of a window stand together."""
    for window, of in groupby(results, key=lambda result: result.window):
        judged = [(each.measurement, each.verdict) for each in of] if window.label != REFERENCE else []
        for m, verdict in of_window(log, judged, policy, family=family, tier=tier):
            yield Result(window, m, verdict)


def of_window(
    log: LogSpec, judged: Sequence[Judged], policy: Policy, *, family: str, tier: Tier
) -> list[tuple[Measurement, Verdict]]:
    """The divergence of each cohort of one window, all rows first; none where the model file names no counter-figure.

    Of several counter-figures a cohort's is the one that has worsened most surely, its p-value times their number
    (Bonferroni); Holm corrects for the cohorts.
    """
    counters = [metric for metric in log.metrics if metric.role == "counter"]
    clauses = clauses_for(DIVERGENCE, policy, family, tier)
    if not counters or not clauses:
        return []
    by_cohort: dict[Cohort, dict[str, Judged]] = {}
    for one in judged:
        if one[0].column is None and one[0].segment_by in (None, *log.segments):
            by_cohort.setdefault((one[0].segment_by, one[0].segment), {})[one[0].metric] = one
    worse = {cohort: _worsening(counters, found) for cohort, found in by_cohort.items()}
    held = {cohort: each for cohort, each in worse.items() if each is not None}
    return [
        (m, judge_divergence(m, held[cohort].counter, _proxy(log, by_cohort[cohort]), clauses[0], policy))
        for cohort, m in zip(held, _measured(list(held.values())), strict=True)
    ]


def _worsening(counters: Sequence[HouseMetric], found: Mapping[str, Judged]) -> _Worsening | None:
    each = [_relative(metric, found[metric.key][0], len(counters)) for metric in counters if metric.key in found]
    return min(each, key=_surely, default=None)


def _surely(of: _Worsening) -> tuple[bool, float]:
    """Worsened ones first, the surest among them."""
    return not (of.value or 0.0) > 0, 1.0 if of.p_value is None else of.p_value


def _relative(metric: HouseMetric, m: Measurement, counters: int) -> _Worsening:
    change = relative_change(m)
    if change is None:
        return _Worsening(m, None, None)
    sign = -1.0 if metric.direction == "higher" else 1.0
    p = None if m.p_value is None else min(m.p_value * counters, 1.0)
    return _Worsening(m, sign * change, p)


def _measured(worse: Sequence[_Worsening]) -> Iterator[Measurement]:
    tested = [each.p_value for each in worse if each.p_value is not None]
    adjusted = iter(holm(tested).tolist())
    for each in worse:
        yield replace(_measurement(each), p_adjusted=None if each.p_value is None else next(adjusted))


def _measurement(of: _Worsening) -> Measurement:
    counter, value, p = of.counter, of.value, of.p_value
    low, high = (None, None) if value is None or p is None else _test_based(value, p)
    return Measurement(
        metric=DIVERGENCE,
        segment_by=counter.segment_by,
        segment=counter.segment,
        estimate=value,
        low=low,
        high=high,
        confidence=None if low is None else CONFIDENCE,
        method="" if low is None else f"of {counter.metric}, test-based (Miettinen 1976)",
        n=counter.n,
        events=counter.events,
        n_reference=counter.n_reference,
        effect=value,
        p_value=p,
        why_not="" if value is not None else counter.why_not or "The reference has no such figure to worsen from.",
    )


def _test_based(value: float, p: float) -> tuple[float | None, float | None]:
    """Limits that leave out 0 where, and only where, the test is significant; none where the figures are equal.

    >>> _test_based(0.0, 1.0), [round(limit, 2) for limit in _test_based(0.5, 0.01)]
    ((None, None), [0.12, 0.88])
    """
    z = -NORMAL.inv_cdf(max(p, _SMALLEST) / 2)
    if z <= 0:
        return None, None
    half = abs(value) * Z95 / z
    return value - half, value + half


def _proxy(log: LogSpec, found: Mapping[str, Judged]) -> Judged | None:
    """What the model is steered by, in this cohort; one that can be judged before one that cannot."""
    own = [metric.key for metric in log.metrics if metric.role == "proxy"]
    named = [found[key] for key in (own or LEADING) if key in found]
    return next((one for one in named if one[1].level is not Level.GREY), named[0] if named else None)
