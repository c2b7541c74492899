"""Which group is held against which: the reference group of each window, and the groups too small to compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.policy.load import Policy
from plumbline.profiling.profile import JOIN, MISSING, OTHER, UNKNOWN, Population, Profile, Slice
from plumbline.services.measure_compared import Line
from plumbline.services.measure_figures import NONE, Ints, Made, Words, made, objects
from plumbline.stats.fairness import Comparisons


@dataclass(frozen=True, slots=True)
class Group:
    """A group's favourable decisions of all its decisions, as they are measured and in rows."""

    value: str
    favoured: float
    n: float
    favoured_rows: int
    rows: int
    measured: Population
    counted: Population


@dataclass(frozen=True, slots=True)
class Facing:
    """A group and the one it is held against; None where no group can serve."""

    by: str
    group: Group
    reference: Group | None

    @property
    def other(self) -> Group:
        """The reference group; the group itself where there is none, whose figures are withheld."""
        return self.reference or self.group


@dataclass(frozen=True, slots=True)
class Faced:
    """Every group of every window beside its reference group, and `earlier` those of the reference window."""

    lines: Sequence[Line]
    now: Sequence[Facing]
    earlier: Sequence[Facing]


def faced(profiles: Sequence[Profile], in_rows: Sequence[Profile], spec: LogSpec, policy: Policy) -> Faced:
    """Groups and intersections; `in_rows` are the profiles behind weighed views."""
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
    return Faced(lines, now, earlier)


def reference_group(by: str, groups: Mapping[str, Group], spec: LogSpec, policy: Policy) -> str | None:
    """The declared one, else the one with the highest rate among those large enough; unknowns never serve."""
    declared = (spec.reference_group or {}).get(by)
    if declared is not None:
        return declared
    enough = policy.thresholds.fairness.reference_from
    named = [group for group in groups.values() if _named(group.value) and group.rows >= enough and group.n]
    return max(named, key=lambda group: (group.favoured / group.n, group.n)).value if named else None


def against(
    facing: Sequence[Facing], compared: Comparisons, policy: Policy, *, equal: float, n: Ints, events: Ints, why: str
) -> Made:
    """A comparison of each group as a figure: `equal` of the reference group itself, none where it is withheld."""
    withheld = objects([_withheld(each, policy) for each in facing])
    shown, itself = withheld == "", np.array([each.group.value == each.other.value for each in facing])
    said: Words = objects([f"; against {each.by} = {each.other.value}; " for each in facing])
    value = np.where(itself & ~np.isnan(compared.value), equal, compared.value)
    limits = compared.interval
    low, high = (np.where(itself, equal, limit) for limit in (limits.low, limits.high))
    return made(
        np.where(shown, value, np.nan),
        low=low,
        high=high,
        method=np.where(itself, "the reference group itself", limits.method + said + compared.test),
        n=n,
        events=events,
        p_value=np.where(itself, np.nan, compared.p_value),
        why_not=np.where(shown, why, withheld),
    )


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
            measured = profile.populations[each]
            k, n = _decided(measured, spec)
            favoured, decided = _decided(rows, spec)
            found[each.value] = Group(each.value, k, n, int(favoured), int(decided), measured, rows)
    return found


def _decided(population: Population, spec: LogSpec) -> tuple[float, float]:
    return float(population.decisions[spec.favourable].sum()), float(population.decisions[:UNKNOWN].sum())


def _named(value: str) -> bool:
    return not {MISSING, OTHER} & set(value.split(JOIN))
