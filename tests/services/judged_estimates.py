"""What tests of estimates share: the figures of all rows of a window by metric, and what the policy makes of one."""

from __future__ import annotations

from plumbline.domain.models import Tier
from plumbline.domain.results import Measurement, Verdict
from plumbline.policy.judge import judge
from plumbline.policy.load import load_policy

POLICY = load_policy()
Found = dict[str, Measurement]


def by_metric(found: tuple[Measurement, ...]) -> Found:
    return {m.metric: m for m in found if m.column is None and m.segment_by is None}


def verdict(m: Measurement) -> Verdict:
    return judge(m, POLICY, family="general", tier=Tier.ONE)
