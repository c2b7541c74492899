"""A self-test: how often a version's verdicts raise an alarm where nothing drifts, and the smallest shift they see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np

from plumbline.domain.log_spec import LogSpec
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Result
from plumbline.domain.self_test import ALL_ROWS, COLUMNS, SEGMENTS, AlarmRate, PartRates, SelfTest
from plumbline.policy.judge import UNPROVEN
from plumbline.policy.load import Policy
from plumbline.profiling.profile import Profile
from plumbline.services.judging import judged_results
from plumbline.services.self_test_columns import Levels, Numbers
from plumbline.services.self_test_pool import Drawing, Pool, levels_of, named
from plumbline.services.self_test_power import power
from plumbline.stats.self_test import clustered_rate

DRAWN = 144  # windows without drift, unless more are asked for
LIFE = 12  # windows of one reference: those of an unlucky one are alike
NEWEST = 24  # windows that are drawn after; a life is too short for a history to excuse what it does
A_YEAR = {"day": 365.25, "week": 365.25 / 7, "month": 12.0, "quarter": 4.0, "year": 1.0}
PARTS = ("", COLUMNS, ALL_ROWS, SEGMENTS)
KINDS = ("red", "shown", "alarm")
NO_OUTCOMES = "figures that need outcomes, which are drawn for models of two outcomes alone"
NO_WEIGHTS = "weights: every row counts as one"
Progress = Callable[[int, int], None]
ALARMS = frozenset({Level.AMBER, Level.RED})
Alarms = frozenset[tuple[str, str]]  # (part, kind)
Figure = tuple[str, str | None, str | None, str | None]  # metric, column, slice


@dataclass(frozen=True, slots=True)
class Judging:
    """Whose windows are drawn, and what they are judged by."""

    spec: LogSpec
    policy: Policy
    family: str
    tier: Tier

    def of(self, reference: Profile, windows: Sequence[Profile]) -> tuple[Result, ...]:
        """Every figure with its verdict, as a monitoring run judges them."""
        return judged_results(self.spec, [reference, *windows], self.policy, family=self.family, tier=self.tier)


def self_test(
    judging: Judging,
    reference: Profile,
    windows: Sequence[Profile],
    *,
    drawn: int = DRAWN,
    seed: int = 1,
    progress: Progress | None = None,
) -> SelfTest:
    """The test of the version whose profiles these are, counted on one grid; at least one window has rows.

    Reference and windows are drawn from what all of them hold together, measured and judged as a monitoring run does.
    `progress` is told of the windows drawn so far and in all. One seed gives one answer.
    """
    lived = [each for each in windows if each.rows]
    like, lives = lived[-NEWEST:], max(-(-drawn // LIFE), 1)
    pool = Pool(judging.spec, [reference, *lived], judging.policy)
    drawing = Drawing(judging.of, pool, reference, like, seed)
    standing, by_life = _standing(drawing), list[list[Alarms]]()
    for life in range(lives):
        by_life.append(_life(drawing, life, standing))
        if progress:
            progress(LIFE * len(by_life), LIFE * lives)
    rows = [each.rows for each in like]
    calendar = "month" if judging.spec.window_column else judging.spec.window
    return SelfTest(
        rows=round(float(np.median(rows))),
        fewest=min(rows),
        most=max(rows),
        reference_rows=reference.rows,
        lives=lives,
        seed=seed,
        rates=tuple(rates_of(part, by_life) for part in PARTS),
        a_year=A_YEAR[calendar],
        false_reds=judging.policy.thresholds.budget.false_reds,
        numeric=power(drawing, Numbers),
        categorical=power(drawing, Levels),
        standing=tuple(_words(figure) for figure in standing),
        left_out=_left_out(judging.spec, pool),
    )


def _life(drawing: Drawing, life: int, standing: Collection[Figure]) -> list[Alarms]:
    """The alarms of each window of one life: a reference drawn anew, and windows after it."""
    chance = np.random.default_rng([drawing.seed, life])
    before = drawing.pool.draw(drawing.reference, chance)
    known, like = levels_of(before), drawing.like
    windows = [named(drawing.pool.draw(like[(life * LIFE + at) % len(like)], chance, known), at) for at in range(LIFE)]
    return alarms_of(drawing.judged(before, windows), windows, standing)


def _standing(drawing: Drawing) -> tuple[Figure, ...]:
    """What is past a limit in the pooled rows themselves (a ratio of groups, a level of calibration): no false alarm.

    As many rows as all windows have are held against as many: what is left is no matter of chance.
    """
    pool, chance = drawing.pool, np.random.default_rng([drawing.seed, 0, 2, 1])
    before = pool.draw(drawing.reference, chance, rows=pool.rows)
    window = named(pool.draw(drawing.reference, chance, levels_of(before), rows=pool.rows), 0)
    found = (one for one in drawing.judged(before, [window]) if one.window == window.window)
    return tuple(_figure(one) for one in found if one.verdict.level in ALARMS)


def alarms_of(results: Sequence[Result], windows: Sequence[Profile], standing: Collection[Figure] = ()) -> list[Alarms]:
    """By window, each part that has an alarm in a figure not `standing`, and of which kind; windows have own names."""
    found: dict[str, set[tuple[str, str]]] = {each.window.label: set() for each in windows}
    for one in results:
        kinds = _kinds(one)
        if kinds and one.window.label in found and _figure(one) not in standing:
            found[one.window.label].update((part, kind) for part in ("", _part(one)) for kind in kinds)
    return [frozenset(alarms) for alarms in found.values()]


def _kinds(one: Result) -> tuple[str, ...]:
    level = one.verdict.level
    if level not in ALARMS:
        return ()
    if level is Level.AMBER and one.verdict.rule.endswith(UNPROVEN):
        return ("alarm",)
    return KINDS if level is Level.RED else ("shown", "alarm")


def _figure(one: Result) -> Figure:
    measured = one.measurement
    return measured.metric, measured.column, measured.segment_by, measured.segment


def _words(figure: Figure) -> str:
    metric, column, by, value = figure
    return " ".join([metric, *([f"of {column}"] if column else []), *([f"({by} {value})"] if by else [])])


def _part(one: Result) -> str:
    if one.measurement.segment_by is not None:
        return SEGMENTS
    return ALL_ROWS if one.measurement.column is None else COLUMNS


def rates_of(part: str, by_life: Sequence[Sequence[Alarms]]) -> PartRates:
    """The rates of one of PARTS over lives of LIFE windows."""
    found = {kind: _rate([sum((part, kind) in alarms for alarms in life) for life in by_life]) for kind in KINDS}
    return PartRates(part=part, **found)


def _rate(by_life: Sequence[int]) -> AlarmRate:
    limits = clustered_rate(by_life, [LIFE] * len(by_life))
    return AlarmRate(sum(by_life), LIFE * len(by_life), limits.low, limits.high)


def _left_out(spec: LogSpec, pool: Pool) -> tuple[str, ...]:
    parts = ((NO_OUTCOMES, pool.scores is None and spec.label is not None), (NO_WEIGHTS, spec.weight is not None))
    return tuple(words for words, so in parts if so)
