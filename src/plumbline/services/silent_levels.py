"""Silent failures of categories: one level for all, known levels in another spelling or code, another column's."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations

import numpy as np

from plumbline.domain.silent import Found, SilentFailure
from plumbline.policy.reasons import figure
from plumbline.policy.silent import Silent
from plumbline.profiling.bins import CategoricalBins
from plumbline.profiling.columns import CategoricalColumn
from plumbline.services.silent_numbers import FAR, swap
from plumbline.stats.novelty import unseen_tail
from plumbline.stats.silent import crowding, tolerance, variation

Sides = Mapping[str, tuple[CategoricalColumn, CategoricalColumn]]  # by name: reference, window
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")
VARIATION = "total variation of the shares of levels"


def of_levels(sides: Sides, limits: Silent) -> Iterator[Found]:
    """What befell the categorical columns of a window, the gravest of each alone."""
    enough = {name: both for name, both in sides.items() if _enough(both, limits)}
    found = {each.column: each for each in _swapped(enough, limits)}
    for name, both in enough.items():
        each = found.get(name) or _frozen(name, *both, limits) or _respelled(name, *both, limits)
        if each := each or _recoded(name, *both, limits):
            yield each


def _enough(both: tuple[CategoricalColumn, CategoricalColumn], limits: Silent) -> bool:
    return both[0].n >= limits.n_reference and both[1].n >= limits.n


def _by_name(column: CategoricalColumn) -> dict[str, int]:
    """Rows by level; those of levels that are no longer named stand under none."""
    named = dict(zip(column.bins.levels, column.count.tolist(), strict=True)) | column.unseen
    return named | ({"": column.unseen_rest} if column.unseen_rest else {})


def _frozen(name: str, reference: CategoricalColumn, current: CategoricalColumn, limits: Silent) -> Found | None:
    held = max(int(current.count.max(initial=0)), *current.unseen.values(), 0)
    if held < limits.frozen_share * current.n:
        return None
    share, before = held / current.n, max(_by_name(reference).values()) / reference.n
    chance = crowding(held, current.n, before, len(reference.count) + 1)
    if before > limits.spread_share or chance > limits.chance:
        return None
    counts = _by_name(current)
    level = max(counts, key=lambda each: counts[each])
    return Found(
        failure=SilentFailure.FROZEN_COLUMN,
        column=name,
        estimate=share,
        reference=before,
        n=current.n,
        n_reference=reference.n,
        chance=chance,
        method="largest share of one level; chance: Chernoff's bound",
        says=f"{name} is frozen: {figure(share, 'share')} of {current.n:,} rows hold '{level}'; no "
        f"level held more than {figure(before, 'share')} of the reference.",
    )


def _respelled(name: str, reference: CategoricalColumn, current: CategoricalColumn, limits: Silent) -> Found | None:
    known = _spellings(current.bins) if current.unseen else {}
    again = {level: rows for level, rows in current.unseen.items() if _plain(level) in known}
    rows = sum(again.values())
    if not rows or rows < limits.respelled_share * current.n:
        return None
    chance = _new(rows, reference, current)
    if chance > limits.chance:
        return None
    level = max(again, key=lambda each: again[each])
    told = f"'{level}' for '{known[_plain(level)]}'" + (f" and {len(again) - 1} more" if len(again) > 1 else "")
    return _schema(name, rows, reference, current, chance, f"writes known levels in another way, {told}")


def _recoded(name: str, reference: CategoricalColumn, current: CategoricalColumn, limits: Silent) -> Found | None:
    rows = current.unseen_rows
    if rows < limits.frozen_share * current.n:
        return None
    chance = _new(rows, reference, current)
    if chance > limits.chance:
        return None
    example = next(iter(current.unseen), "")
    was = reference.bins.levels[0] if reference.bins.levels else ""
    return _schema(name, rows, reference, current, chance, f"comes in other codes, '{example}' where '{was}' was usual")


def _schema(
    name: str, rows: int, reference: CategoricalColumn, current: CategoricalColumn, chance: float, what: str
) -> Found:
    share = rows / current.n
    return Found(
        failure=SilentFailure.SCHEMA_CHANGE,
        column=name,
        estimate=share,
        reference=0.0,
        n=current.n,
        n_reference=reference.n,
        chance=chance,
        method="share of rows with such levels; chance: what the reference had not met yet",
        says=f"{name} {what}: {figure(share, 'share')} of {current.n:,} rows.",
    )


def _new(rows: int, reference: CategoricalColumn, current: CategoricalColumn) -> float:
    return float(unseen_tail([rows], [current.n], reference.count)[0])


@lru_cache(maxsize=256)
def _spellings(bins: CategoricalBins) -> dict[str, str]:
    """The known levels by what is left of them without case, spaces and the writing of numbers."""
    return {_plain(level): level for level in reversed(bins.levels)}


def _plain(level: str) -> str:
    """
    >>> _plain(" Web "), _plain("1.0"), _plain("01")
    ('web', '1', '01')
    """
    word = " ".join(level.casefold().split())
    # A leading nought belongs to a code, not to a number.
    return word.rstrip("0").rstrip(".") if NUMBER.fullmatch(word) and "." in word else word


def _swapped(sides: Sides, limits: Silent) -> Iterator[Found]:
    moved = {name: own for name, both in sides.items() if (own := _moved(*both, limits))}
    taken: set[str] = set()
    for one, two in combinations(moved, 2):
        if taken & {one, two}:
            continue
        crossed = [_fits(sides[b][0], sides[a][1], limits) for a, b in ((one, two), (two, one))]
        if None in crossed:
            continue
        taken |= {one, two}
        for (name, other), left in zip(((one, two), (two, one)), crossed, strict=True):
            reference, current = sides[name]
            n, chance = (reference.n, current.n), _chance(moved[name], reference, current)
            yield swap(name, other, moved[name], left or 0.0, n=n, chance=chance, method=VARIATION)


def _moved(reference: CategoricalColumn, current: CategoricalColumn, limits: Silent) -> float | None:
    """How far a column is from its own reference, where that is far."""
    before = np.append(reference.count, reference.unseen_rows)
    own, by_chance = variation(before, np.append(current.count, current.unseen_rows))
    enough = FAR * (by_chance + tolerance(current.n, reference.n, limits.slack))
    return own if own >= max(limits.gap, enough) else None


def _fits(reference: CategoricalColumn, current: CategoricalColumn, limits: Silent) -> float | None:
    """How far a window is from the reference of another column, where that is near."""
    before, now = _by_name(reference), _by_name(current)
    names = {**before, **now}
    tables = [np.array([side.get(level, 0) for level in names]) for side in (before, now)]
    left, by_chance = variation(*tables)
    return left if left <= by_chance + tolerance(current.n, reference.n, limits.slack) else None


def _chance(apart: float, reference: CategoricalColumn, current: CategoricalColumn) -> float:
    """McDiarmid's bound on so large a variation beyond what chance shows on average."""
    n, m = current.n, reference.n
    _, by_chance = variation(reference.count, current.count) if current.count.any() else (0.0, 0.0)
    return float(np.exp(-2 * max(apart - by_chance, 0.0) ** 2 * n * m / (n + m)))
