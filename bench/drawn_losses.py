"""Losses, calibration, claims and errors that the coverage bench draws."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import product

import numpy as np
from bench.drawn import Chance, Floats, Places, Trial

from plumbline.stats import calibration, regression
from plumbline.stats.intervals import Intervals
from plumbline.stats.lorenz import gini_lorenz_of
from plumbline.stats.recalibration import Recalibration, recalibrate

ROWS = (100, 300, 1_000)


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


def slope(n: int, true: float, intercept: bool) -> Trial:
    """Scores whose log odds must be turned by so much."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        fits = [_recalibrated(chance, n, true) for _ in range(max(draws // 5, 100))]
        found = [getattr(fit, "intercept" if intercept else "slope").interval for fit in fits if fit]
        low, high = np.array([(each.low, each.high) for each in found]).T
        return Intervals(low, high, ""), 0.0 if intercept else true

    return trial


def _recalibrated(chance: Chance, n: int, true: float) -> Recalibration | None:
    z = chance.normal(-1, 1, n)
    p = np.sort(1 / (1 + np.exp(-z)))
    event = (chance.random(n) < 1 / (1 + np.exp(-true * np.log(p / (1 - p))))).astype(float)
    return recalibrate(1 - event, event, p, p)


def burden(n: int) -> Trial:
    """A loss over an amount that it partly follows."""

    def trial(chance: Chance, draws: int) -> tuple[Intervals, float]:
        amount = chance.gamma(2, 1, (draws, n))
        loss = amount * 0.05 + (chance.random((draws, n)) < 0.1) * chance.gamma(1, 0.5, (draws, n))
        sums = (loss.sum(1), amount.sum(1), np.square(loss).sum(1), np.square(amount).sum(1), (loss * amount).sum(1))
        return regression.ratio_of_sums_of(*sums, np.full(draws, float(n))).interval, (0.1 + 0.05) / 2

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


OF_LOSSES: dict[str, tuple[str, Places]] = {
    "Brier": ("100 rows, 30 events", LOSSES[True]),
    "log loss": ("100 rows, 30 events", LOSSES[False]),
    "ECE": (
        "100 rows",
        [(f"n {n}, off by {by}", off(n, by)) for n, by in product((100, 300, 1_000), (0.0, 0.02, 0.05, 0.1, 0.2))],
    ),
    "calibration slope": (
        "300 rows",
        [(f"n {n}, slope {true}", slope(n, true, False)) for n, true in product((300, 1_000), (0.7, 1.0, 1.3))],
    ),
    "calibration intercept": (
        "300 rows",
        [(f"n {n}, slope {true}", slope(n, true, True)) for n, true in product((300, 1_000), (0.7, 1.0, 1.3))],
    ),
    "ratio of sums": ("30 losses and up", [(f"n {n}", burden(n)) for n in (300, 1_000, 3_000)]),
    "Poisson deviance": ("claims", of_claims(deviance, large(lambda mu, y: float(_deviances(mu, y).mean())))),
    "actual / expected": ("claims", of_claims(ratio, lambda _rate: 1.0)),
    "Gini (Lorenz)": ("claims", of_claims(lorenz, large(true_order))),
    "RMSE": ("100 rows", of_errors("rmse", (6.0, 30.0))),
    "R squared": ("100 rows", of_errors("r2", (30.0,))),
}
