"""The words of a verdict: the value, the limit, whether chance explains it, and how many rows would settle it."""

from __future__ import annotations

import math
from statistics import NormalDist

from plumbline.domain.results import Measurement
from plumbline.policy.thresholds import Clause, Limits, Minimum, On, Real, Wording

NORMAL = NormalDist()
# Beyond this many times the rows at hand, a number of rows would be a false promise.
FAR = 1000.0


def figure(value: float, unit: str = "") -> str:
    """A number as people read it.

    >>> figure(0.1234), figure(0.1234, "share"), figure(12345.6), figure(0.0)
    ('0.123', '12.3 %', '12,346', '0')
    """
    if unit == "share":
        return f"{100 * value:.3g} %"
    if value and (abs(value) >= 1e4 or abs(value) < 1e-3):
        return f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.1e}"
    return f"{value:.3g}"


def limit(value: float, clause: Clause, unit: str) -> str:
    """A limit in the terms of its clause."""
    if clause.on is On.RELATIVE_CHANGE:
        return f"{100 * abs(value):.3g} %"
    if clause.on is On.CHANGE:
        return points(value, unit)
    return figure(value, unit)


def points(value: float, unit: str) -> str:
    """A difference: shares differ by percentage points.

    >>> points(-0.05, "share"), points(-0.05, "")
    ('5 points', '0.05')
    """
    return f"{100 * abs(value):.3g} points" if unit == "share" else figure(abs(value))


def p_text(m: Measurement) -> str:
    """The p-value in words, said to be corrected when it was; empty without a test."""
    p = m.p_value if m.p_adjusted is None else m.p_adjusted
    if p is None:
        return ""
    name = "p" if m.p_adjusted is None or m.p_adjusted == m.p_value else "corrected p"
    return f"{name} < 0.001" if p < 0.001 else f"{name} = {p:.3f}"


def statement(m: Measurement, clause: Clause, wording: Wording, value: float) -> str:
    """What was seen, as the start of a sentence."""
    estimate = figure(m.estimate or 0.0, wording.unit)
    if clause.on is On.VALUE:
        return f"{wording.name} is {estimate}"
    moved = "rose" if value > 0 else "fell"
    by = f" by {100 * abs(value):.3g} %" if clause.on is On.RELATIVE_CHANGE else f" by {points(value, wording.unit)}"
    # Of nothing no share can be told.
    by = "" if clause.on is On.RELATIVE_CHANGE and not m.reference else by
    return f"{wording.name} {moved}{by}, from {figure(m.reference or 0.0, wording.unit)} to {estimate}"


def past(m: Measurement, clause: Clause, wording: Wording, value: float, level: str, band: Limits) -> str:
    """A proven breach."""
    text = f"{statement(m, clause, wording, value)}, past the {level} limit of {_crossed(clause, wording, value, band)}"
    if clause.real is Real.INTERVAL and m.low is not None and m.high is not None:
        return f"{text}; its whole interval ({_range(m, wording)}) lies beyond a limit."
    tested = p_text(m)
    if not tested:
        return f"{text}."
    noise = f"; without drift {figure(m.null_expectation, wording.unit)} is expected" if m.null_expectation else ""
    return f"{text}; more than chance explains ({tested}{noise})."


def unproven(m: Measurement, clause: Clause, wording: Wording, value: float) -> str:
    """Past amber, chance not ruled out; says how many rows would settle it."""
    crossed = _crossed(clause, wording, value, clause.amber)
    start = f"Unproven: {statement(m, clause, wording, value)}, past the amber limit of {crossed}, but"
    if clause.real is Real.INTERVAL and m.low is not None:
        return (
            f"{start} its interval ({_range(m, wording)}) reaches back within it. {settling(_by_interval(m, clause))}"
        )
    return f"{start} chance may explain it ({p_text(m)}). {settling(rows_to_settle(m))}"


def within(m: Measurement, clause: Clause, wording: Wording) -> str:
    """Not past a limit; where the bare value is, says what of it so few rows show without any drift."""
    if clause.on is not On.VALUE or not m.null_expectation or not clause.amber.past(m.estimate or 0.0):
        return "Within the limits"
    noise = figure(m.null_expectation, wording.unit)
    return f"Within the limits: {statement(m, clause, wording, 0.0)}, of which chance alone shows {noise}"


def in_own_band(m: Measurement, clause: Clause, wording: Wording, value: float, chance: float) -> str:
    """Past a limit, as `chance` of the ordinary windows of this column are."""
    seen = f"{statement(m, clause, wording, value)}, past the limit of {_crossed(clause, wording, value, clause.amber)}"
    often = figure(chance, "share")
    return f"Within the column's own band: {seen}, and {often} of its ordinary windows show as much"


def too_thin(m: Measurement, minimum: Minimum) -> str:
    """Why a figure is grey, with the rows or events that would settle it; empty when there are enough."""
    reference = m.n_reference if m.n_reference is not None else minimum.n_reference
    if (
        m.n >= minimum.n
        and reference >= minimum.n_reference
        and (m.events is None or (m.events >= minimum.events and m.n - m.events >= minimum.non_events))
    ):
        return ""
    for have, need, what in (
        (m.n, minimum.n, "rows"),
        (reference, minimum.n_reference, "rows in the reference"),
        (minimum.events if m.events is None else m.events, minimum.events, "events"),
        (minimum.non_events if m.events is None else m.n - m.events, minimum.non_events, "rows without the event"),
    ):
        if have < need:
            noise = f" Without any drift {figure(m.null_expectation)} is expected." if m.null_expectation else ""
            here = f"{need:,} {what} are needed, {have:,} are here; {need - have:,} more settle it."
            return f"Too little data to judge: {here}{noise}"
    return ""


def too_coarse(m: Measurement, clause: Clause, wording: Wording, expected: int) -> str:
    """Why a share is grey whose limit is but a few of its rows; empty where the limit amounts to enough of them."""
    edge = clause.amber.above
    if clause.on is not On.VALUE or wording.unit != "share" or not edge or m.n * edge >= expected:
        return ""
    need = math.ceil(round(expected / edge, 6))
    amount = f"the amber limit of {figure(edge, 'share')} is {figure(m.n * edge)} of {m.n:,} rows"
    return f"Too little data to judge: {amount}, {expected} are needed; {need - m.n:,} more rows settle it."


def settling(rows: float | None) -> str:
    """
    >>> settling(1234.5), settling(None)
    ('About 1,300 rows would settle it.', 'More rows of this size would hardly settle it.')
    """
    if rows is None or not math.isfinite(rows):
        return "More rows of this size would hardly settle it."
    step = 10 ** max(math.floor(math.log10(max(rows, 1.0))) - 1, 0)
    return f"About {math.ceil(round(rows / step, 6)) * step:,} rows would settle it."


def _crossed(clause: Clause, wording: Wording, value: float, band: Limits) -> str:
    return limit(band.crossed(value), clause, wording.unit)


def _range(m: Measurement, wording: Wording) -> str:
    return f"{figure(m.low or 0.0, wording.unit)} to {figure(m.high or 0.0, wording.unit)}"


def rows_to_settle(m: Measurement) -> float | None:
    """z grows with the root of the rows: the rows at which this change would reach significance."""
    p = m.p_value if m.p_adjusted is None else m.p_adjusted
    z = NORMAL.inv_cdf(1 - p / 2) if p is not None and 1e-15 < p < 1.0 else 0.0
    times = (NORMAL.inv_cdf(0.975) / z) ** 2 if z > 0 else math.inf
    return m.n * times if times < FAR else None


def _by_interval(m: Measurement, clause: Clause) -> float | None:
    """The half width shrinks with the root of the rows: those at which it is the distance to the limit."""
    if m.estimate is None or m.low is None or m.high is None:
        return None
    beyond = m.estimate - (m.null_expectation or 0.0)
    distance = abs(beyond - clause.amber.crossed(beyond))
    times = ((m.high - m.low) / 2 / distance) ** 2 if distance > 0 else math.inf
    return m.n * times if times < FAR else None
