"""Why did it change: is it who is in the population, or how its segments behave?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from plumbline.domain.log_spec import LogSpec, Task
from plumbline.domain.results import REFERENCE
from plumbline.policy.load import Policy
from plumbline.profiling.profile import Profile
from plumbline.services import by_window, segment_sums, stored
from plumbline.services.context import Context
from plumbline.services.segment_sums import RowMean, Sums
from plumbline.services.views import figures
from plumbline.services.views.by_window import Choice, MetricWords
from plumbline.services.views.decomposition import DecompositionView, Effect, SegmentPart, Split
from plumbline.stats.decomposition import Decomposition, Effects, SegmentSums, decompose

SMALL = "(small segments)"
PREVIOUS = "previous"
NO_SEGMENTS = (
    "Why a figure changed is told by declared segments, and this model file declares none: "
    'add segments = ["..."] to its [log].'
)
BY_WEIGHT = (
    "The figures of this model are by weight, and a split counts rows: it would not add up to them, so none is shown."
)
NO_MEAN = "No figure of this model is a mean over rows that its segments keep, so none can be split."
RANKING = (
    "{title} compares rows in pairs or sorts them: it is not a mean over rows, so mix and within segments do not add "
    "up to its change, and it is not split here."
)
RATIO = "{title} is a ratio of two sums; what is split is its difference, {difference}, which is a mean over rows."
INTERACTION = (
    "{size} come from segments that changed their share and their figure at once: neither alone would have brought "
    "them, so half of them stand in mix and half within segments."
)
_SORTED = (
    *("roc_auc", "gini", "ks_separation", "average_precision", "ece", "balanced_accuracy", "f1", "mcc", "r2"),
    *("calibration_slope", "calibration_intercept"),
)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The window and what it is held against."""

    before: Profile
    after: Profile


def decomposition_view(
    ctx: Context,
    model_id: str,
    version: str,
    *,
    window: str,
    metric: str = "",
    figure: str = "",
    by: str = "",
    against: str = "",
) -> DecompositionView:
    """The view for a window; empty choices mean the page's metric, the segment with the largest mix, the reference."""
    subject = stored.subject(ctx, model_id, version)
    spec = stored.log_spec(ctx, subject)
    why = not_split(spec, measured=window in subject.windows)
    if why or spec is None:
        return DecompositionView(said=(why,) if why else ())
    earlier = subject.windows[: subject.windows.index(window)]
    baseline = earlier[-1] if against == PREVIOUS and earlier else REFERENCE
    sides = _sides(ctx, subject, baseline, window)
    if sides is None:
        return DecompositionView(said=(f"The counts of {figures.window_words(baseline)} are not in the store.",))
    means = _means(spec)
    asked = next((key for key in (figure, metric) if key in means), None)
    tried = {key: _splits(sides, spec, means[key], key, ctx.policy) for key in ([asked] if asked else means)}
    # Nobody asked for one: the first that can be split, as outcomes may not be in yet.
    key = next((one for one, found in tried.items() if any(isinstance(each, Split) for each in found.values())), None)
    key = key or next(iter(tried))
    splits = tried[key]
    chosen = by if by in splits else max(splits, key=lambda one: _mixed(splits[one]))
    found = splits[chosen]
    return DecompositionView(
        figures=tuple(Choice(one, _words(one, means[one]).title) for one in means),
        figure=key,
        dimensions=tuple(Choice(one, one.replace("_", " ")) for one in splits),
        by=chosen,
        baselines=_baselines(earlier),
        against=PREVIOUS if baseline != REFERENCE else REFERENCE,
        split=found if isinstance(found, Split) else None,
        said=_said(metric, key, means, found, sides.after),
    )


def not_split(spec: LogSpec | None, *, measured: bool) -> str:
    """Why nothing of this model can be split, and what it would take; empty where something can."""
    if spec is None or not measured:
        return stored.NOTHING_MEASURED
    if spec.weight is not None:
        return BY_WEIGHT
    if not spec.segments:
        return NO_SEGMENTS
    return "" if _means(spec) else NO_MEAN


def _means(spec: LogSpec) -> dict[str, RowMean]:
    return segment_sums.of_classes(spec) if spec.task is Task.MULTICLASS else segment_sums.row_means(spec)


def _sides(ctx: Context, subject: stored.Subject, baseline: str, window: str) -> _Sides | None:
    before, after = (stored.profile(ctx, subject, label) for label in (baseline, window))
    return _Sides(before, after) if before is not None and after is not None else None


def _baselines(earlier: Sequence[str]) -> tuple[Choice, ...]:
    reference = Choice(REFERENCE, "the reference")
    return (reference, Choice(PREVIOUS, f"{figures.window_words(earlier[-1])}, before it")) if earlier else (reference,)


def _words(key: str, mean: RowMean) -> MetricWords:
    words = by_window.metric_words(key)
    return replace(words, title=mean.title, unit=mean.unit, definition="") if mean.title else words


def _mixed(split: Split | str) -> float:
    return abs(split.mix.value) if isinstance(split, Split) else -1.0


def _splits(sides: _Sides, spec: LogSpec, mean: RowMean, key: str, policy: Policy) -> dict[str, Split | str]:
    """By each declared segment."""
    return {by: _split(sides, mean, key, by, policy) for by in spec.segments}


def _split(sides: _Sides, mean: RowMean, key: str, by: str, policy: Policy) -> Split | str:
    """The split, or in words why there is none."""
    old, new = (segment_sums.by_segment(profile, mean, by) for profile in (sides.before, sides.after))
    least, words = smallest(key, policy), _words(key, mean)
    for profile, table in ((sides.before, old), (sides.after, new)):
        rows = round(sum(sums[0] for sums in table.values()))
        if rows < max(least, 1):
            when = figures.window_words(profile.window.label)
            return (
                f"{words.title} is not split: {when} has {figures.count(rows)} {mean.rows}, "
                f"and the policy asks for {figures.count(max(least, 1))}."
            )
    names, before, after, pooled = pooled_sides(old, new, least)
    found = decompose(before, after)
    split = Split(
        metric=words,
        by=by,
        window=sides.after.window.label,
        baseline=sides.before.window.label,
        rows=mean.rows,
        n_before=round(before.rows),
        n_after=round(after.rows),
        before=found.before,
        after=found.after,
        change=_effect(found.whole, 0),
        mix=_effect(found.whole, 1),
        within=_effect(found.whole, 2),
        interaction=_effect(found.interaction, 0),
        segments=_segments(names, before, after, found),
        pooled=pooled,
        finding="",
    )
    return replace(split, finding=finding(split), note=interaction(split))


def smallest(key: str, policy: Policy) -> int:
    """Rows under which the policy lets no figure of a segment stand alone."""
    known = policy.thresholds.metrics.get(key)
    return (known.minimum if known else policy.thresholds.house.minimum).n


def pooled_sides(
    before: Mapping[str, Sums], after: Mapping[str, Sums], least: int
) -> tuple[list[str], SegmentSums, SegmentSums, tuple[str, ...]]:
    """(names, both windows on the same segments, names of those pooled for being small in one of them)."""
    names = sorted({*before, *after})
    old, new = segment_sums.sums_of(before, names), segment_sums.sums_of(after, names)
    # One that is not there at all in a window has no thin figure in it: it came or went.
    small = ((old.n > 0) & (old.n < least)) | ((new.n > 0) & (new.n < least))
    if not small.any():
        return names, old, new, ()
    kept = [name for name, thin in zip(names, small, strict=True) if not thin]
    pooled = tuple(name for name, thin in zip(names, small, strict=True) if thin)
    return [*kept, SMALL], old.pooled(small), new.pooled(small), pooled


def _effect(effects: Effects, at: int) -> Effect:
    return Effect(float(effects.value[at]), float(effects.interval.low[at]), float(effects.interval.high[at]))


def _segments(
    names: Sequence[str], before: SegmentSums, after: SegmentSums, found: Decomposition
) -> tuple[SegmentPart, ...]:
    parts = [
        SegmentPart(
            segment=name,
            n_before=round(before.n[at]),
            n_after=round(after.n[at]),
            share_before=float(before.share[at]),
            share_after=float(after.share[at]),
            before=float(before.mean[at]) if before.n[at] else None,
            after=float(after.mean[at]) if after.n[at] else None,
            mix=_effect(found.mix, at),
            within=_effect(found.within, at),
            both=_effect(found.both, at),
        )
        for at, name in enumerate(names)
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.both.value)))


def finding(split: Split) -> str:
    """The change and its parts in a sentence; a part that chance explains is said to be so."""
    title = split.metric.title
    parts = f"{_part(split, split.mix)} from mix, {_part(split, split.within)} within segments"
    moved = f"{split.part(split.change.value)}{split.points}"
    if not split.change.real:
        if split.mix.real or split.within.real:
            return f"{title} has hardly moved ({moved}): {parts}"
        return f"{title} has not moved beyond chance: {moved} ({split.span(split.change)})"
    verb = "rose" if split.change.value > 0 else "fell"
    return f"{title} {verb} {moved[1:]}: {parts}{_where(split)}"


def _part(split: Split, effect: Effect) -> str:
    return split.part(effect.value) if effect.real else f"{split.part(effect.value)} (within chance)"


def _where(split: Split) -> str:
    """In all segments, where each behaves otherwise the same way beyond chance; and where most."""
    sign = 1 if split.change.value > 0 else -1
    named = [part.segment for part in split.segments if part.segment != SMALL and sign * part.both.value > 0]
    if len(split.segments) < 2 or not named:
        return ""
    all_over = all(part.within.real and sign * part.within.value > 0 for part in split.segments)
    return f"; {f'in all {len(split.segments)} segments, ' if all_over else ''}most in '{named[0]}'"


def _said(metric: str, key: str, means: Mapping[str, RowMean], found: Split | str, current: Profile) -> tuple[str, ...]:
    said = []
    asked = by_window.metric_words(metric).title
    if metric in _SORTED:
        below = f" {found.metric.title} is, below." if isinstance(found, Split) else ""
        said.append(RANKING.format(title=asked) + below)
    if key in segment_sums.DIFFERENCES:
        title = by_window.metric_words(key).title
        said.append(RATIO.format(title=title, difference=means[key].title.lower()))
    if isinstance(found, str):
        said.append(found)
    elif found.metric.needs_labels and current.mature is False:
        share = figures.figure(current.label_share, "rate")
        said.append(f"Outcomes of this window are in for {share} of rows and still come in: the split is provisional.")
    return tuple(said)


def interaction(split: Split) -> str:
    """Said where it is so large that mix and within would be read amiss without it."""
    both = split.interaction
    if not both.real or abs(both.value) < abs(split.change.value) / 4:
        return ""
    size = f"{split.part(both.value)}{split.points} ({split.span(both)})"
    return INTERACTION.format(size=size)
