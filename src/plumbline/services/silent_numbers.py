"""Silent failures of numbers: one value for all, another unit, another column's values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

import numpy as np

from plumbline.domain.silent import Found, SilentFailure
from plumbline.policy.reasons import figure
from plumbline.policy.silent import Silent
from plumbline.profiling.columns import NumericColumn
from plumbline.services.bins import midpoints
from plumbline.stats.silent import CRITICAL, UNITS, Unit, crowding, gap, tolerance

AS_IT_IS = Unit(1.0, 0.0, "")
FAR = 2.5  # times what a fit may leave: between the two nothing is said
UNSURE = 0.1  # where bins leave more of the distribution open, mean and spread must agree as well
WIDER = 1.5  # spreads of heavy tails differ by as much from sample to sample; powers of ten do not
COARSE = 64.0  # units of the sum of squares that a mean square must have to be read
NEAR = 1e-9  # relative; a value divided by 100 and a decile divided by 100 may differ in the last digit

Sides = Mapping[str, tuple[NumericColumn, NumericColumn]]  # by name: reference, window
GAPS = "largest gap of the distribution functions at the reference's deciles"


def of_numbers(sides: Sides, limits: Silent) -> Iterator[Found]:
    """What befell the numeric columns of a window; a column that is frozen or swapped is not also in another unit."""
    enough = {name: both for name, both in sides.items() if _enough(both, limits)}
    frozen = {name: found for name, both in enough.items() if (found := _frozen(name, *both, limits))}
    yield from frozen.values()
    gaps = {name: _own_gap(*both) for name, both in enough.items() if name not in frozen}
    moved = {name: own for name, own in gaps.items() if own >= _far(enough[name], limits)}
    swapped = list(_swapped(moved, enough, limits))
    yield from swapped
    there = {found.column for found in swapped}
    for name, own in moved.items():
        if name not in there and (found := _unit(name, own, *enough[name], limits)):
            yield found


def _enough(both: tuple[NumericColumn, NumericColumn], limits: Silent) -> bool:
    return both[0].n >= limits.n_reference and both[1].n >= limits.n


def _frozen(name: str, reference: NumericColumn, current: NumericColumn, limits: Silent) -> Found | None:
    at, n = int(current.count.argmax()), current.n
    held = int(current.count[at])
    if held < limits.frozen_share * n:
        return None
    constant = current.minimum == current.maximum
    share, before = held / n, int(reference.count.max()) / reference.n
    chance = crowding(held, n, before, len(reference.count))
    narrow = constant or _narrow(current, int(current.index[at]))
    if not narrow or before > limits.spread_share or chance > limits.chance:
        return None
    value = (current.minimum or 0.0) if constant else float(midpoints(current.bins)[current.index[at]])
    return Found(
        failure=SilentFailure.FROZEN_COLUMN,
        column=name,
        estimate=share,
        reference=before,
        n=current.n,
        n_reference=reference.n,
        chance=chance,
        method="largest share of one value or narrow bin; chance: Chernoff's bound",
        says=f"{name} is frozen: {figure(share, 'share')} of {current.n:,} rows hold "
        f"{'' if constant else 'about '}{figure(value)}; no value held more than "
        f"{figure(before, 'share')} of the reference.",
    )


def _narrow(current: NumericColumn, at: int) -> bool:
    """Whether a bin holds one value, or hardly more; the open ends hold anything."""
    bins = current.bins
    if bins.kind == "value":
        return at % 2 == 1
    first, after = bins.around(np.array([bins.minimum, bins.maximum]))
    return bool(first[0] <= at < after[1])


def _own_gap(reference: NumericColumn, current: NumericColumn) -> float:
    before, now = (np.cumsum(each.deciles())[:-1] / each.n for each in (reference, current))
    return gap(before, now, now)


def _far(both: tuple[NumericColumn, NumericColumn], limits: Silent) -> float:
    """A gap from which on a column is not merely drifted a little."""
    return max(limits.gap, FAR * _tolerance(*both, limits))


def _tolerance(reference: NumericColumn, current: NumericColumn, limits: Silent) -> float:
    return tolerance(current.n, reference.n, limits.slack)


def _misfit(reference: NumericColumn, current: NumericColumn, unit: Unit) -> tuple[float, bool]:
    """(gap that no reading of the bins can close between the window and the reference in that unit, whether mean and
    spread allow it where the bins leave much open).
    """
    # With its largest value, or a reference of one value alone would have nothing to say against any unit.
    points = np.append(reference.bins.deciles, reference.maximum or 0.0) * unit.factor + unit.shift
    points += np.append(np.full(len(points) - 1, -NEAR), NEAR) * np.abs(points)
    below, touched = (np.searchsorted(current.index, each) for each in current.bins.around(points))
    running = np.concatenate([[0], np.cumsum(current.count)]) / current.n
    ends = (points <= (current.minimum or 0.0), points > (current.maximum or 0.0))
    low, high = (np.select(ends, (0.0, 1.0), running[each]) for each in (below, touched))
    expected = np.cumsum(reference.deciles()) / reference.n
    sure = float((high - low)[:-1].max(initial=0.0)) <= UNSURE
    return gap(expected, low, high), sure or _moments_agree(reference, current, unit)


def _moments_agree(reference: NumericColumn, current: NumericColumn, unit: Unit) -> bool:
    mean, spread = (reference.mean or 0.0) * unit.factor + unit.shift, (reference.std or 0.0) * unit.factor
    by_chance = CRITICAL * float(np.sqrt(1 / current.n + 1 / reference.n))
    if not spread or abs((current.mean or 0.0) - mean) > (0.1 + by_chance) * spread:
        return False
    # Squares of values far smaller than the reference's are lost in the unit of their sum: then the mean must speak.
    if spread**2 < COARSE * current.bins.unit_sq:
        return abs(mean) >= spread / 2
    return 1 / WIDER <= (current.std or 0.0) / spread <= WIDER


def _fits(reference: NumericColumn, current: NumericColumn, unit: Unit, limits: Silent) -> float | None:
    """The gap that is left where the window is the reference in that unit, else None."""
    left, allowed = _misfit(reference, current, unit)
    return left if allowed and left <= _tolerance(reference, current, limits) else None


def _unit(name: str, own: float, reference: NumericColumn, current: NumericColumn, limits: Silent) -> Found | None:
    units = [unit for unit in UNITS if not unit.shift or _shows(unit, reference)]
    fits = [(left, unit) for unit in units if (left := _fits(reference, current, unit, limits)) is not None]
    if not fits:
        return None
    left, best = min(fits, key=lambda each: each[0])
    others = [unit.words for _, unit in fits if unit is not best]
    also = f" ({others[0]} would fit as well)" if others else ""
    means = f"mean {figure(current.mean or 0.0)} instead of {figure(reference.mean or 0.0)}"
    return Found(
        failure=SilentFailure.UNIT_CHANGE,
        column=name,
        estimate=best.factor,
        reference=1.0,
        n=current.n,
        n_reference=reference.n,
        chance=_chance(own, reference.n, current.n),
        method=GAPS,
        says=f"{name} comes in another unit: it is the reference's {best.words}{also}; {means} over "
        f"{current.n:,} rows, and the gap of {figure(own, 'share')} between the two distributions "
        f"falls to {figure(left, 'share')}.",
    )


def _shows(unit: Unit, reference: NumericColumn) -> bool:
    """Whether a shift can be seen on a column; of incomes 1.8 x + 32 is 1.8 x, a change of the world."""
    return 2 * abs(unit.shift) >= (reference.std or 0.0) * unit.factor


def _swapped(moved: Mapping[str, float], sides: Sides, limits: Silent) -> Iterator[Found]:
    taken: set[str] = set()
    for one, two in combinations(moved, 2):
        if taken & {one, two}:
            continue
        crossed = [_fits(sides[b][0], sides[a][1], AS_IT_IS, limits) for a, b in ((one, two), (two, one))]
        if None in crossed:
            continue
        taken |= {one, two}
        for (name, other), left in zip(((one, two), (two, one)), crossed, strict=True):
            reference, current = sides[name]
            chance = _chance(moved[name], reference.n, current.n)
            yield swap(name, other, moved[name], left or 0.0, n=(reference.n, current.n), chance=chance, method=GAPS)


def swap(name: str, other: str, own: float, left: float, *, n: tuple[int, int], chance: float, method: str) -> Found:
    """The finding that a column holds another's values; `n` of the reference and of the window."""
    return Found(
        failure=SilentFailure.SWAPPED_COLUMNS,
        column=name,
        estimate=max(1 - left / own, 0.0),
        n=n[1],
        n_reference=n[0],
        chance=chance,
        method=method,
        says=f"{name} and {other} are exchanged: over {n[1]:,} rows {name} lies "
        f"{figure(own, 'share')} from its own reference and {figure(left, 'share')} from {other}'s, and "
        "the other way round.",
    )


def _chance(apart: float, n: int, m: int) -> float:
    """Kolmogorov's tail, of a gap that far, where nothing happened."""
    return float(min(2 * np.exp(-2 * apart**2 * n * m / (n + m)), 1.0))
