"""Charts of change: since when a series has left its target, whether it moved at all, and where it stands now."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# In standard errors: half the smallest shift worth seeing (one), and an alarm about every 465 steps without any
# (Montgomery, Introduction to Statistical Quality Control, 9.1).
SLACK, DECISION = 0.5, 5.0
SURE = 3.0  # standard errors of a mean that a change is held to, with the target's own error among them
LONGEST, AT_ONCE = 24, 2  # values: the slowest rise that is looked for, and the slowest that is still sudden
SMOOTHING, WIDTH = 0.3, 3.0  # of the EWMA (NIST/SEMATECH e-Handbook 6.3.2.4)


@dataclass(frozen=True, slots=True)
class Cusum:
    """One-sided sums above and below the target, shape (n,); `signal` is the first index past the decision limit."""

    high: Floats
    low: Floats
    signal: int | None


def cusum(x: ArrayLike, target: float, *, slack: float, decision: float) -> Cusum:
    """Tabular CUSUM (Page 1954; NIST/SEMATECH e-Handbook 6.3.2.3); `slack` and `decision` in the unit of x.

    >>> found = cusum([0, 0, 3, 3, 3], 0.0, slack=0.5, decision=4.0)
    >>> found.high.tolist(), found.signal
    ([0.0, 0.0, 2.5, 5.0, 7.5], 3)
    """
    above, below, high, low = 0.0, 0.0, list[float](), list[float]()
    for value in np.asarray(x, dtype=np.float64).tolist():
        above = max(0.0, above + value - target - slack)
        below = max(0.0, below + target - value - slack)
        high.append(above)
        low.append(below)
    past = [at for at, sums in enumerate(zip(high, low, strict=True)) if max(sums) > decision]
    return Cusum(np.array(high), np.array(low), past[0] if past else None)


@dataclass(frozen=True, slots=True)
class Ewma:
    """Weighted averages from the target on, shape (n + 1,), and their steady-state limits."""

    values: Floats
    low: float
    high: float


def ewma(x: ArrayLike, target: float, sigma: float, *, smoothing: float = SMOOTHING, width: float = WIDTH) -> Ewma:
    """Exponentially weighted moving average (Roberts 1959; NIST/SEMATECH e-Handbook 6.3.2.4).

    >>> ewma([52.0, 47.0], 50.0, 2.0).values.round(2).tolist()
    [50.0, 50.6, 49.52]
    """
    values = [target]
    for value in np.asarray(x, dtype=np.float64).tolist():
        values.append(smoothing * value + (1 - smoothing) * values[-1])
    half = width * sigma * float(np.sqrt(smoothing / (2 - smoothing)))
    return Ewma(np.array(values), target - half, target + half)


def page_hinkley(
    x: ArrayLike, *, delta: float, threshold: float, least: int = 1, forgetting: float = 1.0
) -> tuple[int, ...]:
    """Indices at which a series has left its own running mean, either way; it starts afresh after each (Page 1954).

    The sums of deviations, less `delta`, are held against their own extreme; `forgetting` under 1 fades them, as river
    does. Nothing is found in the first `least` values.

    >>> page_hinkley([0.0] * 6 + [4.0] * 4, delta=0.5, threshold=5.0)
    (7,)
    >>> page_hinkley([4.0] * 10, delta=0.5, threshold=5.0)
    ()
    """
    found = list[int]()
    seen, mean, up, down, floor, roof = 0, 0.0, 0.0, 0.0, np.inf, -np.inf
    for at, value in enumerate(np.asarray(x, dtype=np.float64).tolist()):
        seen += 1
        mean += (value - mean) / seen
        up, down = forgetting * up + value - mean - delta, forgetting * down + value - mean + delta
        floor, roof = min(floor, up), max(roof, down)
        if seen >= least and max(up - floor, roof - down) > threshold:
            found.append(at)
            seen, mean, up, down, floor, roof = 0, 0.0, 0.0, 0.0, np.inf, -np.inf
    return tuple(found)


class Manner(StrEnum):
    """How a series left its target."""

    SUDDEN = "sudden"
    GRADUAL = "gradual"
    FROM_THE_START = "from the start"


@dataclass(frozen=True, slots=True)
class Change:
    """`start`: index of the first value that had moved; `back`: of the first back for good, None while still out."""

    start: int
    manner: Manner
    back: int | None


def change(z: ArrayLike, shared: float = 0.0) -> Change | None:
    """When and how a series of standardised deviations (target 0, spread 1) left its target; None when it did not.

    `shared` is the part of their variance that is the target's own error, the same for all: a CUSUM adds it up (Jones,
    Champ and Rigdon 2004), so what it signals must stand off the target, or off the values before it, by three standard
    errors with it reckoned in.

    A CUSUM signals. Of the starts up to where the series is farthest out and of rises of 1 to 24 values to a plateau,
    the pair that leaves the least squares dates the change (Hinkley 1970, who has the step alone); a rise over three
    values or more is gradual.
    A series that its own running mean explains (no Page-Hinkley alarm) was off from its first value. It is back where
    the EWMA last turned home, once that is within its limits.

    >>> change([0.1, -0.2, 0, 6, 6.2, 5.9, 6.1])
    Change(start=3, manner=<Manner.SUDDEN: 'sudden'>, back=None)
    >>> change([0.1, -0.2, 0, 1, 2, 3.1, 4, 5.2]).manner.value
    'gradual'
    >>> change([0.5, -0.4, 0.2, 0.1]) is None
    True
    """
    values = np.asarray(z, dtype=np.float64)
    signal = cusum(values, 0.0, slack=SLACK, decision=DECISION).signal
    if signal is None:
        return None
    back = _back(values, signal)
    upto = values[:back]
    farthest = signal + int(np.abs(upto[signal:]).argmax())
    starts = range(max(signal - LONGEST, 0), farthest + 1)
    rises = {start: range(1, min(LONGEST, len(upto) - start) + 1) for start in starts}
    _, rise, start = min(_left(upto, start, rise) for start in starts for rise in rises[start])
    if shared and not _beyond(upto, start, shared):
        return None
    if start == 0 and not page_hinkley(values, delta=SLACK, threshold=DECISION):
        return Change(0, Manner.FROM_THE_START, back)
    return Change(start, Manner.SUDDEN if rise <= AT_ONCE else Manner.GRADUAL, back)


def _beyond(values: Floats, start: int, shared: float) -> bool:
    """Whether the values from `start` on part from 0, or from those before, by more than chance and target explain."""
    before, moved = values[:start], values[start:]
    own = (1 - shared) / len(moved)
    off = abs(float(moved.mean())) > SURE * np.sqrt(shared + own)
    apart = start > 0 and abs(float(moved.mean() - before.mean())) > SURE * np.sqrt(own + (1 - shared) / start)
    return bool(off or apart)


def _back(values: Floats, signal: int) -> int | None:
    chart = ewma(values, 0.0, 1.0)
    away = np.abs(chart.values)
    if away[-1] > chart.high:
        return None
    leaving = np.flatnonzero((away[1:] > chart.high) & (np.diff(away) > 0))
    return int(max(leaving[-1], signal)) + 1 if len(leaving) else signal + 1


def _left(values: Floats, start: int, rise: int) -> tuple[float, int, int]:
    """(squares that a rise from this start to a plateau leaves, and both again)."""
    moved = values[start:]
    shape = np.minimum(np.arange(1.0, len(moved) + 1) / rise, 1.0)
    level = float((shape * moved).sum() / np.square(shape).sum())
    left = float(np.square(values[:start]).sum()) + float(np.square(moved - level * shape).sum())
    return left, rise, start
