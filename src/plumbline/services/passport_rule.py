"""The rule behind one verdict: the policy's clauses for such a figure in words, and what each level would take."""

from __future__ import annotations

from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Result
from plumbline.domain.silent import SILENT_FAILURES, SILENT_ORDER, SilentFailure
from plumbline.policy.fairness import GAPS
from plumbline.policy.judge import NOVEL, clauses_for
from plumbline.policy.load import Policy
from plumbline.policy.reasons import figure, limit
from plumbline.policy.thresholds import Clause, Limits, Minimum, On, Real
from plumbline.services.divergence import DIVERGENCE
from plumbline.services.measure_history import DISTANCES
from plumbline.services.views.passport import ClauseWords, Rule
from plumbline.services.views.status import marked
from plumbline.stats.metrics_of_estimates import PREFIX

IMPACT_RATIO = "impact_ratio"
_HELD = {
    On.VALUE: "the figure itself",
    On.CHANGE: "its change from the reference",
    On.RELATIVE_CHANGE: "its change in per cent of the reference",
}
# Measured with what they show when nothing changed.
NOISY = ("psi", "wasserstein", "wasserstein_std", "unseen_rate", "out_of_range_rate", "concept_shift")
LESS_NOISE = "the figure less what so few rows show without any drift"
_PROOF = {
    Real.INTERVAL: "its whole interval past the limit",
    Real.P_VALUE: "a corrected p under {significance:g}; where no test exists, the limit alone",
}


def rule(result: Result, policy: Policy, family: str, tier: Tier, house: str) -> Rule:
    """What holds for such a figure in the policy in force; `house` is the good direction of a house metric."""
    metric = result.measurement.metric
    pack = next(pack for pack in policy.packs if pack.name == "thresholds")
    found = _of_metric(metric, policy, family, tier, house)
    return Rule(
        clauses=found,
        levels=_silent_levels() if metric in SILENT_ORDER else _levels(metric, policy, limited=bool(found)),
        pack=pack.name,
        version=pack.version,
        owner=pack.owner,
        effective=pack.effective,
        digest=result.verdict.policy,
        in_force=result.verdict.policy == policy.digest,
    )


def _of_metric(metric: str, policy: Policy, family: str, tier: Tier, house: str) -> tuple[ClauseWords, ...]:
    if metric == IMPACT_RATIO:
        return (_four_fifths(policy),)
    if metric in SILENT_ORDER:
        return (_silent(metric, policy),)
    if house:
        return (_house(policy, house),)
    return tuple(_clause(one, policy) for one in clauses_for(metric, policy, family, tier))


def _clause(one: Clause, policy: Policy) -> ClauseWords:
    wording = policy.thresholds.metrics[one.metric]
    return ClauseWords(
        id=one.id,
        held=LESS_NOISE if one.metric in NOISY and one.on is On.VALUE else _HELD[one.on],
        amber=_band(one.amber, one, wording.unit),
        red=_band(one.red, one, wording.unit),
        proof=_PROOF[one.real].format(significance=policy.thresholds.significance),
        minimum=_minimum(one.minimum) + _red_from(one.metric, policy),
        source=one.source,
    )


def _red_from(metric: str, policy: Policy) -> str:
    return f"; red from {policy.thresholds.fairness.gap_from:,} rows" if metric in GAPS else ""


def _silent(metric: str, policy: Policy) -> ClauseWords:
    """Of one kind of failure, or of how many there are, which is as bad as the worst of them."""
    rules = policy.thresholds.silent
    looked_for = SilentFailure if metric == SILENT_FAILURES else (SilentFailure(metric),)
    named = {
        level: ", ".join(each.replace("_", " ") for each in looked_for if rules.levels[each] is level)
        for level in (Level.AMBER, Level.RED)
    }
    return ClauseWords(
        id=f"silent.{metric}",
        held="what was found in the data",
        amber=named[Level.AMBER],
        red=named[Level.RED],
        proof=f"a chance of at most {rules.chance:g} that it came about by itself",
        minimum=_minimum(Minimum(n=rules.n, n_reference=rules.n_reference)),
        source="[silent] of the thresholds pack",
    )


def _band(band: Limits, clause: Clause, unit: str) -> str:
    """A change is told by its size, so its side is said as a fall or a rise."""
    under, over = ("under", "over") if clause.on is On.VALUE else ("a fall of more than", "a rise of more than")
    sides = [(under, band.below), (over, band.above)]
    return " or ".join(f"{side} {limit(value, clause, unit)}" for side, value in sides if value is not None)


def _minimum(least: Minimum) -> str:
    named = [
        (least.n, "rows"),
        (least.n_reference, "rows on the reference"),
        (least.events, "events"),
        (least.non_events, "rows without the event"),
    ]
    return ", ".join(f"{count:,} {what}" for count, what in named if count) or "any number of rows"


def _four_fifths(policy: Policy) -> ClauseWords:
    rules = policy.thresholds.fairness
    return ClauseWords(
        id="fairness.impact_ratio",
        held="the ratio of favourable rates",
        amber=f"under {figure(rules.amber_below)}, or a gap of {100 * rules.gap:g} points beyond chance",
        red=f"under {figure(rules.red_below)}",
        proof=f"a corrected p under {rules.significance:g}",
        minimum=f"{rules.show_from:,} rows, {rules.reference_from:,} of the other group; red from {rules.full_from:,} "
        f"rows with {rules.cell:,} of each decision",
        source="Four-fifths rule, 29 CFR 1607.4(D)",
    )


def _house(policy: Policy, good: str) -> ClauseWords:
    rules, side = policy.thresholds.house, "a fall" if good == "higher" else "a rise"
    return ClauseWords(
        id="house",
        held=_HELD[On.RELATIVE_CHANGE],
        amber=f"{side} of more than {100 * rules.amber:g} %",
        red=f"{side} of more than {100 * rules.red:g} %",
        proof=_PROOF[Real.P_VALUE].format(significance=policy.thresholds.significance),
        minimum=_minimum(rules.minimum),
        source="The house's own metric, from the model file",
    )


def _silent_levels() -> tuple[tuple[str, str], ...]:
    return (
        (marked(Level.RED), "a failure found that the clause lists under red"),
        (marked(Level.AMBER), "a failure found that it lists under amber, and none under red"),
        (marked(Level.GREY), "none found, in fewer rows than the policy asks for"),
        (marked(Level.GREEN), "none found"),
    )


def _levels(metric: str, policy: Policy, *, limited: bool) -> tuple[tuple[str, str], ...]:
    """In the order in which a verdict is passed (judge.py)."""
    grey = f"fewer rows or events than the policy asks for, or labels that are not mature{_further_grey(metric)}"
    if not limited:
        p = f"{policy.thresholds.significance:g}"
        return (
            (marked(Level.GREY), grey),
            (marked(Level.WATCH), f"a change beyond chance (corrected p under {p}); the policy sets no limit on it"),
            (marked(Level.GREEN), "no change beyond chance"),
        )
    unproven = "" if metric == DIVERGENCE else " or not yet (unproven)"
    band = _own_band(metric, policy)
    return (
        (marked(Level.GREY), grey),
        (marked(Level.RED), "past the red limit, and shown real"),
        (marked(Level.AMBER), f"past the amber limit, shown real{unproven}"),
        (marked(Level.WATCH), f"under the amber limit{band}, and shown real"),
        (marked(Level.GREEN), f"under the amber limit{band}, and no change beyond chance"),
    )


def _own_band(metric: str, policy: Policy) -> str:
    """What of a figure past its limit still counts as under it."""
    rules = policy.thresholds.history
    if metric in NOVEL and rules.chance < 1:
        return f" (or {figure(rules.chance, 'share')} of windows without any drift show as much)"
    if metric in DISTANCES and rules.windows:
        return f" (from {rules.windows} earlier windows on, or within the band of the column's own history)"
    return ""


def _further_grey(metric: str) -> str:
    """What else makes a figure grey that judge.py does not judge by its clauses alone."""
    if metric == DIVERGENCE:
        return ", or past a limit and not shown real, or a proxy that cannot be judged"
    return ", or earlier estimates that did not come true" if metric.startswith(PREFIX) else ""
