"""What the analytics pages read from the store: who is measured, current results, limits, profiles, importance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plumbline.domain.errors import NotFound
from plumbline.domain.log_spec import LogSpec, Task, parse_log
from plumbline.domain.models import Tier
from plumbline.domain.results import REFERENCE, Level
from plumbline.domain.toml_table import Table
from plumbline.policy.judge import clauses_for
from plumbline.policy.thresholds import Clause, On
from plumbline.profiling.profile import Profile
from plumbline.profiling.serial import decode
from plumbline.services import by_window, reach
from plumbline.services.context import Context
from plumbline.services.views.by_window import Limit, Trend
from plumbline.stats.registry import METRICS
from plumbline.store import explanations, measurements
from plumbline.store import profiles as stored_profiles
from plumbline.store.database import Cursor
from plumbline.store.measurements import Selection, Stored

NOTHING_MEASURED = "Nothing has been measured for this version yet."
NO_SEGMENTS = "No segment is declared for this model, so its figures cannot be broken down."


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A version under monitoring: what its limits and words depend on."""

    model_id: str
    version: str
    family: str
    tier: Tier
    task: str
    threshold: str
    jurisdictions: tuple[str, ...]
    attributes: tuple[str, ...]  # protected groups and their intersections
    reference_groups: dict[str, str]
    house: dict[str, str]  # the house's own metrics: key -> the good direction, lower or higher
    seen_after: str  # the decision that outcomes exist after, in words; empty where they exist after both
    windows: tuple[str, ...]


def subject(ctx: Context, model_id: str, version: str) -> Subject:
    """NotFound when the register has no such version."""
    with ctx.store.read() as cursor:
        reach.check(ctx, cursor, model_id)
        found = measurements.registered(cursor, model_id, version)
        windows = measurements.measured_windows(cursor, model_id, version)
    if found is None:
        raise _unregistered(model_id, version)
    written = json.loads(found.spec_json or "{}")
    spec = written.get("log", {})
    return Subject(
        model_id=model_id,
        version=version,
        family=found.family,
        tier=Tier(found.tier),
        task=found.task,
        threshold=_threshold(spec.get("decision")),
        jurisdictions=found.jurisdictions,
        attributes=(*spec.get("groups", ()), *("*".join(pair) for pair in spec.get("intersections", ()))),
        reference_groups=dict(spec.get("reference_group", {})),
        house={one["key"]: one.get("direction", "") for one in written.get("metrics", ())},
        seen_after=_seen_after(spec),
        windows=windows,
    )


def _unregistered(model_id: str, version: str) -> NotFound:
    return NotFound(f"There is no version '{version}' of model '{model_id}'", remedy="Choose one from the inventory.")


def _seen_after(spec: dict[str, Any]) -> str:
    """
    >>> _seen_after({"label_seen_when": {"decision": 0}, "favourable": 0}), _seen_after({})
    ('approval (decision 0)', '')
    """
    seen = spec.get("label_seen_when", {}).get("decision")
    if seen is None:
        return ""
    return f"approval (decision {seen})" if seen == spec.get("favourable", 1) else f"decision {seen}"


def _threshold(decision: dict[str, object] | None) -> str:
    if not decision:
        return "no decision declared"
    if "threshold" in decision:
        return f"flagged from a score of {decision['threshold']}"
    return f"decision as logged in '{decision.get('column')}'"


def log_spec(ctx: Context, subject: Subject) -> LogSpec | None:
    """What the version's model file says of its log; None where the register holds no model file."""
    with ctx.store.read() as cursor:
        return registered_log(cursor, subject.model_id, subject.version)


def registered_log(cursor: Cursor, model_id: str, version: str) -> LogSpec | None:
    """The same by ids; None also where there is no such version."""
    found = measurements.registered(cursor, model_id, version)
    written = Table(json.loads(found.spec_json or "{}"), file=model_id, path="") if found else None
    log = written.table("log") if written else None
    return parse_log(log, Task(found.task), written.tables("metrics")) if found and written and log else None


def results(ctx: Context, subject: Subject, selection: Selection) -> tuple[Stored, ...]:
    with ctx.store.read() as cursor:
        return measurements.current(cursor, subject.model_id, subject.version, selection)


def trend(
    ctx: Context, subject: Subject, selection: Selection, key: str, words: str, *, noise_floor: float | None = None
) -> Trend:
    """One figure of one population through time, with the policy's limits."""
    found, metric = results(ctx, subject, selection), by_window.metric_words(key)
    return by_window.trend(
        found,
        metric,
        words,
        limits=limits(ctx, subject, key, found),
        noise_floor=noise_floor,
        rows=rows_with_outcomes(ctx, subject, selection) if metric.needs_labels else None,
    )


def rows_with_outcomes(ctx: Context, subject: Subject, selection: Selection) -> dict[str, int]:
    """The rows of the selection's population in each window whose outcome is known or can still come: all of them,
    where outcomes do not exist after one decision alone.
    """
    # Either stands on every row with an outcome.
    metrics = ("base_rate", "mae") if subject.seen_after else ("row_count",)
    found = results(ctx, subject, replace(selection, metrics=metrics, columns=(None,)))
    measured = {one.result.window.label: one.result.measurement for one in found}
    if not subject.seen_after:
        return {label: m.n for label, m in measured.items()}
    return {label: round(m.n / m.label_share) for label, m in measured.items() if m.label_share}


def judged_windows(ctx: Context, subject: Subject, metrics: Sequence[str]) -> tuple[str, ...]:
    """The windows in which at least one of these figures of all rows has a verdict."""
    with ctx.store.read() as cursor:
        return measurements.judged_windows(cursor, subject.model_id, subject.version, metrics)


def dimensions(ctx: Context, subject: Subject) -> tuple[str, ...]:
    """How this version's results are broken down."""
    with ctx.store.read() as cursor:
        return measurements.dimensions(cursor, subject.model_id, subject.version)


def metrics_by(ctx: Context, subject: Subject, dimension: str) -> dict[str, bool]:
    """The metrics that were measured by this dimension, and whether any result has a verdict."""
    with ctx.store.read() as cursor:
        return measurements.metrics_by(cursor, subject.model_id, subject.version, dimension)


def profiles(ctx: Context, subject: Subject, window: str) -> tuple[Profile | None, Profile | None]:
    """The reference's profile and the window's, where they are stored."""
    with ctx.store.read() as cursor:
        found = stored_profiles.current(cursor, subject.model_id, subject.version, windows=(REFERENCE, window))
    by_label = {one.window.label: decode(one.content) for one in found}
    return by_label.get(REFERENCE), by_label.get(window)


def profile(ctx: Context, subject: Subject, window: str) -> Profile | None:
    """The window's profile alone."""
    with ctx.store.read() as cursor:
        found = stored_profiles.current(cursor, subject.model_id, subject.version, windows=(window,))
    return decode(found[0].content) if found else None


def importance_shares(ctx: Context, model_id: str, version: str) -> dict[str, float]:
    """Each column's share of all attribution; empty where no explanation is stored."""
    with ctx.store.read() as cursor:
        found = explanations.latest(cursor, model_id, version)
    if found is None:
        return {}
    total = sum(one.mean_absolute for one in found.explanation.importance) or 1.0
    return {one.column: one.mean_absolute / total for one in found.explanation.importance}


def limits(ctx: Context, subject: Subject, metric: str, found: Sequence[Stored]) -> tuple[Limit, ...]:
    """The policy's limits in the metric's own unit; those on a change are laid around the reference."""
    if metric == "impact_ratio":
        rules = ctx.policy.thresholds.fairness
        return (
            Limit(rules.amber_below, Level.AMBER, "fairness.impact_ratio"),
            Limit(rules.red_below, Level.RED, "fairness.impact_ratio"),
        )
    reference = _reference(found)
    if metric in subject.house and reference is not None:
        return _of_house(ctx, subject.house[metric], reference)
    clauses = clauses_for(metric, ctx.policy, subject.family, subject.tier)
    found_limits = (limit for clause in clauses for limit in _of_clause(clause, reference))
    return tuple(limit for limit in found_limits if _can_be(metric, limit.value))


def _can_be(metric: str, value: float) -> bool:
    """No figure is ever past a limit that lies out of its range: a share of missing values does not fall under 0."""
    known = METRICS.get(metric)
    low, high = (known.low, known.high) if known else (None, None)
    return (low is None or low <= value) and (high is None or value <= high)


def _reference(found: Iterable[Stored]) -> float | None:
    """What the newest window was held against: a rerun may have brought a newer reference."""
    known = [one.result.measurement.reference for one in found if one.result.measurement.reference is not None]
    return known[-1] if known else None


def _of_house(ctx: Context, good: str, reference: float) -> tuple[Limit, ...]:
    """A house metric is held against a relative change in its worse direction."""
    rules, below = ctx.policy.thresholds.house, good == "higher"
    sign = -1 if below else 1
    return (
        Limit(reference + sign * rules.amber * abs(reference), Level.AMBER, "house", below),
        Limit(reference + sign * rules.red * abs(reference), Level.RED, "house", below),
    )


def _of_clause(clause: Clause, reference: float | None) -> list[Limit]:
    found = []
    for level, band in ((Level.AMBER, clause.amber), (Level.RED, clause.red)):
        for value, below in ((band.below, True), (band.above, False)):
            at = None if value is None else _in_unit(value, clause.on, reference)
            if at is not None:
                found.append(Limit(at, level, clause.id, below))
    return found


def _in_unit(value: float, on: On, reference: float | None) -> float | None:
    if on is On.VALUE:
        return value
    if reference is None:
        return None
    return reference + value if on is On.CHANGE else reference + value * abs(reference)


def fairness_label(ctx: Context, subject: Subject) -> str:
    """What the figures are, and what they are not: an indicator, never a finding of discrimination."""
    pack = next((pack for pack in ctx.policy.packs if pack.name == "thresholds"), None)
    name = f"{pack.name} {pack.version}" if pack else ctx.policy.digest[:12]
    places = ", ".join(subject.jurisdictions) or "none declared"
    return f"Disparity indicator under policy {name}, jurisdiction {places}."


def smallest_group(ctx: Context) -> int:
    """Rows under which a group is shown as a count only."""
    return ctx.policy.thresholds.fairness.show_from
