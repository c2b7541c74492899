"""What a classifier made of rows of a window and rows of the reference: the one part of a profile that needs rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from plumbline.profiling.bins import Ints


class _Packs(Protocol):
    def counts(self, array: Ints) -> list[int]: ...


class _Unpacks(Protocol):
    def counts(self, place: list[int]) -> Ints: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DomainScores:
    """A row statistic: made in the run that counts, on a seeded sample of usable rows, and never added up.

    `folds`: of each fold, rows of the reference and of the window by ascending score of a classifier that was trained
    on the other folds, shape (2, distinct scores); none where either side has too few rows, and on the reference.
    `leant`: the columns that part the two sides most, with their share of what all do. `sample` and `reference` are the
    SHA-256 of the rows drawn on either side ("" on the reference itself, whose profile tells what others must name).
    """

    rows: int
    sample: str
    seed: int
    rows_reference: int = 0
    reference: str = ""
    folds: tuple[Ints, ...] = ()
    leant: tuple[tuple[str, float], ...] = ()


def packed(scores: DomainScores, packer: _Packs) -> dict[str, Any]:
    """For a profile's header."""
    return {
        "rows": [scores.rows, scores.rows_reference],
        "sample": [scores.sample, scores.reference],
        "seed": scores.seed,
        "folds": [packer.counts(fold) for fold in scores.folds],
        "leant": [list(each) for each in scores.leant],
    }


def unpacked(raw: dict[str, Any], reader: _Unpacks) -> DomainScores:
    """Inverse of `packed`."""
    return DomainScores(
        rows=raw["rows"][0],
        rows_reference=raw["rows"][1],
        sample=raw["sample"][0],
        reference=raw["sample"][1],
        seed=raw["seed"],
        folds=tuple(reader.counts(place) for place in raw["folds"]),
        leant=tuple((name, share) for name, share in raw["leant"]),
    )
