"""Favourable rates of each group against a named reference group: ratio and difference, small groups withheld."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.policy.load import Policy
from plumbline.profiling.profile import ALL, JOIN, MISSING, OTHER, UNKNOWN, Population, Profile, Slice
from plumbline.services.measure_compared import Compared, Line, compare, rows_of
from plumbline.services.measure_figures import NONE, Made, made, objects, of_rates
from plumbline.stats import fairness
from plumbline.stats.classification import shares

NOBODY = "Nobody of the reference group was favoured; a ratio to none cannot be made."


@dataclass(frozen=True, slots=True)
class Group:
    """A group's favourable decisions of all its decisions, as they are measured and in rows."""

    value: str
    favoured: float
    n: float
    favoured_rows: int
    rows: int


@dataclass(frozen=True, slots=True)
class Facing:
    """A group and the one it is held against; None where no group can serve."""

    by: str
    group: Group
    reference: Group | None


def measure_fairness(
    profiles: Sequence[Profile], in_rows: Sequence[Profile], spec: LogSpec, policy: Policy
) -> Iterator[Compared]:
    """Impact ratio and difference of rates by group and intersection, and how many rows declare no group.

    Where `profiles` are weighed views, `in_rows` are the profiles behind them: what policy asks is asked of rows.
    """
    yield from _undeclared(profiles, spec)
    if not spec.decides or not profiles[0].populations:
        return
    lines, now, earlier = list[Line](), list[Facing](), list[Facing]()
    for place, by in enumerate((*spec.groups, *(JOIN.join(columns) for columns in spec.intersections))):
        before = _groups(profiles[0], in_rows[0], by, spec)
        for at, profile in enumerate(profiles):
            groups = _groups(profile, in_rows[at], by, spec)
            chosen = reference_group(by, groups, spec, policy) or ""
            for group in groups.values():
                past = before.get(group.value)
                lines.append(Line(at, 7, place, Slice(by, group.value), None, len(earlier) if past else NONE))
                now.append(Facing(by, group, groups.get(chosen)))
                earlier += [Facing(by, past, before.get(chosen))] if past else []
    if lines:
        yield from _compared(lines, now, earlier, policy)


def reference_group(by: str, groups: Mapping[str, Group], spec: LogSpec, policy: Policy) -> str | None:
    """The declared one, else the one with the highest rate among those large enough; unknowns never serve."""
    declared = (spec.reference_group or {}).get(by)
    if declared is not None:
        return declared
    enough = policy.thresholds.fairness.reference_from
    named = [group for group in groups.values() if _named(group.value) and group.rows >= enough and group.n]
    return max(named, key=lambda group: (group.favoured / group.n, group.n)).value if named else None


def _undeclared(profiles: Sequence[Profile], spec: LogSpec) -> Iterator[Compared]:
    """Missing rate of group columns that are not features, which are counted among the columns already."""
    for place, by in enumerate(spec.groups):
        here = [each for each in enumerate(profiles) if by not in each[1].columns and each[1].classes is None]
        if here:
            missing = np.array([_rows(each, Slice(by, MISSING)) for _, each in here])
            rates = shares(missing, np.array([_rows(each, ALL) for _, each in here]))
            lines = [Line(at, 6, place, ALL, by, 0) for at, _ in here]
            yield compare("missing_rate", of_rates(rates, "The window has no rows."), rows_of(lines))


def _rows(profile: Profile, population: Slice) -> int:
    return profile.populations[population].rows if population in profile.populations else 0


def _compared(
    lines: Sequence[Line], now: Sequence[Facing], earlier: Sequence[Facing], policy: Policy
) -> Iterator[Compared]:
    rows = rows_of(lines)
    # The rows behind the other side of a comparison of groups are the reference group's.
    behind = np.array([0 if each.reference is None else each.reference.rows for each in now])
    # Without any earlier group no row points among them.
    both = zip(_made(now, policy), _made(earlier or now[:1], policy), strict=True)
    for metric, (current, past) in zip(("impact_ratio", "selection_rate_difference"), both, strict=True):
        yield compare(metric, current, rows, before=past, n_reference=behind)


def _made(facing: Sequence[Facing], policy: Policy) -> tuple[Made, Made]:
    """(impact ratio, difference of rates) of each group."""
    counts = [(each.group, each.reference or each.group) for each in facing]
    k, n, k_other, n_other = np.array(
        [(group.favoured, group.n, other.favoured, other.n) for group, other in counts], dtype=np.float64
    ).T
    withheld = objects([_withheld(each, policy) for each in facing])
    shown, itself = withheld == "", np.array([group.value == other.value for group, other in counts])
    against = objects(
        [f"; against {each.by} = {other.value}; " for each, (_, other) in zip(facing, counts, strict=True)]
    )
    found = []
    for compared, equal in zip(fairness.against(k, n, k_other, n_other), (1.0, 0.0), strict=True):
        limits = compared.interval
        value, low, high = (
            np.where(shown, np.where(itself, equal, part), np.nan) for part in (compared.value, limits.low, limits.high)
        )
        method = limits.method + against + compared.test
        found.append(
            made(
                value,
                low=low,
                high=high,
                method=np.where(itself, "the reference group itself", method),
                n=np.array([group.rows for group, _ in counts]),
                events=np.array([group.favoured_rows for group, _ in counts]),
                p_value=np.where(itself, np.nan, compared.p_value),
                why_not=np.where(shown, NOBODY, withheld),
            )
        )
    return found[0], found[1]


def _withheld(facing: Facing, policy: Policy) -> str:
    """Why a group is not compared; empty where it is."""
    rules, group = policy.thresholds.fairness, facing.group
    if facing.reference is None:
        return f"No group of {facing.by} has the {rules.reference_from} rows that a reference group needs."
    if group.rows < rules.show_from:
        more = rules.show_from - group.rows
        return f"{group.rows:,} rows: under {rules.show_from} only the count is shown; {more} more settle it."
    return ""


def _groups(profile: Profile, in_rows: Profile, by: str, spec: LogSpec) -> dict[str, Group]:
    found = {}
    for each, rows in in_rows.populations.items():
        if each.by == by and each.value is not None:
            k, n = _decided(profile.populations[each], spec)
            favoured, decided = _decided(rows, spec)
            found[each.value] = Group(each.value, k, n, int(favoured), int(decided))
    return found


def _decided(population: Population, spec: LogSpec) -> tuple[float, float]:
    return float(population.decisions[spec.favourable].sum()), float(population.decisions[:UNKNOWN].sum())


def _named(value: str) -> bool:
    return not {MISSING, OTHER} & set(value.split(JOIN))
