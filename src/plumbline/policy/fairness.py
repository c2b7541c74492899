"""The verdict on an impact ratio: the four-fifths rule with its small-number caveat, an indicator and no finding.

Of the other gaps between groups, which clauses judge, it holds back a red on few rows.
"""

from __future__ import annotations

from dataclasses import replace

from plumbline.domain.results import Level, Measurement, Verdict
from plumbline.policy.load import Policy
from plumbline.policy.reasons import figure, p_text

RULE = "fairness.impact_ratio"
GAPS = frozenset(
    {"equal_opportunity_difference", "equalized_odds_difference", "predictive_parity_difference", "calibration_gap"}
)


def judge_impact_ratio(m: Measurement, policy: Policy) -> Verdict:
    """A ratio of favourable rates; `events` = favoured rows of the group, `n_reference` = rows of the other."""
    rules = policy.thresholds.fairness
    ratio = m.estimate if m.estimate is not None else 1.0

    def verdict(level: Level, reason: str, rule: str = RULE) -> Verdict:
        return Verdict(level, reason, rule, policy.digest)

    if m.n < rules.show_from:
        return verdict(Level.GREY, f"{m.n:,} rows: under {rules.show_from} only the count is shown.")
    if m.n_reference is not None and m.n_reference < rules.reference_from:
        need = rules.reference_from
        return verdict(
            Level.GREY, f"The reference group has {m.n_reference:,} rows; {need} are needed to compare with."
        )
    p = m.p_value if m.p_adjusted is None else m.p_adjusted
    significant = p is not None and p < rules.significance
    said = f"The impact ratio is {figure(ratio)}"
    if ratio < rules.red_below:
        if not _full(m, policy):
            why = f"{said}, under {rules.red_below:g}, but on {m.n:,} rows ({m.events or 0:,} favoured)"
            return verdict(
                Level.AMBER, f"Insufficient evidence: {why} it is never red alone ({p_text(m)}).", RULE + ".small"
            )
        if not significant:
            why = f"{said}, under {rules.red_below:g}, and chance may explain it ({p_text(m)})"
            return verdict(Level.AMBER, f"Insufficient evidence: {why}. Open a case.", RULE + ".unproven")
        return verdict(Level.RED, f"{said}, past the red limit of {rules.red_below:g}; more than chance ({p_text(m)}).")
    if significant and abs(_gap(m, ratio)) >= rules.gap:
        gap = 100 * abs(_gap(m, ratio))
        return verdict(Level.AMBER, f"{said}; the gap of {gap:.3g} points is more than chance explains ({p_text(m)}).")
    if ratio < rules.amber_below:
        proven = "; more than chance" if significant else " but not shown to be beyond chance"
        reason = f"{said}, past the amber limit of {rules.amber_below:g}{proven} ({p_text(m)})."
        return verdict(
            Level.AMBER, reason if significant else f"Unproven: {reason}", RULE + ("" if significant else ".unproven")
        )
    if significant:
        return verdict(Level.WATCH, f"{said}, within the limits; the gap is more than chance explains ({p_text(m)}).")
    return verdict(Level.GREEN, f"{said}, within the limits; no gap beyond chance.")


def never_red_alone(m: Measurement, verdict: Verdict, policy: Policy) -> Verdict:
    """A red gap between groups as it stands where the rows behind it are enough, else amber, and why."""
    rules = policy.thresholds.fairness
    if m.metric not in GAPS or verdict.level is not Level.RED or m.n >= rules.gap_from:
        return verdict
    why = f"On {m.n:,} rows it is never red alone; {rules.gap_from - m.n} more settle it."
    reason = f"Insufficient evidence: {verdict.reason} {why}"
    return replace(verdict, level=Level.AMBER, reason=reason, rule=verdict.rule + ".small")


def _full(m: Measurement, policy: Policy) -> bool:
    """Enough rows, favoured and not favoured, for a ratio that may be red."""
    rules, favoured = policy.thresholds.fairness, m.events or 0
    return m.n >= rules.full_from and min(favoured, m.n - favoured) >= rules.cell


def _gap(m: Measurement, ratio: float) -> float:
    """Rate of the group less the reference group's, recovered from the ratio."""
    rate = (m.events or 0) / m.n
    return rate - rate / ratio if ratio > 0 else -1.0
