"""Whole windows drawn from what all stored windows of a version hold together, so that nothing drifts by construction.

Columns are drawn each by itself, score, outcome and slices together; every window at its own number of rows and its
own share of labels. Only counts are drawn from, so a window of a million rows costs no more than one of a thousand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.domain.results import Result
from plumbline.policy.load import Policy
from plumbline.profiling.bins import CategoricalBins
from plumbline.profiling.columns import CategoricalColumn, Column, add_columns
from plumbline.profiling.count_classes import no_classes
from plumbline.profiling.profile import ALL, LABEL, NEGATIVE, POSITIVE, SCORE, UNKNOWN, Profile
from plumbline.profiling.score_sums import no_rows
from plumbline.services.measure import mature
from plumbline.services.self_test_columns import Drawn, pool_of
from plumbline.services.self_test_scores import ScorePool

Known = Mapping[str, CategoricalBins]


class Pool:
    """What is drawn from; `scores` is None where sums of outcomes are no counts: there columns are drawn alone."""

    def __init__(self, spec: LogSpec, profiles: Sequence[Profile], policy: Policy) -> None:
        self.spec, self.grid, self.rows = spec, profiles[0].grid, sum(each.rows for each in profiles)
        self.columns: dict[str, Drawn] = {
            name: pool_of(reduce(add_columns, [each.columns[name] for each in profiles]))
            for name in profiles[0].columns
        }
        binary = spec.task is Task.BINARY and spec.label is not None
        self.scores = _scores(spec, profiles, policy) if binary else None

    def shiftable(self, kind: type[Drawn]) -> tuple[str, ...]:
        """Columns of the kind into which a shift can be planted: features, neither score nor outcome."""
        roles = {SCORE, LABEL, *self.grid.scores}
        return tuple(
            name
            for name, column in self.columns.items()
            if isinstance(column, kind) and column.shiftable and name not in roles
        )

    def draw(
        self,
        like: Profile,
        chance: np.random.Generator,
        known: Known | None = None,
        *,
        rows: int | None = None,
        scored: bool = True,
        columns: Mapping[str, Drawn] | None = None,
    ) -> Profile:
        """A window like `like`, with as many rows unless `rows` says otherwise; `known` are the levels that the
        reference drew (None: it is one).

        Without `scored` only columns are drawn; `columns` are drawn in the place of those of their names.
        """
        size, several = like.rows if rows is None else rows, self.spec.task is Task.MULTICLASS
        populations, found = {} if several else {ALL: no_rows(self.spec, self.grid)}, dict[str, Column]()
        if scored and self.scores and like.rows:
            scores = self.scores.draw(size, like.labelled / like.rows, chance)
            populations |= scores.populations
            found[SCORE] = scores.score
            outcome = self.grid.columns.get(LABEL)
            if isinstance(outcome, CategoricalBins):
                counts, missing = scores.outcomes[[NEGATIVE, POSITIVE]], int(scores.outcomes[UNKNOWN])
                found[LABEL] = CategoricalColumn(bins=outcome, count=counts, missing=missing)
        columns_of = {
            name: found.get(name) or pool.draw(size, chance, (known or {}).get(name))
            for name, pool in {**self.columns, **(columns or {})}.items()
        }
        return replace(
            like,
            grid=self.grid,
            rows=size,
            quarantine={},
            columns=columns_of,
            populations=populations,
            classes=no_classes(self.spec, self.grid) if several else None,
            sources=(),
            weighted=None,
        )


@dataclass(frozen=True, slots=True)
class Drawing:
    """What is drawn from and after, and the code of a monitoring run that judges what is drawn."""

    judged: Callable[[Profile, Sequence[Profile]], tuple[Result, ...]]
    pool: Pool
    reference: Profile
    like: Sequence[Profile]
    seed: int


def levels_of(reference: Profile) -> Known:
    """The levels that each categorical column of a drawn reference holds: all that its windows can know."""
    return {name: each.bins for name, each in reference.columns.items() if isinstance(each, CategoricalColumn)}


def named(profile: Profile, at: int) -> Profile:
    """In a place of its own: one window may be drawn after twice in a life."""
    return replace(profile, window=replace(profile.window, label=f"{at:04d}"))


def _scores(spec: LogSpec, profiles: Sequence[Profile], policy: Policy) -> ScorePool:
    """From the reference and the windows whose outcomes are in: elsewhere too many of them are not known yet."""
    ripe = [each for each in profiles if mature(spec, profiles[0], each, policy) is not False]
    return ScorePool(spec, profiles[0].grid, [each.populations for each in ripe], sum(each.rows for each in ripe))
