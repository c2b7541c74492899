"""The domain classifier: how well rows of a window are told from rows of the reference by all features at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import Floats, Ints
from plumbline.profiling.domain_scores import DomainScores

SEED = 20_261_031
FOLDS = 5
LEAST = 50  # rows a side: ten a fold; from how many on a figure is judged is for the policy to say
NAMED = 5  # columns that are kept with their share
_ROUNDS = 60
# Shallow and small. Thresholds are drawn, not searched for: that finds what only two columns together show, where no
# first split gains anything, and is quicker. One thread and fixed seeds: the same rows give the same trees.
_OPTIONS = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "extra_trees": True,
    "max_bin": 63,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "seed": SEED,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows drawn from one side, in that order: `values` of shape (rows, features), NaN where one is missing."""

    values: Floats

    @property
    def digest(self) -> str:
        return sha256(np.ascontiguousarray(self.values + 0.0).tobytes()).hexdigest()


def of_reference(sample: Sample) -> DomainScores:
    """What the reference's own profile keeps."""
    return DomainScores(rows=len(sample.values), sample=sample.digest, seed=SEED)


def told_apart(reference: Sample, window: Sample, names: Sequence[str], words: Sequence[int]) -> DomainScores:
    """The scores of a classifier that never saw the row it scores (Lopez-Paz and Oquab, 2017, over folds).

    `words` are the places of features that hold the codes of levels. Either sample is in random order, so a row's
    place says its fold.
    """
    sizes = len(reference.values), len(window.values)
    enough = min(sizes) >= LEAST
    found, gains = _scored(reference.values, window.values, words) if enough else ([], np.zeros(len(names)))
    return DomainScores(
        rows=sizes[1],
        sample=window.digest,
        seed=SEED,
        rows_reference=sizes[0],
        reference=reference.digest,
        folds=tuple(found),
        leant=_leant(names, gains),
    )


def _scored(reference: Floats, window: Floats, words: Sequence[int]) -> tuple[list[Ints], Floats]:
    """(rows of either side by ascending score, fold by fold; what each feature's splits gained)."""
    # Explaining models and boosters cost seconds of start, which only those pay who ask for this figure.
    import lightgbm

    rows = np.concatenate([reference, window])
    side = np.repeat([0, 1], [len(reference), len(window)])
    fold = np.concatenate([np.arange(len(reference)), np.arange(len(window))]) % FOLDS
    data = lightgbm.Dataset(rows, side, categorical_feature=list(words), params=dict(_OPTIONS), free_raw_data=False)
    data.construct()
    found, gains = [], np.zeros(rows.shape[1])
    for held_out in range(FOLDS):
        trees = lightgbm.train(
            _OPTIONS, data.subset(np.flatnonzero(fold != held_out).tolist()), num_boost_round=_ROUNDS
        )
        inside = fold == held_out
        found.append(_by_score(_predicted(trees, rows[inside]), side[inside]))
        gains += trees.feature_importance("gain")
    return found, gains


def _predicted(trees: Any, rows: Floats) -> Floats:
    # As margins: probabilities are rounded together where they are near 0 or 1.
    return np.asarray(trees.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)


def _by_score(scores: Floats, side: npt.NDArray[np.int_]) -> Ints:
    """Rows of either side at each distinct score, ascending. Shape (2, distinct scores)."""
    distinct, at = np.unique(scores, return_inverse=True)
    return np.stack([np.bincount(at[side == of], minlength=len(distinct)) for of in (0, 1)]).astype(np.int64)


def _leant(names: Sequence[str], gains: Floats) -> tuple[tuple[str, float], ...]:
    """The columns of the largest shares of all gain, the largest first; none where no split gained anything."""
    total = float(gains.sum())
    order = sorted(range(len(names)), key=lambda at: (-gains[at], names[at]))[:NAMED]
    # Six digits are more than anybody reads, and leave the bytes alike where a library sums in another order.
    return tuple((names[at], round(float(gains[at]) / total, 6)) for at in order if gains[at] > 0)
