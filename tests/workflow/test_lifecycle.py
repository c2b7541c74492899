"""The lifecycle's table: each move by the right person with the right evidence, and the page printed from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from plumbline.domain.errors import EvidenceMissing, NotAuthorised, TransitionNotAllowed
from plumbline.domain.models import Stage
from plumbline.domain.people import Actor, Role
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.lifecycle import TRANSITIONS, Guard, steps_from
from plumbline.workflow.lifecycle_page import page
from plumbline.workflow.moving import CHECKS, allowed
from plumbline.workflow.permissions import PERMITTED

if TYPE_CHECKING:
    from tests.workflow.conftest import History

RUN = e.MonitoringRecorded(
    version_id="1",
    run_id="r",
    windows=("2026-09",),
    results_sha256="",
    profile_hashes=(),
    policy_digest="",
    source="log.parquet",
    rows=10,
    quarantined=0,
)


def move(to: Stage, artefact: str = "a1") -> c.MoveVersion:
    return c.MoveVersion(version_id="1", to=to, reason="Because", artefact_sha256=artefact)


def test_the_page_is_printed_from_the_table(root: Path) -> None:
    assert (root / "docs" / "lifecycle.md").read_text(encoding="utf-8") == page()


def test_every_stage_is_in_the_table_and_every_guard_is_checked() -> None:
    assert {step.source for step in TRANSITIONS} | {step.target for step in TRANSITIONS} == set(Stage)
    assert set(CHECKS) == set(Guard)


@pytest.mark.parametrize("stage", [Stage.RETIRED, Stage.REJECTED, Stage.WITHDRAWN])
def test_an_end_is_an_end(stage: Stage) -> None:
    assert steps_from(stage) == ()


def test_every_command_has_its_roles() -> None:
    commands = {kind for kind in vars(c).values() if isinstance(kind, type) and issubclass(kind, c.Command)}
    assert set(PERMITTED) == commands - {c.Command}


def test_a_step_that_the_table_lacks_is_refused_with_the_ones_it_has(history: History) -> None:
    with pytest.raises(TransitionNotAllowed, match="can go to: withdrawn, in validation, in use restricted"):
        history.ask("ana", move(Stage.IN_USE))


def test_a_step_that_takes_a_signature_is_not_a_move(history: History) -> None:
    with pytest.raises(TransitionNotAllowed, match="votes of the tier's seats"):
        history.validated().ask("mro", move(Stage.APPROVED))


def test_the_owner_alone_withdraws(history: History) -> None:
    with pytest.raises(NotAuthorised, match="takes Model owner"):
        history.ask("dev", move(Stage.WITHDRAWN))
    history.when("ana", move(Stage.WITHDRAWN))
    assert history.stage is Stage.WITHDRAWN


def test_a_step_needs_its_reason(history: History) -> None:
    with pytest.raises(EvidenceMissing, match="needs a reason"):
        history.ask("ana", c.MoveVersion(version_id="1", to=Stage.WITHDRAWN, reason=" "))


def test_back_to_development_closes_the_case(history: History) -> None:
    history.submitted().when("val", move(Stage.IN_DEVELOPMENT))
    assert history.state.open_case("1") is None
    history.submitted()
    assert history.state.open_case("1") is not None


def test_deploying_takes_approval_monitoring_and_the_approved_artefact(history: History) -> None:
    history.approved()
    with pytest.raises(EvidenceMissing, match="No monitoring run"):
        history.ask("dep", move(Stage.IN_USE))
    history.given("dev", RUN)
    with pytest.raises(EvidenceMissing, match="not the approved one"):
        history.ask("dep", move(Stage.IN_USE, "h2"))
    history.when("dep", move(Stage.IN_USE))
    assert (history.stage, history.state.versions["1"].deployed_sha256) == (Stage.IN_USE, "a1")


def test_s3_a_developer_does_not_deploy(history: History) -> None:
    history.approved().given("ana", RUN)
    with pytest.raises(NotAuthorised) as refusal:
        history.ask("dev", move(Stage.IN_USE), Role.DEPLOYER)
    assert refusal.value.duty == "S3"


@pytest.mark.parametrize("actor", ["mro", "eve"])
def test_one_person_suspends_at_once(history: History, actor: str) -> None:
    history.approved().given("dep", e.VersionMoved(version_id="1", before=Stage.APPROVED, after=Stage.IN_USE))
    history.when(actor, move(Stage.SUSPENDED))
    assert history.stage is Stage.SUSPENDED
    with pytest.raises(TransitionNotAllowed, match="votes of the tier's seats"):
        history.ask("dep", move(Stage.IN_USE))


def test_a_version_that_was_in_use_retires_and_is_not_withdrawn(history: History) -> None:
    history.approved().given(
        "dep", e.VersionMoved(version_id="1", before=Stage.APPROVED, after=Stage.IN_USE, artefact_sha256="a1")
    )
    history.when("ana", move(Stage.RETIRING))
    history.when("mro", move(Stage.RETIRED))
    assert history.stage is Stage.RETIRED


def test_buttons_are_the_steps_that_this_person_may_take(history: History) -> None:
    ana = Actor("ana", "Ana", Role.MODEL_OWNER, (Role.MODEL_OWNER,))
    other = Actor("zoe", "Zoe", Role.MODEL_OWNER, (Role.MODEL_OWNER,))
    assert [step.target for step in allowed(history.state, "1", ana)] == [Stage.WITHDRAWN, Stage.IN_VALIDATION]
    assert allowed(history.state, "1", other) == ()
