"""Deciders of findings: raised by the second line, remediated by their owner, closed by another validator."""

from __future__ import annotations

from datetime import timedelta

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, TransitionNotAllowed
from plumbline.domain.signoff import Finding, FindingStatus
from plumbline.policy.signoff import finding_due
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.guards import closable, closer_is_apart, the_case, the_finding, the_person, the_version, words
from plumbline.workflow.situation import Situation
from plumbline.workflow.state import ModelState

Events = tuple[e.Event, ...]


def raise_finding(state: ModelState, command: c.RaiseFinding, situation: Situation) -> Events:
    the_version(state, command.version_id)
    if command.case_id:
        the_case(state, command.case_id)
    the_person(situation, command.owner)
    if not command.title.strip() or not command.description.strip():
        raise EvidenceMissing("A finding needs a title and a description", remedy="Say what is wrong and why.")
    if not command.category.strip():
        raise EvidenceMissing("A finding needs a category", remedy="Say what it is about, such as data.")
    due = situation.now.date() + timedelta(days=finding_due(command.severity, situation.policy).days)
    finding = Finding(
        id=f"F-{situation.new_id()}",
        model_id=state.id,
        version=command.version_id,
        case_id=command.case_id,
        severity=command.severity,
        category=command.category,
        title=command.title.strip(),
        description=command.description.strip(),
        raised_by=situation.actor.user_id,
        owner=command.owner,
        opened_at=situation.now,
        original_due=due,
        current_due=due,
        status=FindingStatus.OPEN,
    )
    return (e.FindingRaised(finding=finding),)


def remediate_finding(state: ModelState, command: c.RemediateFinding, situation: Situation) -> Events:
    finding = the_finding(state, command.finding_id)
    if situation.actor.user_id != finding.owner:
        raise NotAuthorised(
            f"{situation.actor.name} does not own this finding",
            duty="owner",
            where=finding.id,
            remedy=f"{finding.owner} has to answer it.",
        )
    if finding.status is not FindingStatus.OPEN:
        raise TransitionNotAllowed(f"The finding is already {words(finding.status)}", where=finding.id)
    _with_evidence(command.evidence)
    return (e.FindingRemediated(finding_id=finding.id, evidence=command.evidence),)


def close_finding(state: ModelState, command: c.CloseFinding, situation: Situation) -> Events:
    finding = the_finding(state, command.finding_id)
    closer_is_apart(finding, situation.actor)
    closable(finding)
    _with_evidence(command.evidence)
    return (e.FindingClosed(finding_id=finding.id, evidence=command.evidence),)


def _with_evidence(evidence: str) -> None:
    if not evidence.strip():
        raise EvidenceMissing("Evidence is asked for", remedy="Say what was done and where it can be seen.")
