"""Facts survive the log: what is taken apart for the payload is put together the same."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from plumbline.domain.chain import canonical_json
from plumbline.domain.models import Stage
from plumbline.domain.people import Role, Seat
from plumbline.domain.self_test import AlarmRate, PartRates, SelfTest, Smallest
from plumbline.domain.signoff import Condition, Signature
from plumbline.workflow import events as e

CONDITION = Condition(text="Floor", kind="limit", owner="dev", due=date(2026, 10, 31), blocking=True)
SIGNATURE = Signature(
    printed_name="Ana",
    user_id="ana",
    acting_role=Role.APPROVER,
    seat=Seat.MEMBER,
    case_id="c",
    manifest_hash="h",
    decision="approve",
    meaning="I approve",
    comment="",
    conditions=(CONDITION,),
    signed_at=datetime(2026, 10, 1, 12, 0, 0, 123, tzinfo=UTC),
    zone="Asia/Tokyo",
    auth_method="password",
)
RATE = AlarmRate(windows=1, of=180, low=0.001, high=0.03)
SELF_TEST = SelfTest(
    rows=900,
    fewest=500,
    most=1_000,
    reference_rows=5_000,
    lives=15,
    seed=1,
    rates=(PartRates(part="", red=RATE, shown=RATE, alarm=RATE),),
    a_year=12.0,
    false_reds=1.0,
    numeric=Smallest(noticed=0.1, alarmed=None, columns=2, windows=160),
    categorical=None,
    left_out=("weights",),
)


@pytest.mark.parametrize(
    "event",
    [
        e.VoteCast(case_id="c", signature=SIGNATURE),
        e.ApprovalGranted(case_id="c", expires_at=None, binding_hash="b", conditions=(CONDITION,)),
        e.VersionMoved(version_id="1", before=Stage.APPROVED, after=Stage.IN_USE, reason="go"),
        e.PersonDisabled(user_id="ana", reason="left"),
        e.SelfTestRecorded(version_id="1", policy_digest="p", found=SELF_TEST),
    ],
)
def test_an_event_comes_back_as_it_was(event: e.Event) -> None:
    payload = json.loads(canonical_json(e.payload_of(event, roles=("b", "a"), app_version="1", origin="user")))
    assert e.event_of(e.action_of(type(event)), payload) == event
    assert (payload["roles"], payload["origin"], payload["app_version"]) == (["a", "b"], "user", "1")


def test_what_changed_stands_beside_the_fact() -> None:
    event = e.VersionMoved(version_id="1", before=Stage.APPROVED, after=Stage.IN_USE)
    payload = e.payload_of(event, roles=(), app_version="1", origin="user")
    assert (payload["before"], payload["after"]) == ("approved", "in_use")
    assert "before" not in payload["fact"]


def test_every_event_has_its_action() -> None:
    assert e.EVENTS["model_registered"] is e.ModelRegistered
    assert e.EVENTS["role_granted"].entity == "person"
