"""What machines read: within the token's reach, in pages, as the log has it; and the document that describes it all."""

from __future__ import annotations

import pytest
from tests.api.conftest import MODEL, Door, entry, person
from tests.moving_clock import MovingClock

from plumbline.api.commands import ASKED, name_of
from plumbline.domain.chain import first_break, link_of
from plumbline.domain.people import Role
from plumbline.services import tokens
from plumbline.services.governance import handle
from plumbline.workflow import commands as c

pytestmark = pytest.mark.anyio
READING = ("/models", f"/models/{MODEL}", f"/models/{MODEL}/versions/1/results", f"/gate/{MODEL}/1", "/events")


@pytest.mark.parametrize("path", READING)
async def test_nobody_reads_without_a_token(door: Door, path: str) -> None:
    answer = await door.ask("GET", path)
    assert answer.status_code == 401
    assert answer.headers["cache-control"] == "no-store"


async def test_a_model_and_its_revision(door: Door) -> None:
    answer = await door.ask("GET", f"/models/{MODEL}", Role.AUDITOR)
    assert answer.json()["model"]["name"] == "Loan default"
    assert answer.json()["tier"] == "1"
    assert answer.headers["etag"] == f'"{door.ctx.store.revision(MODEL)}"'
    assert (await door.ask("GET", "/models/none", Role.AUDITOR)).status_code == 404


async def test_the_inventory_in_pages(door: Door) -> None:
    for model_id in ("a", "b", "c"):
        handle(door.ctx, c.RegisterModel(entry=entry(model_id)), person(Role.MODEL_OWNER))
    found, after = [], 0
    while after is not None:
        page = (await door.ask("GET", f"/models?limit=3&after={after}", Role.AUDITOR)).json()
        found += [row["id"] for row in page["models"]]
        after = page.get("next")
    assert found == ["a", "b", "c", "m"]


async def test_a_token_sees_its_own_models_alone(door: Door) -> None:
    handle(door.ctx, c.RegisterModel(entry=entry("a")), person(Role.MODEL_OWNER))
    mine = (MODEL,)
    listed = (await door.ask("GET", "/models", Role.AUDITOR, models=mine)).json()
    assert [row["id"] for row in listed["models"]] == [MODEL]
    for path in ("/models/a", "/models/a/versions/1/results", "/gate/a/1", "/events", "/events?entity_id=a"):
        answer = await door.ask("GET", path, Role.AUDITOR, models=mine)
        assert (answer.status_code, answer.json()["rule"]) == (403, "scope"), path
    assert (await door.ask("GET", f"/events?entity_id={MODEL}", Role.AUDITOR, models=mine)).is_success


async def test_the_log_page_by_page_proves_itself(door: Door) -> None:
    door.token(Role.AUDITOR)
    found, after = [], 0
    while after is not None:
        page = (await door.ask("GET", f"/events?limit=7&after={after}", Role.AUDITOR)).json()
        assert len(page["events"]) <= 7
        found += page["events"]
        after = page.get("next")
    assert [one["seq"] for one in found] == list(range(1, len(door.state()) + 1))
    assert first_break([link_of(one) for one in found]) is None


async def test_the_log_is_not_everybodys(door: Door) -> None:
    answer = await door.ask("GET", "/events", Role.DEVELOPER)
    assert (answer.status_code, answer.json()["rule"]) == (403, "role")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "after=-1", "after=1e3"])
async def test_a_parameter_that_is_none(door: Door, query: str) -> None:
    answer = await door.ask("GET", f"/models?{query}", Role.AUDITOR)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_address_that_is_none(door: Door) -> None:
    assert (await door.ask("GET", "/nothing", Role.AUDITOR)).status_code == 404
    answer = await door.ask("GET", "/commands/raise-finding", Role.AUDITOR)
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


async def test_the_document_describes_every_route_and_refers_to_nothing_that_is_not_there(door: Door) -> None:
    answer = await door.ask("GET", "/openapi.json")
    document = answer.json()
    assert {f"/commands/{name_of(kind)}" for kind in ASKED} <= set(document["paths"])
    assert set(document["components"]["securitySchemes"]) == {"token"}
    parts = answer.text.split('"#/components/schemas/')[1:]
    named = {part.partition('"')[0] for part in parts}
    assert named <= set(document["components"]["schemas"])
    assert {"ModelEntry", "Severity", "Problem"} <= named
    for path in document["paths"].values():
        for operation in path.values():
            assert set(operation["responses"]) == {"200", "default"}


async def test_who_asks_too_often_waits_and_others_do_not(door: Door, clock: MovingClock) -> None:
    often = door.ctx.policy.access.requests_a_minute
    allowance = door.app.state.allowance
    auditor = token_of(door, Role.AUDITOR)
    for _ in range(often):
        allowance.take(auditor, clock(), often)
    refused = await door.ask("GET", "/models", Role.AUDITOR)
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert "Wait 1 s" in refused.json()["detail"]
    assert (await door.ask("GET", "/models", Role.VALIDATOR)).is_success
    clock.goes_on(seconds=1)
    assert (await door.ask("GET", "/models", Role.AUDITOR)).is_success


def token_of(door: Door, role: Role) -> str:
    return tokens.bearer(door.ctx, door.token(role))[1].token_id
