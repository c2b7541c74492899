"""From a profile to what is drawn of the score: calibration, distribution by outcome, confusion at the threshold."""

from __future__ import annotations

import numpy as np

from plumbline.profiling.bins import Floats
from plumbline.profiling.profile import ALL, NEGATIVE, POSITIVE, UNKNOWN, Population, Profile
from plumbline.services import bins as drawn
from plumbline.services.views import figures
from plumbline.services.views.performance import Calibration, CalibrationBin, ConfusionView, ScoreDistribution
from plumbline.stats.intervals import Interval, mean_normal, wilson

_BARS = 40
ONE_SCORE_A_CLASS = (
    "Calibration, score distribution and confusion are drawn for one score a row; this model gives one for each "
    "class. Its figures over all classes stand in the table below."
)
NO_OUTCOME_YET = "Calibration is drawn once outcomes of this window are known: choose an earlier window to see one."
NEEDS_PROBABILITY = (
    "Calibration is not drawn: it holds a probability against outcomes, and this score is in points. "
    "It would take a score that is a probability."
)
NO_DECISION = "Decisions are not held against outcomes: the model file would have to declare a threshold or a decision."
_OUTCOMES = (("Outcome no", NEGATIVE), ("Outcome yes", POSITIVE), ("Not known yet", UNKNOWN))


def calibration(profile: Profile, *, task: str) -> Calibration | None:
    """Predicted against observed in each band that holds labelled rows; None where there are no labels."""
    population = profile.populations.get(ALL)
    if population is None or not population.labelled or (task == "binary" and not _is_probability(population)):
        return None
    bands = tuple(
        _band(population, at, binary=task == "binary")
        for at in range(len(population.band_rows))
        if population.band_rows[at]
    )
    return Calibration(
        window=profile.window.label,
        bins=bands,
        n=population.labelled,
        finding=_calibration_finding(bands, binary=task == "binary"),
        note=_left_out(population.rows - population.labelled),
        unit="rate" if task == "binary" else "",
    )


def _is_probability(population: Population) -> bool:
    """Whether the reference's scores lie between 0 and 1."""
    return population.bins.minimum >= 0 and population.bins.maximum <= 1


def absences(profile: Profile, *, task: str) -> tuple[str, ...]:
    """Why a picture of the score is not drawn, and what it would take."""
    population = profile.populations.get(ALL)
    if population is None:
        return (ONE_SCORE_A_CLASS,) if profile.classes is not None else ()
    said = []
    if not population.labelled:
        said.append(NO_OUTCOME_YET)
    elif task == "binary" and not _is_probability(population):
        said.append(NEEDS_PROBABILITY)
    if task == "binary" and population.labelled and not population.decisions[:2, :2].any():
        said.append(NO_DECISION)
    return tuple(said)


def _left_out(unknown: int) -> str:
    return f"{figures.count(unknown)} rows without a known outcome are left out." if unknown else ""


def _band(population: Population, at: int, *, binary: bool) -> CalibrationBin:
    rows, events = int(population.band_rows[at]), float(population.band_actual[at])
    predicted, observed = float(population.band_score[at]) / rows, events / rows
    limits = wilson(round(events), rows) if binary else _spread(population, observed, rows)
    return CalibrationBin(predicted, observed, limits.low, limits.high, rows, round(events) if binary else 0)


def _spread(population: Population, observed: float, rows: int) -> Interval:
    """Bands keep no squares, so a band's mean borrows the spread of the whole window: rather too wide."""
    total, square, n = population.sums.value("actual"), population.sums.value("actual_sq"), population.labelled
    whole = mean_normal(total, square, n)
    half = (whole.high - whole.low) / 2 * (n / rows) ** 0.5
    return Interval(observed - half, observed + half, whole.confidence, whole.method)


def _calibration_finding(bands: tuple[CalibrationBin, ...], *, binary: bool) -> str:
    off = [band for band in bands if not band.low <= band.predicted <= band.high]
    if not off:
        return "Predicted and observed agree in every band"
    above = sum(1 for band in off if band.observed > band.predicted)
    what = "outcomes are more frequent" if binary else "the actual is higher"
    fewer = "outcomes are less frequent" if binary else "the actual is lower"
    if above == len(off):
        return f"In {above} of {len(bands)} bands {what} than predicted"
    if above == 0:
        return f"In {len(off)} of {len(bands)} bands {fewer} than predicted"
    return f"In {len(off)} of {len(bands)} bands predicted lies outside the interval of the observed"


def distribution(profile: Profile, *, task: str) -> ScoreDistribution | None:
    """Share of each outcome's rows on equal bars between the smallest and largest score seen."""
    population = profile.populations.get(ALL)
    if population is None or not population.rows:
        return None
    edges = _bar_edges(population)
    shown = _OUTCOMES if task == "binary" else (("Outcome known", NEGATIVE), ("Not known yet", UNKNOWN))
    shares, counts = [], []
    for words, outcome in shown:
        total = int(population.counts[:, outcome].sum())
        if total:
            bars = drawn.rebin(population.bins, population.fine(outcome).tolist(), edges) / total
            shares.append((words, tuple(bars.tolist())))
            counts.append((words, total))
    return ScoreDistribution(
        profile.window.label,
        tuple(edges.tolist()),
        tuple(shares),
        tuple(counts),
        _separation(population, task),
        _axis(population, task),
    )


def _axis(population: Population, task: str) -> str:
    if task == "regression":
        return "Predicted value"
    return "Score (probability)" if _is_probability(population) else "Score (points)"


def _bar_edges(population: Population) -> Floats:
    middle = drawn.midpoints(population.bins)[population.index]
    low, high = float(middle.min()), float(middle.max())
    if low >= 0 and high <= 1 and population.bins.minimum >= 0 and population.bins.maximum <= 1:
        high = min(1.0, np.ceil(high * 20) / 20)
        low = max(0.0, np.floor(low * 20) / 20)
    if high <= low:
        low, high = low - 0.5, high + 0.5
    return np.linspace(low, high, _BARS + 1)


def _separation(population: Population, task: str) -> str:
    if task == "regression":
        return _middle_half(population)
    if not population.positives or not population.negatives:
        return "Where the scores lie; outcomes are still to come"
    middle = drawn.midpoints(population.bins)
    yes = float((population.fine(POSITIVE) * middle).sum() / population.positives)
    no = float((population.fine(NEGATIVE) * middle).sum() / population.negatives)
    return f"Rows with the outcome score {figures.significant(yes)} on average, the others {figures.significant(no)}"


def _middle_half(population: Population) -> str:
    """The quartiles of the predictions, to the width of a bin."""
    rows = np.cumsum(population.counts.sum(axis=1)) / population.rows
    middle = drawn.midpoints(population.bins)[population.index]
    low, high = (float(middle[int(np.searchsorted(rows, share))]) for share in (0.25, 0.75))
    return f"Half of the predictions lie between {figures.significant(low)} and {figures.significant(high)}"


def confusion(profile: Profile, *, threshold: str) -> ConfusionView | None:
    """Decisions against outcomes; None where the model file declares no decision or no outcome is in."""
    population = profile.populations.get(ALL)
    if population is None:
        return None
    (tn, fn), (fp, tp) = population.decisions[:2, :2].astype(int).tolist()
    decided = tn + fn + fp + tp
    if not decided:
        return None
    caught = f"{figures.figure(tp / (tp + fn), 'rate')} of outcomes were flagged" if tp + fn else "no outcome occurred"
    right = f"{figures.figure(tp / (tp + fp), 'rate')} of flags were right" if tp + fp else "nothing was flagged"
    return ConfusionView(
        profile.window.label,
        threshold,
        tp,
        fp,
        fn,
        tn,
        f"{caught[:1].upper()}{caught[1:]}; {right}",
    )
