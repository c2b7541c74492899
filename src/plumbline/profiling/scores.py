"""Rows by score bin and outcome, the bulk of a profile: as they were counted, or read where they lie packed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from plumbline.profiling.bins import Ints


class Scores(Protocol):
    """Occupied score bins, ascending, and rows by outcome. Shapes (k,) and (k, 3)."""

    @property
    def index(self) -> Ints: ...

    @property
    def counts(self) -> Ints: ...


@dataclass(frozen=True, slots=True, eq=False)
class CountedScores:
    """At hand."""

    index: Ints
    counts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class PackedScores:
    """Made anew whenever asked for: those of a run's windows, kept as whole integers, would fill 100 MB."""

    read_index: Callable[[], Ints]
    read_counts: Callable[[], Ints]

    @property
    def index(self) -> Ints:
        return self.read_index()

    @property
    def counts(self) -> Ints:
        return self.read_counts()
