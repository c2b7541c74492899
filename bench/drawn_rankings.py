"""Scores, decision tables and groups that the coverage bench draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import product

import numpy as np
from bench.drawn import Chance, Floats, Places, Trial

from plumbline.stats.classification import Confusions
from plumbline.stats.discrimination import Rankings, rankings
from plumbline.stats.drift import ks_batch
from plumbline.stats.fairness import Sides, worst_gap_of
from plumbline.stats.intervals import Intervals
from plumbline.stats.operating_point import sensitivities
from plumbline.stats.value import payoff_of

OUTCOMES = ((30, 30), (30, 300), (100, 100), (300, 3_000))
TABLES = ((100, 0.05, 0.5, 0.1), (200, 0.1, 0.8, 0.2), (500, 0.3, 0.9, 0.05), (2_000, 0.02, 0.3, 0.01))
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
    s, above = _above(apart)
    share = p * above[1] / np.maximum(p * above[1] + n * above[0], 1e-300)
    density = np.exp(-((s - apart) ** 2) / 2) / math.sqrt(math.tau)
    return float(np.trapezoid(share * density, s))


@cache
def _above(apart: float) -> tuple[Floats, list[Floats]]:
    """Scores, and which part of either normal lies above each of them."""
    s = np.linspace(-8, 8 + apart, 20_001)
    return s, [np.array([phi(float(centre - x)) for x in s]) for centre in (0.0, apart)]


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


OF_RANKINGS: dict[str, tuple[str, Places]] = {
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
}
