"""The lifecycle of a version as one table, from which the buttons, the checks and docs/lifecycle.md are made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from plumbline.domain.models import Stage
from plumbline.domain.people import Role

S, R = Stage, Role


class Act(StrEnum):
    """What makes a step: a move by one person, or a signature that a case asks for."""

    MOVE = "move"
    SUBMIT = "submission"
    REPORT = "signed validation report"
    QUORUM = "votes of the tier's seats"
    QUESTION = "a seat's question"
    EXCEPTION = "an approved exception"


class Guard(StrEnum):
    """What a step insists on beyond the role; `workflow.guards` checks each by this name."""

    OWNS = "the person owns this model"
    OWNS_OR_DEVELOPS = "the person owns or develops this model"
    DEPLOYER_IS_NOT_DEVELOPER = "S3: the deployer is not a developer of the model"
    ARTEFACT_AS_APPROVED = "the deployed hash is the approved hash"
    APPROVAL_EFFECTIVE = "an approval is effective"
    MONITORED = "at least one monitoring run is recorded"
    NEVER_DEPLOYED = "the version was never in use"


@dataclass(frozen=True, slots=True)
class Transition:
    source: Stage
    target: Stage
    act: Act
    roles: tuple[Role, ...]
    evidence: str
    guards: tuple[Guard, ...] = ()


def _each(
    sources: Iterable[Stage], target: Stage, act: Act, roles: tuple[Role, ...], evidence: str, *guards: Guard
) -> tuple[Transition, ...]:
    return tuple(Transition(source, target, act, roles, evidence, guards) for source in sources)


OWNER, SEATS = (R.MODEL_OWNER,), (R.MODEL_RISK_OFFICER, R.APPROVER, R.EXECUTIVE)
DEPLOY_GUARDS = (
    Guard.DEPLOYER_IS_NOT_DEVELOPER,
    Guard.APPROVAL_EFFECTIVE,
    Guard.ARTEFACT_AS_APPROVED,
    Guard.MONITORED,
)

TRANSITIONS: tuple[Transition, ...] = (
    *_each(
        [S.PROPOSED],
        S.IN_DEVELOPMENT,
        Act.MOVE,
        OWNER,
        "determination, provisional tier, purpose, named developer",
        Guard.OWNS,
    ),
    *_each(
        [S.PROPOSED, S.IN_DEVELOPMENT, S.IN_VALIDATION, S.APPROVED],
        S.WITHDRAWN,
        Act.MOVE,
        OWNER,
        "reason; never deployed",
        Guard.OWNS,
        Guard.NEVER_DEPLOYED,
    ),
    *_each(
        [S.IN_DEVELOPMENT],
        S.IN_VALIDATION,
        Act.SUBMIT,
        (R.DEVELOPER, R.MODEL_OWNER),
        "model document, data card, developer tests, code and artefact hash",
        Guard.OWNS_OR_DEVELOPS,
    ),
    *_each([S.IN_VALIDATION], S.IN_DEVELOPMENT, Act.MOVE, (R.VALIDATOR,), "findings list, what is missing"),
    *_each(
        [S.IN_VALIDATION],
        S.PENDING_APPROVAL,
        Act.REPORT,
        (R.VALIDATOR,),
        "signed report, independence declaration, findings, tier reassessed, outcome",
    ),
    *_each([S.PENDING_APPROVAL], S.APPROVED, Act.QUORUM, SEATS, "pinned manifest, uses, conditions, expiry"),
    *_each([S.PENDING_APPROVAL], S.REJECTED, Act.QUORUM, SEATS, "reasons of a seat that the tier must include"),
    *_each([S.PENDING_APPROVAL], S.IN_VALIDATION, Act.QUESTION, SEATS, "question list"),
    *_each(
        [S.APPROVED],
        S.IN_USE,
        Act.MOVE,
        (R.DEPLOYER,),
        "deployed hash = approved hash, production test, monitoring plan active",
        *DEPLOY_GUARDS,
    ),
    *_each(
        [S.APPROVED],
        S.IN_USE_RESTRICTED,
        Act.MOVE,
        (R.DEPLOYER,),
        "the same, and conditions and limits configured",
        *DEPLOY_GUARDS,
    ),
    *_each(
        [S.IN_DEVELOPMENT, S.IN_VALIDATION],
        S.IN_USE_RESTRICTED,
        Act.EXCEPTION,
        (R.DEPLOYER,),
        "active exception for use before validation, tier 1 by committee, 90 days at most",
    ),
    *_each([S.IN_USE], S.IN_USE_RESTRICTED, Act.MOVE, (R.MODEL_RISK_OFFICER,), "condition, reason, consumers told"),
    *_each([S.IN_USE_RESTRICTED], S.IN_USE, Act.QUORUM, SEATS, "conditions verified by a validator"),
    *_each(
        [S.IN_USE, S.IN_USE_RESTRICTED],
        S.SUSPENDED,
        Act.MOVE,
        (R.MODEL_RISK_OFFICER, R.EXECUTIVE),
        "reason, fallback started, owner told; one person, at once",
    ),
    *_each([S.SUSPENDED], S.IN_USE, Act.QUORUM, SEATS, "root cause, validator's statement; not the suspender alone"),
    *_each(
        [S.SUSPENDED],
        S.IN_USE_RESTRICTED,
        Act.QUORUM,
        SEATS,
        "root cause, validator's statement; not the suspender alone",
    ),
    *_each(
        [S.IN_USE, S.IN_USE_RESTRICTED, S.SUSPENDED],
        S.RETIRING,
        Act.MOVE,
        OWNER,
        "successor or fallback, consumers told, vendor actions",
        Guard.OWNS,
    ),
    *_each(
        [S.RETIRING],
        S.RETIRED,
        Act.MOVE,
        (R.MODEL_RISK_OFFICER,),
        "no traffic, archive, retention date, downstream check",
    ),
)


def steps_from(stage: Stage) -> tuple[Transition, ...]:
    return tuple(step for step in TRANSITIONS if step.source is stage)


def find(source: Stage, target: Stage) -> Transition | None:
    """The step between two stages, if the lifecycle has one."""
    return next((step for step in steps_from(source) if step.target is target), None)
