"""Whatever people ask for, in any order: the log proves itself, the tables follow, nobody approves their own model."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from tests.laws import costly

from plumbline.domain.errors import PlumblineError
from plumbline.domain.models import Stage
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Decision, Outcome, Severity
from plumbline.services import integrity
from plumbline.workflow import commands as c
from plumbline.workflow.signing import APPROVING

if TYPE_CHECKING:
    from tests.services.conftest import Desk

PEOPLE = ("ana", "dev", "val", "mro", "eve", "ind", "dep", "aud", "adm")
Act = tuple[str, str, int]


def command(desk: Desk, what: str, choice: int) -> c.Command:
    """A command of that kind; `choice` picks among its options."""
    cases, findings = list(desk.state().cases.values()), list(desk.state().findings)
    case = cases[-1].id if cases else "C-none"
    pinned = cases[-1].manifest_hash if cases else ""
    finding = findings[choice % len(findings)] if findings else "F-none"
    made: dict[str, Callable[[], c.Command]] = {
        "submit": lambda: c.SubmitForValidation(model_id="m", version_id="1", use_id="ranking"),
        "report": lambda: c.SignValidationReport(
            case_id=case,
            manifest_hash=pinned,
            outcome=list(Outcome)[choice % 3],
            comment="",
            independence="No part in it",
        ),
        "vote": lambda: c.CastVote(
            case_id=case,
            manifest_hash=pinned,
            seat=list(Seat)[choice % 4],
            decision=list(Decision)[0 if choice < 12 else choice % 4],
            comment="Because",
        ),
        "refresh": lambda: c.RefreshEvidence(case_id=case),
        "raise": lambda: c.RaiseFinding(
            model_id="m",
            version_id="1",
            severity=list(Severity)[choice % 4],
            category="data",
            title="Leak",
            description="Label leaks",
            owner="dev",
        ),
        "remediate": lambda: c.RemediateFinding(finding_id=finding, evidence="done"),
        "close": lambda: c.CloseFinding(finding_id=finding, evidence="seen"),
        "move": lambda: c.MoveVersion(
            model_id="m", version_id="1", to=list(Stage)[choice % len(Stage)], reason="Because", artefact_sha256="a1"
        ),
    }
    return made[what]()


KINDS = ("submit", "report", "vote", "vote", "vote", "refresh", "raise", "remediate", "close", "move")
ACTS = st.lists(st.tuples(st.sampled_from(PEOPLE), st.sampled_from(KINDS), st.integers(0, 15)), max_size=12)
# A way to the seats' table, so that votes and what upsets them are not left to chance alone.
OPENINGS = st.sampled_from(
    [(), (("dev", "submit", 0),), (("dev", "submit", 0), ("val", "report", 0))],
)


@costly(12, timedelta(seconds=60))
@given(opening=OPENINGS, acts=ACTS)
def test_invariants(
    desk_file: Path, open_desk: Callable[[Path], Desk], opening: tuple[Act, ...], acts: list[Act]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        desk = open_desk(Path(shutil.copy(desk_file, folder)))
        for user_id, what, choice in (*opening, *acts):
            with contextlib.suppress(PlumblineError):
                desk.act(user_id, command(desk, what, choice))
        state, found = desk.state(), integrity.verify(desk.ctx)
        desk.ctx.store.close()
    assert found.holds, [check for check in found.checks if not check.holds]
    signatures = [s for case in state.cases.values() for s in case.signatures]
    approvers = {s.user_id for s in signatures if s.decision in APPROVING}
    assert approvers <= {"mro", "eve", "ind"}
    assert {s.user_id for s in signatures if s.seat is None} <= {"val"}
