"""What a column's own history calls ordinary: how far its shares move from month to month, with season and memory.

Independent rows say when a change is beyond chance; months that differ by themselves (season, autocorrelation) are
beyond that chance every time. The spread between earlier windows, beyond what their rows explain, is the other chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.special import beta_cdf

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
KEPT = 0.75  # of the windows a fit must rest on: so many may be anything at all
WHOLE = 2.72  # the mean square of a normal over that of its three quarters nearest the middle
FAR = 3.0  # spreads from the fit of those, from which on a window is no ordinary one
MEMORIES = tuple(step / 20 for step in range(17))
YEAR = 12  # windows behind a level where no season tells how many make a cycle
EXPECTED = 5.0  # rows that a bin must have in the thinnest window, as for the tests


@dataclass(frozen=True, slots=True)
class Ordinary:
    """The chance that an ordinary window shows as much, by where its level is taken from: the reference ("fixed"), the
    last cycle ("rolling"), all earlier windows ("expanding"), the same season of earlier cycles ("same_season").

    `apart` is each earlier window's distance from the reference beyond the noise of its rows, `spread` the variance
    between windows beyond that noise (both on PSI's scale), `memory` the autocorrelation of neighbours.
    """

    p_values: dict[str, float]
    apart: tuple[float, ...]
    spread: float
    memory: float


@dataclass(frozen=True, slots=True)
class _Fit:
    """Season and level of the windows kept; `left` of their number is what fitting left free, memory reckoned in."""

    season: Floats  # of the current window
    season_error: float
    level: Floats
    residuals: Floats
    keep: Flags
    memory: float
    left: float


def ordinary(
    reference: ArrayLike, earlier: ArrayLike, current: ArrayLike, positions: ArrayLike, period: int = 0
) -> Ordinary:
    """How ordinary a window's counts are after the `earlier` ones; none of it hangs on later windows.

    Shapes: reference and current (bins,), earlier (windows, bins), `positions` (windows + 1,) on the calendar, the
    current one last; `period` of them make a cycle (0: no season). Roots of shares less the reference's are fitted by a
    level and two harmonics of the cycle: on the three quarters of the windows that fit best, then on all that lie near
    (reweighted least trimmed squares, Rousseeuw and Leroy 1987). The squared distance from that, to first order PSI, is
    held against its mean over the windows by an F test: freedom by the spectrum of the residuals (Satterthwaite 1946,
    Box 1954), memory AR(1) with what fitting took from it reckoned in (as restricted maximum likelihood does).

    >>> months = np.arange(25)
    >>> counts = np.stack([500 - 10 * (months % 3), 500 + 10 * (months % 3)], axis=1)
    >>> found = ordinary([500, 500], counts[:-1], [500, 500], months).p_values
    >>> found["fixed"] > 0.05, ordinary([500, 500], counts[:-1], [300, 700], months).p_values["fixed"] < 1e-6
    (True, True)
    """
    before, now = np.asarray(earlier, dtype=np.float64), np.asarray(current, dtype=np.float64)
    where = np.asarray(positions, dtype=np.float64)
    moved, rows = _moved(*_pooled(np.asarray(reference, dtype=np.float64), before, now))
    fit, noise = _fitted(moved[:-1], _design(where, period)), (moved.shape[1] - 1) / rows
    usual, kept = float(noise[1:-1][fit.keep].mean()), fit.residuals[fit.keep]
    spread = max(float((kept**2).sum()) / fit.left - usual, 0.0)
    p_values = {}
    for name, (centre, error) in _levels(moved[:-1], fit, where, period).items():
        own = noise[0] if name == "fixed" else 0.0
        mean = spread * (1 + error) + noise[-1] + usual * error + own
        p_values[name] = _tail(float(((moved[-1] - centre) ** 2).sum()), mean, kept, fit)
    apart = (moved[:-1] ** 2).sum(axis=1) - noise[1:-1] - noise[0]
    return Ordinary(p_values, tuple(apart.tolist()), spread, fit.memory)


def _pooled(reference: Floats, earlier: Floats, current: Floats) -> tuple[Floats, Floats, Floats]:
    """Bins too thin for the smallest window in one, last; by the windows before alone."""
    known = reference + earlier.sum(axis=0)
    fewest = min(float(reference.sum()), *earlier.sum(axis=1).tolist())
    thin = known / known.sum() * fewest < EXPECTED

    def pooled(counts: Floats) -> Floats:
        return np.append(counts[..., ~thin], counts[..., thin].sum(axis=-1, keepdims=True), axis=-1)

    found = pooled(reference), pooled(earlier), pooled(current)
    if any(side[..., -1].any() for side in found):
        return found
    return found[0][:-1], found[1][:, :-1], found[2][:-1]


def _moved(reference: Floats, earlier: Floats, current: Floats) -> tuple[Floats, Floats]:
    """(twice the roots of the windows' shares less the reference's: squares add up to PSI, noise hangs on rows alone
    (Freeman and Tukey 1950); rows of all sides)."""
    counts = np.vstack([reference, earlier, current])
    rows = counts.sum(axis=1)
    roots = 2 * np.sqrt(counts / rows[:, None])
    return roots[1:] - roots[0], rows


def _design(positions: Floats, period: int) -> Floats:
    """A level and two harmonics of the cycle, where it was seen twice; shape (windows, coefficients)."""
    columns = [np.ones(len(positions))]
    if period > 2 and len(positions) > 2 * period:
        for harmonic in (1, 2)[: (period - 1) // 2]:
            turn = 2 * np.pi * harmonic * positions / period
            columns += [np.sin(turn), np.cos(turn)]
    return np.stack(columns, axis=1)


def _fitted(moved: Floats, design: Floats) -> _Fit:
    here, keep = design[:-1], _near(moved, design[:-1])
    solved = np.linalg.pinv(here[keep])
    found = solved @ moved[keep]
    residuals = moved - here @ found
    memory, left = _memory(residuals, here, keep)
    weights = design[-1, 1:] @ solved[1:]
    return _Fit(
        season=design[-1, 1:] @ found[1:],
        season_error=float(weights @ _decay(memory, np.flatnonzero(keep)) @ weights),
        level=found[0],
        residuals=residuals,
        keep=keep,
        memory=memory,
        left=left,
    )


def _near(moved: Floats, design: Floats) -> Flags:
    """Windows that lie near the fit of the three quarters that fit best."""
    size = len(moved)
    count = int(np.ceil(KEPT * size))
    distance = ((moved - np.median(moved, axis=0)) ** 2).sum(axis=1)
    for _ in range(10):
        best = np.sort(np.argsort(distance, kind="stable")[:count])
        found = np.linalg.pinv(design[best]) @ moved[best]
        distance = ((moved - design @ found) ** 2).sum(axis=1)
    whole = float(np.sort(distance)[:count].mean()) * WHOLE * size / max(size - design.shape[1], 1)
    return np.asarray(distance <= FAR**2 * whole)


def _memory(residuals: Floats, design: Floats, keep: Flags) -> tuple[float, float]:
    """(autocorrelation of neighbours, what fitting leaves of the variance of so many windows with that memory).

    The one at which residuals of this very fit would show what these show: a fit takes most from slow movements.
    """
    at = np.flatnonzero(keep)
    maker = np.eye(len(at)) - design[keep] @ np.linalg.pinv(design[keep])
    beside = (np.abs(at[:, None] - at[None, :]) == 1) / 2
    kept = residuals[keep]
    total = float((kept**2).sum())
    seen = float((kept * (beside @ kept)).sum()) / total if total else 0.0
    shown, left = [], []
    for memory in MEMORIES:
        spread = maker @ _decay(memory, at) @ maker
        left.append(float(np.trace(spread)))
        shown.append(float((spread * beside).sum()) / left[-1])
    place = min(int(np.searchsorted(np.maximum.accumulate(shown), seen)), len(MEMORIES) - 1)
    return MEMORIES[place], left[place]


def _decay(memory: float, at: NDArray[np.int64]) -> Floats:
    """AR(1): correlation of windows by how far they lie apart."""
    return np.asarray(memory ** np.abs(at[:, None] - at[None, :]), dtype=np.float64)


def _inflation(memory: float) -> float:
    """Of the variance of a mean of neighbours."""
    return (1 + memory) / (1 - memory)


def _levels(moved: Floats, fit: _Fit, positions: Floats, period: int) -> dict[str, tuple[Floats, float]]:
    """By the name of the level: (what it expects of the current window, its error in spreads between windows)."""
    season, level = fit.season, fit.level
    cycle, several = min(period or YEAR, len(moved)), _inflation(fit.memory)
    last = fit.residuals[-cycle:][fit.keep[-cycle:]]
    found = {
        "fixed": (season, fit.season_error + several / cycle),
        "rolling": (
            level + season + (last.mean(axis=0) if len(last) else 0.0),
            fit.season_error + several / max(len(last), 1),
        ),
        "expanding": (level + season, fit.season_error + several / int(fit.keep.sum())),
    }
    same = fit.keep & (positions[:-1] % period == positions[-1] % period) if period else np.zeros(len(moved), np.bool_)
    if same.any():
        found["same_season"] = moved[same].mean(axis=0), 1 / int(same.sum())
    return found


def _tail(distance: float, mean: float, residuals: Floats, fit: _Fit) -> float:
    """P(F >= distance / mean), freedom by the spectrum of the residuals and by their memory."""
    products = residuals @ residuals.T
    total, squares = float(np.trace(products)), float((products**2).sum())
    if not squares or not mean:
        return float(distance <= mean)
    size, memory = max(round(total**2 / squares), 1), fit.memory**2
    other = max(round(size * fit.left * (1 - memory) / (1 + memory)), 1)
    return float(beta_cdf([other / 2], [size / 2], [other / (other + size * distance / mean)])[0])
