"""What no single column shows: how well rows of a window are told from the reference's by all features at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from plumbline.domain.log_spec import LogSpec
from plumbline.domain.models import Tier
from plumbline.domain.results import Level, Measurement, Result
from plumbline.policy.judge import judge
from plumbline.policy.load import Policy
from plumbline.profiling.domain_classifier import LEAST
from plumbline.profiling.domain_scores import DomainScores
from plumbline.profiling.profile import Profile
from plumbline.stats.domain_auc import CHANCE, domain_auc

DOMAIN_AUC = "domain_auc"
UNTOLD = (Level.GREEN, Level.GREY)
_NAMED, _TELLING = 3, 0.1  # columns named at most, and the share from which one is
_ROWS = "; rows count once, whatever their weight"


def domain_aucs(
    log: LogSpec, reference: Profile, windows: Sequence[Profile], policy: Policy, *, family: str, tier: Tier
) -> Iterator[Result]:
    """Of each window whose rows were held against those of this very reference; of merged windows there are none."""
    for profile in windows:
        scores, against = profile.domain, reference.domain
        if scores is None or against is None or scores.reference != against.sample:
            continue
        m = measured(scores, weighed=log.weight is not None)
        verdict = judge(m, policy, family=family, tier=tier)
        if verdict.level not in UNTOLD:
            verdict = replace(verdict, reason=f"{verdict.reason} {leaning(scores)}".strip())
        yield Result(profile.window, m, verdict)


def measured(scores: DomainScores, *, weighed: bool = False) -> Measurement:
    """The figure with a test of its own: it is alone in its family."""
    found = domain_auc(scores.folds)
    if found is None:
        return Measurement(
            metric=DOMAIN_AUC, n=scores.rows, n_reference=scores.rows_reference, why_not=_too_few(scores)
        )
    return Measurement(
        metric=DOMAIN_AUC,
        estimate=found.value,
        low=found.interval.low,
        high=found.interval.high,
        confidence=found.interval.confidence,
        method=f"{found.interval.method}; test: one-sided against one half{_ROWS if weighed else ''}",
        n=scores.rows,
        n_reference=scores.rows_reference,
        effect=found.value - CHANCE,
        p_value=found.p_value,
        p_adjusted=found.p_value,
    )


def leaning(scores: DomainScores) -> str:
    """What the classifier tells them by, with each column's share of it; empty where it tells hardly anything.

    >>> scores = DomainScores(rows=9, sample="", seed=1, leant=(("income", 0.52), ("age", 0.4), ("sex", 0.02)))
    >>> leaning(scores)
    'What tells them apart: income (52 %), age (40 %).'
    """
    named = [each for each in scores.leant[:_NAMED] if each[1] >= _TELLING] or list(scores.leant[:1])
    told = [f"{name} ({100 * share:.0f} %)" for name, share in named]
    return f"What tells them apart: {', '.join(told)}." if told else ""


def _too_few(scores: DomainScores) -> str:
    sides = f"{scores.rows:,} of the window and {scores.rows_reference:,} of the reference are here"
    return f"Too little data to train a classifier on: {LEAST} usable rows of either side are needed, {sides}."
