"""Findings: raised with a due date of the policy, answered by their owner, closed by somebody else."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, NotFound, TransitionNotAllowed
from plumbline.domain.signoff import FindingStatus, Severity
from plumbline.workflow import commands as c

if TYPE_CHECKING:
    from tests.workflow.conftest import History


def raised(history: History, owner: str = "dev") -> str:
    command = c.RaiseFinding(
        version_id="1", severity=Severity.HIGH, category="data", title="Leak", description="Label leaks", owner=owner
    )
    history.when("val", command)
    return next(iter(history.state.findings))


def test_it_is_due_when_the_policy_says_and_its_original_due_stays(history: History) -> None:
    found = raised(history)
    finding = history.state.findings[found]
    assert (finding.status, finding.original_due, finding.current_due) == (
        FindingStatus.OPEN,
        date(2026, 12, 30),
        date(2026, 12, 30),
    )


def test_s4_who_remediated_it_does_not_close_it(history: History) -> None:
    found = raised(history, owner="cara")
    history.when("cara", c.RemediateFinding(finding_id=found, evidence="Column dropped"))
    with pytest.raises(NotAuthorised) as refusal:
        history.ask("cara", c.CloseFinding(finding_id=found, evidence="Looks fine"))
    assert refusal.value.duty == "S4"
    history.when("val", c.CloseFinding(finding_id=found, evidence="Reperformed"))
    closed = history.state.findings[found]
    assert (closed.status, closed.closed_by, closed.closed_at) == (FindingStatus.VERIFIED_CLOSED, "val", history.now)


def test_only_its_owner_answers_it_with_evidence(history: History) -> None:
    found = raised(history)
    with pytest.raises(NotAuthorised, match="does not own"):
        history.ask("ana", c.RemediateFinding(finding_id=found, evidence="x"))
    with pytest.raises(EvidenceMissing):
        history.ask("dev", c.RemediateFinding(finding_id=found, evidence=" "))


def test_it_is_not_closed_before_it_is_remediated(history: History) -> None:
    with pytest.raises(TransitionNotAllowed, match="is open, not remediated"):
        history.ask("val", c.CloseFinding(finding_id=raised(history), evidence="x"))


def test_the_first_line_raises_none_and_nobody_owns_one_unknown(history: History) -> None:
    command = c.RaiseFinding(
        version_id="1", severity=Severity.LOW, category="data", title="t", description="d", owner="dev"
    )
    with pytest.raises(NotAuthorised, match="may not raise finding"):
        history.ask("ana", command)
    with pytest.raises(NotFound, match="no active person 'nobody'"):
        raised(history, owner="nobody")
