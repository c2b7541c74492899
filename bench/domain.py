"""How often all columns at once cry wolf, what they find that no single one shows, and whether their limits hold.

`python -m bench.domain [--samples N] [--rows N ...] [--seed N] [--no-results]`: the 20 columns of `bench.alarms`, two
of which move together, as many rows of a reference and of a window, drawn anew for every sample and judged by the
shipped policy. Then one change at a time that leaves every column's own distribution as it is, or nearly. Limits are
held against what the same classifiers come to on further rows; beside them stands the test as it would be if folds
were independent.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from bench.drawn_columns import quiet, rows_of
from bench.measuring import Table
from numpy.typing import NDArray

from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement
from plumbline.policy.judge import judge
from plumbline.policy.load import load_policy
from plumbline.profiling.domain_classifier import Sample, boosters, predicted, told_apart
from plumbline.services.domain_auc import measured

HEADS = (
    "change, samples",
    "rows a side",
    "AUC",
    "amber or red",
    "p < 5 %",
    "independent",
    "in 95 % limits",
    "bound",
    "holds",
)
SIZES = (500, 1_000, 5_000)
TOGETHER = 0.6  # correlation of the first two columns
FURTHER = 10_000  # rows a side that tell what classifiers are worth
MOST_ALARMS = 0.01  # amber or red where nothing drifts
NORMAL = NormalDist()
Numbers = NDArray[np.float64]
Shift = Callable[[dict[str, Any], np.random.Generator], dict[str, Any]]


def correlated(found: dict[str, Any], by: float) -> dict[str, Any]:
    """`num_01` with this correlation to `num_00`; the distribution of either stays."""
    first, second = found["num_00"], (found["num_01"] - 1) / (4 / 3)
    return found | {"num_01": 1 + (4 / 3) * (by * first + math.sqrt(1 - by**2) * second)}


def same(found: dict[str, Any], _: np.random.Generator) -> dict[str, Any]:
    return correlated(found, TOGETHER)


def turned(found: dict[str, Any], _: np.random.Generator) -> dict[str, Any]:
    """What moved together moves against each other."""
    return correlated(found, -TOGETHER)


def mirrored(found: dict[str, Any], _: np.random.Generator) -> dict[str, Any]:
    """A correlation of .6 that the reference does not have; rows of one level have it the other way round."""
    kept = correlated(found, TOGETHER)
    sign = np.where(kept["cat_003"] == 0, 1.0, -1.0)
    z = TOGETHER * sign * kept["num_00"] + math.sqrt(1 - TOGETHER**2) * (kept["num_02"] - 2) / (5 / 3)
    return kept | {"num_02": 2 + (5 / 3) * z}


def faint(found: dict[str, Any], _: np.random.Generator) -> dict[str, Any]:
    """Five columns a fifth of a standard deviation up, each of them a PSI of .04."""
    kept = correlated(found, TOGETHER)
    return kept | {name: kept[name] + 0.2 * (1 + at / 3) for at, name in enumerate(sorted(kept)[6:11])}


TRIALS: tuple[tuple[str, Shift], ...] = (
    ("nothing drifts", same),
    ("a correlation of .6 turns to -.6", turned),
    ("a correlation that hangs on a level comes up", mirrored),
    ("five columns move by a PSI of .04 each", faint),
)


def sample(rows: int, shift: Shift, chance: np.random.Generator) -> tuple[Sample, Sequence[str], list[int]]:
    """(rows, features, places of those that hold levels)."""
    found = shift(rows_of(rows, quiet, chance), chance)
    names = [name for name in found if name != "score"]
    words = [at for at, name in enumerate(names) if name.startswith("cat")]
    return Sample(np.column_stack([found[name] for name in names]).astype(np.float64)), names, words


def trial(shift: Shift, rows: int, samples: int, seed: int) -> Iterator[tuple[Measurement, float]]:
    """(figure, what its five classifiers come to on further rows)."""
    for at in range(samples):
        chance = np.random.default_rng([seed, at, rows])
        reference, names, words = sample(rows, same, chance)
        window, _, _ = sample(rows, shift, chance)
        found = measured(told_apart(reference, window, names, words))
        if shift is same:
            yield found, 0.5  # what no classifier whatever can better
            continue
        further = [sample(FURTHER, each, chance)[0].values for each in (same, shift)]
        trees = boosters(reference.values, window.values, words)
        yield found, float(np.mean([area(*(predicted(each, side) for side in further)) for each in trees]))


def area(below: Numbers, above: Numbers) -> float:
    ordered = np.sort(below)
    beaten = [np.searchsorted(ordered, above, side=side).mean() for side in ("left", "right")]
    return float(np.mean(beaten)) / len(below)


def summed_up(report: Table, name: str, rows: int, trials: Sequence[tuple[Measurement, float]]) -> None:
    policy, total, found = load_policy(), len(trials), [each for each, _ in trials]
    levels = [judge(each, policy, family="general", tier=Tier.TWO).level for each in found]
    alarms = sum(level in (Level.AMBER, Level.RED) for level in levels) / total
    tails = [each.p_value or 0.0 for each in found]
    mean = float(np.mean([each.estimate or 0.0 for each in found]))
    inside = sum((each.low or 0.0) <= truth <= (each.high or 0.0) for each, truth in trials) / total
    bound, holds = ("at most 1 %", alarms <= MOST_ALARMS) if name == TRIALS[0][0] else ("", None)
    report.add(
        f"{name}, {total}", f"{rows:,}", f"{mean:.3f}", _share(alarms), _share(sum(p < 0.05 for p in tails) / total),
        _share(sum(_alone(p) < 0.05 for p in tails) / total), _share(inside), bound,
        "" if holds is None else "yes" if holds else "NO",
    )  # fmt: skip


def _alone(p: float) -> float:
    """The p-value of folds taken to be independent."""
    return NORMAL.cdf(-NORMAL.inv_cdf(1 - p) * 1.5) if 1e-12 < p < 1 else p


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def main(words: list[str] | None = None) -> int:
    read = argparse.ArgumentParser(prog="python -m bench.domain", description=(__doc__ or "").splitlines()[0])
    read.add_argument("--samples", type=int, default=300, help="of the smallest size; of larger ones fewer")
    read.add_argument("--rows", type=int, nargs="+", default=SIZES)
    read.add_argument("--seed", type=int, default=1)
    read.add_argument("--no-results", action="store_true")
    given = read.parse_args(words)
    report = Table("All columns at once: false alarms, power and limits, 20 columns", HEADS)
    for name, shift in TRIALS:
        for rows in given.rows:
            samples = max(round(given.samples * math.sqrt(min(given.rows) / rows) / (1 if shift is same else 6)), 1)
            summed_up(report, name, rows, list(trial(shift, rows, samples, given.seed)))
    if not given.no_results:
        report.keep()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
