"""What the coverage bench draws: for each method places of a grid, each a trial with a known truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
from numpy.typing import NDArray

from plumbline.stats import calibration, regression
from plumbline.stats.classification import Confusions
from plumbline.stats.discrimination import Rankings, rankings
from plumbline.stats.drift import ks_batch
from plumbline.stats.fairness import Sides, worst_gap_of
from plumbline.stats.intervals import Intervals
from plumbline.stats.lorenz import gini_lorenz_of
from plumbline.stats.operating_point import sensitivities
from plumbline.stats.value import payoff_of

Floats = NDArray[np.float64]
Chance = np.random.Generator
Trial = Callable[[Chance, int], tuple[Intervals, float]]  # of so many draws: their limits, the truth
Places = list[tuple[str, Trial]]
OUTCOMES = ((30, 30), (30, 300), (100, 100), (300, 3_000))
TABLES = ((100, 0.05, 0.5, 0.1), (200, 0.1, 0.8, 0.2), (500, 0.3, 0.9, 0.05), (2_000, 0.02, 0.3, 0.01))
ROWS = (100, 300, 1_000)
SAMPLES = ((500, 500), (5_000, 500), (5_000, 5_000))


def phi(z: float) -> float:
    return math.erfc(-z / math.sqrt(2.0)) / 2


def ranked(part: Callable[[Rankings], Intervals], truth: float, apart: float, n: int, p: int) -> Trial:
    """Normal scores of unit spread, so far apart."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        draws = max(draws * 100 // (n + p), 200) if n + p > 100 else draws
        found = rankings(_by_value(chance.normal(0, 1, n), chance.normal(apart, 1, p)) for _ in range(draws))
        return part(found), truth

    return trial


def _by_value(negatives: Floats, positives: Floats) -> tuple[Floats, Floats, bool]:
    order = np.argsort(np.concatenate([negatives, positives]), kind="stable")
    event = (order >= len(negatives)).astype(np.float64)
    return 1 - event, event, True


def ranking(
    part: Callable[[Rankings], Intervals],
    truth: Callable[[float, int, int], float],
    spread: tuple[float, ...] = (0.5, 1.0, 2.0),
) -> Places:
    return [
        (f"{n} and {p}, d' {apart}", ranked(part, truth(apart, n, p), apart, n, p))
        for (n, p), apart in product(OUTCOMES, spread)
    ]


def precision_of(apart: float, n: int, p: int) -> float:
    """Average precision of the two normals themselves."""
    s = np.linspace(-8, 8 + apart, 20_001)
    above = [np.array([phi(float(centre - x)) for x in s]) for centre in (0.0, apart)]
    share = p * above[1] / np.maximum(p * above[1] + n * above[0], 1e-300)
    density = np.exp(-((s - apart) ** 2) / 2) / math.sqrt(math.tau)
    return float(np.trapezoid(share * density, s))


def point_of(apart: float, _n: int, _p: int) -> float:
    return phi(apart - 1.2815515655446004)


def at_point(apart: float, n: int, p: int) -> Trial:
    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        draws = max(draws * 100 // (n + p), 200) if n + p > 100 else draws
        tables = (_by_value(chance.normal(0, 1, n), chance.normal(apart, 1, p)) for _ in range(draws))
        return sensitivities(tables).interval, point_of(apart, n, p)

    return trial


def shifted(n: int, m: int, by: float) -> Trial:
    """Two samples of a normal, the second moved."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        cuts = np.linspace(-4, 4, 401)
        sides = [
            np.array(
                [np.bincount(np.searchsorted(cuts, chance.normal(mean, 1, size)), minlength=402) for _ in range(draws)]
            )
            for size, mean in ((n, 0.0), (m, by))
        ]
        found = ks_batch(sides[0].astype(float), sides[1].astype(float))
        return Intervals(found[3], found[4], ""), 2 * phi(by / 2) - 1

    return trial


def decided(part: Callable[[Confusions], Intervals], truth: Callable[[Floats], float], *of: float) -> Trial:
    """Decision tables of n rows with this base rate, recall and false positive rate."""
    n, base, recall, alarm = of
    cells = np.array([base * recall, (1 - base) * alarm, base * (1 - recall), (1 - base) * (1 - alarm)])

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        return part(Confusions(*chance.multinomial(int(n), cells, draws).T)), truth(cells)

    return trial


def tables(part: Callable[[Confusions], Intervals], truth: Callable[[Floats], float]) -> Places:
    return [(f"n {of[0]}, base {of[1]}, tpr {of[2]}, fpr {of[3]}", decided(part, truth, *of)) for of in TABLES]


def correlation(cells: Floats) -> float:
    tp, fp, fn, tn = cells.tolist()
    return float((tp * tn - fp * fn) / math.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)))


WORTH = (0.0, -200.0, -9_000.0, 400.0)


def _sides(chance: Chance, draws: int, rows: tuple[int, int], rates: tuple[float, float]) -> Sides:
    (a, b), (p, q) = rows, rates
    every = np.ones(draws)
    return chance.binomial(a, p, draws) * every, a * every, chance.binomial(b, q, draws) * every, b * every


def gap(n: int, m: int, recalls: tuple[float, float], alarms: tuple[float, float]) -> Trial:
    """Two groups, a fifth of whose rows have the event."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        caught = _sides(chance, draws, (n // 5, m // 5), recalls)
        false = _sides(chance, draws, (n - n // 5, m - m // 5), alarms)
        return worst_gap_of(caught, false).interval, max(abs(p - q) for p, q in (recalls, alarms))

    return trial


GAPS: Places = [
    (f"{n} and {m}, tpr {r[0]}, {r[1]}, fpr {a[0]}, {a[1]}", gap(n, m, r, a))
    for (n, m), (r, a) in product(
        ((150, 500), (500, 2_000)),
        (((0.6, 0.8), (0.1, 0.15)), ((0.7, 0.75), (0.05, 0.1)), ((0.9, 0.6), (0.2, 0.5)), ((0.5, 0.55), (0.3, 0.3))),
    )
]


def losses(n: int, events: int, square: bool) -> Trial:
    """Probabilities in a beta distribution about the base rate, true ones."""
    base = events / n
    strength = 10.0

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        p = np.clip(chance.beta(base * strength, (1 - base) * strength, (draws, n)), 1e-9, 1 - 1e-9)
        y = chance.random((draws, n)) < p
        loss = np.square(p - y) if square else -np.log(np.where(y, p, 1 - p))
        size = np.full(draws, float(n))
        found = calibration.mean_of(loss.sum(axis=1), np.square(loss).sum(axis=1), size)
        return found.interval, _expected_loss(base * strength, (1 - base) * strength, square)

    return trial


def _expected_loss(a: float, b: float, square: bool) -> float:
    chance = np.random.default_rng(0)
    p = np.clip(chance.beta(a, b, 2_000_000), 1e-9, 1 - 1e-9)
    return float((p * (1 - p)).mean() if square else -(p * np.log(p) + (1 - p) * np.log1p(-p)).mean())


LOSSES = {square: [(f"n {n}, {events} events", losses(n, events, square)) for n, events in
                   ((100, 30), (300, 30), (1_000, 30), (1_000, 300))] for square in (True, False)}  # fmt: skip


def off(n: int, lean: float) -> Trial:
    """Probabilities spread evenly; outcomes come `lean` more often than they say."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        p = chance.random((draws, n)) * (1 - lean)
        y = chance.random((draws, n)) < p + lean
        band = (np.minimum((p * 10).astype(int), 9) + 10 * np.arange(draws)[:, None]).ravel()
        rows, scores, events = (
            np.bincount(band, by.ravel(), 10 * draws).reshape(draws, 10).astype(np.float64) for by in (p >= 0, p, y)
        )
        return calibration.ece_of(rows, scores, events).interval, lean

    return trial


def claims(n: int, rate: float, part: Callable[[Floats, Floats], Intervals], truth: Callable[[float], float]) -> Trial:
    """Claim counts at predicted rates in a gamma distribution of shape 2."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        mu = chance.gamma(2, rate / 2, (draws, n)) + rate / 20
        return part(mu, chance.poisson(mu).astype(np.float64)), truth(rate)

    return trial


def _deviances(mu: Floats, y: Floats) -> Floats:
    found: Floats = 2 * (y * (np.log(np.where(y > 0, y, 1.0)) - np.log(mu)) - (y - mu))
    return found


def deviance(mu: Floats, y: Floats) -> Intervals:
    each = _deviances(mu, y)
    n = np.full(len(y), float(y.shape[1]))
    return calibration.mean_of(each.sum(axis=1), np.square(each).sum(axis=1), n).interval


def ratio(mu: Floats, y: Floats) -> Intervals:
    error, n = mu - y, np.full(len(y), float(y.shape[1]))
    sums = (y.sum(axis=1), mu.sum(axis=1), error.sum(axis=1), np.square(error).sum(axis=1), n)
    return regression.actual_expected_of(*sums).interval


def lorenz(mu: Floats, y: Floats) -> Intervals:
    """On the deciles of the prediction's own distribution, frozen."""
    rate = float(mu.mean())
    cuts = np.quantile(np.random.default_rng(0).gamma(2, 0.5, 1_000_000), np.arange(1, 10) / 10)
    band = np.searchsorted(cuts, (mu / (rate / 1.05) - 0.05).ravel()).reshape(mu.shape)
    rows, amounts = (np.array([np.bincount(at, weights=w, minlength=10) for at, w in zip(band, by, strict=True)])
                     for by in (np.ones_like(y), y))  # fmt: skip
    return gini_lorenz_of(rows, amounts, np.square(y).sum(axis=1)).figures.interval


def large(of: Callable[[Floats, Floats], float]) -> Callable[[float], float]:
    """The truth from two million rows."""

    def truth(rate: float) -> float:
        chance = np.random.default_rng(5)
        mu = chance.gamma(2, rate / 2, 2_000_000) + rate / 20
        return of(mu, chance.poisson(mu).astype(np.float64))

    return truth


def true_order(mu: Floats, y: Floats) -> float:
    band = np.searchsorted(np.quantile(mu, np.arange(1, 10) / 10), mu)
    rows, amounts = (
        np.bincount(band, weights=by, minlength=10)[None, :].astype(np.float64) for by in (np.ones_like(y), mu)
    )
    return float(gini_lorenz_of(rows, amounts, np.array([np.square(y).sum()])).figures.value[0])


def of_claims(part: Callable[[Floats, Floats], Intervals], truth: Callable[[float], float]) -> Places:
    return [(f"n {n}, rate {rate}", claims(n, rate, part, truth)) for n, rate in
            ((300, 0.1), (1_000, 0.05), (1_000, 0.3), (300, 3.0))]  # fmt: skip


def errors(n: int, tail: float, part: str) -> Trial:
    """Errors of Student's distribution about outcomes of unit spread."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        x = chance.normal(0, 1, (draws, n))
        e = chance.standard_t(tail, (draws, n))
        size = np.full(draws, float(n))
        spread = tail / (tail - 2)
        if part == "rmse":
            squares = np.square(e)
            return regression.rmse_of(squares.sum(1), np.square(squares).sum(1), size).interval, math.sqrt(spread)
        y = 2 * x + e
        found = regression.r2_of(np.square(e).sum(1), y.sum(1), np.square(y).sum(1), size)
        return found.interval, 1 - spread / (4 + spread)

    return trial


def of_errors(part: str, tails: tuple[float, ...]) -> Places:
    return [(f"n {n}, t {tail}", errors(n, tail, part)) for n, tail in product(ROWS, tails)]


DRAWN: dict[str, tuple[str, Places]] = {
    "DeLong, logit scale": (
        "30 of each and up",
        ranking(lambda f: f.roc_auc.interval, lambda d, _n, _p: phi(d / math.sqrt(2))),
    ),
    "average precision, logit": ("30 of each and up", ranking(lambda f: f.average_precision.interval, precision_of)),
    "Newcombe at the largest gap": (
        "30 of each and up",
        ranking(lambda f: f.ks_separation.interval, lambda d, _n, _p: 2 * phi(d / 2) - 1, (0.0, 0.2, 0.5, 1.0, 2.0)),
    ),
    "KS of two samples": (
        "500 rows",
        [
            (f"{n} and {m}, by {by}", shifted(n, m, by))
            for (n, m), by in product(SAMPLES, (0.0, 0.05, 0.1, 0.2, 0.5, 1.0))
        ],
    ),
    "sensitivity at specificity": (
        "30 of each and up",
        [(f"{n} and {p}, d' {d}", at_point(d, n, p)) for (n, p), d in product(OUTCOMES, (0.5, 1.0, 2.0))],
    ),
    "F1": ("decision tables", tables(lambda t: t.f1.interval, lambda c: float(2 * c[0] / (2 * c[0] + c[1] + c[2])))),
    "balanced accuracy": (
        "decision tables",
        tables(
            lambda t: t.balanced_accuracy.interval, lambda c: float((c[0] / (c[0] + c[2]) + c[3] / (c[3] + c[1])) / 2)
        ),
    ),
    "MCC": ("decision tables", tables(lambda t: t.mcc.interval, correlation)),
    "value": ("decision tables", tables(lambda t: payoff_of(t, WORTH).interval, lambda c: float(np.dot(WORTH, c)))),
    "net benefit": (
        "decision tables",
        tables(lambda t: payoff_of(t, (1, -0.25, 0, 0)).interval, lambda c: float(c[0] - 0.25 * c[1])),
    ),
    "widest gap": ("two groups", GAPS),
    "Brier": ("100 rows, 30 events", LOSSES[True]),
    "log loss": ("100 rows, 30 events", LOSSES[False]),
    "ECE": (
        "100 rows",
        [(f"n {n}, off by {by}", off(n, by)) for n, by in product((100, 300, 1_000), (0.0, 0.02, 0.05, 0.1, 0.2))],
    ),
    "Poisson deviance": ("claims", of_claims(deviance, large(lambda mu, y: float(_deviances(mu, y).mean())))),
    "actual / expected": ("claims", of_claims(ratio, lambda _rate: 1.0)),
    "Gini (Lorenz)": ("claims", of_claims(lorenz, large(true_order))),
    "RMSE": ("100 rows", of_errors("rmse", (6.0, 30.0))),
    "R squared": ("100 rows", of_errors("r2", (30.0,))),
}
