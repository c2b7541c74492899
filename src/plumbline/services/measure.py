"""From two profiles to every figure of a window: measured, compared with the reference, corrected for multiplicity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from plumbline.domain.log_spec import LogSpec, ScoreKind, Task
from plumbline.domain.results import Measurement
from plumbline.policy.load import Policy
from plumbline.profiling.profile import ALL, LABEL, Profile, Slice
from plumbline.services import measure_performance
from plumbline.services.measure_drift import drift, quality
from plumbline.services.measure_fairness import measure_fairness
from plumbline.services.measure_figures import Compared, Figures, absent, compare, measurement
from plumbline.services.measure_fine import recalibration
from plumbline.services.measure_tests import TESTS, calibration_tests
from plumbline.stats.multiplicity import benjamini_hochberg, holm
from plumbline.stats.registry import METRICS


def measure(spec: LogSpec, reference: Profile, current: Profile, policy: Policy) -> tuple[Measurement, ...]:
    """Every figure of one window, `p_adjusted` filled in; pass the reference as `current` for its own figures."""
    return measure_windows(spec, reference, [current], policy)[0]


def measure_windows(
    spec: LogSpec, reference: Profile, windows: Sequence[Profile], policy: Policy
) -> list[tuple[Measurement, ...]]:
    """Every figure of each window, in the windows' order; the reference's own figures are made once."""
    before = _figures(reference, spec)
    return [adjust(list(_measured(spec, reference, before, current, policy))) for current in windows]


def adjust(figures: Sequence[Compared]) -> tuple[Measurement, ...]:
    """Fills `p_adjusted` within one window: Benjamini-Hochberg over columns (segments' columns a second family),
    Holm over segments and groups; a figure of all rows without a column stands alone.
    """
    families: dict[tuple[str, str], list[int]] = defaultdict(list)
    corrected = [figure.p_value for figure in figures]
    for place, figure in enumerate(figures):
        if figure.p_value is not None:
            families[figure.metric, _family(figure)].append(place)
    for (_, family), places in families.items():
        if len(places) > 1:
            correct = holm if family == "segments" else benjamini_hochberg
            adjusted = correct([figures[place].p_value or 0.0 for place in places]).tolist()
            for place, p in zip(places, adjusted, strict=True):
                corrected[place] = p
    return tuple(measurement(figure, p) for figure, p in zip(figures, corrected, strict=True))


def mature(reference: Profile, current: Profile, policy: Policy) -> bool | None:
    """Whether a window's labels are in: by the declared maturity, else by the share that the reference had."""
    if current is reference:
        return True
    if current.mature is not None:
        return current.mature
    here, there = current.label_share, reference.label_share
    return None if here is None or not there else here >= policy.thresholds.min_label_share * there


def _family(figure: Compared) -> str:
    if figure.column is not None:
        return "columns" if figure.population == ALL else "segments' columns"
    return "all rows" if figure.population == ALL else "segments"


def _measured(
    spec: LogSpec, reference: Profile, before: Mapping[Slice, Figures], current: Profile, policy: Policy
) -> Iterator[Compared]:
    itself = current is reference
    ripe = mature(reference, current, policy)
    yield from _performance(spec, before, before if itself else _figures(current, spec), current, ripe, itself)
    yield from quality(reference.columns, current.columns, itself)
    if not itself:
        for figure in drift(reference, current):
            of_label = figure.column == LABEL
            yield replace(figure, mature=ripe, label_share=current.label_share) if of_label else figure
    yield from measure_fairness(reference, current, spec, policy)


def _performance(
    spec: LogSpec,
    before: Mapping[Slice, Figures],
    now: Mapping[Slice, Figures],
    current: Profile,
    ripe: bool | None,
    itself: bool,
) -> Iterator[Compared]:
    directions = {metric.key: metric.direction for metric in spec.metrics}
    for population, figures in now.items():
        earlier = before.get(population, {})
        share = _label_share(current, population)
        for metric, made in figures.items():
            needs_labels = metric in METRICS and METRICS[metric].needs_labels
            yield compare(
                metric,
                made,
                earlier.get(metric),
                population,
                label_share=share if needs_labels else None,
                mature=ripe if needs_labels else None,
                direction=directions.get(metric, ""),
                itself=itself,
            )
    for population in before.keys() - now.keys():
        yield compare("row_count", measure_performance.row_count(0), before[population]["row_count"], population)


def _figures(profile: Profile, spec: LogSpec) -> dict[Slice, Figures]:
    if profile.classes is not None:
        return {
            population: measure_performance.of_classes(profile.classes, population, spec)
            for population in profile.classes.confusion
        }
    found: dict[Slice, Figures] = {
        population: measure_performance.figures_of(rows, spec)
        for population, rows in sorted(profile.populations.items(), key=lambda item: item[0] != ALL)
    }
    if spec.task is Task.BINARY and spec.label is not None:
        found[ALL] = {**found[ALL], **_recalibrated(profile, spec)}
    return found


def _recalibrated(profile: Profile, spec: LogSpec) -> Figures:
    if spec.score_kind is ScoreKind.PROBABILITY:
        return {**recalibration(profile), **calibration_tests(profile)}
    rows = profile.populations[ALL]
    why = absent(measure_performance.NEEDS_PROBABILITY, rows.labelled, rows.positives)
    return dict.fromkeys(("calibration_slope", "calibration_intercept", *TESTS), why)


def _label_share(profile: Profile, population: Slice) -> float | None:
    if profile.classes is not None:
        table = profile.classes.confusion[population]
        rows, labelled = int(table.sum()), int(table[:, :-1].sum())
    else:
        rows, labelled = profile.populations[population].rows, profile.populations[population].labelled
    return labelled / rows if rows else None
