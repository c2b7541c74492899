"""Whether an approval holds is computed when it is read: no job has to run for it to end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from plumbline.domain.models import Stage, Tier
from plumbline.domain.people import Seat
from plumbline.domain.signoff import Condition, Decision
from plumbline.workflow import commands as c
from plumbline.workflow import events as e
from plumbline.workflow.approval import approval

if TYPE_CHECKING:
    from tests.workflow.conftest import History


def test_it_holds_to_its_last_second_and_not_one_longer(history: History) -> None:
    state = history.approved().state
    last = datetime(2027, 10, 1, 23, 59, 58, tzinfo=UTC)
    assert approval(state, "1", last).effective
    over = approval(state, "1", last + timedelta(seconds=2))
    assert (over.effective, over.reasons) == (False, ("The approval expired on 01 Oct 2027 at 23:59 UTC.",))


def test_never_approved_is_said(history: History) -> None:
    assert approval(history.state, "1", history.now).reasons == ("Version 1 has never been approved.",)


def test_it_is_for_one_use(history: History) -> None:
    found = approval(history.approved().state, "1", history.now, use_id="pricing")
    assert found.reasons == ("Version 1 has never been approved for use pricing.",)


def test_another_tier_or_use_voids_it_and_new_figures_do_not(history: History) -> None:
    history.approved().given(
        "dev",
        e.MonitoringRecorded(
            version_id="1",
            run_id="r",
            windows=("2026-10",),
            results_sha256="",
            profile_hashes=(),
            policy_digest="",
            source="",
            rows=1,
            quarantined=0,
        ),
    )
    assert approval(history.state, "1", history.now).effective
    use = replace(history.state.uses["ranking"], purpose="pricing")
    history.given("ana", e.UseAmended(use=use, before={}, after={}))
    assert not approval(history.state, "1", history.now).effective


def test_a_tier_reassessed_voids_it(history: History) -> None:
    entry = history.approved().state.entry
    assert entry
    history.given("ana", e.ModelAmended(entry=entry, tier=Tier.TWO, tier_because="", before={}, after={}))
    assert "tier" in approval(history.state, "1", history.now).reasons[0]


def test_an_overdue_blocking_condition_suspends_it_until_verified(history: History) -> None:
    due = Condition(text="Floor", kind="limit", owner="dev", due=date(2026, 10, 31), blocking=True)
    history.validated()
    history.when("mro", history.vote(Seat.MODEL_RISK_OFFICER, Decision.APPROVE_WITH_CONDITIONS, "", due))
    history.when("eve", history.vote(Seat.ACCOUNTABLE_EXECUTIVE))
    history.when("ind", history.vote(Seat.INDEPENDENT_MEMBER))
    on_the_day, after = datetime(2026, 10, 31, 23, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    assert approval(history.state, "1", on_the_day).effective
    assert "'Floor' was due on 31 Oct 2026" in approval(history.state, "1", after).reasons[0]
    history.when("val", c.VerifyCondition(case_id=history.case.id, number=0, evidence="Seen"))
    assert approval(history.state, "1", after).effective


def test_a_suspended_version_is_not_approved(history: History) -> None:
    history.approved().given("mro", e.VersionMoved(version_id="1", before=Stage.IN_USE, after=Stage.SUSPENDED))
    assert approval(history.state, "1", history.now).reasons == ("The version is suspended.",)
