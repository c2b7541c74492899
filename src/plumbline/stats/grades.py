"""Bands of a score read as rating grades: are they in order, and does any see more events than chance allows?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from plumbline.stats.elementwise import Floats
from plumbline.stats.multiplicity import holm
from plumbline.stats.special import CONFIDENCE, binomial_tail

ENOUGH = 100.0  # rows of a band; thinner ones are taken together with their neighbour
YELLOW, RED = 0.95, 0.9999
GREEN_ZONE, YELLOW_ZONE, RED_ZONE = "green", "yellow", "red"


@dataclass(frozen=True, slots=True)
class RankOrder:
    """Neighbouring bands whose event rates fall where they should rise: beyond chance, and as seen."""

    proven: int
    seen: int
    p_value: float
    bands: int


def rank_order(rows: ArrayLike, events: ArrayLike) -> RankOrder | None:
    """Breaks in the order of event rates by rising risk; None with fewer than two bands of a hundred rows.

    Args: by band, ascending in risk, rows with a known outcome and events; shapes (bands,). A break is proven where a
    one-sided z test of the two rates says so after Holm's correction over all neighbours; `p_value` is the smallest.

    >>> found = rank_order([200, 200, 200], [10, 40, 12])
    >>> found.proven, found.seen, found.p_value < 0.001
    (1, 1, True)
    """
    n, k = _pooled(np.asarray(rows, dtype=np.float64), np.asarray(events, dtype=np.float64))
    if len(n) < 2:
        return None
    rate, pooled = k / n, (k[1:] + k[:-1]) / (n[1:] + n[:-1])
    spread = np.sqrt(pooled * (1 - pooled) * (1 / n[1:] + 1 / n[:-1]))
    fall = rate[:-1] - rate[1:]
    z = np.divide(fall, spread, out=np.zeros_like(fall), where=spread > 0)
    p_values = holm([math.erfc(each / math.sqrt(2.0)) / 2 for each in z.tolist()])
    proven = int((p_values < 1 - CONFIDENCE).sum())
    return RankOrder(proven, int((fall > 0).sum()), float(p_values.min()), len(n))


def traffic_light(events: ArrayLike, n: ArrayLike, chance: ArrayLike) -> tuple[Floats, NDArray[np.str_]]:
    """(P(X <= events), zone) of so many events among n at that chance each, element by element.

    Green under 95 %, yellow under 99.99 %, else red (BCBS 22, 1996, table 2: 250 days at 1 %).

    >>> share, zone = traffic_light([4, 5, 10], 250, 0.01)
    >>> share.round(4).tolist(), zone.tolist()
    ([0.8922, 0.9588, 0.9999], ['green', 'yellow', 'red'])
    """
    k, draws = np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64)
    more = binomial_tail(np.minimum(k + 1, draws), draws, chance)
    share = np.where(k < draws, 1 - more, 1.0)
    return share, np.select([share < YELLOW, share < RED], [GREEN_ZONE, YELLOW_ZONE], RED_ZONE)


def _pooled(rows: Floats, events: Floats) -> tuple[Floats, Floats]:
    """Bands from the first on, each with as many followers as make it large enough; a thin rest joins the last."""
    n, k = [0.0], [0.0]
    for more, hits in zip(rows.tolist(), events.tolist(), strict=True):
        if n[-1] >= ENOUGH:
            n.append(0.0)
            k.append(0.0)
        n[-1] += more
        k[-1] += hits
    if len(n) > 1 and n[-1] < ENOUGH:
        n[-2:], k[-2:] = [n[-2] + n[-1]], [k[-2] + k[-1]]
    kept = np.array(n) >= ENOUGH
    return np.array(n)[kept], np.array(k)[kept]
