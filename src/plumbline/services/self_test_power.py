"""The smallest shift that verdicts see in nine windows of ten: planted into one column of windows drawn without any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plumbline.domain.results import Level
from plumbline.domain.self_test import Smallest
from plumbline.services.self_test_columns import Drawn, Levels, Numbers
from plumbline.services.self_test_pool import Drawing, levels_of, named
from plumbline.stats.self_test import smallest

PLANTED = 20  # windows of each size of a shift, over the columns in turn
# The smallest and largest size planted, and the step between: standard deviations in standard errors of a difference
# of means, PSI in its expectation without drift for one degree of freedom.
SIZES = {Numbers: (2.5, 2.0, 1.4), Levels: (6.0, 2.0, 2.0)}
ALARMS = frozenset({Level.AMBER, Level.RED})
NOTICED = ALARMS | {Level.WATCH}


def power(drawing: Drawing, kind: type[Drawn]) -> Smallest | None:
    """Sizes are planted one after the other until one alarms in every window; None where no column can be shifted."""
    columns = drawing.pool.shiftable(kind)
    if not columns:
        return None
    sizes, noticed, alarmed = list[float](), list[int](), list[int]()
    for place, size in enumerate(_sizes(drawing, kind)):
        turn = [columns[(place * PLANTED + at) % len(columns)] for at in range(PLANTED)]
        levels = _levels(drawing, turn, size, np.random.default_rng([drawing.seed, place, list(SIZES).index(kind), 1]))
        sizes.append(size)
        noticed.append(sum(bool(each & NOTICED) for each in levels))
        alarmed.append(sum(bool(each & ALARMS) for each in levels))
        if alarmed[-1] == PLANTED:
            break
    of = [PLANTED] * len(sizes)
    found = smallest(sizes, noticed, of), smallest(sizes, alarmed, of)
    planted = min(len(columns), PLANTED * len(sizes))
    return Smallest(noticed=found[0], alarmed=found[1], columns=planted, windows=sum(of))


def _sizes(drawing: Drawing, kind: type[Drawn]) -> list[float]:
    rows = float(np.median([each.rows for each in drawing.like]))
    noise = 1 / max(drawing.reference.rows, 1) + 1 / rows
    first, most, step = SIZES[kind]
    least = first * (np.sqrt(noise) if kind is Numbers else noise)
    steps = max(int(np.ceil(np.log(most / least) / np.log(step))), 0)
    return [float(least * step**each) for each in range(steps + 1)]


def _levels(
    drawing: Drawing, columns: Sequence[str], size: float, chance: np.random.Generator
) -> list[frozenset[Level]]:
    """The levels that the shifted column has in each window."""
    pool, like = drawing.pool, drawing.like
    before = pool.draw(drawing.reference, chance, scored=False)
    known = levels_of(before)
    shifted = {name: {name: pool.columns[name].shifted(size)} for name in set(columns)}
    windows = [
        named(pool.draw(like[at % len(like)], chance, known, scored=False, columns=shifted[name]), at)
        for at, name in enumerate(columns)
    ]
    planted = dict(zip((each.window.label for each in windows), columns, strict=True))
    found: dict[str, set[Level]] = {label: set() for label in planted}
    for one in drawing.judged(before, windows):
        if one.measurement.column and planted.get(one.window.label) == one.measurement.column:
            found[one.window.label].add(one.verdict.level)
    return [frozenset(levels) for levels in found.values()]
