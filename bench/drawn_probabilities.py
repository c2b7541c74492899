"""Estimates of binary figures before outcomes are known, as the coverage bench draws them; then the outcomes come."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np
from bench.drawn import Chance, Floats, Places, Trial

from plumbline.stats import discrimination, estimation
from plumbline.stats.classification import Confusions, Rates
from plumbline.stats.intervals import Intervals

BINS = 400
SCORES = (np.arange(BINS) + 0.5) / BINS
CUT = 0.3
SIZES = ((500, 500), (2_000, 500), (2_000, 5_000), (20_000, 5_000))
POWERS = (1.0, 1.15, 1.5)  # the event comes at this power of the score: right, a little too high, much too high
FIGURES = ("AUC", "average precision", "base rate", "accuracy", "precision", "F1")


@dataclass(frozen=True, slots=True)
class _Seen:
    """Rows without and with the event by bin of the score: whole where outcomes came, else expected, and then the
    chance of each row of a bin is the same.
    """

    without: Floats
    events: Floats


def drawn(chance: Chance, rows: int, power: float) -> tuple[Floats, Floats]:
    """Rows without and with the event by bin of a score that lies mostly low, as chances of default do."""
    score = chance.beta(1.2, 4.0, rows)
    at = np.minimum((score * BINS).astype(np.int64), BINS - 1)
    event = chance.random(rows) < score**power
    without, events = (np.bincount(at[part], minlength=BINS).astype(np.float64) for part in (~event, event))
    return without, events


def of_probabilities(figure: str, reference: int, window: int, power: float) -> Trial:
    def trial(chance: Chance, draws: int) -> tuple[Intervals, Floats]:
        low, high, came = np.array([_one(figure, chance, reference, window, power) for _ in range(draws)]).T
        return Intervals(low, high, ""), came

    return trial


def _one(figure: str, chance: Chance, reference: int, window: int, power: float) -> tuple[float, float, float]:
    """Limits of the estimate, and what came."""
    learnt = estimation.calibrate(np.arange(BINS), *drawn(chance, reference, power), SCORES)
    without, events = drawn(chance, window, power)
    rows, part = without + events, reference / (reference + window)
    rates = learnt.rates if learnt else np.full(BINS, np.nan)
    estimate = _figure(figure, _Seen(rows * (1 - rates) * part, rows * rates * part))
    low, high = (float(np.asarray(side)[0]) for side in (estimate.interval.low, estimate.interval.high))
    return low, high, float(_figure(figure, _Seen(without, events)).value[0])


def _figure(figure: str, of: _Seen) -> discrimination.Separations | Rates:
    """As the service has them."""
    if figure in ("AUC", "average precision"):
        found = discrimination.rankings([(of.without, of.events, False)])
        return found.roc_auc if figure == "AUC" else found.average_precision
    n, p = of.without.sum(keepdims=True), of.events.sum(keepdims=True)
    over = SCORES >= CUT
    if figure == "base rate":
        return estimation.unequal_shares([(of.events, of.without + of.events)])
    if figure == "accuracy":
        return estimation.unequal_shares([(np.where(over, of.events, of.without), of.without + of.events)])
    if figure == "precision":
        return estimation.unequal_shares([(of.events[over], (of.without + of.events)[over])])
    hits, false = of.events[over].sum(keepdims=True), of.without[over].sum(keepdims=True)
    return Confusions(tp=hits, fp=false, fn=p - hits, tn=n - false).f1


def places(figure: str) -> Places:
    trial = partial(of_probabilities, figure)
    return [(f"{rows[0]} and {rows[1]}, power {power}", trial(*rows, power)) for rows, power in product(SIZES, POWERS)]


OF_PROBABILITIES: dict[str, tuple[str, Places]] = {
    f"estimated {each} (binary)": ("500 rows and up", places(each)) for each in FIGURES
}
