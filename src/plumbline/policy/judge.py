"""Passes a verdict on a measurement: grey, red, amber, amber unproven, watch or green, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Record, Verdict
from plumbline.policy import reasons
from plumbline.policy.estimates import came_true, untried
from plumbline.policy.fairness import GAPS, judge_impact_ratio, never_red_alone
from plumbline.policy.load import Policy
from plumbline.policy.thresholds import Clause, Limits, Minimum, On, Real, Wording

UNPROVEN = ".unproven"
# Whose own test tells how often a window without drift shows as much. It speaks where the figure itself is not shown
# to be past a limit: a reference without values has met nothing, and every level would be ordinary.
NOVEL = ("unseen_rate", "out_of_range_rate")
UNTRIED = "estimates.record"
ASSUMED = (
    "Estimated without labels: it takes for granted that at each score or predicted value the same comes as often as "
    "on the reference (no concept shift)."
)
NO_LIMIT = "no-limit"
WITHOUT_LIMIT = "The policy sets no limit; no change beyond chance."
WITHOUT_TEST = "The policy sets no limit."


def judge(measurement: Measurement, policy: Policy, *, family: str, tier: Tier) -> Verdict:
    """The verdict that the policy passes on one figure; where several clauses hold, the most severe."""
    return judge_window([measurement], policy, family=family, tier=tier)[0]


def judge_window(measurements: Sequence[Measurement], policy: Policy, *, family: str, tier: Tier) -> list[Verdict]:
    """Verdicts of figures of one window or of many, in their order; p-values must be corrected already."""
    known = {m: clauses_for(m, policy, family, tier) for m in {each.metric for each in measurements}}
    return [_judge(each, policy, known[each.metric]) for each in measurements]


def clauses_for(metric: str, policy: Policy, family: str, tier: Tier) -> tuple[Clause, ...]:
    """The clauses that a figure of such a model is held against."""
    found = policy.thresholds.clauses.get(metric, ())
    return tuple(clause for clause in found if clause.holds_for(family, tier))


def next_step(metric: str, policy: Policy) -> str:
    """What to do about a figure past its limit, in one sentence."""
    wording = policy.thresholds.metrics.get(metric)
    return wording.next_step if wording else "Ask the metric's owner what changed, and whether the model caused it."


def _judge(m: Measurement, policy: Policy, clauses: tuple[Clause, ...]) -> Verdict:
    if m.estimate is None:
        return Verdict(Level.GREY, m.why_not or "This figure could not be made.", "not-measured", policy.digest)
    if m.mature is False:
        return Verdict(Level.GREY, _immature(m), "label-maturity", policy.digest)
    if m.record is not None:
        return _judge_estimate(m, m.record, policy, clauses)
    if m.metric == "impact_ratio":
        return judge_impact_ratio(m, policy)
    if m.direction:
        return _judge_house(m, policy)
    return _judge_by_clauses(m, policy, clauses)


def _judge_by_clauses(m: Measurement, policy: Policy, clauses: tuple[Clause, ...]) -> Verdict:
    wording = policy.thresholds.metrics.get(m.metric) or _unnamed(m, policy)
    if not clauses:
        return _judge_without_limit(m, wording, policy)
    if len(clauses) == 1:
        return never_red_alone(m, _held_against(m, clauses[0], wording, policy), policy)
    verdicts = [_held_against(m, clause, wording, policy) for clause in clauses]
    return never_red_alone(m, max(verdicts, key=lambda verdict: verdict.level.rank), policy)


def _judge_estimate(m: Measurement, record: Record, policy: Policy, clauses: tuple[Clause, ...]) -> Verdict:
    """An estimate speaks only where earlier ones came true; it says what it takes for granted."""
    verdict = _judge_by_clauses(m, policy, clauses)
    if verdict.level is Level.GREY:
        return verdict
    doubt = untried(record, policy.thresholds.estimates)
    if doubt:
        return Verdict(Level.GREY, f"{doubt} {ASSUMED}", UNTRIED, policy.digest)
    return replace(verdict, reason=f"{verdict.reason} {ASSUMED} So far {came_true(record)}.")


# Most figures are within their limits: one verdict serves them all.
@lru_cache(maxsize=1_024)
def _green(reason: str, rule: str, policy: str) -> Verdict:
    return Verdict(Level.GREEN, reason, rule, policy)


def _judge_without_limit(m: Measurement, wording: Wording, policy: Policy) -> Verdict:
    thin = reasons.too_thin(m, wording.minimum)
    if thin:
        return Verdict(Level.GREY, thin, NO_LIMIT, policy.digest)
    p = _p(m)
    if p is None:
        return _green(WITHOUT_TEST, NO_LIMIT, policy.digest)
    if p < policy.thresholds.significance:
        reason = f"The policy sets no limit; the change is more than chance explains ({reasons.p_text(m)})."
        return Verdict(Level.WATCH, reason, NO_LIMIT, policy.digest)
    return _green(WITHOUT_LIMIT, NO_LIMIT, policy.digest)


def _held_against(m: Measurement, clause: Clause, wording: Wording, policy: Policy) -> Verdict:
    thin = reasons.too_thin(m, clause.minimum)
    if not thin and m.metric not in GAPS:  # which are no shares of their rows, and have a rule of small groups
        thin = reasons.too_coarse(m, clause, wording, policy.thresholds.expected)
    if thin:
        return Verdict(Level.GREY, thin, clause.id, policy.digest)
    value = _quantity(m, clause)
    if value is None:
        why = "The reference has no such figure to compare with."
        return Verdict(Level.GREY, why, clause.id, policy.digest)
    past_amber = clause.amber.past(value)
    if past_amber and m.ordinary is not None and _ordinary(m.ordinary, policy):
        return _under(m, clause, reasons.in_own_band(m, clause, wording, value, m.ordinary), policy)
    for level, band, past in ((Level.RED, clause.red, clause.red.past(value)), (Level.AMBER, clause.amber, past_amber)):
        if past and _real(m, clause, band, policy):
            reason = reasons.past(m, clause, wording, value, level.value, band)
            return Verdict(level, reason, clause.id, policy.digest)
    if past_amber and m.metric in NOVEL and m.p_value is not None and _ordinary(m.p_value, policy):
        return _under(m, clause, reasons.in_own_band(m, clause, wording, value, m.p_value), policy)
    if past_amber:
        reason = reasons.unproven(m, clause, wording, value)
        return Verdict(Level.AMBER, reason, clause.id + UNPROVEN, policy.digest)
    return _under(m, clause, reasons.within(m, clause, wording), policy)


def _ordinary(chance: float, policy: Policy) -> bool:
    """A limit that a column's ordinary windows pass is no limit for it: the end of its own band is. `chance` is of
    such a window to show as much."""
    return chance >= policy.thresholds.history.chance


def _under(m: Measurement, clause: Clause, within: str, policy: Policy) -> Verdict:
    """Not past a limit: real or not."""
    if _significant(m, policy):
        reason = f"{within}, yet the change is more than chance explains ({reasons.p_text(m)})."
        return Verdict(Level.WATCH, reason, clause.id, policy.digest)
    return _green(f"{within}; no change beyond chance.", clause.id, policy.digest)


def _judge_house(m: Measurement, policy: Policy) -> Verdict:
    """Relative change in the worse of the two directions, as a clause made from the pack's [house]."""
    rules, worse = policy.thresholds.house, -1.0 if m.direction == "higher" else 1.0

    def band(size: float) -> Limits:
        return Limits(-size, None) if worse < 0 else Limits(None, size)

    clause = Clause(
        id="house",
        metric=m.metric,
        families=(),
        tiers=(),
        on=On.RELATIVE_CHANGE,
        real=Real.P_VALUE,
        amber=band(rules.amber),
        red=band(rules.red),
        minimum=rules.minimum,
        source="",
    )
    return _held_against(m, clause, _unnamed(m, policy), policy)


def _unnamed(m: Measurement, policy: Policy) -> Wording:
    """A figure that the pack does not list: a house metric goes by its key."""
    minimum = policy.thresholds.house.minimum if m.direction else Minimum()
    return Wording(m.metric.replace("_", " ").capitalize(), "", next_step(m.metric, policy), minimum)


def _quantity(m: Measurement, clause: Clause) -> float | None:
    """What is held against the limits; of a value, only what it has beyond its expectation without any drift."""
    if clause.on is On.VALUE:
        return None if m.estimate is None else m.estimate - (m.null_expectation or 0.0)
    if m.estimate is None or m.reference is None:
        return None
    return m.estimate - m.reference if clause.on is On.CHANGE else relative_change(m)


def relative_change(m: Measurement) -> float | None:
    """Change over the reference's size. From nothing it is over the size of half a row, all that so many rows without
    any can tell from nothing: a figure that comes up is the last that may go unjudged.

    >>> relative_change(Measurement(metric="complaints", estimate=0.75, reference=0.5, n_reference=500))
    0.5
    >>> relative_change(Measurement(metric="complaints", estimate=0.06, reference=0.0, n_reference=500))
    60.0
    """
    if m.estimate is None or m.reference is None:
        return None
    size = abs(m.reference) or (0.5 / m.n_reference if m.n_reference else 0.0)
    return (m.estimate - m.reference) / size if size else None


def _real(m: Measurement, clause: Clause, band: Limits, policy: Policy) -> bool:
    """Beyond chance; where no test exists the limit alone decides."""
    if clause.real is Real.INTERVAL:
        return _whole_interval_past(m, band)
    return _p(m) is None or _significant(m, policy)


def _whole_interval_past(m: Measurement, band: Limits) -> bool:
    if m.low is None or m.high is None:
        return True
    low, high = (limit - (m.null_expectation or 0.0) for limit in (m.low, m.high))
    return (band.above is not None and low > band.above) or (band.below is not None and high < band.below)


def _p(m: Measurement) -> float | None:
    return m.p_value if m.p_adjusted is None else m.p_adjusted


def _significant(m: Measurement, policy: Policy) -> bool:
    p = _p(m)
    return p is not None and p < policy.thresholds.significance


def _immature(m: Measurement) -> str:
    share = f"{100 * m.label_share:.0f} % of the labels are in" if m.label_share is not None else "labels are missing"
    return f"Not mature: {share}; the figure is judged when the labels of this window have arrived."
