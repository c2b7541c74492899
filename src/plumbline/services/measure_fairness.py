"""Favourable rates of each group against a named reference group: ratio and difference, small groups withheld."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plumbline.domain.log_spec import LogSpec
from plumbline.policy.load import Policy
from plumbline.profiling.profile import ALL, JOIN, MISSING, OTHER, Population, Profile, Slice
from plumbline.services.measure_figures import Compared, Made, absent, compare, of_rate
from plumbline.services.measure_performance import favoured
from plumbline.stats import fairness
from plumbline.stats.classification import share

NOBODY = "Nobody of the reference group was favoured; a ratio to none cannot be made."


@dataclass(frozen=True, slots=True)
class Group:
    """A group's favourable decisions of all its decisions."""

    value: str
    favoured: int
    n: int


def measure_fairness(reference: Profile, current: Profile, spec: LogSpec, policy: Policy) -> Iterator[Compared]:
    """Impact ratio and difference of rates by group and intersection, and how many rows declare no group."""
    yield from _undeclared(reference, current, spec)
    if not spec.decides:
        return
    for by in (*spec.groups, *(JOIN.join(columns) for columns in spec.intersections)):
        groups = _groups(current.populations, by, spec)
        if groups:
            yield from _of_attribute(by, groups, _groups(reference.populations, by, spec), spec, policy)


def reference_group(by: str, groups: Mapping[str, Group], spec: LogSpec, policy: Policy) -> str | None:
    """The declared one, else the one with the highest rate among those large enough; unknowns never serve."""
    declared = (spec.reference_group or {}).get(by)
    if declared is not None:
        return declared
    enough = policy.thresholds.fairness.reference_from
    named = [group for group in groups.values() if _named(group.value) and group.n >= enough]
    return max(named, key=lambda group: (group.favoured / group.n, group.n)).value if named else None


def _undeclared(reference: Profile, current: Profile, spec: LogSpec) -> Iterator[Compared]:
    """Missing rate of group columns that are not features, which are counted among the columns already."""
    for by in spec.groups:
        if by not in current.columns and current.classes is None:
            now, before = (
                of_rate(share(_rows(each, Slice(by, MISSING)), _rows(each, ALL)), "The window has no rows.")
                for each in (current, reference)
            )
            yield compare("missing_rate", now, before, ALL, column=by, itself=current is reference)


def _rows(profile: Profile, population: Slice) -> int:
    return profile.populations[population].rows if population in profile.populations else 0


def _of_attribute(
    by: str, groups: Mapping[str, Group], before: Mapping[str, Group], spec: LogSpec, policy: Policy
) -> Iterator[Compared]:
    chosen = reference_group(by, groups, spec, policy)
    for group in groups.values():
        population = Slice(by, group.value)
        now = _both(group, groups.get(chosen or ""), by, policy)
        earlier = _both(before[group.value], before.get(chosen or ""), by, policy) if group.value in before else None
        against = groups.get(chosen or "")
        for metric, made in now.items():
            past = earlier[metric] if earlier else None
            # The rows behind the other side of a comparison of groups are the reference group's.
            yield compare(metric, made, past, population, n_reference=against.n if against else 0)


def _both(group: Group, reference: Group | None, by: str, policy: Policy) -> dict[str, Made]:
    rules = policy.thresholds.fairness
    if reference is None:
        why = f"No group of {by} has the {rules.reference_from} rows that a reference group needs."
        return dict.fromkeys(("impact_ratio", "selection_rate_difference"), absent(why, group.n, group.favoured))
    if group.n < rules.show_from:
        more = rules.show_from - group.n
        why = f"{group.n:,} rows: under {rules.show_from} only the count is shown; {more} more settle it."
        return dict.fromkeys(("impact_ratio", "selection_rate_difference"), absent(why, group.n, group.favoured))
    counts = (group.favoured, group.n, reference.favoured, reference.n)
    against = f"; against {by} = {reference.value}"
    same = group.value == reference.value
    return {
        "impact_ratio": _made(fairness.impact_ratio(*counts), group, against, same, 1.0),
        "selection_rate_difference": _made(fairness.rate_difference(*counts), group, against, same, 0.0),
    }


def _made(comparison: fairness.Comparison | None, group: Group, against: str, same: bool, equal: float) -> Made:
    if same:
        method = "the reference group itself"
        return Made(value=equal, low=equal, high=equal, method=method, n=group.n, events=group.favoured)
    if comparison is None:
        return absent(NOBODY, group.n, group.favoured)
    return Made(
        value=comparison.value,
        low=comparison.interval.low,
        high=comparison.interval.high,
        method=f"{comparison.interval.method}{against}; {comparison.test}",
        n=group.n,
        events=group.favoured,
        p_value=comparison.p_value,
    )


def _groups(populations: Mapping[Slice, Population], by: str, spec: LogSpec) -> dict[str, Group]:
    found = {}
    for population, rows in populations.items():
        if population.by == by and population.value is not None:
            k, n = favoured(rows, spec)
            found[population.value] = Group(population.value, k, n)
    return found


def _named(value: str) -> bool:
    return not {MISSING, OTHER} & set(value.split(JOIN))
