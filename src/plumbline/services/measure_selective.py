"""Where outcomes exist after one decision alone: which rows a figure describes, and what it may be over all rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from plumbline.domain.log_spec import LogSpec, ScoreKind
from plumbline.profiling.profile import ALL, NEGATIVE, UNKNOWN, Population, Profile
from plumbline.services.measure_figures import Figures, Floats, Ints, Made, Words, absent, as_gini, objects
from plumbline.services.measure_fine import Span
from plumbline.services.measure_performance import Populations, falling, table_of
from plumbline.stats import selective
from plumbline.stats.classification import Confusions
from plumbline.stats.regression import ratio_of_sums_of
from plumbline.stats.selective import Bounds

RATES = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "mcc"),
    *("true_positive_rate", "true_negative_rate", "false_positive_rate", "false_negative_rate"),
)
TWICE = {"true_positive_rate": "recall", "true_negative_rate": "specificity"}  # one figure under two names
# They weigh decisions of one kind against those of the other, of which no outcome is seen.
OF_BOTH = tuple(rate for rate in RATES if rate not in ("accuracy", "precision"))


def knowable(decisions: Ints, spec: LogSpec) -> Ints:
    """Rows whose outcome is known or can still come, of tables of decisions by outcome; shape (..., 3, 3) to (...).

    A row without an outcome is late where it was decided the way that outcomes are seen after, and never seen
    otherwise, also where no decision is told.
    """
    rows = decisions.sum(axis=(-2, -1))
    seen = spec.label_seen_when
    if seen is None:
        return np.asarray(rows)
    return np.asarray(rows - decisions[..., :, UNKNOWN].sum(axis=-1) + decisions[..., seen, UNKNOWN])


def label_share(profile: Profile, spec: LogSpec) -> float | None:
    """Labels in, of the rows whose outcome can come."""
    if spec.label_seen_when is None or profile.classes is not None:
        return profile.label_share
    decisions = profile.populations[ALL].decisions
    never = int(decisions.sum()) - int(knowable(decisions, spec))
    return profile.labelled / (profile.rows - never) if profile.rows > never else None


def described(decisions: Ints, spec: LogSpec) -> Words:
    """Whom a figure that needs outcomes describes, in words; None where it is all rows."""
    if spec.label_seen_when is None:
        return objects([None] * len(decisions))
    kind = "approved" if spec.label_seen_when == spec.favourable else f"decided {spec.label_seen_when}"
    rows, known = decisions.sum(axis=(-2, -1)), knowable(decisions, spec)
    shares = [f"{100 * part / whole:.3g} %" if whole else "none" for part, whole in zip(known, rows, strict=True)]
    return objects([f"the {share} of rows whose outcome can be known: those {kind}" for share in shares])


def bounded(figures: Figures, populations: Populations, spans: Sequence[Span], spec: LogSpec) -> dict[str, Made]:
    """A binary model's figures with what each may be over all rows; `spans`: least and greatest score of their bins.

    Whoever has no outcome is taken at worst and at best: also those whose outcome is late, since it may never come.
    """
    bounds = _of_outcomes(populations, spec) | _of_decisions(populations)
    if spec.score_kind is ScoreKind.PROBABILITY:
        bounds |= _of_probabilities(populations, spans)
    found = {metric: _with(made, bounds.get(metric)) for metric, made in _told(figures, populations, spec).items()}
    return found | {"gini": as_gini(found["roc_auc"])}


def _told(figures: Figures, populations: Populations, spec: LogSpec) -> Mapping[str, Made]:
    why = (
        f"Outcomes are seen after decision {spec.label_seen_when} alone, and this figure compares both decisions: "
        "among rows with an outcome it says nothing about the model. Only its bounds can be known."
    )
    return {
        metric: absent(why, populations.labelled.astype(np.int64)) if metric in OF_BOTH else made
        for metric, made in figures.items()
    }


def _with(made: Made, bounds: Bounds | None) -> Made:
    return made if bounds is None else replace(made, lowest=bounds.lowest, highest=bounds.highest)


def _of_outcomes(populations: Populations, spec: LogSpec) -> dict[str, Bounds]:
    tables = [_table(each, falling(spec)) for each in populations.each]
    zero = np.zeros_like(populations.positives)
    # Whether an event comes is "accuracy" where all were decided 1.
    known = Confusions(tp=populations.positives, fp=populations.outcomes[:, NEGATIVE], fn=zero, tn=zero)
    unknown = populations.outcomes[:, UNKNOWN]
    return {
        "roc_auc": selective.areas(tables),
        "base_rate": selective.decisions(known, (zero, unknown), "accuracy"),
    }


def _table(population: Population, turned: bool) -> selective.Unseen:
    negatives, positives, exact = table_of(population, turned)
    return negatives, positives, population.counts[:: -1 if turned else 1, UNKNOWN], exact


def _of_decisions(populations: Populations) -> dict[str, Bounds]:
    (tn, fn, refused), (fp, tp, decided) = populations.decisions[:, :UNKNOWN].transpose(1, 2, 0)
    known = Confusions(tp=tp, fp=fp, fn=fn, tn=tn)
    return {
        rate: selective.decisions(
            known, (refused, decided), TWICE.get(rate, rate), least=-1.0 if rate == "mcc" else 0.0
        )
        for rate in RATES
    }


def _of_probabilities(populations: Populations, spans: Sequence[Span]) -> dict[str, Bounds]:
    of, rows = populations.sum, populations.rows.astype(np.float64)
    unknown = [
        (each.counts[:, UNKNOWN].astype(np.float64), low, high)
        for each, (low, high) in zip(populations.each, spans, strict=True)
    ]
    return {
        "observed_expected": _observed_expected(populations, rows),
        "brier_score": selective.losses(of("brier"), of("brier_sq"), unknown, rows),
    }


def _observed_expected(populations: Populations, rows: Floats) -> Bounds:
    """Events over predicted events of all rows; the sum of scores of known events follows from the Brier score's."""
    of, hits = populations.sum, populations.positives.astype(np.float64)
    of_hits = (of("expected_sq") + of("actual") - of("brier")) / 2
    missing = populations.outcomes[:, UNKNOWN], of("score") - of("expected")
    sides = []
    for events, scores in ((hits, of_hits), (hits + missing[0], of_hits + missing[1])):
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = ratio_of_sums_of(events, of("score"), events, of("score_sq"), scores, rows)
        sides.append(selective.around(ratio.value, ratio.variance))
    return selective.widened(*sides, least=0.0)
