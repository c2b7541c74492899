"""Favourable rates of each group against a named reference group: ratio and difference, small groups withheld."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.policy.load import Policy
from plumbline.profiling.profile import ALL, MISSING, Profile, Slice
from plumbline.services.measure_compared import Compared, Line, Maturity, compare, rows_of
from plumbline.services.measure_figures import Made, of_rates
from plumbline.services.measure_groups import Faced, Facing, against, faced
from plumbline.services.measure_parity import parity
from plumbline.stats import fairness
from plumbline.stats.classification import shares

NOBODY = "Nobody of the reference group was favoured; a ratio to none cannot be made."


def measure_fairness(
    profiles: Sequence[Profile], in_rows: Sequence[Profile], spec: LogSpec, policy: Policy, maturity: Maturity
) -> Iterator[Compared]:
    """Rates and errors by group and intersection, and how many rows declare no group.

    Where `profiles` are weighed views, `in_rows` are the profiles behind them: what policy asks is asked of rows.
    """
    yield from _undeclared(profiles, spec)
    if not spec.decides or not profiles[0].populations:
        return
    groups = faced(profiles, in_rows, spec, policy)
    if groups.lines:
        yield from _compared(groups, policy)
        yield from parity(groups, spec, policy, maturity)


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


def _compared(groups: Faced, policy: Policy) -> Iterator[Compared]:
    rows = rows_of(groups.lines)
    # The rows behind the other side of a comparison of groups are the reference group's.
    behind = np.array([0 if each.reference is None else each.reference.rows for each in groups.now])
    # Without any earlier group no row points among them.
    both = zip(_made(groups.now, policy), _made(groups.earlier or groups.now[:1], policy), strict=True)
    for metric, (current, past) in zip(("impact_ratio", "selection_rate_difference"), both, strict=True):
        yield compare(metric, current, rows, before=past, n_reference=behind)


def _made(facing: Sequence[Facing], policy: Policy) -> tuple[Made, Made]:
    """(impact ratio, difference of rates) of each group."""
    sides = [(each.group.favoured, each.group.n, each.other.favoured, each.other.n) for each in facing]
    ratio, difference = fairness.against(*np.array(sides, dtype=np.float64).T)
    n = np.array([each.group.rows for each in facing])
    events = np.array([each.group.favoured_rows for each in facing])
    return (
        against(facing, ratio, policy, equal=1.0, n=n, events=events, why=NOBODY),
        against(facing, difference, policy, equal=0.0, n=n, events=events, why=NOBODY),
    )
