"""What if the population were another: the segments of a window reweighted, each behaving as it does now."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from plumbline.domain.results import REFERENCE
from plumbline.profiling.bins import Floats
from plumbline.services import by_window, segment_sums
from plumbline.services.scenario_ground import PRESETS, Ground, GroundFigure, Scores
from plumbline.services.views import figures
from plumbline.services.views.scenario import Expected, MixRow, ScenarioView
from plumbline.stats.standardisation import standardised, standardised_auc, standardised_change

ASSUMED = (
    "Assumed: inside each segment scores, decisions and outcomes stay as they were in {window}, and the shares of the "
    "scenario are certain. People who come in numbers may differ from those who came before."
)


# Every run of the page asks again for what it shows; a ground is one object for as long as its window stands.
@lru_cache(maxsize=64)
def scenario(on: Ground, *, preset: str, segment: str = "", share: float | None = None) -> ScenarioView:
    """What the window's figures would be on another mix; pure arithmetic on the ground, fit for a slider.

    Args: `preset` a key of PRESETS; `segment` and `share` (0 to 1) for the one that sets a share.
    """
    now = on.rows / on.rows.sum()
    then = _mix(on, now, preset, segment, share)
    factor = np.divide(then, now)
    expected = [each for each in (_expected(figure, factor) for figure in on.figures) if each is not None]
    ranking = _expected_auc(on.scores, factor) if on.scores else None
    rates = [None] * len(now) if on.rates is None else on.rates.tolist()
    mix = zip(on.segments, now.tolist(), then.tolist(), rates, on.rows.tolist(), strict=True)
    found = (*expected, ranking) if ranking else tuple(expected)
    gone = (on.gone,) if on.gone and preset == REFERENCE else ()
    return ScenarioView(
        finding=f"{_premise(on, preset, then, segment)}: {_finding(found)}",
        mix=tuple(MixRow(name, before, after, rate, round(n)) for name, before, after, rate, n in mix),
        expected=found,
        ranked_by=on.ranked_by.title,
        ranked_unit=on.ranked_by.unit,
        said=(ASSUMED.format(window=figures.window_words(on.window)), *on.said, *gone, *_methods(found)),
    )


def _mix(on: Ground, now: Floats, preset: str, segment: str, share: float | None) -> Floats:
    if preset == REFERENCE and on.reference is not None:
        return on.reference
    if preset == "share":
        return set_share(now, on.segments.index(segment) if segment in on.segments else 0, share)
    rule = next((each for each in PRESETS if each.key == preset), PRESETS[0])
    worst = math.ceil(rule.part * len(now))
    weight = np.where(np.arange(len(now)) < worst, rule.times, 1.0) * now
    then: Floats = weight / weight.sum()
    return then


def set_share(now: Floats, at: int, share: float | None) -> Floats:
    """One segment at this share (None: as it is); the others keep their proportions to each other.

    >>> set_share(np.array([0.2, 0.2, 0.6]), 0, 0.6).round(3).tolist()
    [0.6, 0.1, 0.3]
    """
    if share is None:
        return now
    others = now.sum() - now[at]
    then = now * ((1 - share) / others if others > 0 else 0.0)
    then[at] = share
    whole: Floats = then / then.sum()
    return whole


def _expected(figure: GroundFigure, factor: Floats) -> Expected | None:
    """A row of a segment counts as often as its share grows, so that the mix of today gives the figure of record."""
    shares = figure.sums.n * factor
    found = standardised(figure.sums, shares) if shares.sum() > 0 else None
    change = standardised_change(figure.sums, shares) if found else None
    if found is None or change is None:
        return None
    return Expected(
        metric=figure.metric,
        now=figure.sums.of_all,
        then=found.value,
        low=found.interval.low,
        high=found.interval.high,
        change=change.value,
        change_low=change.interval.low,
        change_high=change.interval.high,
        n=round(figure.sums.rows),
        rows=figure.rows,
        method=found.interval.method,
    )


def _expected_auc(scores: Scores, factor: Floats) -> Expected | None:
    then = standardised_auc(scores.negatives, scores.positives, scores.labelled * factor, exact=scores.exact)
    if then is None:
        return None
    return Expected(
        metric=by_window.metric_words("roc_auc"),
        now=scores.area,
        then=then.value,
        low=then.interval.low,
        high=then.interval.high,
        change=then.value - scores.area,
        change_low=None,
        change_high=None,
        n=round(float(scores.labelled.sum())),
        rows=segment_sums.KNOWN,
        method=then.interval.method,
    )


def _premise(on: Ground, preset: str, then: Floats, segment: str) -> str:
    """What is supposed, in words."""
    if preset == REFERENCE and on.reference is not None:
        return "With the reference's mix"
    if preset == "share":
        at = on.segments.index(segment) if segment in on.segments else 0
        return f"With '{on.segments[at]}' at {figures.figure(float(then[at]), 'share')} of rows"
    worst = [f"'{name}'" for name in on.segments[: math.ceil(PRESETS[0].part * len(on.segments))]]
    named = ", ".join(worst[:3]) + (f" and {len(worst) - 3} more" if len(worst) > 3 else "")
    return f"With {named} doubled"


def _finding(expected: Sequence[Expected]) -> str:
    """The leading figure, and whether the ranking follows."""
    if not expected:
        return "No figure of this window has rows enough to say"
    said = [_moved(expected[0])]
    said += [_moved(each) for each in expected[1:] if each.metric.key in ("selection_rate", "roc_auc")]
    return "; ".join(said)


def _methods(expected: Sequence[Expected]) -> tuple[str, ...]:
    """How the intervals were made."""
    by_method: dict[str, list[str]] = {}
    for one in expected:
        by_method.setdefault(one.method, []).append(one.metric.title)
    named = "; ".join(f"{method} ({', '.join(titles)})" for method, titles in by_method.items())
    return (f"Intervals of 95 %: {named}.",) if named else ()


def _moved(one: Expected) -> str:
    verb = "stays at" if abs(one.change) < 1e-12 else "would be"
    span = one.metric.span(one.low, one.high)
    was = "" if verb == "stays at" else f", not {one.metric.figure(one.now)}"
    return f"{one.metric.title} {verb} {one.metric.figure(one.then)} ({span}){was}"
