"""A figure of one population, and what becomes of it beside the same figure of the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plumbline.domain.results import Measurement
from plumbline.profiling.profile import Slice
from plumbline.stats.calibration import Figure
from plumbline.stats.classification import Rate
from plumbline.stats.discrimination import Auc, Separation
from plumbline.stats.intervals import two_proportions, two_values
from plumbline.stats.special import CONFIDENCE

# Compared by division: 1, not 0, is "no change".
RATIOS = ("observed_expected", "actual_expected", "impact_ratio")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A figure before comparison. `k` (of n) is set for shares; `p_value` where the figure has a test of its own."""

    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    n: int = 0
    events: int | None = None
    k: float | None = None
    variance: float | None = None
    p_value: float | None = None
    error_bound: float | None = None
    null_expectation: float | None = None
    why_not: str = ""


Figures = Mapping[str, Made]


def absent(why: str, n: int = 0, events: int | None = None) -> Made:
    """A figure that cannot be made, with the reason in words."""
    return Made(value=None, why_not=why, n=n, events=events)


def of_rate(rate: Rate | None, why: str, events: int | None = None) -> Made:
    """A share or a function of shares; compared as two proportions where it is k of n."""
    if rate is None:
        return absent(why)
    plain = rate.interval.method == "Wilson"
    return Made(
        value=rate.value,
        low=rate.interval.low,
        high=rate.interval.high,
        method=rate.interval.method,
        n=rate.n,
        events=int(rate.k) if events is None else events,
        k=rate.k if plain else None,
        variance=rate.variance,
    )


def of_figure(figure: Figure | None, n: int, why: str, *, events: int | None = None, p: float | None = None) -> Made:
    """A mean, a sum or a ratio of sums."""
    if figure is None:
        return absent(why, n, events)
    return Made(
        value=figure.value,
        low=figure.interval.low,
        high=figure.interval.high,
        method=figure.interval.method,
        n=n,
        events=events,
        variance=figure.variance,
        p_value=p,
    )


def of_auc(auc: Auc | None, n: int, events: int, why: str) -> Made:
    if auc is None:
        return absent(why, n, events)
    return Made(
        value=auc.value,
        low=auc.low,
        high=auc.high,
        method=auc.method,
        n=n,
        events=events,
        variance=auc.variance,
        error_bound=auc.error_bound,
    )


def of_separation(separation: Separation | None, n: int, events: int, why: str) -> Made:
    if separation is None:
        return absent(why, n, events)
    limits = separation.interval
    return Made(
        value=separation.value,
        low=limits.low,
        high=limits.high,
        method=limits.method,
        n=n,
        events=events,
        variance=separation.variance,
        error_bound=separation.error_bound,
    )


def as_gini(auc: Made) -> Made:
    """The same ranking on Gini's scale: 2 AUC - 1."""
    if auc.value is None or auc.low is None or auc.high is None:
        return auc
    return replace(
        auc,
        value=2 * auc.value - 1,
        low=2 * auc.low - 1,
        high=2 * auc.high - 1,
        variance=None if auc.variance is None else 4 * auc.variance,
        error_bound=None if auc.error_bound is None else 2 * auc.error_bound,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """A figure beside its reference, tested but not yet corrected for how many were looked at."""

    metric: str
    current: Made
    reference: Made | None
    population: Slice
    column: str | None = None
    p_value: float | None = None
    effect: float | None = None
    n_reference: int | None = None
    label_share: float | None = None
    mature: bool | None = None
    direction: str = ""


def compare(
    metric: str,
    current: Made,
    reference: Made | None,
    population: Slice,
    *,
    column: str | None = None,
    n_reference: int | None = None,
    label_share: float | None = None,
    mature: bool | None = None,
    direction: str = "",
    itself: bool = False,
) -> Compared:
    """The figure beside its reference; `itself` = the reference window, which has nothing to be tested against.

    `n_reference` where the other side is another group of the same window.
    """
    return Compared(
        metric=metric,
        current=current,
        reference=reference,
        population=population,
        column=column,
        p_value=_p_value(current, None if itself else reference),
        effect=effect(metric, current, reference),
        n_reference=reference.n if n_reference is None and reference is not None else n_reference,
        label_share=label_share,
        mature=mature,
        direction=direction,
    )


def measurement(compared: Compared, p_adjusted: float | None) -> Measurement:
    """The finished figure. It is built once, here: a run makes tens of thousands."""
    current = compared.current
    return Measurement(
        metric=compared.metric,
        column=compared.column,
        segment_by=compared.population.by,
        segment=compared.population.value,
        estimate=current.value,
        low=current.low,
        high=current.high,
        confidence=CONFIDENCE if current.low is not None else None,
        method=current.method,
        n=current.n,
        events=current.events,
        n_reference=compared.n_reference,
        label_share=compared.label_share,
        reference=None if compared.reference is None else compared.reference.value,
        effect=compared.effect,
        p_value=compared.p_value,
        p_adjusted=p_adjusted,
        error_bound=current.error_bound,
        null_expectation=current.null_expectation,
        why_not=current.why_not,
        direction=compared.direction,
        mature=compared.mature,
    )


def effect(metric: str, current: Made, reference: Made | None) -> float | None:
    """Current minus reference; ratio metrics divided."""
    if current.value is None or reference is None or reference.value is None:
        return None
    if metric not in RATIOS:
        return current.value - reference.value
    return current.value / reference.value if reference.value else None


def _p_value(current: Made, reference: Made | None) -> float | None:
    if current.p_value is not None or current.value is None:
        return current.p_value
    if reference is None or reference.value is None:
        return None
    if current.k is not None and reference.k is not None:
        return two_proportions(current.k, current.n, reference.k, reference.n)
    if current.variance is None or reference.variance is None:
        return None
    return two_values(current.value, current.variance, reference.value, reference.variance)
