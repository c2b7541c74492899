"""The domain classifier: how well rows of a window are told from rows of the reference by all features at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plumbline.profiling.bins import Floats, Ints
from plumbline.profiling.domain_scores import DomainScores

if TYPE_CHECKING:
    from lightgbm import Booster

SEED = 20_261_031
FOLDS = 5
LEAST = 50  # rows a side: ten a fold; from how many on a figure is judged is for the policy to say
NAMED = 5  # columns that are kept with their share
_ROUNDS = 100
_WORTH, _EXPLAINED = 0.52, 100  # an area of a fold whose columns are worth naming, and by how many rows a side
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
    found, parted = _scored(reference.values, window.values, words) if enough else ([], np.zeros(len(names)))
    return DomainScores(
        rows=sizes[1],
        sample=window.digest,
        seed=SEED,
        rows_reference=sizes[0],
        reference=reference.digest,
        folds=tuple(found),
        leant=_leant(names, parted),
    )


def _scored(reference: Floats, window: Floats, words: Sequence[int]) -> tuple[list[Ints], Floats]:
    """(rows of either side by ascending score, fold by fold; how far each feature parts the two sides)."""
    found, parted = list[Ints](), np.zeros(reference.shape[1])
    for held_out, trees in enumerate(boosters(reference, window, words)):
        sides = [side[_folds(side) == held_out] for side in (reference, window)]
        found.append(_by_score(*(predicted(trees, side) for side in sides)))
        if _area(found[-1]) > _WORTH:
            below, above = (_contributions(trees, side[:_EXPLAINED]) for side in sides)
            parted += above - below
    return found, parted


def boosters(reference: Floats, window: Floats, words: Sequence[int]) -> Iterator[Booster]:
    """The classifier of each fold, trained on all the others; two runs give the same."""
    # Explaining models and boosters cost seconds of start, which only those pay who ask for this figure.
    import lightgbm

    rows = np.concatenate([reference, window])
    side = np.repeat([0, 1], [len(reference), len(window)])
    fold = np.concatenate([_folds(reference), _folds(window)])
    data = lightgbm.Dataset(rows, side, categorical_feature=list(words), params=dict(_OPTIONS))
    data.construct()
    for held_out in range(FOLDS):
        # Which columns meet in a tree is partly luck: a seed of its own for each fold, so that it evens out.
        options = _OPTIONS | {"seed": SEED + held_out}
        yield lightgbm.train(options, data.subset(np.flatnonzero(fold != held_out).tolist()), num_boost_round=_ROUNDS)


def _folds(rows: Floats) -> npt.NDArray[np.int_]:
    return np.arange(len(rows)) % FOLDS


def predicted(trees: Booster, rows: Floats) -> Floats:
    # As margins: probabilities are rounded together where they are near 0 or 1.
    return np.asarray(trees.predict(rows, raw_score=True, num_threads=1), dtype=np.float64)


def _by_score(reference: Floats, window: Floats) -> Ints:
    """Rows of either side at each distinct score, ascending. Shape (2, distinct scores)."""
    distinct, at = np.unique(np.concatenate([reference, window]), return_inverse=True)
    sides = at[: len(reference)], at[len(reference) :]
    return np.stack([np.bincount(side, minlength=len(distinct)) for side in sides]).astype(np.int64)


def _area(fold: Ints) -> float:
    """Pairs of a row of either side in which the window's scores higher, ties one half, of all pairs."""
    reference, window = fold
    return float(window @ (np.cumsum(reference) - reference / 2) / (reference.sum() * window.sum()))


def _contributions(trees: Booster, rows: Floats) -> Floats:
    """What each feature adds to the mean margin of rows (TreeSHAP, Lundberg and others 2020). Shape (features,)."""
    # Of rows that the trees never saw: what splits gained in training is spread over all columns by chance alone.
    parts = np.asarray(trees.predict(rows, pred_contrib=True, num_threads=1), dtype=np.float64)
    return np.asarray(parts[:, :-1].mean(axis=0))


def _leant(names: Sequence[str], parted: Floats) -> tuple[tuple[str, float], ...]:
    """The columns that part the two sides most, with their shares of what all do, the largest first; none by chance."""
    total = float(np.maximum(parted, 0.0).sum())
    order = sorted(range(len(names)), key=lambda at: (-parted[at], names[at]))[:NAMED]
    # Six digits are more than anybody reads, and leave the bytes alike where a library sums in another order.
    return tuple((names[at], round(float(parted[at]) / total, 6)) for at in order if parted[at] > 0)
