"""What every scenario of a window stands on: its segments, what each figure is made of there, their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.domain.results import REFERENCE
from plumbline.profiling.bins import Floats
from plumbline.profiling.edges import single
from plumbline.profiling.profile import NEGATIVE, POSITIVE, Population, Profile
from plumbline.services import by_window, segment_sums, stored
from plumbline.services.context import Context
from plumbline.services.decomposition import SMALL, not_split, smallest
from plumbline.services.measure_performance import falling
from plumbline.services.segment_sums import RowMean
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, MetricWords
from plumbline.services.views.scenario import Controls
from plumbline.stats.decomposition import SegmentSums
from plumbline.stats.standardisation import standardised_auc

ONE_SEGMENT = "Only one segment has rows enough to stand alone, so there is no other mix of them to try."
_BINS = 4_096  # most score bins that the ranking is recomputed on while a slider moves


@dataclass(frozen=True, slots=True)
class Preset:
    """A rule that makes a mix; `part` of the segments, those that rank worst, get `times` their weight."""

    key: str
    words: str
    part: float = 0.0
    times: float = 1.0


PRESETS = (
    Preset("downturn", "Downturn: the worst third of segments doubles", part=1 / 3, times=2.0),
    Preset("reference", "The reference's mix returns"),
    Preset("share", "One segment's share is set"),
)


@dataclass(frozen=True, slots=True, eq=False)
class GroundFigure:
    """A mean over rows and its sums by segment."""

    metric: MetricWords
    rows: str
    sums: SegmentSums


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Rows by segment and ascending score bin, without and with the event, and the area as it is."""

    negatives: Floats
    positives: Floats
    exact: bool
    area: float

    @property
    def labelled(self) -> Floats:
        rows: Floats = self.negatives.sum(axis=1) + self.positives.sum(axis=1)
        return rows


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What every scenario of a window and segmenting stands on, made once; segments by falling rate, worst first."""

    window: str
    by: str
    controls: Controls
    segments: tuple[str, ...]
    rows: Floats
    reference: Floats | None  # shares
    rates: Floats | None
    ranked_by: MetricWords
    figures: tuple[GroundFigure, ...]
    scores: Scores | None
    said: tuple[str, ...] = ()
    gone: str = ""  # what of the reference's mix cannot return, in words


def ground(ctx: Context, model_id: str, version: str, *, window: str, by: str = "") -> Ground | str:
    """The ground of a window's scenarios, by the first declared segment unless another is asked for; or why none."""
    subject = stored.subject(ctx, model_id, version)
    spec = stored.log_spec(ctx, subject)
    why = not_split(spec, measured=window in subject.windows)
    if why or spec is None:
        return why
    if spec.task is Task.MULTICLASS:
        return "Scenarios need one score a row; this model gives one for each class."
    reference, current = stored.profiles(ctx, subject, window)
    if current is None:
        return f"The counts of {figures.window_words(window)} are not in the store."
    chosen = by if by in spec.segments else spec.segments[0]
    return ground_of(spec, current, reference, chosen, smallest("base_rate", ctx.policy))


def ground_of(spec: LogSpec, current: Profile, reference: Profile | None, by: str, least: int) -> Ground | str:
    """The same of profiles; segments of fewer rows than `least` stand together."""
    means = segment_sums.row_means(spec)
    held = _pooled(_populations(current, by), least)
    if len(held) < 2:
        return ONE_SEGMENT
    key, worst_first = _ranking(spec, held, means)
    rates = _mean(held, means[key])
    # Those that stand together for being small behave in no way that a rule could count on: they are never the worst.
    pooled = np.array([name == SMALL for name in held])
    order = np.lexsort((-rates if worst_first else rates, pooled))
    names = [list(held)[at] for at in order]
    populations = [held[name] for name in names]
    measured = [_figure(key, mean, populations) for key, mean in means.items()]
    mix = _shares(reference, by, names) if reference else None
    return Ground(
        window=current.window.label,
        by=by,
        controls=_controls(spec, names, mix is not None),
        segments=tuple(names),
        rows=np.array([each.rows for each in populations], dtype=np.float64),
        reference=mix,
        gone=_gone(reference, by, names) if reference else "",
        rates=rates[order],
        ranked_by=by_window.metric_words(key),
        figures=tuple(each for each in measured if each.sums.rows >= least),
        scores=_scores(spec, populations),
        said=_thin([each for each in measured if each.sums.rows < least], least),
    )


def _populations(profile: Profile, by: str) -> dict[str, Population]:
    found = {each.value or "": of for each, of in profile.populations.items() if each.by == by}
    return {name: found[name] for name in sorted(found) if found[name].rows}


def _pooled(held: Mapping[str, Population], least: int) -> dict[str, Population]:
    """Populations too small to say how their segment behaves stand together."""
    kept = {name: each for name, each in held.items() if each.rows >= least}
    small = [each for name, each in held.items() if name not in kept]
    if small:
        together = small[0]
        for each in small[1:]:
            together = together + each
        kept[SMALL] = together
    return kept


def _ranking(spec: LogSpec, held: Mapping[str, Population], means: Mapping[str, RowMean]) -> tuple[str, bool]:
    """(what makes a segment worse, whether more of it does): outcomes where each has some, else the score."""
    if "base_rate" in means and all(each.labelled for each in held.values()):
        return "base_rate", True
    return "mean_score", not falling(spec)


def _mean(held: Mapping[str, Population], mean: RowMean) -> Floats:
    return np.array([total / n for n, total, _ in (mean.of(each) for each in held.values())])


def _figure(key: str, mean: RowMean, populations: Sequence[Population]) -> GroundFigure:
    words = by_window.metric_words(key)
    named = replace(words, title=mean.title, unit=mean.unit) if mean.title else words
    table = np.array([mean.of(each) for each in populations], dtype=np.float64)
    return GroundFigure(named, mean.rows, SegmentSums(*table.T))


def _thin(left_out: Sequence[GroundFigure], least: int) -> tuple[str, ...]:
    if not left_out:
        return ()
    titles = ", ".join(each.metric.title for each in left_out)
    return (f"Left out for want of rows with what they need (the policy asks for {figures.count(least)}): {titles}.",)


def _controls(spec: LogSpec, names: Sequence[str], referenced: bool) -> Controls:
    offered = [preset for preset in PRESETS if preset.key != REFERENCE or referenced]
    return Controls(
        dimensions=tuple(Choice(each, each.replace("_", " ")) for each in spec.segments),
        presets=tuple(Choice(each.key, each.words) for each in offered),
        segments=tuple(Choice(each, each) for each in names),
    )


def _shares(reference: Profile, by: str, names: Sequence[str]) -> Floats | None:
    """The reference's mix of these segments, None where it had none; what stands together now does so there."""
    held = _populations(reference, by)
    rows = {name: float(each.rows) for name, each in held.items() if name in names}
    rows[SMALL] = sum(each.rows for name, each in held.items() if name not in names)
    found = np.array([rows.get(name, 0.0) for name in names])
    return found / found.sum() if found.any() else None


def _gone(reference: Profile, by: str, names: Sequence[str]) -> str:
    held = _populations(reference, by)
    gone = [] if SMALL in names else [name for name in held if name not in names]
    if not gone:
        return ""
    share = sum(held[name].rows for name in gone) / sum(each.rows for each in held.values())
    named = ", ".join(gone[:3]) + (f" and {len(gone) - 3} more" if len(gone) > 3 else "")
    part = figures.figure(share, "share")
    return f"{part} of the reference's rows are of segments that this window has no rows of: {named}."


def _scores(spec: LogSpec, populations: Sequence[Population]) -> Scores | None:
    if spec.label is None or spec.task is not Task.BINARY or not all(each.labelled for each in populations):
        return None
    bins = populations[0].bins
    index = np.unique(np.concatenate([each.index for each in populations]))
    step = -(-len(index) // _BINS)
    starts = np.arange(0, len(index), step)
    sides = []
    for outcome in (NEGATIVE, POSITIVE):
        table = np.zeros((len(populations), len(index)))
        for at, each in enumerate(populations):
            table[at, np.searchsorted(index, each.index)] = each.counts[:, outcome]
        merged = np.add.reduceat(table, starts, axis=1)
        sides.append(merged[:, ::-1] if falling(spec) else merged)
    exact = step == 1 and bool(single(bins, index).all())
    negatives, positives = sides
    found = standardised_auc(negatives, positives, negatives.sum(axis=1) + positives.sum(axis=1), exact=exact)
    return Scores(negatives, positives, exact, found.value) if found else None
