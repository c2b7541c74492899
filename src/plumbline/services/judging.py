"""From profiles to verdicts: every figure, silent failure and divergence of a run, judged under the policy."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from plumbline.domain.errors import PolicyError
from plumbline.domain.log_spec import LogSpec
from plumbline.domain.model_file import ModelFile
from plumbline.domain.models import Tier
from plumbline.domain.results import Result, side_by_side
from plumbline.policy.judge import judge_window
from plumbline.policy.load import Policy
from plumbline.profiling.profile import Profile
from plumbline.services.divergence import divergences
from plumbline.services.domain_auc import domain_aucs
from plumbline.services.drifted_share import drifted_shares
from plumbline.services.measure import measure_windows
from plumbline.services.run_account import rated
from plumbline.services.silent import silent_failures


def judge_profiles(
    model_file: ModelFile, found: Sequence[Profile], policy: Policy, *, leaving: Collection[str] = (), ahead: int = 0
) -> tuple[Result, ...]:
    """Every figure of each profile with its verdict, `leaving` out some windows; the first profile is the reference.

    `ahead` is how many rows the run set aside for a time in the future.

    Raises:
        PolicyError: the policy knows nothing of the model's family.
    """
    require_known(model_file, policy)
    tier = rated(model_file, policy)
    family = model_file.model.family
    return judged_results(model_file.log, found, policy, family=family, tier=tier, leaving=leaving, ahead=ahead)


def judged_results(
    log: LogSpec,
    found: Sequence[Profile],
    policy: Policy,
    *,
    family: str,
    tier: Tier,
    leaving: Collection[str] = (),
    ahead: int = 0,
) -> tuple[Result, ...]:
    """The same, of a log without its model file: silent failures first, what follows from other verdicts last."""
    wanted = [profile for profile in found if profile.window.label not in leaving]
    measured = measure_windows(log, found[0], wanted, policy, history=found[1:]) if wanted else []
    windows = [profile.window for profile, of in zip(wanted, measured, strict=True) for _ in of]
    figures = [figure for of in measured for figure in of]
    verdicts = judge_window(figures, policy, family=family, tier=tier)
    results = side_by_side(Result, {"window": windows, "measurement": figures, "verdict": verdicts})
    silent = silent_failures(log, found, policy, leaving=leaving, ahead=ahead)
    drifted = drifted_shares(results, policy, family=family, tier=tier)
    apart = domain_aucs(log, found[0], wanted, policy, family=family, tier=tier)
    return (*silent, *results, *drifted, *apart, *divergences(log, results, policy, family=family, tier=tier))


def require_known(model_file: ModelFile, policy: Policy) -> None:
    """Refuse a model of a family that the policy has no word for, and a figure of the house named like one of ours.

    Raises:
        PolicyError: names the file, and the families there are or the figure.
    """
    known = policy.thresholds.families
    if model_file.model.family not in known:
        raise PolicyError(
            f"The policy has no thresholds for the family '{model_file.model.family}'",
            where=str(model_file.path),
            remedy=f"Use one of: {', '.join(known)}.",
        )
    for metric in model_file.log.metrics:
        if metric.key in policy.thresholds.metrics:
            raise PolicyError(
                f"[[metrics]] key: '{metric.key}' is the name of a figure that Plumbline counts itself",
                where=str(model_file.path),
                remedy="Give the house's own figure another key.",
            )
