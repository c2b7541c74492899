"""How much of what the model reads has drifted: the columns whose drift is real and material, of those judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from plumbline.domain.models import Tier
from plumbline.domain.results import REFERENCE, Level, Measurement, Result, Verdict
from plumbline.policy.judge import UNPROVEN, judge
from plumbline.policy.load import Policy
from plumbline.profiling.profile import LABEL, SCORE

DRIFTED_SHARE = "drifted_share"
METHOD = "count of columns; PSI past a limit and shown real"
_PAST = (Level.AMBER, Level.RED)


def drifted_shares(results: Sequence[Result], policy: Policy, *, family: str, tier: Tier) -> Iterator[Result]:
    """The share of each window of these results but the reference; results of a window stand together."""
    columns = [each for each in results if _is_of_column(each)]
    for window, of in groupby(columns, key=lambda each: each.window):
        m = share_of([each.verdict for each in of])
        yield Result(window, m, judge(m, policy, family=family, tier=tier))


def _is_of_column(result: Result) -> bool:
    """PSI of a feature over all rows; score and label are what the model makes of them."""
    m = result.measurement
    return (
        m.metric == "psi"
        and m.segment_by is None
        and m.column not in (None, SCORE, LABEL)
        and result.window.label != REFERENCE
    )


def share_of(verdicts: Sequence[Verdict]) -> Measurement:
    """`n` is the columns that can be judged, `events` those that have drifted: all there are, so no interval."""
    judged = [verdict for verdict in verdicts if verdict.level is not Level.GREY]
    if not judged:
        why = f"None of {len(verdicts)} columns can be judged. {verdicts[0].reason}"
        return Measurement(metric=DRIFTED_SHARE, why_not=why)
    drifted = sum(is_drifted(verdict) for verdict in judged)
    return Measurement(
        metric=DRIFTED_SHARE,
        estimate=drifted / len(judged),
        effect=drifted / len(judged),
        method=METHOD,
        n=len(judged),
        events=drifted,
    )


def is_drifted(verdict: Verdict) -> bool:
    """Real and material; what chance may yet explain is neither."""
    return verdict.level in _PAST and not verdict.rule.endswith(UNPROVEN)
