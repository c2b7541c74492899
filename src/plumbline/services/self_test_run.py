"""A self-test of what is stored of a version, and its record in the log."""

from __future__ import annotations

from collections.abc import Callable

from plumbline.domain.errors import NotFound
from plumbline.domain.people import Actor
from plumbline.domain.results import REFERENCE
from plumbline.domain.self_test import SelfTest
from plumbline.profiling.serial import decode_all
from plumbline.services import stored
from plumbline.services.context import Context
from plumbline.services.evidence import state_of
from plumbline.services.governance import handle
from plumbline.services.self_test import DRAWN, Judging, self_test
from plumbline.store import profiles
from plumbline.workflow.commands import RecordSelfTest


def of_stored(
    ctx: Context,
    model_id: str,
    version: str,
    *,
    drawn: int = DRAWN,
    seed: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> SelfTest:
    """The self-test of a version by its stored profiles, under the policy in force; nothing is stored.

    Raises:
        NotFound: no such version, or nothing of it was measured that could be drawn from.
    """
    subject = stored.subject(ctx, model_id, version)
    with ctx.store.read() as cursor:
        spec = stored.registered_log(cursor, model_id, version)
        kept = profiles.current(cursor, model_id, version)
    held = {each.window.label: each for each in decode_all([one.content for one in kept])}
    reference = held.pop(REFERENCE, None)
    # What was counted on another reference's bins does not add up with these.
    alike = [each for each in held.values() if reference and each.grid.digest == reference.grid.digest and each.rows]
    if spec is None or reference is None or not alike:
        raise NotFound(
            f"Nothing of {model_id} {version} is stored that could be drawn from",
            remedy="Count its log first: plumbline monitor.",
        )
    judging = Judging(spec, ctx.policy, subject.family, subject.tier)
    return self_test(judging, reference, alike, drawn=drawn, seed=seed, progress=progress)


def record(ctx: Context, actor: Actor, model_id: str, version: str, found: SelfTest) -> None:
    """Enter a self-test into the log.

    Raises:
        NotFound: the model or version is not registered.
        NotAuthorised: the actor may not report for this model.
    """
    command = RecordSelfTest(model_id=model_id, version_id=version, policy_digest=ctx.policy.digest, found=found)
    handle(ctx, command, actor)


def newest_measured(ctx: Context, model_id: str) -> str:
    """The version that was measured last.

    Raises:
        NotFound: no version of it was measured.
    """
    with ctx.store.read() as cursor:
        runs = state_of(cursor, model_id).runs
    if not runs:
        raise NotFound(f"No version of {model_id} was measured", remedy="Count its log first: plumbline monitor.")
    return runs[-1].fact.version_id
