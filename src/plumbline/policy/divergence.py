"""The wrong target: the verdict on a counter-figure that worsens in a cohort while the proxy holds there."""

from __future__ import annotations

from plumbline.domain.results import Level, Measurement, Verdict
from plumbline.policy import reasons
from plumbline.policy.judge import UNPROVEN
from plumbline.policy.load import Policy
from plumbline.policy.thresholds import Clause

Judged = tuple[Measurement, Verdict]
NO_PROXY = "The model has neither a performance figure nor a proxy of its own here to hold the counter-figure against."


def judge_divergence(
    m: Measurement, counter: Measurement, proxy: Judged | None, clause: Clause, policy: Policy
) -> Verdict:
    """The verdict on `m`, the relative worsening of `counter`, beside the proxy and its own verdict.

    It is claimed when the worsening is proven; what chance may explain is grey here, and stands with its own verdict
    beside it. A proxy past its own limit tells of trouble itself: then nothing diverges.
    """

    def verdict(level: Level, reason: str, suffix: str = "") -> Verdict:
        return Verdict(level, reason, clause.id + suffix, policy.digest)

    if m.estimate is None:
        return verdict(Level.GREY, m.why_not)
    if thin := reasons.too_thin(counter, clause.minimum):
        return verdict(Level.GREY, thin)
    said = _moved(m, counter, policy)
    proven = m.p_adjusted is not None and m.p_adjusted < policy.thresholds.significance
    if not clause.amber.past(m.estimate):
        within = f"No divergence: {said}, within the limit of {_limit(clause.amber.above)}"
        if proven and m.estimate > 0:
            return verdict(Level.WATCH, f"{within}, yet more than chance explains ({reasons.p_text(m)}).")
        return verdict(Level.GREEN, f"{within}.")
    if not proven:
        why = f"Unproven: {said}, past the limit of {_limit(clause.amber.above)}, but chance may explain it"
        more = reasons.settling(reasons.rows_to_settle(m))
        return verdict(Level.GREY, f"{why} ({reasons.p_text(m)}). {more}", UNPROVEN)
    said = f"{said} ({reasons.p_text(m)})"
    return verdict(Level.GREY, f"{said}. {NO_PROXY}") if proxy is None else _beside(m, said, proxy, clause, policy)


def _beside(m: Measurement, said: str, proxy: Judged, clause: Clause, policy: Policy) -> Verdict:
    def verdict(level: Level, reason: str) -> Verdict:
        return Verdict(level, reason, clause.id, policy.digest)

    figure, own = proxy
    name = _named(figure.metric, policy)
    words = f"{name} is {_evidence(figure)}, on the reference {_number(figure.reference)}"
    if own.level is Level.GREY or figure.estimate is None:
        return verdict(Level.GREY, f"{said}. Whether {name} holds cannot be judged: {own.reason}")
    if own.level is Level.RED or (own.level is Level.AMBER and not own.rule.endswith(UNPROVEN)):
        return verdict(Level.GREEN, f"No divergence: {said}, and the proxy with it: {words}, past its own limit.")
    level = Level.RED if clause.red.past(m.estimate or 0.0) else Level.AMBER
    limit = _limit(clause.red.above if level is Level.RED else clause.amber.above)
    return verdict(level, f"{said}, past the {level} limit of {limit}, while the proxy holds: {words}.")


def _moved(m: Measurement, counter: Measurement, policy: Policy) -> str:
    """The counter-figure in its cohort, then and now."""
    cohort = f"where {counter.segment_by} = {counter.segment}" if counter.segment_by else "over all rows"
    worse = m.estimate or 0.0
    before = f"{_number(counter.reference)} (n {counter.n_reference or 0:,})"
    return f"{_named(counter.metric, policy)} {cohort} {_change(worse, counter)}, from {before} to {_evidence(counter)}"


def _change(worse: float, counter: Measurement) -> str:
    if not worse:
        return "held"
    by = f" by {100 * abs(worse):.3g} %" if counter.reference else ""
    return f"{'worsened' if worse > 0 else 'improved'}{by}"


def _evidence(m: Measurement) -> str:
    interval = "" if m.low is None or m.high is None else f"{_number(m.low)} to {_number(m.high)}, "
    return f"{_number(m.estimate)} ({interval}n {m.n:,})"


def _named(metric: str, policy: Policy) -> str:
    known = policy.thresholds.metrics.get(metric)
    return known.name if known else metric.replace("_", " ").capitalize()


def _number(value: float | None) -> str:
    return "not measured" if value is None else reasons.figure(value)


def _limit(value: float | None) -> str:
    return "none" if value is None else f"{100 * value:.3g} %"
