"""The decider of lifecycle steps that one person makes, checked against the lifecycle's table."""

from __future__ import annotations

from collections.abc import Callable

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, TransitionNotAllowed
from plumbline.domain.models import Stage
from plumbline.domain.people import Actor
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.approval import approval
from plumbline.workflow.guards import the_version, words, workshop
from plumbline.workflow.lifecycle import Act, Guard, Transition, find, steps_from
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState, VersionState

Check = Callable[[ModelState, VersionState, c.MoveVersion, Situation], None]


def move_version(state: ModelState, command: c.MoveVersion, situation: Situation) -> tuple[e.Event, ...]:
    version = the_version(state, command.version_id)
    step = find(version.stage, command.to)
    if step is None:
        onward = ", ".join(words(s.target) for s in steps_from(version.stage)) or "nowhere"
        raise TransitionNotAllowed(
            f"A version that is {words(version.stage)} cannot become {words(command.to)}",
            where=f"{state.id} {command.version_id}",
            remedy=f"From here it can go to: {onward}.",
        )
    if step.act is not Act.MOVE:
        raise TransitionNotAllowed(
            f"From {words(version.stage)} to {words(command.to)} takes {step.act}",
            where=f"{state.id} {command.version_id}",
            remedy=f"It asks for: {step.evidence}.",
        )
    _check_step(step, state, version, command, situation)
    moved = e.VersionMoved(
        version_id=command.version_id,
        before=version.stage,
        after=command.to,
        reason=command.reason.strip(),
        artefact_sha256=command.artefact_sha256,
    )
    return (moved,)


def allowed(state: ModelState, version_id: str, actor: Actor) -> tuple[Transition, ...]:
    """The steps this person could take now, as far as role and part in the model say; buttons are made from this."""
    stage = the_version(state, version_id).stage
    return tuple(
        step for step in steps_from(stage) if actor.acting_role in step.roles and _has_part(step, state, actor)
    )


def _has_part(step: Transition, state: ModelState, actor: Actor) -> bool:
    if Guard.OWNS in step.guards:
        return state.entry is not None and actor.user_id == state.entry.owner
    if Guard.OWNS_OR_DEVELOPS in step.guards:
        return actor.user_id in workshop(state)
    return Guard.DEPLOYER_IS_NOT_DEVELOPER not in step.guards or actor.user_id not in state.developers_ever


def _check_step(
    step: Transition, state: ModelState, version: VersionState, command: c.MoveVersion, situation: Situation
) -> None:
    if situation.actor.acting_role not in step.roles:
        raise NotAuthorised(
            f"The role {situation.actor.acting_role.label} may not take a version to {words(step.target)}",
            duty="role",
            remedy=f"It takes {' or '.join(role.label for role in step.roles)}.",
        )
    for guard in step.guards:
        CHECKS[guard](state, version, command, situation)
    if not command.reason.strip():
        raise EvidenceMissing("The step needs a reason", remedy=f"It asks for: {step.evidence}.")


def _owns(state: ModelState, _: VersionState, __: c.MoveVersion, situation: Situation) -> None:
    owner = state.entry.owner if state.entry else ""
    if situation.actor.user_id != owner:
        raise NotAuthorised(
            f"{situation.actor.name} does not own {state.id}", duty="owner", remedy=f"Its owner is {owner}."
        )


def _owns_or_develops(state: ModelState, _: VersionState, __: c.MoveVersion, situation: Situation) -> None:
    if situation.actor.user_id not in workshop(state):
        raise NotAuthorised(f"{situation.actor.name} neither owns nor develops {state.id}", duty="role")


def _deployer_apart(state: ModelState, version: VersionState, _: c.MoveVersion, situation: Situation) -> None:
    if situation.actor.user_id in state.developers_ever | version.committers:
        raise NotAuthorised(
            f"{situation.actor.name} develops this model and may not deploy it",
            duty="S3",
            remedy="A deployer with no part in its making has to.",
        )


def _approved_now(state: ModelState, version: VersionState, _: c.MoveVersion, situation: Situation) -> None:
    found = approval(state, version.entry.id, situation.now)
    if not found.effective:
        raise EvidenceMissing(
            " ".join(found.reasons), where=f"{state.id} {version.entry.id}", remedy="Approve it first."
        )


def _as_approved(state: ModelState, version: VersionState, command: c.MoveVersion, _: Situation) -> None:
    if command.artefact_sha256 != version.entry.artefact_sha256:
        raise EvidenceMissing(
            f"The deployed artefact {command.artefact_sha256[:12] or '(none)'} is not the approved one, "
            f"{version.entry.artefact_sha256[:12] or '(none)'}",
            where=f"{state.id} {version.entry.id}",
            remedy="Deploy the approved artefact, or register a new version.",
        )


def _monitored(state: ModelState, version: VersionState, _: c.MoveVersion, __: Situation) -> None:
    if not any(run.fact.version_id == version.entry.id for run in state.runs):
        raise EvidenceMissing(
            "No monitoring run is recorded for this version",
            where=f"{state.id} {version.entry.id}",
            remedy="Run plumbline monitor first.",
        )


def _never_deployed(state: ModelState, version: VersionState, _: c.MoveVersion, __: Situation) -> None:
    if version.deployed_sha256 or version.stage in (Stage.IN_USE, Stage.IN_USE_RESTRICTED):
        raise TransitionNotAllowed(f"Version {version.entry.id} of {state.id} was in use", remedy="Retire it instead.")


CHECKS: dict[Guard, Check] = {
    Guard.OWNS: _owns,
    Guard.OWNS_OR_DEVELOPS: _owns_or_develops,
    Guard.DEPLOYER_IS_NOT_DEVELOPER: _deployer_apart,
    Guard.APPROVAL_EFFECTIVE: _approved_now,
    Guard.ARTEFACT_AS_APPROVED: _as_approved,
    Guard.MONITORED: _monitored,
    Guard.NEVER_DEPLOYED: _never_deployed,
}
