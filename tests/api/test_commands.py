"""Every command's route, made from the registry: who may ask, what is refused, and that nothing is done twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.api.conftest import MODEL, Door, entry
from tests.moving_clock import MovingClock

from plumbline.api.commands import ASKED, ELSEWHERE, name_of
from plumbline.api.strict import adapter
from plumbline.domain.payload import to_plain
from plumbline.domain.people import Role
from plumbline.workflow import commands as c
from plumbline.workflow.permissions import PERMITTED

pytestmark = pytest.mark.anyio
PROBLEM = "application/problem+json"
# A request of each kind that is whole and well-formed; whether the rules let it through is another matter.
VERSION = {"model_id": MODEL, "id": "1", "spec_json": "{}"}
WHOLE: dict[type[c.Command], dict[str, Any]] = {
    c.RegisterModel: {"entry": to_plain(entry("n"))},
    c.RegisterVersion: {"version": VERSION},
    c.RegisterUse: {"use": {"model_id": MODEL, "id": "ranking", "purpose": "Ranks"}},
    c.SubmitForValidation: {"model_id": MODEL, "version_id": "1", "use_id": "ranking"},
    c.RaiseFinding: {
        "model_id": MODEL,
        "version_id": "1",
        "severity": "low",
        "category": "data",
        "title": "T",
        "description": "D",
        "owner": "developer",
    },
    c.RemediateFinding: {"model_id": MODEL, "finding_id": "F", "evidence": "E"},
    c.CloseFinding: {"model_id": MODEL, "finding_id": "F", "evidence": "E"},
    c.RefreshEvidence: {"model_id": MODEL, "case_id": "C"},
    c.VerifyCondition: {"model_id": MODEL, "case_id": "C", "number": 0, "evidence": "E"},
    c.MoveVersion: {"model_id": MODEL, "version_id": "1", "to": "in_use", "reason": "R"},
    c.GrantRole: {"user_id": "auditor", "role": "auditor"},
    c.RevokeRole: {"user_id": "auditor", "role": "validator", "reason": "R"},
    c.ReviewAccess: {"user_id": "auditor", "comment": "C"},
    c.DisablePerson: {"user_id": "developer", "reason": "R"},
    c.RevokeToken: {"user_id": "auditor", "token_id": "T", "reason": "R"},
}
BARRED = [(kind, role) for kind in ASKED for role in Role if role not in PERMITTED[kind]]
FINDING = WHOLE[c.RaiseFinding]


def test_every_command_has_its_route_or_a_reason_to_have_none() -> None:
    assert set(ASKED) == set(WHOLE)
    assert set(ASKED) | ELSEWHERE == set(PERMITTED)


@pytest.mark.parametrize("kind", ASKED, ids=name_of)
def test_the_sample_of_each_is_well_formed(kind: type[c.Command]) -> None:
    assert type(adapter(kind).validate_python(WHOLE[kind])) is kind


@pytest.mark.parametrize("kind", ASKED, ids=name_of)
async def test_a_stranger_is_told_to_send_a_token_and_nothing_else(quiet_door: Door, kind: type[c.Command]) -> None:
    before = quiet_door.state()
    for headers in ({}, {"Authorization": "Bearer plumbline_guess"}, {"Authorization": "Basic YTpi"}):
        answer = await quiet_door.ask("POST", f"/commands/{name_of(kind)}", json={"x": 1}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == PROBLEM
        assert "'x'" not in answer.text
    assert quiet_door.state() == before


@pytest.mark.parametrize(("kind", "role"), BARRED, ids=str)
async def test_a_role_that_may_not_is_refused_and_it_stands_in_the_log(
    quiet_door: Door, kind: type[c.Command], role: Role
) -> None:
    quiet_door.token(role)
    before, refusals = quiet_door.state(), quiet_door.refusals()
    answer = await quiet_door.ask("POST", f"/commands/{name_of(kind)}", role, json=WHOLE[kind])
    # A subject that does not exist is no secret from people who hold a role.
    assert answer.status_code in (403, 404)
    assert answer.headers["content-type"] == PROBLEM
    assert quiet_door.state() == before
    assert quiet_door.refusals() == refusals + (answer.status_code == 403)


@pytest.mark.parametrize("kind", ASKED, ids=name_of)
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"x"', b'{"nmae": 1}', b"\xff\xfe", b'{"model_id": {"a": 1}}', b"[" * 100_000]
)
async def test_what_cannot_be_read_is_said_and_changes_nothing(
    quiet_door: Door, kind: type[c.Command], body: bytes
) -> None:
    role = next(iter(sorted(PERMITTED[kind])))
    quiet_door.token(role)
    before = quiet_door.state()
    answer = await quiet_door.ask("POST", f"/commands/{name_of(kind)}", role, content=body)
    assert answer.status_code == 422
    assert answer.json()["title"].startswith("The request cannot be read: ")
    assert "Traceback" not in answer.text
    assert quiet_door.state() == before


async def test_an_unknown_key_is_named(door: Door) -> None:
    answer = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, json={**FINDING, "severty": "low"})
    assert answer.status_code == 422
    assert "'severty' is not known" in answer.json()["title"]


async def test_a_command_is_done_and_answered_with_its_events(door: Door) -> None:
    owner = Role.MODEL_OWNER
    assert (await door.ask("POST", "/commands/register-version", owner, json=WHOLE[c.RegisterVersion])).is_success
    answer = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, json=FINDING)
    assert answer.status_code == 200, answer.text
    event = answer.json()["events"][0]
    assert (event["action"], event["actor"], event["acting_role"]) == ("finding_raised", "validator", "validator")
    assert event["fact"]["finding"]["title"] == "T"
    assert answer.headers["etag"] == f'"{event["seq"]}"'


async def with_version(door: Door) -> None:
    assert (
        await door.ask("POST", "/commands/register-version", Role.MODEL_OWNER, json=WHOLE[c.RegisterVersion])
    ).is_success


async def test_what_is_sent_twice_under_one_key_is_done_once(door: Door) -> None:
    await with_version(door)
    path, key = "/commands/raise-finding", {"Idempotency-Key": "k-1"}
    first = await door.ask("POST", path, Role.VALIDATOR, json=FINDING, headers=key)
    before = door.state()
    again = await door.ask("POST", path, Role.VALIDATOR, json=FINDING, headers=key)
    assert again.json() == first.json()
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = await door.ask("POST", path, Role.VALIDATOR, json={**FINDING, "title": "U"}, headers=key)
    assert other.status_code == 422
    assert "used for another request" in other.text
    assert door.state() == before
    door.token(Role.MODEL_RISK_OFFICER)
    before = door.state()
    by_another = await door.ask("POST", path, Role.MODEL_RISK_OFFICER, json=FINDING, headers=key)
    assert by_another.is_success, "a key is its sender's own"
    assert len(door.state()) == len(before) + 1


async def test_a_refusal_does_not_use_the_key_up(door: Door) -> None:
    key = {"Idempotency-Key": "k-2"}
    refused = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, json=FINDING, headers=key)
    assert refused.status_code == 404
    await with_version(door)
    assert (await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, json=FINDING, headers=key)).is_success


async def test_a_key_is_forgotten_after_a_day(door: Door, clock: MovingClock) -> None:
    await with_version(door)
    ask: dict[str, Any] = {"json": FINDING, "headers": {"Idempotency-Key": "k-3"}}
    assert (await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, **ask)).is_success
    clock.now += timedelta(days=1, seconds=1)
    other: dict[str, Any] = {"json": FINDING, "headers": {"Idempotency-Key": "k-4"}}
    assert (await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, **other)).is_success
    again = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, **ask)
    assert "idempotent-replayed" not in again.headers


async def test_who_read_an_older_state_changes_nothing(door: Door) -> None:
    await with_version(door)
    read = await door.ask("GET", f"/models/{MODEL}", Role.VALIDATOR)
    ask: dict[str, Any] = {"json": FINDING, "headers": {"If-Match": read.headers["etag"]}}
    assert (await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, **ask)).is_success
    before = door.state()
    late = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, **ask)
    assert late.status_code == 412
    assert "Read it again" in late.json()["detail"]
    assert door.state() == before


@pytest.mark.parametrize("header", ["41", 'W/"41"', '"x"', '"1", "2"'])
async def test_a_revision_that_is_none(door: Door, header: str) -> None:
    answer = await door.ask(
        "POST", "/commands/raise-finding", Role.VALIDATOR, json=FINDING, headers={"If-Match": header}
    )
    assert answer.status_code == 422
    assert "If-Match names no revision" in answer.json()["title"]


async def test_a_token_of_another_model_changes_nothing(door: Door) -> None:
    await with_version(door)
    door.token(Role.VALIDATOR, ("other",))
    before = door.state()
    answer = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, models=("other",), json=FINDING)
    assert (answer.status_code, answer.json()["rule"]) == (403, "scope")
    assert door.state() == before


async def test_a_body_without_end_is_not_read_to_its_end(door: Door) -> None:
    answer = await door.ask("POST", "/commands/raise-finding", Role.VALIDATOR, content=b" " * 1_000_001)
    assert answer.status_code == 422
    assert "longer than any command" in answer.json()["title"]


async def test_behind_a_writer_that_does_not_end_commands_are_told_to_come_again_and_reading_goes_on(
    door: Door,
) -> None:
    door.token(Role.MODEL_RISK_OFFICER)
    before = door.state()
    door.ctx.store.turns.longest = timedelta(milliseconds=20)
    with door.ctx.store.turns.mine():
        refused = await door.ask("POST", "/commands/raise-finding", Role.MODEL_RISK_OFFICER, json=FINDING)
        assert (await door.ask("GET", "/models", Role.MODEL_RISK_OFFICER)).status_code == 200
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
    assert refused.json()["title"] == "Another writer has been at work for 0.02 s"
    assert door.state() == before
