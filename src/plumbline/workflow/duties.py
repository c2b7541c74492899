"""The duties check beside a decision: each rule, whether this person keeps it, and in words why not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from plumbline.domain.errors import NotAuthorised
from plumbline.domain.people import Actor
from plumbline.workflow import guards
from plumbline.workflow.state import CaseState, ModelState


@dataclass(frozen=True, slots=True)
class Duty:
    """`why_not` is empty when the duty is kept."""

    rule: str
    asks: str
    why_not: str

    @property
    def kept(self) -> bool:
        return not self.why_not


def of_approver(state: ModelState, case: CaseState, actor: Actor) -> tuple[Duty, ...]:
    """What voting asks of the person; the same predicates that refuse the vote."""
    return (
        _duty("S1", "no part in the version", lambda: guards.approver_is_apart(state, case, actor)),
        _duty("S8", "one person, one vote", lambda: guards.one_vote(case, actor)),
        _duty("role", "neither administrator nor auditor", lambda: guards.may_sign(actor)),
    )


def of_validator(state: ModelState, case: CaseState, actor: Actor) -> tuple[Duty, ...]:
    """What signing the report asks of the person."""
    version = state.versions[case.version_id]
    return (
        _duty("S2", "no part in making the version", lambda: guards.validator_is_apart(state, version, actor)),
        _duty("role", "neither administrator nor auditor", lambda: guards.may_sign(actor)),
    )


def _duty(rule: str, asks: str, check: Callable[[], None]) -> Duty:
    try:
        check()
    except NotAuthorised as refusal:
        return Duty(rule, asks, str(refusal))
    return Duty(rule, asks, "")
