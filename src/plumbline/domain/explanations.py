"""Attributions: what each raw column added to each score, in a form that can be stored, drawn and signed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Scale(StrEnum):
    """What attributions add up to; for a regression the margin is the raw prediction (before any inverse link)."""

    MARGIN = "margin"
    PROBABILITY = "probability"


class Perturbation(StrEnum):
    """How an absent column is imagined; two explanations compare only under the same one."""

    INTERVENTIONAL = "interventional"
    PATH_DEPENDENT = "path_dependent"
    INDEPENDENT = "independent"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True)
class ColumnAttribution:
    """One raw column over all explained rows: its value as text (None when missing) and what it added."""

    column: str
    values: tuple[str | None, ...]
    attributions: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Importance:
    """Mean absolute attribution of a column over the explained rows, with its bootstrap interval."""

    column: str
    mean_absolute: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Attributions of a declared sample of rows; everything in row order, importance from the largest down.

    `base_values[i] + sum(column.attributions[i]) == predictions[i]` on `scale`, within `tolerance`.
    `rows_available` counts the rows the sample was drawn from with `seed`.
    """

    model_id: str
    version: str
    artefact: str
    artefact_sha256: str
    method: str
    perturbation: Perturbation
    scale: Scale
    tolerance: float
    background_rows: int
    rows_available: int
    seed: int
    row_ids: tuple[str, ...]
    predictions: tuple[float, ...]
    base_values: tuple[float, ...]
    columns: tuple[ColumnAttribution, ...]
    importance: tuple[Importance, ...]
    confidence: float = 0.95

    @property
    def rows(self) -> int:
        return len(self.row_ids)

    def contributions(self, position: int) -> Iterator[tuple[str, str | None, float]]:
        """(column, value, attribution) of one row, the largest absolute attribution first: its waterfall."""
        row = [(c.column, c.values[position], c.attributions[position]) for c in self.columns]
        yield from sorted(row, key=lambda part: -abs(part[2]))


@dataclass(frozen=True, slots=True)
class StoredExplanation:
    """An explanation as it stands in the store; `sha256` is the hash of the stored bytes."""

    id: str
    recorded_at: datetime
    recorded_by: str
    sha256: str
    explanation: Explanation
