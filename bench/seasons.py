"""Months that depend on each other: a yearly season and AR(1) effects that move every column, each at its own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

SEASON = 0.3  # standard deviations at the height of the season
EFFECT = 0.1  # standard deviation of a month's effect
PHI = 0.5  # of one month's effect on the next's


def effects(names: Sequence[str], months: int, chance: np.random.Generator) -> dict[str, Any]:
    """By column, how far each month lies from the mean, in standard deviations of the column."""
    turns = 2 * np.pi * (np.arange(months) + chance.uniform(0, 12, (len(names), 1))) / 12
    noise = chance.normal(0, EFFECT, (len(names), months))
    for month in range(1, months):
        noise[:, month] = PHI * noise[:, month - 1] + np.sqrt(1 - PHI**2) * noise[:, month]
    return dict(zip(names, SEASON * np.sin(turns) + noise, strict=True))


def moved(name: str, values: Any, by: float, chance: np.random.Generator) -> Any:
    """A drawn column moved by so many standard deviations; categories tilt along an order of their own."""
    if name.startswith("cat"):
        return _tilted(int(name[4:]), len(values), by, chance)
    if name == "score":
        odds = np.log(values / (1 - values))
        return 1 / (1 + np.exp(-(odds + by * odds.std())))
    column = int(name[4:])
    if column < 5:
        return values + by * (1 + column / 3)
    if column < 10:
        return values * np.exp(by * (0.5 + (column - 5) / 8))
    if column < 12:
        return values + by * 10
    rate = 2.0 ** (column - 11)
    return chance.poisson(rate + by * np.sqrt(rate), len(values)).astype(np.float64)


def _tilted(levels: int, rows: int, by: float, chance: np.random.Generator) -> Any:
    shares = 1.0 / np.arange(1, levels + 1)
    shares /= shares.sum()
    order = np.cos(np.arange(levels))
    order = (order - shares @ order) / np.sqrt(shares @ (order - shares @ order) ** 2)
    tilted = shares * np.exp(by * order)
    return chance.choice(levels, rows, p=tilted / tilted.sum())


def at(month: int, of: Mapping[str, Any], extra: Mapping[str, float]) -> Any:
    """The shift of `bench.alarms` for one month, with what is planted on top."""
    return lambda name, values, chance: moved(name, values, of[name][month] + extra.get(name, 0.0), chance)
